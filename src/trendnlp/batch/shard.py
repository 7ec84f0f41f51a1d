"""Documents in, analyses out: what every executor runs, and what became of each input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trendnlp.batch.inputs import Input, Line, Member
from trendnlp.batch.rows import read_line
from trendnlp.errors import InputError
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits, member_bytes, read_bytes, read_path
from trendnlp.types import Analysis, Document, Failure, Metadata, Skipped

Outcome = Analysis | Skipped | Failure


@dataclass(frozen=True, slots=True)
class Step:
    """One input that has been dealt with."""

    source: str
    outcome: Outcome


def run_shard(
    inputs: Iterable[Input],
    pipeline: Pipeline,
    limits: Limits,
    report: Callable[[Step], None],
    given: Metadata = Metadata(),
) -> tuple[Outcome, ...]:
    """One outcome an input, in order; ``report`` hears of each as it comes, ``given`` is known of all of them.

    A file that cannot be read is a Failure and the others go on. A file with the text of an earlier one, if that could
    be analysed, is Skipped.
    """
    outcomes: list[Outcome] = []
    first: dict[str, str] = {}
    for item in inputs:
        outcome: Outcome | Document = read_input(item, limits, given)
        if isinstance(outcome, Document):
            outcome = _analysed(outcome, pipeline, first)
        outcomes.append(outcome)
        report(Step(item.source, outcome))
    return tuple(outcomes)


def read_input(item: Input, limits: Limits, given: Metadata = Metadata()) -> Document | Skipped | Failure:
    """The document of one input, or why there is none. No input, however broken, stops the others."""
    try:
        match item.origin:
            case Skipped() as skipped:
                return skipped
            case InputError() as error:
                raise error
            case Member(archive, index):
                data = member_bytes(archive, index, item.source, limits)
                return read_bytes(data, source=item.source, given=given, limits=limits)
            case Line() as place:
                return read_line(place, item.source, limits, given)
            case bytes() as data:
                return read_bytes(data, source=item.source, given=given, limits=limits)
            case path:
                return read_path(path, source=item.source, given=given, limits=limits)
    except InputError as error:
        return Failure(item.source, error.reason, error.remedy)
    except Exception as error:
        return unexpected(item.source, error)


def same_text(source: str) -> str:
    """Why an input is left out that has the text of another."""
    return f"the same text as {source}"


def unexpected(source: str, error: Exception) -> Failure:
    """A fault of trendnlp, told like one of the input so that the run goes on."""
    return Failure(source, f"unexpected {type(error).__name__}: {error}", "This is a fault in trendnlp: report it.")


def _analysed(document: Document, pipeline: Pipeline, first: dict[str, str]) -> Outcome:
    if document.id in first:
        return Skipped(document.source, same_text(first[document.id]), document.id)
    try:
        found = pipeline.analyse(document)
    except Exception as error:
        return unexpected(document.source, error)
    first[document.id] = document.source
    return found
