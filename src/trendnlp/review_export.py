"""Reviews as a file, and such a file as reviews: the log, or the judged statements for training or for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from trendnlp.actions import ReviewFormat
from trendnlp.records import Record, json_line
from trendnlp.review_records import CSV_COLUMNS, csv_row, judged_export, log_record, recorded_of
from trendnlp.spreadsheet import csv_pieces
from trendnlp.store import Recorded, Store

ROWS = 100  # of a piece


def export_reviews(store: Store, format: ReviewFormat) -> Iterator[str]:
    """In pieces of text that end with a line: JSON lines, or CSV with a line of names."""
    match format:
        case ReviewFormat.LOG:
            return (f"{json_line(log_record(recorded))}\n" for recorded in store.judging.log())
        case ReviewFormat.TRAINING:
            return (f"{json_line(judged_export(item))}\n" for item in store.judging.judged())
        case ReviewFormat.CSV:
            return csv_pieces(CSV_COLUMNS, _parts(map(csv_row, store.judging.judged())))


def read_log(lines: Iterable[str | bytes], name: str) -> Iterator[Recorded]:
    """The reviews of an exported log; raises BadReview, which names the line that is none."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield recorded_of(line, f"{name}, line {number}")


def _parts(rows: Iterator[Record]) -> Iterator[list[Record]]:
    while part := list(islice(rows, ROWS)):
        yield part
