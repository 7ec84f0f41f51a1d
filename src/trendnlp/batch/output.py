"""The files that a batch writes: documents, statements, findings and a report, the same bytes for the same input."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from trendnlp.batch.copies import Shingled
from trendnlp.batch.entries import Entry, Head, State, entries_of
from trendnlp.batch.plan import Plan, Shard
from trendnlp.batch.progress import Watch, Watched, go_on
from trendnlp.batch.shard import same_text
from trendnlp.batch.tables import DOCUMENTS, FINDINGS, STATEMENTS, JsonLines, Parquet, Table, TableOpener
from trendnlp.batch.verdicts import Verdicts
from trendnlp.batch.work import Work, is_work, sync, sync_folder
from trendnlp.consolidate import Keeping
from trendnlp.errors import OutputError
from trendnlp.pipeline import Matcher, Pipeline, claims_of
from trendnlp.records import Record, finding_record, json_line, statement_record
from trendnlp.sources import with_sources
from trendnlp.syndication import copies_among
from trendnlp.types import Analysis, Claim, Consolidation

REPORT = "report.json"
WORK = ".work"  # the folder in an output that keeps what is done
TABLES = frozenset(f"{n}{t.suffix}" for n in (DOCUMENTS, STATEMENTS, FINDINGS) for t in (JsonLines, Parquet))
OUTPUT = TABLES | {REPORT}
Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many inputs were done, skipped and failed, and how many findings there are."""

    done: int
    skipped: int
    failed: int
    findings: int


def consolidate_all(analyses: Sequence[Analysis], pipeline: Pipeline) -> Consolidation:
    """The findings across all the documents, copies of one text counted as one source."""
    claims = [claim for analysis in analyses for claim in claims_of(analysis)]
    made = pipeline.consolidate(claims)
    copies = copies_among(analysis.document for analysis in analyses)
    return replace(made, findings=with_sources(made.findings, claims, copies))


def statement_records(analyses: Iterable[Analysis], consolidation: Consolidation) -> Iterable[Record]:
    """All statements, document by document in the given order, each with the finding that it stands in."""
    finding = finding_of(consolidation)
    for analysis in analyses:
        for labelled in analysis.statements:
            yield statement_record(labelled, analysis.document.source, finding.get(labelled.statement.id))


def finding_of(consolidation: Consolidation) -> dict[str, str]:
    """Statement id to the id of the finding that it stands in."""
    return {member.statement: found.id for found in consolidation.findings for member in found.members}


def without_copies(entries: Iterable[Entry], plan: Plan) -> Iterator[Entry]:
    """The entries in order; one with the text of an earlier one, in any shard, is skipped and says of which."""
    for entry in entries:
        head = entry.head
        first = plan.first(head.document, head.source) if head.document is not None else None
        if first is None:
            yield entry
        else:
            yield Entry(Head(head.source, head.custom_id, State.SKIPPED, head.document, same_text(first)), ())


def made_by_batch(path: Path) -> bool:
    """Whether a file is of the output of a batch, this one or another, which may lie in a folder that is read."""
    path = Path(os.path.realpath(path))  # unlike Path.resolve, it passes over links that lead round in a circle
    if path.name in OUTPUT and is_work(path.parent / WORK):
        return True
    return any(folder.name == WORK and is_work(folder) for folder in (path, *path.parents))


def check_output(out: Path, inputs: Iterable[Path]) -> None:
    """Raises OutputError where a file stands in ``out`` that a batch would write over, and none has written it, and
    where one that it would write over is among the ``inputs``.
    """
    strange = [name for name in sorted(OUTPUT) if (out / name).exists()]
    if strange and not is_work(out / WORK):
        remedy = f"Choose another folder, or move it away; that of a run whose {WORK} folder is gone, too."
        raise OutputError(str(out / strange[0]), "would be written over, and is not of a run that could go on", remedy)
    for path in inputs:
        if made_by_batch(path) and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(out)):
            remedy = "Name what is to be read, or another folder for the output."
            raise OutputError(str(path), f"is to be read, and is of the output in {out}", remedy)


