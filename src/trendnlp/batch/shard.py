"""Documents in, analyses out: what every executor runs, and what became of each input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trendnlp.batch.inputs import Input
from trendnlp.errors import InputError
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits, read_bytes, read_path
from trendnlp.types import Analysis, Document, Failure, Skipped

Outcome = Analysis | Skipped | Failure


@dataclass(frozen=True, slots=True)
class Step:
    """One input that has been dealt with."""

    source: str
    outcome: Outcome


def run_shard(
    inputs: Iterable[Input], pipeline: Pipeline, limits: Limits, report: Callable[[Step], None]
) -> tuple[Outcome, ...]:
    """One outcome an input, in order; ``report`` hears of each as it comes.

    A file that cannot be read is a Failure and the others go on. A file with the text of an earlier one is Skipped.
    """
    outcomes: list[Outcome] = []
    first: dict[str, str] = {}
    for item in inputs:
        outcome = _outcome(item, pipeline, limits, first)
        outcomes.append(outcome)
        report(Step(item.source, outcome))
    return tuple(outcomes)


def read_input(item: Input, limits: Limits) -> Document:
    """Raises InputError."""
    if isinstance(item.origin, InputError):
        raise item.origin
    if isinstance(item.origin, bytes):
        return read_bytes(item.origin, source=item.source, limits=limits)
    return read_path(item.origin, source=item.source, limits=limits)


def _outcome(item: Input, pipeline: Pipeline, limits: Limits, first: dict[str, str]) -> Outcome:
    try:
        document = read_input(item, limits)
    except InputError as error:
        return Failure(item.source, error.reason, error.remedy)
    if document.id in first:
        return Skipped(item.source, f"the same text as {first[document.id]}")
    first[document.id] = item.source
    return pipeline.analyse(document)
