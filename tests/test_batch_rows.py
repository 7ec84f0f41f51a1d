"""Files of many documents, standard input and patterns in; JSON lines or Parquet out."""

from __future__ import annotations

import datetime
import io
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow
import pytest
from batch_fakes import Batch, make_texts, output
from pyarrow import parquet

from trendnlp.batch import DOCUMENTS, FINDINGS, STATEMENTS, expand, schema_of
from trendnlp.batch.tables import table_opener
from trendnlp.errors import SettingsError
from trendnlp.read import Limits

ROWS: list[dict[str, Any]] = [
    {"text": "# Lifts\n\nDemand is rising.", "source": "lifts.md", "title": "Lifts 2024", "custom_id": "a-1"},
    {"html": "<h1>Beds</h1><p>Demand is falling.</p>", "publisher": "Atlas", "published": "2024-03"},
    {"text": "Demand is rising.", "market": "cots", "geography": "Chile", "custom_id": 7, "url": "https://x.example"},
    {"text": "Costs are high.", "published": "March"},
    {"text": "Costs are high.", "html": "<p>x</p>"},
    {"text": 5},
    {"text": "# Lifts\n\nDemand is rising.", "source": "twin.md", "custom_id": "a-2"},
]
GERMAN = (
    "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen zahlen inzwischen die "
    "Hälfte des Preises jedes neuen Geräts, das in einer Klinik des Landes aufgestellt wird."
)


def rows(path: Path) -> Path:
    lines = [json.dumps(row) for row in ROWS]
    path.write_text("\ufeff" + "\n".join([*lines[:3], "", "{", *lines[3:]]), "utf-8")
    return path


