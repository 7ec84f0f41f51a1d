"""The quality gate: scores on held-out markets below which no later models may fall.

``floors.json`` lies in the models folder. It holds, for each model, the floors and the digest of the very texts that
they were measured on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from trendnlp.build import FAST
from trendnlp.classify import Model
from trendnlp.corpus import LabelledText, digest
from trendnlp.errors import ArtefactError
from trendnlp.train import labels_of, scores_of

FLOORS = "floors.json"
TOLERANCE = 0.01  # below what was measured: other processors and libraries move a few labels
ASPECT_TOLERANCE = 0.03  # of aspects, the rarest of which few texts hold
SLOW_SHARE = 3  # of so many texts, one scores the models that stand on the larger encoder: a gate must be quick
ASPECTS = "aspect_macro_f1"
LEAST = ("macro_f1", "accepted_f1", "claim_precision", "claim_recall", ASPECTS)
MOST = ("calibration_error",)
DECIMALS = 4
REMEDY = "Write it again with `trendnlp evaluate --pin`."


@dataclass(frozen=True, slots=True)
class Floor:
    """What one model must reach: at least the value of each measure, of ``calibration_error`` at most. ``data_sha256``
    is of the ``texts`` texts, with ``units`` units, that it is measured on.
    """

    data_sha256: str
    texts: int
    units: int
    values: Mapping[str, float]


def gate_texts(name: str, held_out: Sequence[LabelledText]) -> tuple[LabelledText, ...]:
    """What a model is measured on: a fixed part, by the digest of a text's name, for all but the fast one."""
    if name == FAST:
        return tuple(held_out)
    return tuple(t for t in held_out if hashlib.sha256(t.name.encode()).digest()[0] % SLOW_SHARE == 0)


def floor_of(name: str, model: Model, held_out: Sequence[LabelledText]) -> Floor:
    """Where the floor lies if ``model`` is pinned as it is."""
    texts = gate_texts(name, held_out)
    found = scores_of(labels_of(model, texts), texts)
    values = {m: found[m] - (ASPECT_TOLERANCE if m == ASPECTS else TOLERANCE) for m in LEAST}
    values |= {m: found[m] + TOLERANCE for m in MOST}
    rounded = {measure: round(min(max(value, 0.0), 1.0), DECIMALS) for measure, value in values.items()}
    return Floor(digest(texts), len(texts), sum(len(text.units) for text in texts), rounded)


def breaches(name: str, floor: Floor, model: Model, held_out: Sequence[LabelledText]) -> tuple[str, ...]:
    """Why ``model`` does not pass: each measure that is past its floor, or that the texts are others."""
    texts = gate_texts(name, held_out)
    if digest(texts) != floor.data_sha256:
        return (f"{name}: the held-out texts are not those that its floors were measured on",)
    found = scores_of(labels_of(model, texts), texts)
    return tuple(
        f"{name}: {measure} is {found[measure]:.4f}, its floor {value:.4f}"
        for measure, value in floor.values.items()
        if not _within(measure, found[measure], value)
    )


def lowered(name: str, old: Floor, new: Floor) -> tuple[str, ...]:
    """What ``new`` asks less of than ``old``, or that it is of other texts."""
    if new.data_sha256 != old.data_sha256:
        return (f"{name}: other held-out texts",)
    return tuple(
        f"{name}: {measure} from {value:.4f} to {new.values[measure]:.4f}"
        for measure, value in old.values.items()
        if not _within(measure, new.values[measure], value)
    )


def _within(measure: str, value: float, floor: float) -> bool:
    return value <= floor if measure in MOST else value >= floor


def read_floors(folder: Path) -> dict[str, Floor]:
    """By model, none where the folder holds no floors; raises ArtefactError."""
    path = folder / FLOORS
    if not path.exists():
        return {}
    try:
        fields = json.loads(path.read_bytes())
        found = {name: Floor(**floor) for name, floor in fields["models"].items()}
        # Floors that were pinned by an earlier version may lack a measure.
        if not all(floor.values and set(floor.values) <= {*LEAST, *MOST} for floor in found.values()):
            raise ValueError
    except OSError as error:
        raise ArtefactError(str(path), f"cannot be read ({error.strerror})", REMEDY) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtefactError(str(path), "holds no floors", REMEDY) from error
    return found


def write_floors(folder: Path, floors: Mapping[str, Floor]) -> None:
    """Write them sorted: the same scores give the same bytes."""
    fields = {"tolerance": TOLERANCE, "models": {name: asdict(floor) for name, floor in floors.items()}}
    (folder / FLOORS).write_text(json.dumps(fields, indent=2, sort_keys=True) + "\n", "utf-8")


def pinned(old: Mapping[str, Floor], new: Mapping[str, Floor], lower: bool, where: Path) -> dict[str, Floor]:
    """``new`` in place of ``old``; a model that was not measured keeps its floors. Raises ArtefactError where that
    lowers a floor and ``lower`` does not allow it.
    """
    less: Iterable[str] = [fault for name in new if name in old for fault in lowered(name, old[name], new[name])]
    if less and not lower:
        reason = f"would be lowered ({'; '.join(less)})"
        raise ArtefactError(str(where / FLOORS), reason, "Pass --lower too if that is meant.")
    return {**old, **new}
