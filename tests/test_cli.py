"""The command line as its users see it: standard output, standard error, exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from builders import make_analysis, make_claims, make_consolidation
from commands import LIFTS, Answer, plain_environment, records, run, start, write

from trendnlp import __version__
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.store import Store
from trendnlp.types import Analysis

FINDING_KEYS = {
    "id",
    "kind",
    "title",
    "head",
    "members",
    "documents",
    "publishers",
    "sources",
    "joined",
    "first_seen",
    "last_seen",
}
COMMANDS = {
    "extract",
    "ingest",
    "batch",
    "findings",
    "compare",
    "review",
    "runs",
    "diff",
    "train",
    "evaluate",
    "serve",
    "verify",
    "backup",
    "restore",
    "models",
    "doctor",
    "export",
    "openapi",
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
    write(home / "tags.toml", "no taxonomy")
    monkeypatch.setenv("TRENDNLP_TAXONOMY", str(home / "tags.toml"))
    result = run("serve", "--port", "0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"trendnlp: {home}/tags.toml, line 1: "), result.stderr
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
    assert all(finding.id in table for finding in findings)
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


def test_the_workspace_can_be_named_by_a_flag(home: Path) -> None:
    write(home / "lifts.md")
    assert run("--home", "else where?x=1%41", "ingest", "lifts.md").exit_code == 0
    assert (home / "else where?x=1%41" / "trendnlp.sqlite").is_file()
    assert "1 documents" in run("--home", "else where?x=1%41", "findings").stderr
    assert not (home / "home").exists()
    assert "0 documents" in run("--home", "", "findings").stderr
    assert (home / "home" / "trendnlp.sqlite").is_file() and not (home / "trendnlp.sqlite").exists()


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
