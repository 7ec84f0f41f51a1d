"""Batches that need no models: one statement a sentence, findings by the same words, and workers that die on demand."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from traceback import print_exc
from types import SimpleNamespace
from typing import Any, cast

from builders import make_analysis, make_consolidation

from trendnlp.batch import (
    Alone,
    Basis,
    Crew,
    Files,
    Head,
    Job,
    Recipe,
    State,
    Stopped,
    Summary,
    Team,
    Work,
    make_plan,
    perform,
    salt_of,
    table_opener,
)
from trendnlp.consolidate import Notes, Piece, Spread, Update, incremental
from trendnlp.encode import Encoder
from trendnlp.pipeline import Matcher
from trendnlp.read import Limits
from trendnlp.relations import Verdict
from trendnlp.tags import NO_TAXONOMY
from trendnlp.types import Analysis, Claim, Document

NAMES = ("documents.jsonl", "findings.jsonl", "report.json", "statements.jsonl")
MODEL = "sha256:0001"
SMALL = {"cell": 16, "pairs": 8, "worth": 1, "here": 0}  # so that little work is spread too


class FakeMatcher:
    """Findings of claims with the same words."""

    digest = rule = "matcher"
    encoder = SimpleNamespace(digest="encoder")
    taxonomy = NO_TAXONOMY
    threshold = 0.75

    def incremental(self, known: Mapping[bytes, Verdict], notes: Notes) -> FakeMatcher:
        return self

    def add(self, claims: Iterable[Claim]) -> Update:
        ordered = sorted(claims, key=lambda claim: claim.labelled.statement.id)
        return Update(make_consolidation(ordered).findings, (), {}, ())


@dataclass
class FakePipeline:
    """Labels the sentences in turn. ``before`` is called with each document."""

    before: Callable[[Document], None] = lambda document: None
    seen: list[str] = field(default_factory=list)
    matcher: Any = field(default_factory=FakeMatcher)

    def analyse(self, document: Document) -> Analysis:
        self.before(document)
        self.seen.append(document.source)
        return make_analysis(document)


def fake() -> Any:
    """A pipeline for a worker process."""
    return FakePipeline()


def dying() -> Any:
    """One that kills its process over a text that says so: "die always", or "die once at" and a file that it makes."""

    def before(document: Document) -> None:
        words = document.text.split()
        once = Path(words[words.index("at") + 1]) if "die once at" in document.text else None
        if "die always" in document.text or (once is not None and not once.exists()):
            if once is not None:
                once.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return FakePipeline(before)


class Mortal(Matcher):
    """Guards and cosines, in a process that is killed over help with findings until there is a file ``last``."""

    def __init__(self, last: Path | None = None, threshold: float = 0.9) -> None:
        super().__init__(cast(Encoder, SimpleNamespace(digest="encoder")), threshold)
        self.last = last

    def do(self, piece: Piece) -> Any:
        if self.last is not None and not self.last.exists():
            with suppress(OSError):
                self.last.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().do(piece)


def matching(last: Path | None = None) -> Any:
    """A pipeline whose findings are made by guards and cosines; the process dies as ``Mortal`` says."""
    return FakePipeline(matcher=Mortal(last))


def broken() -> Any:
    """One that kills its process before it is made."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Seen:
    """What a watch was told; ``stop`` says when it wants the end."""

    stop: Callable[[], bool] = lambda: False
    total: int = 0
    fresh: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    pairs: int = 0  # of statements, to be compared
    pairs_done: int = 0

    def planned(self, inputs: int) -> None:
        self.total = inputs

    def done(self, heads: Sequence[Head], fresh: bool) -> None:
        (self.fresh if fresh else self.known).extend(head.source for head in heads)
        self.failed += [head.source for head in heads if head.state is State.FAILED]

    def comparing(self, pairs: int) -> None:
        self.pairs += pairs

    def compared(self, pairs: int) -> None:
        self.pairs_done += pairs

    def stopping(self) -> bool:
        return self.stop()


@dataclass
class Batch:
    """A batch over ``paths`` into ``out``, as ``trendnlp batch`` makes one."""

    paths: Sequence[Path]
    out: Path
    pipeline: Any = field(default_factory=FakePipeline)
    hire: Callable[[Recipe], Crew] = Alone
    make: Callable[[], Any] | None = None
    limits: Limits = Limits()
    model: str = MODEL
    format: str = "jsonl"
    watch: Seen = field(default_factory=Seen)
    stdin_rows: bool = False
    retry_failed: bool = False
    spread: Mapping[str, int] | None = None  # how the work on findings is shared out

    def run(self) -> Summary | None:
        """What came of it, None where it was stopped."""
        self.out.mkdir(parents=True, exist_ok=True)
        recipe = Recipe(self.make or (lambda: self.pipeline), self.limits)
        job = Job(tuple(self.paths), self.stdin_rows, self.retry_failed)
        salt = salt_of(self.model, "encoder", recipe)
        with (
            Work.opened(self.out / ".work") as work,
            closing(make_plan(job, work, recipe, salt)) as plan,
            closing(Team(lambda: self.hire(recipe))) as team,
            closing(Files(self.out, work, plan, table_opener(self.format), lambda: self.matcher(team))) as sink,
        ):
            if not perform(plan, work, team, sink, self.watch, self.retry_failed):
                return None
            with suppress(Stopped):
                return sink.finish(Basis(("fake", self.model), (("version", "1"),)), self.watch)
            return None

    def matcher(self, team: Team) -> Any:
        if self.spread is not None:
            self.pipeline.matcher.spread = Spread(team.share, **self.spread)
        return self.pipeline.matcher


def make_texts(folder: Path, count: int) -> Path:
    """So many reports, some of which say the same, are empty, or are a copy of another."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        text = f"# Market {n}\n\nDemand for lifts {n} rises. Costs are high. Wards {n % 7} are short of nurses.\n"
        text = "\n" if n % 29 == 28 else text if n % 11 else "# Lifts\n\nDemand is rising. Costs are high.\n"
        (folder / f"report-{n:03}.md").write_text(text, "utf-8")
    return folder


def output(out: Path) -> dict[str, bytes]:
    """The files that a batch has written."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


def forks(work: Callable[[str], object]) -> None:
    """For a test that kills: each line of input is given to ``work`` in a fork of this process. Prints the fork's id,
    then how it ended.
    """
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work(line.strip())
                code = 0
            except Exception:
                print_exc()
            finally:
                os._exit(code)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


def main() -> None:
    """Batches of the folder in the first argument, in forks that are each told an output folder. One batch is made into
    the second argument beforehand, so that forks need not load what loads with the first document.
    """
    incremental.AT_ONCE = 4
    folder, first = map(Path, sys.argv[1:])
    Batch([folder], first, matching()).run()
    forks(lambda out: Batch([folder], Path(out), matching()).run())


if __name__ == "__main__":
    main()