def records(out: Path, name: str = "documents.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return found


def test_a_line_is_a_document_and_a_bad_one_a_failure(tmp_path: Path) -> None:
    batch = Batch([rows(tmp_path / "reports.ndjson")], tmp_path / "out")
    batch.run()
    shown = ("source", "format", "title", "publisher", "published", "market", "geography", "custom_id")
    assert [tuple(r[key] for key in shown) for r in records(batch.out)] == [
        ("lifts.md", "markdown", "Lifts 2024", None, None, None, None, "a-1"),
        ("reports.ndjson:2", "html", "Beds", "Atlas", "2024-03", None, None, None),
        ("reports.ndjson:3", "text", None, None, None, "cots", "Chile", "7"),
    ]
    found = report(batch.out)
    assert found["skipped"] == [{"source": "twin.md", "reason": "the same text as lifts.md", "custom_id": "a-2"}]
    assert [(f["source"], f["reason"]) for f in found["failed"]] == [
        ("reports.ndjson:5", "it is no JSON"),
        ("reports.ndjson:6", "its published is no date of the form YYYY, YYYY-MM or YYYY-MM-DD"),
        ("reports.ndjson:7", "it has neither text nor html, or both"),
        ("reports.ndjson:8", "its text is no string"),
    ]


def test_a_row_in_another_language_is_read_where_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "reports.ndjson"
    told: list[dict[str, Any]] = [{"text": GERMAN, "language": language} for language in (None, "en", "German")]
    told.append({"text": "Demand is rising.", "language": "de"})
    path.write_text("\n".join(map(json.dumps, told)), "utf-8")
    batch = Batch([path], tmp_path / "out")
    batch.run()
    assert [(r["source"], r["language"]) for r in records(batch.out)] == [("reports.ndjson:2", "en")]
    assert [f["reason"] for f in report(batch.out)["failed"]] == [
        "written in German (de), only English is read",
        "its language is no code of ISO 639-1, as en",
        "written in German (de), only English is read",
    ]


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text('{"text": "Costs rise."}\n{"text": "' + "x" * 5000 + '"}\n{"text": "Costs fall."}\n')
    batch = Batch([path], tmp_path / "out", limits=Limits(max_bytes=1000))
    batch.run()
    assert [r["source"] for r in records(batch.out)] == ["reports.jsonl:1", "reports.jsonl:3"]
    assert [f["reason"] for f in report(batch.out)["failed"]] == ["it is larger than 1,000 bytes"]


def test_rows_of_parquet_are_documents_too(tmp_path: Path) -> None:
    columns = {
        "text": ["# Lifts\n\nDemand is rising.", None, "Demand is rising."],
        "html": [None, "<h1>Beds</h1><p>Demand is falling.</p>", None],
        "published": [None, datetime.date(2024, 3, 1), None],
        "custom_id": [1, 2, 3],
        "views": [5, 6, 7],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "reports.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 it is not")
    parquet.write_table(pyarrow.table({"body": ["x"]}), tmp_path / "other.parquet")
    batch = Batch([tmp_path / f"{name}.parquet" for name in ("reports", "bad", "other")], tmp_path / "out")
    batch.run()
    assert [(r["source"], r["published"], r["custom_id"]) for r in records(batch.out)] == [
        ("reports.parquet:1", None, "1"),
        ("reports.parquet:2", "2024-03-01", "2"),
        ("reports.parquet:3", None, "3"),
    ]
    failed = {f["source"]: f["reason"] for f in report(batch.out)["failed"]}
    assert failed["other.parquet"] == "it has neither a column text nor html"
    assert failed["bad.parquet"].startswith("it cannot be read as Parquet (")


@pytest.mark.parametrize("as_rows", [False, True])
def test_standard_input(as_rows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'{"text": "Costs rise."}\n{"text": "Costs fall."}\n' if as_rows else b"Costs rise.\nCosts fall.\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    batch = Batch([Path("-")], tmp_path / "out", stdin_rows=as_rows)
    batch.run()
    assert [r["source"] for r in records(batch.out)] == (["stdin:1", "stdin:2"] if as_rows else ["stdin"])
    assert [r["text"] for r in records(batch.out, "statements.jsonl")] == ["Costs rise.", "Costs fall."]


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_text("Costs rise."), daemon=True).start()
    batch = Batch([pipe], tmp_path / "out")
    batch.run()
    assert [r["source"] for r in records(batch.out)] == ["pipe"]


def test_patterns_and_folders_of_rows(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 12)
    (folder / "sub").mkdir()
    rows(folder / "sub" / "rows.jsonl")
    found = expand([folder / "report-00[12].md", folder / "*.pdf", folder / "**x"])
    assert [(item.source, isinstance(item.origin, Path)) for item in found] == [
        ("report-001.md", True),
        ("report-002.md", True),
        (str(folder / "*.pdf"), False),
        (str(folder / "**x"), False),
    ]
    batch = Batch([folder], tmp_path / "out")
    batch.run()
    assert "sub/rows.jsonl:3" in report(batch.out)["done"]
    assert "sub/rows.jsonl:5" in [f["source"] for f in report(batch.out)["failed"]]


def test_the_order_of_inputs_does_not_matter_and_names_are_told_apart(tmp_path: Path) -> None:
    folders = [make_texts(tmp_path / name, 5) for name in ("a", "b")]
    lines = [json.dumps({"text": f"Demand {n} rises.", "source": f"n-{n}"}) for n in range(40)]
    lines += ["{"]
    for name, given in (("a", lines), ("b", [*lines[39::-1], "{"])):
        (tmp_path / name / "rows.jsonl").write_text("\n".join(given), "utf-8")
    one = Batch([folders[0]], tmp_path / "one")
    one.run()
    (tmp_path / "a" / "rows.jsonl").write_text("\n".join([*lines[39::-1], "{"]), "utf-8")
    two = Batch([folders[0]], tmp_path / "two")
    two.run()
    assert output(one.out) == output(two.out)
    forth, back = Batch(folders, tmp_path / "forth"), Batch(folders[::-1], tmp_path / "back")
    forth.run()
    back.run()
    assert output(forth.out) == output(back.out)
    assert {f"{folders[0]}/report-001.md", "n-7"} <= set(report(forth.out)["done"])
    assert {f"{folders[0]}/rows.jsonl:41", f"{folders[1]}/rows.jsonl:41"} == {
        f["source"] for f in report(forth.out)["failed"]
    }
    assert {s["reason"] for s in report(forth.out)["skipped"]} >= {f"the same text as {folders[0]}/report-001.md"}


def test_parquet_holds_what_json_lines_hold(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 40)
    (folder / "report-001.md").rename(folder / os.fsdecode(b"report-\xff.md"))
    plain = Batch([folder], tmp_path / "plain")
    typed = Batch([folder], tmp_path / "typed", format="parquet")
    again = Batch([folder], tmp_path / "again", format="parquet")
    assert plain.run() == typed.run() == again.run()
    assert output(typed.out) == output(again.out)
    for name in (DOCUMENTS, STATEMENTS, FINDINGS):
        table = parquet.read_table(typed.out / f"{name}.parquet")
        assert table.schema == schema_of(name)
        found = table.to_pylist()
        for record in found:
            if name == STATEMENTS:
                record["scores"] = {score["kind"]: score["score"] for score in record["scores"]}
        text = (plain.out / f"{name}.jsonl").read_text("utf-8").replace("\\udcff", "\\\\udcff")
        assert found == [json.loads(line) for line in text.splitlines()]
    assert output(typed.out)["report.json"] == output(plain.out)["report.json"]


def test_the_columns_of_the_tables_are_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "batch.md").read_text("utf-8")
    names = {"int64": "whole", "double": "real", "string": "text"}
    for name in (DOCUMENTS, STATEMENTS, FINDINGS):
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        told = [tuple(line.split(" | ")[:2]) for line in section.splitlines() if line.startswith("| `")]
        columns = [(c.name, names.get(str(c.type), str(c.type).split("<")[0])) for c in schema_of(name)]
        assert told == [(f"| `{column}`", kind.replace("struct", "object")) for column, kind in columns]


def test_parquet_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SettingsError, match=r"pyarrow is not installed. Install it with `pip install 'trendnlp\[parq"):
        table_opener("parquet")
