"""The store's file: opening, migrating, several writers, and death in the middle of a write."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from builders import make_analysis, make_document
from sqlalchemy import create_engine

from trendnlp.actions import Action, Scope
from trendnlp.errors import SchemaError, StoreError
from trendnlp.review import Draft
from trendnlp.store import Counts, QueueRequest, Saved, Store, database
from trendnlp.store.engine import SEARCHED, create_search
from trendnlp.store.migrate import MIGRATIONS
from trendnlp.store.schema import REVISIONS, metadata
from trendnlp.types import Fact, FactKind

TESTS = Path(__file__).parent
SIZE = Fact(FactKind.SIZE, 26, 47, "EUR 4 million in 2023", 4.0, None, 10**6, "EUR", None, 2023, "lift market")

# Saves documents without end, each of 2,000 statements, and says so before each.
ENDLESS = """
import sys
from itertools import count
from builders import make_analysis
from trendnlp.store import Store
store = Store.open(sys.argv[1])
for n in count():
    analysis = make_analysis(f"Report {n} of {sys.argv[2]}. " * 2000)
    print(analysis.document.id, flush=True)
    store.save(analysis)
"""

# Saves 20 small documents, each twice, and prints what the store said.
TWENTY = """
import sys
from builders import make_analysis
from trendnlp.store import Store
with Store.open(sys.argv[1]) as store:
    for n in range(20):
        analysis = make_analysis(f"Report {n} of {sys.argv[2]}.")
        print(store.save(analysis), store.save(analysis))
"""


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def start(program: str, path: Path, name: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-W", "error", "-c", program, url_of(path), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def structure_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Columns, foreign keys and indexes of every table. A step that adds a column writes it after the constraints, so
    that the texts of the tables differ where nothing else does."""
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: dict[str, list[tuple[object, ...]]] = {}
    for name in sorted(n for n in names if "alembic" not in n):
        columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
        keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        indexes = [
            (*index[1:], *connection.execute(f"PRAGMA index_info({index[1]})").fetchall())
            for index in connection.execute(f"PRAGMA index_list({name})").fetchall()
        ]
        found[name] = [*columns, *sorted(keys), *sorted(indexes)]
    others = "SELECT type, name, sql FROM sqlite_master WHERE type != 'table' OR sql LIKE 'CREATE VIRTUAL%'"
    found["others"] = sorted(row for row in connection.execute(others).fetchall() if "alembic" not in row[1])
    connection.close()
    return found


