"""Which models a workspace uses: the shipped ones, or a folder whose heads learnt from its reviews.

The workspace's folder ``models/`` holds such folders, each named by its digest, and ``uses.jsonl``: a line a switch,
which is only ever added to. The last one counts.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from trendnlp.errors import NotFound

MODELS = "models"
LOG = "uses.jsonl"
SHIPPED = "shipped"
DIGEST = re.compile("[0-9a-f]{64}")
SHORTEST = 4  # characters that stand for a digest


@dataclass(frozen=True, slots=True)
class Use:
    """That from ``at`` on the models with this digest were used, or the shipped ones; who said so, and why."""

    digest: str
    at: str
    by: str
    reason: str


def models_in(home: Path) -> Path:
    """Where the models of the workspace ``home`` lie."""
    return home / MODELS


def uses(home: Path) -> tuple[Use, ...]:
    """Every switch, oldest first. A line that is none, as a crash may leave it, is passed over."""
    return tuple(_uses(models_in(home) / LOG))


def _uses(log: Path) -> Iterator[Use]:
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return
    for line in lines:
        try:
            found = Use(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if found.digest == SHIPPED or DIGEST.fullmatch(str(found.digest)):
            yield found


def used_folder(home: Path) -> Path | None:
    """The folder of the models in use, None for the shipped ones."""
    last = next(reversed(uses(home)), None)
    return None if last is None or last.digest == SHIPPED else models_in(home) / last.digest


def digests(home: Path) -> tuple[str, ...]:
    """Of the models that learnt from the workspace's reviews, sorted."""
    folder = models_in(home)
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(path.name for path in found if DIGEST.fullmatch(path.name)))


def named(home: Path, name: str) -> str:
    """The digest that ``name`` is or alone begins, or ``shipped``; raises NotFound."""
    if name == SHIPPED:
        return name
    found = [digest for digest in digests(home) if digest.startswith(name)]
    if len(name) < SHORTEST or len(found) != 1:
        reason = "several models begin so" if len(found) > 1 else "no such models in this workspace"
        raise NotFound(name, reason, "`trendnlp models list` names them; `shipped` stands for those of trendnlp.")
    return found[0]


def note_use(home: Path, use: Use) -> None:
    """Switch: from now on whoever opens the workspace uses these models."""
    models_in(home).mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(use), ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")
    with (models_in(home) / LOG).open("ab") as file:
        # on a line of its own, also after one that a crash cut off; written at once, so that it is there or is not
        file.write(b"\n" + line + b"\n")
        file.flush()
        os.fsync(file.fileno())
