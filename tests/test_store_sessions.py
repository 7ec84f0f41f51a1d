"""What readers and writers see of each other on a server, and what becomes of a lost connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from builders import make_analysis, make_document
from databases import Server, connected
from sqlalchemy import insert, select, text

from trendnlp.errors import StoreError
from trendnlp.store import Saved, Store
from trendnlp.store.engine import why
from trendnlp.store.schema import changes, documents

PATIENCE = 60  # seconds after which what should happen is taken not to
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as created:
        yield created


def test_a_reader_sees_one_state_and_waits_for_no_writer(url: str) -> None:
    count = select(documents.c.id)
    with Store.open(url) as store, store.database.reading() as connection:
        assert connection.execute(count).all() == []
        store.save(make_analysis("Costs rise."))
        assert connection.execute(count).all() == []
        with store.database.writing() as writer:
            writer.execute(insert(changes), {"revision": 99, "document": None})
            assert store.counts().documents == 1


def test_a_reader_cannot_write(url: str) -> None:
    with (
        Store.open(url) as store,
        pytest.raises(StoreError, match="read-only transaction"),
        store.database.reading() as connection,
    ):
        connection.execute(insert(changes), {"revision": 99, "document": None})


def test_a_writer_waits_for_the_other_and_then_sees_what_it_wrote(url: str) -> None:
    said: list[Saved] = []
    analysis = make_analysis("Costs rise.")
    with Store.open(url) as one, Store.open(url) as other:
        other_writes = threading.Thread(target=lambda: said.append(other.save(analysis)))
        with one.database.writing() as connection:
            other_writes.start()
            deadline = time.monotonic() + PATIENCE
            with connected(url) as watching:
                while not watching.execute(text(WAITING)).scalar() and time.monotonic() < deadline:
                    time.sleep(0.01)
            assert said == []
            connection.execute(text("INSERT INTO state VALUES ('revision', '41')"))
        other_writes.join(PATIENCE)
        assert (said, other.revision()) == ([Saved.ADDED], 42)


def test_a_lost_connection_is_no_error_of_the_next_call(url: str) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with Store.open(url) as store:
        store.save(make_analysis("Costs rise."))
        with connected(url) as connection:
            assert connection.execute(text(f"{others} AND pid <> pg_backend_pid()")).all()
        assert store.save(make_analysis("Demand grows.")) is Saved.ADDED
        assert store.counts().documents == 2


def test_a_writer_that_is_cut_off_leaves_nothing_and_holds_nobody_up(url: str) -> None:
    with Store.open(url) as store:
        with pytest.raises(StoreError), store.database.writing() as connection:
            connection.execute(insert(changes), {"revision": 99, "document": None})
            backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with connected(url) as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        assert store.save(make_analysis("Costs rise.")) is Saved.ADDED
        assert store.revision() == 1


def test_who_waits_too_long_is_told_what_for() -> None:
    assert why(psycopg.errors.LockNotAvailable("canceling")) == "another process has been writing to it for 30 s"


def test_a_server_that_does_not_answer_is_an_error_without_the_password() -> None:
    with pytest.raises(StoreError) as refused:
        Store.open("postgresql://me:secret@127.0.0.1:1/reports")
    assert str(refused.value).startswith("postgresql+psycopg://me:***@127.0.0.1:1/reports: connection failed")
    assert "secret" not in str(refused.value)


def test_texts_are_ordered_by_code_point(url: str) -> None:
    # No other locale than C.UTF-8 need be here; that the columns ask for "C" is a test of the schema.
    names = ["a", "B", "Ä", "_", "a b", "ab", "Z", "z", "é", "中", "🚀", "1", "10", "9"]
    with Store.open(url) as store:
        for name in names:
            store.save(make_analysis(make_document(f"Report of {name}.", source=name)))
        with store.database.reading() as connection:
            found = connection.execute(select(documents.c.source).order_by(documents.c.source)).scalars().all()
            assert found == sorted(names)
            beyond = select(documents.c.source).where(documents.c.source > "Z")
            assert set(connection.execute(beyond).scalars()) == {name for name in names if name > "Z"}
