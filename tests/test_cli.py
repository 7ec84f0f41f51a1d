"""The command line as its users see it: standard output, standard error, exit codes, and bad input."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from builders import make_analysis, make_claims, make_consolidation
from typer.testing import CliRunner, Result

from trendnlp import __version__
from trendnlp.cli import app
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path
from trendnlp.records import finding_record, statement_record
from trendnlp.store import Store
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
FINDING_KEYS = {
    "id",
    "kind",
    "title",
    "head",
    "members",
    "documents",
    "sources",
    "first_seen",
    "last_seen",
}
LIFTS = """# Lift Market in Portugal

## Growth drivers

Staff: nurses are scarce, which boosts the demand for patient lifts.

## Challenges

High purchase costs keep <small> clinics from buying *lifts*. =1+1 is the sum.
"""
COMMANDS = {
    "extract",
    "ingest",
    "batch",
    "findings",
    "compare",
    "runs",
    "diff",
    "train",
    "evaluate",
    "serve",
    "models",
    "doctor",
}
ENCODERS = ("torch", "sentence_transformers", "transformers", "sklearn")
HEAVY = (*ENCODERS, "scipy", "numpy", "spacy", "fastapi", "sqlalchemy")
LIGHT_SCRIPT = """
import sys, trendnlp.cli
sys.argv = ["trendnlp", *{arguments!r}]
try:
    trendnlp.cli.main()
finally:
    print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@dataclass(frozen=True)
class Answer:
    """What a process said and how it ended."""

    code: int
    out: str
    err: str


