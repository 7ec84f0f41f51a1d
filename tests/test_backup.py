"""Backup and restore of a workspace, also while another process writes to it; and what ``verify`` finds."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from builders import make_analysis, make_claims, make_consolidation
from click.testing import Result
from commands import plain_environment, run

from trendnlp.review import Constraints
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, Store
from trendnlp.store.pages import PageRequest
from trendnlp.types import Analysis, Finding, Member

# Stores document after document, each in one transaction and with the findings of all, until it is killed.
WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from builders import make_analysis, make_claims, make_consolidation
from trendnlp.store import Store
store = Store.open(sys.argv[1])
for number in range(10**6):
    analysis = make_analysis(f"# Lifts\\nNurses are scarce here. Report {number} says so. Beds sell well.")
    store.save(analysis)
    store.replace_findings(make_consolidation(store.claims()))
    print(number, flush=True)
"""


def filled(home: Path, *texts: str) -> Path:
    """A workspace with a document of each text, and their findings."""
    with Store.open(Settings(home=home).store_url) as store:
        for text in texts:
            store.save(make_analysis(text))
        store.replace_findings(make_consolidation(store.claims()))
    return home


def contents(home: Path) -> tuple[list[Analysis], tuple[Finding, ...], Constraints, int]:
    """All that a workspace holds of documents, statements and findings."""
    with Store.open(Settings(home=home).store_url) as store:
        ids = [item.id for item in store.documents(PageRequest(500)).items]
        return (
            [store.analysis(id) for id in ids],
            store.findings(FindingFilter(), PageRequest(500)).items,
            store.constraints(),
            store.revision(),
        )


def members_by_finding(findings: Iterable[Finding]) -> dict[str, tuple[Member, ...]]:
    return {finding.id: finding.members for finding in findings}


def repacked(archive: Path, **changed: object) -> Path:
    """The archive with some of its manifest's fields changed."""
    with tarfile.open(archive) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changed).encode()
    path = archive.with_name("changed.tar")
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_a_workspace_that_is_written_to_is_copied_as_it_was_at_one_moment(tmp_path: Path) -> None:
    url = Settings(home=tmp_path / "busy").store_url
    archive = tmp_path / "busy.tar"
    command = [sys.executable, "-c", WRITER, url, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=plain_environment(), text=True) as writer:
        assert writer.stdout is not None
        try:
            while int(writer.stdout.readline()) < 5:
                pass
            backup = run("--home", str(tmp_path / "busy"), "backup", str(archive))
            restore = run("--home", str(tmp_path / "again"), "restore", str(archive))
            verified = run("--home", str(tmp_path / "again"), "verify")
            copied = contents(tmp_path / "again")
            while int(writer.stdout.readline()) <= len(copied[0]):  # it went on
                pass
        finally:
            writer.kill()
    busy = contents(tmp_path / "busy")

    assert (backup.exit_code, restore.exit_code) == (0, 0), backup.stderr + restore.stderr
    assert (verified.exit_code, verified.stdout) == (0, "")
    analyses, rest = copied[0], busy[0]
    assert 5 < len(analyses) < len(rest) and all(analysis in rest for analysis in analyses)
    found = members_by_finding(copied[1])
    # between a document, the newest of which comes first, and its findings there is a moment
    of_all, of_older = (make_consolidation(make_claims(some)).findings for some in (analyses, analyses[1:]))
    assert found in (members_by_finding(of_all), members_by_finding(of_older))


def test_every_database_of_the_workspace_comes_back(tmp_path: Path) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce.")
    with closing(sqlite3.connect(home / "jobs.sqlite")) as jobs:
        jobs.execute("CREATE TABLE jobs (id TEXT)")
        jobs.execute("INSERT INTO jobs VALUES ('job_1')")
        jobs.commit()
    (home / "notes.txt").write_text("stays here", "utf-8")
    assert run("--home", str(home), "backup", str(tmp_path / "all.tar")).exit_code == 0
    assert run("--home", str(tmp_path / "new"), "restore", str(tmp_path / "all.tar")).exit_code == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["jobs.sqlite", "trendnlp.sqlite"]
    assert contents(tmp_path / "new") == contents(home)
    with closing(sqlite3.connect(tmp_path / "new" / "jobs.sqlite")) as jobs:
        assert jobs.execute("SELECT id FROM jobs").fetchall() == [("job_1",)]
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0


