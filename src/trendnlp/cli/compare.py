"""``trendnlp compare``: do two statements make the same claim, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from trendnlp.batch import STDIN, json_line
from trendnlp.build import load_matcher
from trendnlp.cli.output import one_line, say
from trendnlp.errors import SettingsError
from trendnlp.pipeline import Question
from trendnlp.read.decode import SURROGATE
from trendnlp.records import Record, comparison_record
from trendnlp.settings import Settings


def run(settings: Settings, statements: tuple[str, ...], pairs: Path | None, kind: str | None, format: str) -> int:
    if (pairs is None) == (not statements) or len(statements) not in (0, 2):
        raise SettingsError("compare", "wants two statements, or --pairs FILE", 'Write `trendnlp compare "A" "B"`.')
    if any(not text.strip() for text in statements):
        raise SettingsError("compare", "a statement has no words", 'Write `trendnlp compare "A" "B"`.')
    if any(map(SURROGATE.search, statements)):
        raise SettingsError("compare", "a statement is not UTF-8", "Give its words in UTF-8.")
    asked = list(_read(pairs)) if pairs is not None else [Question(statements[0], statements[1], kind)]
    questions = [q for q in asked if isinstance(q, Question)]
    matcher = load_matcher(settings)
    verdicts = iter(matcher.compare(questions))
    model = matcher.digest
    bad = 0
    for number, question in enumerate(asked, 1):
        if isinstance(question, str):
            bad += 1
            say(f"line {number}: {question}")
            record: Record = {"error": question}
        else:
            record = comparison_record(next(verdicts), model)
        print(json_line(record) if format == "jsonl" else _row(record))
    return 1 if bad else 0


def _row(record: Record) -> str:
    if "error" in record:
        return f"error\t\t{one_line(str(record['error']))}"
    return f"{record['relation']}\t{record['score']:.4f}\t{one_line(str(record['reason']))}"


def _read(path: Path) -> Iterator[Question | str]:
    """The questions of a file of JSON lines; of a line that is none, what is wrong with it."""
    try:
        data = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SettingsError("--pairs", f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.") from error
    except OSError as error:
        raise SettingsError("--pairs", f"cannot be read ({error.strerror})", "Name a file of JSON lines.") from error
    while lines and not lines[-1].strip():
        lines.pop()
    for line in lines:
        yield _question(line)


def _question(line: str) -> Question | str:
    try:
        fields = json.loads(line)
    except ValueError as error:
        return f"is no JSON ({error})"
    if not isinstance(fields, dict):
        return "is no JSON object"
    for name in ("a", "b"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            return f"has no words in {name}"
        if SURROGATE.search(fields[name]):
            return f"has half of a surrogate pair in {name}"
    kind = fields.get("kind")
    if kind is not None and not isinstance(kind, str):
        return "has a kind that is no text"
    return Question(fields["a"], fields["b"], kind or None)