def plain_environment(**given: str) -> dict[str, str]:
    """The environment with no TRENDNLP_* setting but the given ones."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TRENDNLP_")} | given


def start(*command: str, cwd: Path | None = None, **given: str) -> Answer:
    """Run Python in a process of its own."""
    environment = plain_environment(**given)
    done = subprocess.run([sys.executable, *command], capture_output=True, cwd=cwd, env=environment, check=False)
    return Answer(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace; for commands run in this process, which need not import torch again."""
    for name in [n for n in os.environ if n.startswith("TRENDNLP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRENDNLP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=input, catch_exceptions=False)


def write(path: Path, text: str = LIFTS) -> Path:
    path.write_text(text, "utf-8")
    return path


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def lifts(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """What ``extract lifts.md`` speaks of."""
    path = write(tmp_path_factory.mktemp("lifts") / "lifts.md")
    return pipeline.analyse(read_path(path, source="lifts.md"))


def expected_records(analysis: Analysis, pipeline: Pipeline) -> list[dict[str, object]]:
    findings = pipeline.consolidate(claims_of(analysis)).findings
    found = {m.statement: f.id for f in findings for m in f.members}
    return [statement_record(s, analysis.document.source, found.get(s.statement.id)) for s in analysis.statements]


def test_help_waits_for_no_heavy_library() -> None:
    answer = start("-X", "utf8", "-c", LIGHT_SCRIPT.format(arguments=["--help"], heavy=HEAVY))
    assert (answer.code, answer.err) == (0, "[]\n")
    assert all(command in answer.out for command in COMMANDS)
    for command in sorted(COMMANDS):
        result = run(command, "--help")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.strip().startswith("Usage:")


def test_the_version_and_no_command() -> None:
    assert (run("--version").exit_code, run("--version").stdout) == (0, f"{__version__}\n")
    nothing = run()
    assert nothing.exit_code == 2
    assert "Usage:" in nothing.output


def test_only_commands_that_encode_load_an_encoder(tmp_path: Path) -> None:
    script = LIGHT_SCRIPT.format(arguments=["findings", "--format", "jsonl"], heavy=ENCODERS)
    answer = start("-c", script, TRENDNLP_HOME=str(tmp_path))
    expected = "0 shown; the workspace holds 0 findings of 0 documents\n[]\n"
    assert answer == Answer(0, "", expected)


def test_the_command_is_declared() -> None:
    (declared,) = entry_points(group="console_scripts", name="trendnlp")
    assert declared.value == "trendnlp.cli:main"


def test_wrong_usage_is_two(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [
        ("nonsense",),
        ("extract",),
        ("extract", "--format", "xml", "a.txt"),
        ("batch", "."),
        ("findings", "--limit", "0"),
        ("serve", "--port", "70000"),
        ("serve", "--host", "0.0.0.0"),
    ]
    for arguments in wrong:
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert result.stderr
    monkeypatch.setenv("TRENDNLP_HOMME", "/srv")
    for arguments in (("findings",), ("extract", "a.txt"), ("ingest", "."), ("doctor",), ("serve",), ("evaluate",)):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert result.stderr.startswith("trendnlp: TRENDNLP_HOMME: no such setting. Known settings: TRENDNLP_ACCURATE")


def test_a_run_that_cannot_begin_is_three(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / "lifts.md")
    (home / "file").touch()
    monkeypatch.setenv("TRENDNLP_HOME", str(home / "file"))
    for arguments in (("findings",), ("ingest", "lifts.md"), ("train", "--corpus", "nowhere", "--out", "out")):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (3, ""), arguments
        assert result.stderr.splitlines()[-1].startswith("trendnlp: ")
    monkeypatch.setenv("TRENDNLP_MODELS", str(home / "nowhere"))
    for arguments in (("extract", "lifts.md"), ("batch", "lifts.md", "--out", "out"), ("evaluate",)):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (3, "")
        assert f"{home}/nowhere/manifest.json: cannot be read (No such file or directory)." in result.stderr
    assert not (home / "out").exists()


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


def test_the_workspace_from_ingest_to_findings(home: Path, lifts: Analysis, pipeline: Pipeline) -> None:
    (home / "in" / "none").mkdir(parents=True)
    write(home / "in" / "lifts.md")
    write(home / "in" / "copy.md")
    write(home / "in" / "empty.txt", "")
    findings = pipeline.consolidate(claims_of(lifts)).findings
    claims = len(lifts.claims)
    first = run("ingest", "in", "in/none", "gone.txt")
    document = lifts.document.id
    holds = f"the workspace holds 1 documents and {len(findings)} findings"
    assert (first.exit_code, first.stdout) == (1, "")
    assert first.stderr.splitlines() == [
        f"[1/5] copy.md: added: 3 statements, {claims} claims",
        "[2/5] empty.txt: failed: it holds nothing but white space. Give a text.",
        f"[3/5] lifts.md: skipped: unchanged, the workspace holds it as {document}",
        "[4/5] in/none: failed: the folder holds no report. "
        "Reports end in .docm, .docx, .htm, .html, .markdown, .md, .pdf, .pptm, .pptx, .text, .txt, .xhtml.",
        "[5/5] gone.txt: failed: no such file. Check the name.",
        f"1 reports added or updated, 1 skipped, 3 failed; {holds}",
    ]
    again = run("ingest", "in/lifts.md")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr.splitlines() == [
        f"[1/1] lifts.md: skipped: unchanged, the workspace holds it as {document}",
        f"0 reports added or updated, 1 skipped, 0 failed; {holds}",
    ]
    listed = records(run("findings", "--format", "jsonl").stdout)
    assert {f["id"]: f["title"] for f in listed} == {f.id: f.title for f in findings}
    assert all(set(f) >= FINDING_KEYS for f in listed)
    kinds = run("findings", "--format", "jsonl", "--kind", "trend", "--kind", "challenge").stdout
    assert [f["id"] for f in records(kinds)] == [f["id"] for f in listed if f["kind"] in ("trend", "challenge")]
    assert records(run("findings", "--format", "jsonl", "--limit", "1").stdout) == listed[:1]
    table = run("findings").stdout
    for found in lifts.claims:
        assert found.statement.text in table


def test_no_complaint_where_the_reader_has_gone(tmp_path: Path) -> None:
    analysis = make_analysis("Nurses are scarce.")
    with Store.open(f"sqlite:///{tmp_path}/trendnlp.sqlite") as store:
        store.save(analysis)
        store.replace_findings(make_consolidation(make_claims([analysis])))
    script = f"{sys.executable} -m trendnlp findings --format jsonl | true"
    environment = plain_environment(TRENDNLP_HOME=str(tmp_path))
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr in ("", "1 shown; the workspace holds 1 findings of 1 documents\n")


def test_training_and_scoring(home: Path) -> None:
    corpus = Path(__file__).parents[1] / "corpus"
    too_small = write(home / "one.txt", "@market lifts\n\nWards buy lifts. ⟦d eco⟧ It rains. ⟦x⟧\n").parent
    result = run("train", "--corpus", str(too_small), "--out", str(home / "models"), "--epochs", "1")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "texts, split by market) has fewer than two kinds. Add labelled texts of other markets." in result.stderr
    missing = run("evaluate", "--corpus", str(corpus), "--data", str(home))
    assert missing.exit_code == 3
    assert f"{home}/real_dev/documents.jsonl: cannot be read (No such file or directory)" in missing.stderr


def test_what_a_text_holds_cannot_move_the_cursor(home: Path) -> None:
    write(home / "evil.txt", "Lift Market\n\nGrowth drivers\n\nNurses are \x1b[2Jscarce \u202eand \x9bbeds dear.\n")
    for format in ("table", "md", "csv"):
        result = run("extract", "evil.txt", "--all", "--format", format)
        assert result.exit_code == 0
        assert not set("\x1b\x9b\u202e") & set(result.stdout)
        assert "[2Jscarce and beds dear" in result.stdout.replace("\\", "")


def test_the_workspace_can_be_named_by_a_flag(home: Path) -> None:
    write(home / "lifts.md")
    assert run("--home", "else where?x=1%41", "ingest", "lifts.md").exit_code == 0
    assert (home / "else where?x=1%41" / "trendnlp.sqlite").is_file()
    assert "1 documents" in run("--home", "else where?x=1%41", "findings").stderr
    assert not (home / "home").exists()


def test_ingest_reads_standard_input(home: Path) -> None:
    result = run("ingest", "-", input=LIFTS)
    assert (result.exit_code, result.stderr.splitlines()[0].split(":")[0]) == (0, "[1/1] stdin")


def test_a_kind_that_the_models_do_not_know_is_wrong_usage(home: Path) -> None:
    result = run("findings", "--kind", "chalenge")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--kind: 'chalenge' is none of the models'" in result.stderr


def test_an_output_folder_that_cannot_be_is_told_before_the_work(home: Path) -> None:
    write(home / "lifts.md")
    write(home / "taken")
    result = run("batch", "lifts.md", "--out", "taken")
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "trendnlp: taken: File exists\n")
