"""The schema on both kinds of database: made, brought up to date from every earlier one, and refused where it is
another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import EMPTY, KINDS, Server, connected, is_server
from sqlalchemy import Connection, MetaData, Table, insert, inspect, text

from trendnlp.errors import SchemaError, StoreError
from trendnlp.store import Store
from trendnlp.store.database import Database
from trendnlp.store.engine import SEARCHED, create_search, is_index, make_engine
from trendnlp.store.migrate import TARGET, migrate
from trendnlp.store.schema import REVISIONS, metadata

RELEASED = REVISIONS[: REVISIONS.index("0008") + 1]
NOW = "2024-03-12T12:00:00+00:00"


def structure(connection: Connection) -> dict[str, Any]:
    """Columns with their types and collations, keys and indexes of every table, as the database tells them."""
    seen = inspect(connection)
    found: dict[str, Any] = {}
    for name in sorted(n for n in seen.get_table_names() if n != "alembic_version"):
        columns = {c["name"]: (repr(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(name)}
        indexes = sorted((i["name"] or "", tuple(i["column_names"]), i["unique"]) for i in seen.get_indexes(name))
        unique = sorted(tuple(u["column_names"]) for u in seen.get_unique_constraints(name))
        keys = sorted(
            (*k["constrained_columns"], k["referred_table"], *k["referred_columns"], *sorted(k["options"].items()))
            for k in seen.get_foreign_keys(name)
        )
        primary = tuple(seen.get_pk_constraint(name)["constrained_columns"])
        found[name] = (columns, primary, keys, unique, indexes)
    return found


@pytest.fixture(params=KINDS)
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite'}"
    else:
        with request.getfixturevalue("postgres").database(EMPTY) as created:
            yield created


def write(url: str, work: Callable[[Connection], object]) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        work(connection)
    engine.dispose()


def test_a_fresh_schema_is_a_migrated_one(bare: str) -> None:
    Database.migrate(bare).close()
    with connected(bare) as connection:
        migrated = structure(connection)
        own = [name for name in migrated if name in metadata.tables]
        texts = {t for name in own for t, *_ in migrated[name][0].values() if t.startswith("TEXT")}
        assert texts == {"TEXT(collation='C')" if is_server(bare) else "TEXT()"}

    def remake(connection: Connection) -> None:
        seen = MetaData()
        seen.reflect(connection, only=lambda name, _: not is_index(name) and name != "alembic_version")
        for indexed in SEARCHED:
            connection.execute(text(f"DROP TABLE {indexed}_search"))
        seen.drop_all(connection)
        metadata.create_all(connection)
        for indexed in SEARCHED:
            create_search(connection, indexed)

    write(bare, remake)
    with connected(bare) as connection:
        assert structure(connection) == migrated


@pytest.mark.parametrize("revision", RELEASED)
def test_a_database_of_an_earlier_schema_is_brought_up_to_date(bare: str, revision: str) -> None:
    def make(connection: Connection) -> None:
        migrate(connection, revision)
        documents = Table("documents", MetaData(), autoload_with=connection)
        row = {c.name: "" if str(c.type) == "TEXT" else 0 for c in documents.c if not c.nullable and c.name != "seq"}
        known = {"id": "doc_1", "source": "r.txt", "format": "text", "text": "Costs rise.", "added": NOW}
        connection.execute(insert(documents), row | known | {"blocks": "[]", "warnings": "[]"})
        connection.execute(text("INSERT INTO state VALUES ('revision', '1'), ('cursor key', '\"00ff\"')"))

    write(bare, make)
    assert Database.schema_at(bare) == revision
    if is_server(bare):
        with pytest.raises(SchemaError, match=rf"\({revision}\) is behind .* run trendnlp migrate once"):
            Store.open(bare)
        assert Database.schema_at(bare) == revision
        Database.migrate(bare).close()
    with Store.open(bare) as store:
        assert (store.document("doc_1").text, store.revision()) == ("Costs rise.", 1)
    assert Database.schema_at(bare) == TARGET


def test_a_server_is_left_as_it_is_until_someone_migrates_it(postgres: Server) -> None:
    with postgres.database(EMPTY) as url:
        with pytest.raises(SchemaError, match=r"it is empty\. Stop what uses it, and run trendnlp migrate once"):
            Store.open(url)
        assert Database.schema_at(url) is None
        Database.migrate(url).close()
        with Store.open(url) as store:
            assert store.counts().documents == 0


def test_a_newer_schema_and_another_programs_database_are_left_alone(postgres: Server) -> None:
    with postgres.database() as url:
        write(url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
        for how in (Store.open, Database.migrate, Database.schema_at):
            with pytest.raises(SchemaError, match=r"its schema \(9999\) is not known .* Install a newer trendnlp"):
                how(url)
    with postgres.database(EMPTY) as url:
        write(url, lambda c: c.execute(text("CREATE TABLE bookmarks (url text)")))
        with pytest.raises(StoreError, match="it is the database of another program"):
            Database.migrate(url)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: Server) -> None:
    with (
        postgres.database("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'") as url,
        pytest.raises(StoreError, match="its encoding is LATIN1, not UTF8"),
    ):
        Database.migrate(url)