def test_what_is_there_is_replaced_only_when_told_and_then_kept(tmp_path: Path) -> None:
    first = filled(tmp_path / "first", "Nurses are scarce.")
    other = filled(tmp_path / "other", "Beds sell well. Lifts too.")
    with closing(sqlite3.connect(other / "jobs.sqlite")) as jobs:
        jobs.execute("CREATE TABLE jobs (id TEXT)")
    archive, wanted, before = tmp_path / "first.tar", contents(first), contents(other)
    assert run("--home", str(first), "backup", str(archive)).exit_code == 0
    written = archive.read_bytes()

    again = run("--home", str(other), "backup", str(archive))
    refused = run("--home", str(other), "restore", str(archive))
    assert (again.exit_code, refused.exit_code) == (3, 3)
    assert archive.read_bytes() == written and contents(other) == before
    assert "give --replace" in again.stderr and "the workspace is not empty" in refused.stderr

    replaced = run("--home", str(other), "restore", str(archive), "--replace")
    assert replaced.exit_code == 0, replaced.stderr
    assert contents(other) == wanted
    kept = {path.name.split(".before-")[0]: path for path in other.iterdir() if ".before-" in path.name}
    assert set(kept) == {"jobs.sqlite", "trendnlp.sqlite"} and not (other / "jobs.sqlite").exists()
    assert all(str(path) in replaced.stderr for path in kept.values())
    (tmp_path / "kept").mkdir()
    kept["trendnlp.sqlite"].rename(tmp_path / "kept" / "trendnlp.sqlite")
    assert contents(tmp_path / "kept") == before


