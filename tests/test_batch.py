"""A folder of reports into four files, the same bytes however the folder came about."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from batch_fakes import NAMES, Batch, FakePipeline, output

from trendnlp.batch import (
    Input,
    Step,
    Summary,
    consolidate_all,
    expand,
    json_line,
    read_input,
    run_shard,
    statement_records,
)
from trendnlp.build import artefact, model_name
from trendnlp.cli.batch import run as run_batch
from trendnlp.cli.options import BatchOptions
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits
from trendnlp.settings import Settings
from trendnlp.types import Analysis, Document, Failure, Metadata, Skipped

LIFTS = """# Lift Market in Portugal

## Growth drivers

Nurses are scarce, which boosts the demand for patient lifts.

## Challenges

High purchase costs keep small clinics from buying lifts.
"""
FILES = {
    "a/lifts.md": LIFTS.encode(),
    "a/beds.txt": b"Bed Market\n\nGrowth drivers\n\nNurses are scarce, which boosts demand for patient lifts.\n",
    "b/copy.md": LIFTS.encode(),
    "b/empty.txt": b"\n\n",
    "c.HTML": b"<h1>Cot Market</h1><h2>Trends</h2><p>Families increasingly rent cots.</p>",
    "notes.xlsx": b"PK",
}
GERMAN = (
    "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen bezahlen inzwischen die "
    "Hälfte des Preises für jedes neue Gerät, das auf einer Station eingebaut wird."
)
HIDDEN = ".work"


def run(settings: Settings, source: Path, out: Path) -> int:
    return run_batch(settings, BatchOptions((source,), out))


def make_folder(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
    return folder


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_four_files(pipeline: Pipeline, tmp_path: Path) -> None:
    folder, out = make_folder(tmp_path / "in", list(FILES)), tmp_path / "new" / "out"
    assert run(Settings(), folder, out) == 1
    assert sorted(p.name for p in out.iterdir()) == [HIDDEN, *NAMES]
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["done"] == ["a/beds.txt", "a/lifts.md", "c.HTML"]
    assert [s["source"] for s in report["skipped"]] == ["b/copy.md", "notes.xlsx"]
    assert report["skipped"][0]["reason"] == "the same text as a/lifts.md"
    assert report["skipped"][1]["reason"].startswith("not a format that is read")
    assert report["failed"] == [
        {"source": "b/empty.txt", "reason": "it holds nothing but white space", "remedy": "Give a text."}
    ]
    name = model_name(artefact(Settings()), Settings())
    assert report["models"] == {
        name: pipeline.model.digest,
        "encoder": pipeline.matcher.encoder.digest,
        "matcher": pipeline.matcher.digest,
    }
    assert set(report["settings"]) == {"version", "threshold", "max_bytes", "max_characters"}
    assert [d["source"] for d in lines(out / "documents.jsonl")] == report["done"]
    statements = lines(out / "statements.jsonl")
    assert [s["text"] for s in statements] == [
        "Nurses are scarce, which boosts demand for patient lifts.",
        "Nurses are scarce, which boosts the demand for patient lifts.",
        "High purchase costs keep small clinics from buying lifts.",
        "Families increasingly rent cots.",
    ]
    findings = {f["id"]: f for f in lines(out / "findings.jsonl")}
    for statement in statements:
        assert (statement["finding"] is None) == (statement["kind"] == "other")
        if statement["finding"] is not None:
            assert statement["id"] in {m["statement"] for m in findings[statement["finding"]]["members"]}


def test_the_same_bytes_however_the_folder_was_filled(pipeline: Pipeline, tmp_path: Path) -> None:
    names = list(FILES)
    one = Batch([make_folder(tmp_path / "first", names)], tmp_path / "one", pipeline)
    one.run()
    random.Random(3).shuffle(names)
    two = Batch([make_folder(tmp_path / "second", names)], tmp_path / "two", pipeline)
    two.run()
    two.run()
    assert output(one.out) == output(two.out)


def test_one_report_and_one_that_is_missing(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in", list(FILES))
    one = Batch([folder / "c.HTML"], tmp_path / "out", pipeline)
    assert one.run() == Summary(done=1, skipped=0, failed=0, findings=1)
    assert [d["source"] for d in lines(one.out / "documents.jsonl")] == ["c.HTML"]
    missing = Batch([folder / "nowhere.txt"], tmp_path / "none", pipeline)
    assert missing.run() == Summary(done=0, skipped=0, failed=1, findings=0)
    assert output(missing.out)["documents.jsonl"] == b""


def test_documents_in_another_order_have_the_same_findings(pipeline: Pipeline, tmp_path: Path) -> None:
    inputs = expand([make_folder(tmp_path, ["a/lifts.md", "a/beds.txt", "c.HTML"])])
    seen: list[Step] = []
    forth = run_shard(inputs, pipeline, Limits(), seen.append)
    back = run_shard(inputs[::-1], pipeline, Limits(), seen.append)
    assert [s.outcome for s in seen] == [*forth, *back]
    assert forth == back[::-1]
    analyses = [o for o in forth if isinstance(o, Analysis)]
    consolidation = consolidate_all(analyses, pipeline)
    assert consolidate_all(analyses[::-1], pipeline) == consolidation
    records = list(statement_records(analyses, consolidation))
    assert sorted(map(json_line, statement_records(analyses[::-1], consolidation))) == sorted(map(json_line, records))


def test_a_folder_stands_for_its_reports_in_the_order_of_names(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in", list(FILES))
    (folder / "nowhere.txt").symlink_to("gone.txt")
    (folder / "sub.txt").mkdir()
    assert [i.source for i in expand([folder])] == [
        "a/beds.txt",
        "a/lifts.md",
        "b/copy.md",
        "b/empty.txt",
        "c.HTML",
        "notes.xlsx",
        "nowhere.txt",
    ]
    assert expand([folder / "notes.xlsx"]) == (Input("notes.xlsx", folder / "notes.xlsx"),)


def test_what_cannot_be_read_is_a_failure_and_the_others_go_on(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    good = make_folder(tmp_path, ["a/beds.txt"]) / "a" / "beds.txt"
    paths = [tmp_path / "empty", tmp_path / ("n" * 300), good, tmp_path / "gone.txt"]
    outcomes = run_shard(expand(paths), pipeline, Limits(max_bytes=100), lambda step: None)
    assert outcomes[0] == Failure(
        str(tmp_path / "empty"),
        "the folder holds no report",
        "Reports end in .docm, .docx, .htm, .html, .markdown, .md, .pdf, .pptm, .pptx, .text, .txt, .xhtml.",
    )
    assert outcomes[1] == Failure("n" * 300, "it cannot be read (File name too long)", "Check the name.")
    assert isinstance(outcomes[2], Analysis)
    assert outcomes[3] == Failure("gone.txt", "no such file", "Check the name.")
    large = Input("large", b"x" * 101)
    copy = Input("copy", good)
    assert run_shard([Input("beds", good), copy, large], pipeline, Limits(max_bytes=100), lambda step: None)[1:] == (
        Skipped("copy", "the same text as beds"),
        Failure("large", "it is larger than 100 bytes", "Split it, or raise TRENDNLP_MAX_BYTES."),
    )


def test_a_copy_of_what_could_not_be_analysed_is_analysed(tmp_path: Path) -> None:
    def before(document: Document) -> None:
        if document.source == "a":
            raise MemoryError("no room")

    path = tmp_path / "beds.txt"
    path.write_bytes(FILES["a/beds.txt"])
    pipeline: Any = FakePipeline(before)
    inputs = [Input(name, path) for name in ("a", "b", "c")]
    failed, done, copy = run_shard(inputs, pipeline, Limits(), lambda step: None)
    assert failed == Failure("a", "unexpected MemoryError: no room", "This is a fault in trendnlp: report it.")
    assert isinstance(done, Analysis) and done.document.source == "b"
    assert copy == Skipped("c", "the same text as b", done.document.id)


def test_a_line_of_json_survives_any_name() -> None:
    record: dict[str, object] = {"source": 'b\udcff \u2028\n"é"', "text": "市🏥"}
    line = json_line(record)
    assert "\n" not in line and "市🏥" in line
    assert json.loads(line.encode("utf-8")) == record


def test_in_a_batch_it_is_a_failure_of_that_report_alone(tmp_path: Path) -> None:
    path = tmp_path / "lifter.txt"
    path.write_text(GERMAN, "utf-8")
    refused = read_input(Input("lifter.txt", path), Limits())
    assert isinstance(refused, Failure) and refused.reason == "written in German (de), only English is read"
    forced = read_input(Input("lifter.txt", path), Limits(), Metadata(language="en"))
    assert isinstance(forced, Document)
    assert forced.warnings == ("read as English, as was asked for; it seems to be in German (de)",)
