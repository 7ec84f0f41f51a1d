"""``trendnlp doctor``: does this installation work, and does it keep to itself?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from trendnlp import __version__
from trendnlp.build import artefact, build_pipeline, model_digest, model_name
from trendnlp.errors import TrendnlpError
from trendnlp.pipeline import claims_of
from trendnlp.read import read_text
from trendnlp.settings import Settings
from trendnlp.store import Store

SAMPLE = """Hospital Bed Market

Growth drivers

Wards are short of nurses, which boosts demand for beds that turn patients by themselves.

Challenges

High costs hamper the adoption of such beds in small hospitals.
"""
EXPECTED = ["driver", "challenge"]
NETWORK_EVENTS = frozenset(("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is in order, and what was seen."""

    name: str
    passed: bool
    seen: str


class _Wrong(Exception):
    """A check saw something else than it expects."""


def run(settings: Settings) -> int:
    failed = 0
    for check in checks(settings):
        print(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.seen}", flush=True)
        failed += not check.passed
    return 1 if failed else 0


def checks(settings: Settings) -> Iterator[Check]:
    """The checks, each done when it is asked for."""
    yield Check("trendnlp", True, f"{__version__} on Python {sys.version.split()[0]}")
    with _network_watch() as attempts:
        yield _check("models", lambda: _models(settings))
        yield _check("extraction", lambda: _extraction(settings))
    yield _check("workspace", lambda: _workspace(settings))  # which may be meant to reach a server
    yield Check("network", not attempts, "; ".join(attempts) or "no connection was attempted")


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Exception as error:  # whatever is wrong with an installation, the other checks go on
        return Check(name, False, str(error) if isinstance(error, TrendnlpError | _Wrong) else repr(error))


def _models(settings: Settings) -> str:
    models = artefact(settings)
    name = model_name(models, settings)
    return f"{name} {model_digest(models, name)[:12]} of {models.folder}, every digest as its manifest says"


def _extraction(settings: Settings) -> str:
    pipeline = build_pipeline(artefact(settings), settings)
    document = read_text(SAMPLE, source="sample")
    analysis = pipeline.analyse(document)
    for found in analysis.statements:
        statement = found.statement
        _expect(document.text[statement.start : statement.end] == statement.text, "a statement is not where it says")
    kinds = [s.label.kind for s in analysis.statements]
    _expect(kinds == EXPECTED, f"the sample's statements came out as {kinds}, not {EXPECTED}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = replace(settings, home=Path(folder), database_url="")
        with Store.open(scratch.store_url) as store:
            store.save(analysis)
            store.replace_findings(pipeline.consolidate(claims_of(analysis)))
            _expect(store.analysis(document.id) == analysis, "the store gave back another analysis than it was given")
            findings = store.counts().findings
    return f"the sample gave {len(kinds)} statements ({', '.join(kinds)}) and {findings} findings, stored and read back"


def _expect(condition: bool, fault: str) -> None:
    if not condition:
        raise _Wrong(fault)


def _workspace(settings: Settings) -> str:
    with Store.open(settings.store_url) as store:
        counts = store.counts()
    place = "the database of TRENDNLP_DATABASE_URL" if settings.database_url else str(settings.workspace)
    return f"{place}: {counts.documents} documents, {counts.statements} statements, {counts.findings} findings"


@contextmanager
def _network_watch() -> Iterator[list[str]]:
    """Collect every attempt of this process to open a connection or look up a name."""
    attempts: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in NETWORK_EVENTS:
            attempts.append(f"{event} {arguments[1:] if event == 'socket.connect' else arguments}")

    sys.addaudithook(hook)
    try:
        yield attempts
    finally:
        watching = False  # a hook cannot be taken off again, only told to be still