class Report:
    """The lists of the report, each in a file of its own until all are whole."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._lists: dict[State, IO[str]] = {}
        self.counts = dict.fromkeys(State, 0)
        for state in State:
            self._lists[state] = (scratch / state.value).open("w", encoding="utf-8", newline="\n")

    def add(self, head: Head) -> None:
        """What became of an input."""
        record: Record = {"source": head.source, "reason": head.reason}
        if head.state is State.FAILED:
            record["remedy"] = head.remedy
        if head.custom_id is not None:
            record["custom_id"] = head.custom_id
        # The document's own record holds what the caller calls it.
        line = json.dumps(head.source, ensure_ascii=False) if head.state is State.DONE else json_line(record)
        line = line.encode("utf-8", "backslashreplace").decode()
        self._lists[head.state].write((",\n    " if self.counts[head.state] else "\n    ") + line)
        self.counts[head.state] += 1

    def close(self) -> None:
        """Nothing more is to be added."""
        for part in self._lists.values():
            part.close()

    def write(self, path: Path, models: Values, settings: Values) -> None:
        """The whole report."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("{\n")
            self.close()
            for state in State:
                file.write(f'  "{state.value}": [')
                with (self._scratch / state.value).open(encoding="utf-8", newline="\n") as held:
                    shutil.copyfileobj(held, file)
                file.write("\n  ],\n" if self.counts[state] else "],\n")
            file.write(f'  "models": {json.dumps(dict(models))},\n  "settings": {json.dumps(dict(settings))}\n}}\n')
            file.flush()
            sync(file.fileno())


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report says that outcomes come from: the model that labels, by name and digest, and settings."""

    model: tuple[str, str]
    settings: Values


class Files:
    """Takes shards in order, and makes the output of them.

    Claims are held in memory, for findings are made of all of them together, and fingerprints, for copies are found
    among all documents; all else passes through.
    """

    def __init__(self, out: Path, work: Work, plan: Plan, tables: TableOpener, matcher: Callable[[], Matcher]) -> None:
        self._out = out
        self._work = work
        self._plan = plan
        self._tables = tables
        self._matcher = matcher
        self._claims: list[Claim] = []
        self._shingled = Shingled(work.scratch / "shingles")
        self._report = Report(work.scratch)
        self._documents: Table | None = self._table(DOCUMENTS)

    def holds(self, entries: Sequence[Entry]) -> bool:
        """Whether a shard that was done in an earlier run need not be done again."""
        return True

    def take(self, shard: Shard, entries: Sequence[Entry]) -> None:
        """The entries of the next shard."""
        assert self._documents is not None
        for entry in without_copies(entries, self._plan):
            self._report.add(entry.head)
            if entry.head.state is State.DONE:
                self._documents.add(entry.document_line())
                self._claims += entry.claims()
                self._shingled.add(entry.document())

    def finish(self, basis: Basis, watch: Watch) -> Summary:
        """Write what needs all shards; the files appear in the folder together, the report last. Raises Stopped where
        the watch wants an end before.
        """
        self._close_documents()
        matcher = self._matcher()
        go_on(watch)
        consolidation = self._consolidation(matcher, watch)
        self._claims = []
        go_on(watch)
        self._write_findings(consolidation)
        self._write_statements(finding_of(consolidation))
        models = (basis.model, ("encoder", matcher.encoder.digest), ("matcher", matcher.digest))
        settings = (*basis.settings[:1], ("threshold", str(consolidation.threshold)), *basis.settings[1:])
        if consolidation.taxonomy:
            settings = (*settings, ("taxonomy", consolidation.taxonomy))
        self._report.write(self._work.scratch / REPORT, models, settings)
        self._publish()
        counts = self._report.counts
        return Summary(counts[State.DONE], counts[State.SKIPPED], counts[State.FAILED], len(consolidation.findings))

    def close(self) -> None:
        """Close the files, also of a run that did not come to its end."""
        self._close_documents()
        self._report.close()
        self._shingled.close()

    def _consolidation(self, matcher: Matcher, watch: Watch) -> Consolidation:
        """The findings of all claims. What an earlier run has found out about their pairs is known."""
        with closing(Verdicts(self._work.verdicts, matcher.rule)) as verdicts:
            state = matcher.incremental(verdicts.known(), Keeping(verdicts.add, Watched(watch)))
            made = state.add(self._claims)
            verdicts.forget(made.forgotten)
        found = with_sources(made.findings, self._claims, self._shingled.copies())
        return Consolidation(found, state.threshold, matcher.digest, matcher.taxonomy.digest)

    def _close_documents(self) -> None:
        if self._documents is not None:
            self._documents.close()
            self._documents = None

    def _write_findings(self, consolidation: Consolidation) -> None:
        table = self._table(FINDINGS)
        for found in consolidation.findings:
            table.add(json_line(finding_record(found)).encode())
        table.close()

    def _write_statements(self, findings: dict[str, str]) -> None:
        table = self._table(STATEMENTS)
        self._plan.forget()
        for shard in self._plan.shards():
            for entry in without_copies(entries_of(self._work.read(shard.key)), self._plan):
                if entry.head.state is State.DONE:
                    for line in entry.statement_lines(findings):
                        table.add(line)
        table.close()

    def _table(self, name: str) -> Table:
        folder = self._work.scratch / "tables"
        folder.mkdir(exist_ok=True)
        return self._tables(folder, name)

    def _publish(self) -> None:
        """A report in the folder says that the tables beside it are whole and of one run."""
        (self._out / REPORT).unlink(missing_ok=True)
        sync_folder(self._out)
        made = sorted((self._work.scratch / "tables").iterdir())
        for name in TABLES.difference(path.name for path in made):  # of another format, and another run
            (self._out / name).unlink(missing_ok=True)
        for path in made:
            path.replace(self._out / path.name)
        sync_folder(self._out)
        (self._work.scratch / REPORT).replace(self._out / REPORT)
        sync_folder(self._out)
