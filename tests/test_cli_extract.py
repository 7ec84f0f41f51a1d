"""The command line as its users see it: what ``extract`` prints, and bad input."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

from commands import LIFTS, expected_records, records, run, start, write

from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.records import finding_record
from trendnlp.types import Analysis

STATEMENT_KEYS = [
    "source",
    "document",
    "id",
    "start",
    "end",
    "text",
    "headings",
    "lead_in",
    "page",
    "box",
    "kind",
    "score",
    "alt",
    "scores",
    "aspect",
    "finding",
]


def test_extract_as_lines_of_json(home: Path, lifts: Analysis, pipeline: Pipeline) -> None:
    write(home / "lifts.md")
    every = run("extract", "lifts.md", "--format", "jsonl", "--all")
    assert (every.exit_code, every.stderr) == (0, f"[1/1] lifts.md: 3 statements, {len(lifts.claims)} claims\n")
    assert records(every.stdout) == expected_records(lifts, pipeline)
    assert [list(r) for r in records(every.stdout)] == [STATEMENT_KEYS] * 3
    first = records(every.stdout)[0]
    assert (first["source"], first["lead_in"]) == ("lifts.md", "Staff")
    assert first["headings"] == ["Lift Market in Portugal", "Growth drivers"]
    some = run("extract", "lifts.md", "lifts.md", "--format", "jsonl")
    assert records(some.stdout) == [r for r in expected_records(lifts, pipeline) if r["kind"] != "other"]


def test_extract_from_standard_input(home: Path, lifts: Analysis, pipeline: Pipeline) -> None:
    result = run("extract", "-", "--format", "jsonl", "--all", input=LIFTS)
    read_as_text = records(result.stdout)
    assert {r["source"] for r in read_as_text} == {"stdin"}
    assert [r["text"] for r in read_as_text] == [s.statement.text for s in lifts.statements]


def test_extract_as_one_json_object(home: Path, lifts: Analysis, pipeline: Pipeline) -> None:
    write(home / "lifts.md")
    found = json.loads(run("extract", "lifts.md", "--format", "json", "--all").stdout)
    assert list(found) == ["documents", "statements", "findings"]
    assert [d["id"] for d in found["documents"]] == [lifts.document.id]
    assert found["statements"] == expected_records(lifts, pipeline)
    assert found["findings"] == [finding_record(f) for f in pipeline.consolidate(claims_of(lifts)).findings]


def test_extract_as_a_spreadsheet(home: Path, lifts: Analysis, pipeline: Pipeline) -> None:
    write(home / "lifts.md")
    rows = list(csv.DictReader(io.StringIO(run("extract", "lifts.md", "--format", "csv", "--all").stdout)))
    assert list(rows[0]) == [key for key in STATEMENT_KEYS if key not in ("scores", "box")]
    expected = expected_records(lifts, pipeline)
    assert [r["id"] for r in rows] == [r["id"] for r in expected]
    # A cell that a spreadsheet would run as a formula is quoted.
    assert [r["text"] for r in rows] == [str(r["text"]).replace("=1+1", "'=1+1") for r in expected]
    assert rows[0]["headings"] == "Lift Market in Portugal > Growth drivers"


def test_extract_as_markdown_and_as_a_table(home: Path, lifts: Analysis) -> None:
    write(home / "lifts.md")
    page = run("extract", "lifts.md", "--format", "md", "--all").stdout
    assert page.startswith("# Lift Market in Portugal\n\n## ")
    assert r"\- High purchase costs"[1:] in page
    assert r"keep \<small\> clinics from buying \*lifts\*. (0." in page
    table = run("extract", "lifts.md", "--all").stdout
    assert [line for line in table.splitlines() if "score" in line]
    for found in lifts.statements:
        (line,) = (line for line in table.splitlines() if found.statement.text in line)
        assert line.split()[0] == found.label.kind
        assert f"{found.label.score:.2f}" in line


def test_every_bad_input_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    """All in one process: each start costs seconds."""
    line_break = 'it\'s a "name"\nwith a break.txt'
    bad_name = os.fsdecode(b"bad\xff.txt")
    contents = {
        "empty.txt": b"",
        "white.txt": b" \n\t\n",
        "binary.txt": bytes(range(256)) * 40,
        "latin.txt": "Köln buys lifts. Prices of lifts in Köln are falling.".encode("latin-1"),
        "utf16.txt": "Nurses are scarce, so wards buy lifts.".encode("utf-16"),
        "large.txt": b"x" * 3_000_001,
        "line.txt": b"lift " * 400_000,
        "headings.md": b"".join(b"## Heading %d\n\n" % i for i in range(10_000)),
        line_break: b"Wards in Lisbon increasingly rent lifts.",
        bad_name: b"Makers add sensors to lifts.",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling.txt").symlink_to("gone.txt")
    names = [*contents, "folder", "missing.txt", "dangling.txt", "n" * 300]
    command = ("-m", "trendnlp", "extract", "--all", "--format", "jsonl", *names)
    answer = start(*command, cwd=tmp_path, TRENDNLP_MAX_BYTES="3000000", PYTHONIOENCODING="ascii:strict")
    assert answer.code == 1
    reasons = [
        "empty.txt: failed: it holds nothing but white space. Give a text.",
        "white.txt: failed: it holds nothing but white space. Give a text.",
        "binary.txt: failed: this is binary data, not text. Export it as PDF, DOCX, HTML, Markdown or plain text.",
        "latin.txt: 2 statements",
        "utf16.txt: 1 statements",
        "large.txt: failed: it is larger than 3,000,000 bytes. Split it, or raise TRENDNLP_MAX_BYTES.",
        "line.txt: 1 statements",
        "headings.md: 0 statements, 0 claims",
        'it\'s a "name"\\nwith a break.txt: 1 statements',
        "bad\\udcff.txt: 1 statements",
        "folder: failed: this is a folder, not a file. Give the files in it.",
        "missing.txt: failed: no such file. Check the name.",
        "dangling.txt: failed: this link points to nothing. Check the name.",
        f"{'n' * 300}: failed: it cannot be read (File name too long). Check the name.",
    ]
    *lines, last = answer.err.splitlines()
    for number, (line, reason) in enumerate(zip(lines, reasons, strict=True), 1):
        assert line.startswith(f"[{number}/14] {reason}")
    assert "warning: not valid UTF-8: read as windows-1252" in lines[3]
    assert last == "8 of 14 reports failed"
    found = records(answer.out)
    assert [r["source"] for r in found] == ["latin.txt"] * 2 + ["utf16.txt", "line.txt", line_break, bad_name]
    assert found[0]["text"] == "Köln buys lifts."


def test_what_a_text_holds_cannot_move_the_cursor(home: Path) -> None:
    write(home / "evil.txt", "Lift Market\n\nGrowth drivers\n\nNurses are \x1b[2Jscarce \u202eand \x9bbeds dear.\n")
    for format in ("table", "md", "csv"):
        result = run("extract", "evil.txt", "--all", "--format", format)
        assert result.exit_code == 0
        assert not set("\x1b\x9b\u202e") & set(result.stdout)
        assert "[2Jscarce and beds dear" in result.stdout.replace("\\", "")