def schema_of(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    connection.close()
    return sorted(tuple(" ".join(field.split()) for field in row) for row in rows if "alembic" not in row[2])


def test_a_fresh_schema_is_a_migrated_one(tmp_path: Path) -> None:
    Store.open(url_of(tmp_path / "migrated.sqlite")).close()
    engine = create_engine(url_of(tmp_path / "fresh.sqlite"))
    with engine.begin() as connection:
        metadata.create_all(connection)
        for indexed in SEARCHED:
            create_search(connection, indexed)
    engine.dispose()
    assert structure_of(tmp_path / "migrated.sqlite") == structure_of(tmp_path / "fresh.sqlite")


ACCESS = ("sessions", "api_keys", "deliveries", "events", "webhooks", "told")


def take_back(path: Path) -> None:
    """Make the schema of a store the first one."""
    connection = sqlite3.connect(path)
    columns = {
        "statements": ("page", "box"),
        "documents": ("language",),
        "findings": ("hidden", "publishers", "market", "geography"),
    }
    for name in ("market", "geography", "aspect", "kind"):
        connection.execute(f"DROP INDEX findings_by_{name}")
    for table, names in columns.items():
        for name in names:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    reviewing, sourcing = (
        ("lineage", "reviewed", "reviews"),
        ("sketches", "fingerprints", "copies", "backing", "joins", "standings"),
    )
    serving = ("job_payloads", "job_items", "job_shards", "jobs", "workers", "kept_answers", *ACCESS)
    judging = ("judgements", "reader_verdicts", "assignments", "shifts", "pins")
    for table in (
        "facts",
        "ledger",
        *reviewing,
        "changes",
        "verdicts",
        *sourcing,
        "tags",
        "snapshots",
        *serving,
        *judging,
    ):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DROP INDEX documents_by_date")
    for index in ("words", "worth"):
        connection.execute(f"DROP INDEX statements_by_{index}")
    for column in ("uncertainty", "draw", "words", "worth"):
        connection.execute(f"ALTER TABLE statements DROP COLUMN {column}")
    connection.execute("UPDATE documents SET content = 'of a row without facts'")
    connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.commit()
    connection.close()


def test_a_store_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    analysis = make_analysis(make_document("The lift market was worth EUR 4 million in 2023.", facts=(SIZE,)))
    with Store.open(url_of(path)) as store:
        store.save(analysis)
    take_back(path)
    with Store.open(url_of(path)) as store:
        old = store.analysis(analysis.document.id)
        assert old.statements == analysis.statements
        assert (old.document.facts, old.document.metadata.language) == ((), None)
        assert store.save(analysis) is Saved.UPDATED  # the digest heeds the facts, so that saving again brings them in
        assert store.document(analysis.document.id) == analysis.document


def test_a_store_from_before_places_keeps_its_documents(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    analysis = make_analysis("Costs rise. Demand grows.")
    with Store.open(url_of(path)) as store:
        store.save(analysis)
    take_back(path)
    with Store.open(url_of(path)) as store:
        assert store.analysis(analysis.document.id) == analysis
        made = store.judging.queue(QueueRequest(), 10).items
        assert [item.worth.value for item in made] == [0.2344, 0.2344]
        id = analysis.statements[0].statement.id
        store.add_review(Draft(Action.REJECT, (id,), "Ann", Scope.EVERYWHERE))
        copy = make_analysis("It is so. Costs  RISE.")
        store.save(copy)
        assert store.statement(copy.statements[1].statement.id).judgement is not None


def test_the_code_knows_every_migration(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(steps)) == REVISIONS
    Store.open(url_of(tmp_path / "s.sqlite")).close()
    engine = create_engine(url_of(tmp_path / "s.sqlite"))
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == REVISIONS[-1]
    engine.dispose()


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b" / "100% 'märkte' #1.sqlite"
    with Store.open(url_of(path)) as store:
        store.save(make_analysis("Costs rise."))
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with Store.open(url_of(path)) as store:
        assert store.counts() == Counts(1, 1, 1, 0)


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store.open(url_of(path)).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaError, match=r"its schema \(9999\) is not known .* Install a newer trendnlp"):
        Store.open(url_of(path))


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="it is the database of another program"):
        Store.open(url_of(path))
    assert schema_of(path) == [("table", "bookmarks", "bookmarks", "CREATE TABLE bookmarks (url TEXT)")]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "the database URL: it is not a database URL"),
        ("findings.sqlite", "the database URL: it is not a database URL"),
        ("postgresql://me:secret@127.0.0.1:1/x", r"psycopg://me:\*\*\*@127\.0\.0\.1:1/x: connection failed"),
        ("postgresql+asyncpg://me:secret@db/x", r"//me:\*\*\*@db/x: postgresql\+asyncpg is not supported"),
        ("sqlite+aiosqlite:///x.sqlite", "aiosqlite is not supported"),
        ("sqlite://", "a store needs a file of its own"),
        ("sqlite:///:memory:", "a store needs a file of its own"),
        ("sqlite:///{folder}", "it is a folder"),
        ("sqlite:///{folder}/text.txt", "file is not a database"),
        ("sqlite:///{folder}/text.txt/store.sqlite", "its folder cannot be made"),
        ("sqlite:////proc/no/store.sqlite", "its folder cannot be made"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path, url: str, reason: str) -> None:
    (tmp_path / "text.txt").write_text("Not a database, but long enough to be looked at as one. " * 20)
    with pytest.raises(StoreError, match=reason):
        Store.open(url.format(folder=tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="unable to open database file"):
        Store.open(url_of(tmp_path / "s.sqlite"))


def test_a_damaged_file_is_an_error_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store.open(url_of(path)) as store:
        store.save(make_analysis("Costs rise. " * 2000))
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    with pytest.raises(StoreError, match=r"malformed|not a database"), Store.open(url_of(path)) as store:
        store.claims()


def test_processes_that_open_and_write_at_once_all_succeed(tmp_path: Path) -> None:
    writers = [start(TWENTY, tmp_path / "s.sqlite", name) for name in ("a", "b", "c")]
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        assert (writer.returncode, output) == (0, "added unchanged\n" * 20)
    with Store.open(url_of(tmp_path / "s.sqlite")) as store:
        assert store.counts() == Counts(60, 60, 60, 0)


def test_threads_share_a_store(tmp_path: Path) -> None:
    said: list[Saved] = []
    with Store.open(url_of(tmp_path / "s.sqlite")) as store:

        def work(name: int) -> None:
            for n in range(5):
                said.append(store.save(make_analysis(f"Report {n} of {name}.")))
                said.append(store.save(make_analysis("The same report.")))
                store.claims()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.counts() == Counts(101, 101, 101, 0)
    assert (said.count(Saved.ADDED), said.count(Saved.UNCHANGED)) == (101, 99)


def test_threads_wait_for_a_stuck_writer_so_long_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    told: list[str] = []

    def save(name: str) -> None:
        try:
            store.save(make_analysis(f"Report {name}."))
        except StoreError as error:
            told.append(str(error))

    with Store.open(url_of(tmp_path / "store.sqlite")) as store:
        waiting = [threading.Thread(target=save, args=(str(number),)) for number in range(3)]
        with store.database.writing():
            for thread in waiting:
                thread.start()
            for thread in waiting:
                thread.join(60)
            assert store.counts().documents == 0  # who reads does not wait
        reason = "another thread of this process has been writing to it for 0.2 s"
        assert told == [f"{store.database.name}: {reason}. Try again later."] * 3
        assert store.save(make_analysis("Report 4.")) is Saved.ADDED


def test_a_writer_that_is_killed_leaves_whole_documents(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    for n in range(4):
        writer = start(ENDLESS, path, str(n))
        assert writer.stdout is not None
        announced = [writer.stdout.readline().strip() for _ in range(2)]
        time.sleep(0.02 + 0.06 * n)  # into the second save, each time further
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        with Store.open(url_of(path)) as store:
            stored = [d.id for d in store.documents().items]
            assert announced[0] in stored
            assert all(len(store.analysis(id).statements) == 2000 for id in stored)
            assert store.counts() == Counts(len(stored), 2000 * len(stored), 1000 * len(stored), 0)
            assert len(store.claims()) == 1000 * len(stored)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.execute("INSERT INTO statements_search(statements_search, rank) VALUES ('integrity-check', 1)")
    connection.close()