def test_what_a_dead_process_left_beside_the_store_is_not_played_into_the_restored_one(tmp_path: Path) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce.")
    archive, wanted = tmp_path / "a.tar", contents(home)
    assert run("--home", str(home), "backup", str(archive)).exit_code == 0
    # a writer that is killed: what it wrote stands in the WAL alone
    store, wal = home / "trendnlp.sqlite", home / "trendnlp.sqlite-wal"
    with closing(sqlite3.connect(store)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE later (n INTEGER)")
        writer.executemany("INSERT INTO later VALUES (?)", [(n,) for n in range(2000)])
        writer.commit()
        left = wal.read_bytes()
    store.unlink()
    wal.write_bytes(left)
    restored = run("--home", str(home), "restore", str(archive), "--replace")
    assert restored.exit_code == 0, restored.stderr
    assert contents(home) == wanted
    (aside,) = home.glob("trendnlp.sqlite-wal.before-*")
    assert aside.read_bytes() == left


def test_a_damaged_store_can_be_replaced(tmp_path: Path) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce.")
    archive, wanted = tmp_path / "a.tar", contents(home)
    assert run("--home", str(home), "backup", str(archive)).exit_code == 0
    (home / "trendnlp.sqlite").write_bytes(b"no database" * 1000)
    restored = run("--home", str(home), "restore", str(archive), "--replace")
    assert restored.exit_code == 0, restored.stderr
    assert contents(home) == wanted


def test_neighbours_of_a_store_elsewhere_are_let_be(tmp_path: Path) -> None:
    def on(url: str, *arguments: str) -> Result:
        return run("--home", str(tmp_path / "home"), "--database-url", url, *arguments)

    home = filled(tmp_path / "made", "Nurses are scarce.")
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a.db", "b.sqlite"):
        shutil.copy(home / "trendnlp.sqlite", data / name)
    with closing(sqlite3.connect(data / "a-jobs.db")) as jobs:
        jobs.execute("CREATE TABLE jobs (id TEXT)")
    url = f"sqlite:///{data}/a.db"
    assert on(url, "backup", str(tmp_path / "a.tar")).exit_code == 0
    before = (data / "b.sqlite").read_bytes()
    for name in ("a.db", "a-jobs.db"):
        (data / name).unlink()
    assert on(url, "restore", str(tmp_path / "a.tar")).exit_code == 0
    assert (data / "b.sqlite").read_bytes() == before
    left = sorted(path.name for path in data.iterdir() if ".before-" not in path.name)
    assert left == ["a-jobs.db", "a.db", "b.sqlite"]


def test_a_workspace_in_use_is_not_replaced(tmp_path: Path) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce.")
    assert run("--home", str(home), "backup", str(tmp_path / "a.tar")).exit_code == 0
    with Store.open(Settings(home=home).store_url) as store:
        store.counts()
        result = run("--home", str(home), "restore", str(tmp_path / "a.tar"), "--replace")
        assert store.counts().documents == 1
    assert result.exit_code == 3 and "a process has it open. Stop the service" in result.stderr
    assert [p.name for p in home.iterdir() if "before" in p.name or "restore" in p.name] == []


def test_an_archive_that_is_not_whole_changes_nothing(tmp_path: Path) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce.")
    archive = tmp_path / "a.tar"
    assert run("--home", str(home), "backup", str(archive)).exit_code == 0
    data = archive.read_bytes()
    digest = {"name": "trendnlp.sqlite", "bytes": (home / "trendnlp.sqlite").stat().st_size, "sha256": "0" * 64}
    bad = {
        "cut": data[: len(data) // 2],
        "one bit": data[:9000] + bytes([data[9000] ^ 1]) + data[9001:],
        "empty": b"",
        "text": b"Nurses are scarce. " * 1000,
        "another digest": repacked(archive, parts=[digest]).read_bytes(),
        "a path": repacked(archive, store="../x", parts=[digest | {"name": "../x"}]).read_bytes(),
        "a log": repacked(archive, parts=[digest, digest | {"name": "trendnlp.sqlite-wal"}]).read_bytes(),
        "newer": repacked(archive, form=2).read_bytes(),
        "odd": repacked(archive, parts="all").read_bytes(),
    }
    for name, content in bad.items():
        archive.write_bytes(content)
        result = run("--home", str(tmp_path / "new"), "restore", str(archive))
        assert result.exit_code == 3, name
        assert "it is no whole archive of trendnlp" in result.stderr, name
        assert not (tmp_path / "new").exists() or list((tmp_path / "new").iterdir()) == [], name
    assert not (tmp_path / "x").exists()


def test_what_cannot_be_copied_is_told(tmp_path: Path) -> None:
    nothing = run("--home", str(tmp_path / "none"), "backup", str(tmp_path / "a.tar"))
    server = run("--database-url", "postgresql://me:secret@db/x", "backup", str(tmp_path / "a.tar"))
    assert (nothing.exit_code, server.exit_code) == (3, 3)
    assert "there is no workspace" in nothing.stderr
    assert "pg_dump" in server.stderr and "secret" not in server.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    for command in (("verify",), ("copy-workspace", "--to", f"sqlite:///{tmp_path}/other.sqlite")):
        found = run("--home", str(tmp_path / "typo"), *command)
        assert found.exit_code == 3 and "there is no workspace" in found.stderr, found.stderr
    assert not (tmp_path / "typo" / "trendnlp.sqlite").exists() and not (tmp_path / "other.sqlite").exists()


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("UPDATE documents SET text = 'Nurses are scarcX. Beds sell well.'", {"its id is not that of its text"}),
        ("UPDATE statements SET start = start + 1", {"its id is not that of its place"}),
        ("UPDATE documents SET claims = claims + 1", {"the list of documents counts other statements than it has"}),
        ("UPDATE members SET document = 'doc_x'", {"it gives a member another document than the statement's"}),
        ("UPDATE findings SET documents = 7", {"it counts other documents than its members have"}),
        ("UPDATE findings SET head = 'st_x'", {"its head is not its first member"}),
        ("DELETE FROM vectors", {"a claim without a vector"}),
        ("DELETE FROM findings", {"a claim that stands in no finding"}),
    ],
)
def test_verify_finds_what_is_wrong(tmp_path: Path, change: str, faults: set[str]) -> None:
    home = filled(tmp_path / "home", "Nurses are scarce. Beds sell well.", "Nurses are scarce. Lifts sell well.")
    assert run("--home", str(home), "verify").exit_code == 0
    with closing(sqlite3.connect(home / "trendnlp.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(change)
        connection.commit()
    result = run("--home", str(home), "verify")
    told = {line.split(": ", 1)[1] for line in result.stdout.splitlines()}
    assert result.exit_code == 1, result.stdout
    assert told >= faults
