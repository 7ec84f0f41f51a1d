"""The tables, as the queries see them. The migrations make them; a test holds the two together."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

# Every schema that this code can open or bring up to date, oldest first: the ids of the files in migrations/versions.
REVISIONS = tuple(f"{number:04}" for number in range(1, 17))

# Data link escape, U+0010. It opens a text that is stored as JSON; a text that opens with it is stored as JSON too.
ESCAPE = "\x10"

# Made once: json.dumps makes one for every value.
ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


class AnyText(TypeDecorator[str]):
    """Any Python text, exactly: lone surrogates (file names have them) and NULs, which databases refuse, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None or storable(value) else ESCAPE + json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(ESCAPE):
            return value
        return str(json.loads(value[len(ESCAPE) :]))


class Json(TypeDecorator[Any]):
    """Lists, texts and numbers as compact ASCII JSON. Floats come back bit for bit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value or "null")


def storable(text: str) -> bool:
    """Whether ``text`` can be stored as it is."""
    if text.startswith(ESCAPE) or "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


metadata = MetaData()


def _sequence() -> Column[int]:
    # SQLite numbers its rows only in a column that is declared INTEGER, which there has 64 bits.
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


documents = Table(
    "documents",
    metadata,
    _sequence(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("source", AnyText, nullable=False),
    Column("format", AnyText, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("blocks", Json, nullable=False),
    Column("title", AnyText),
    Column("market", AnyText),
    Column("geography", AnyText),
    Column("period", AnyText),
    Column("publisher", AnyText),
    Column("published", AnyText),
    Column("warnings", Json, nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("statements", BigInteger, nullable=False),
    Column("claims", BigInteger, nullable=False),
    Column("added", AnyText, nullable=False),
    Column("content", AnyText, nullable=False),
    Column("labels", AnyText, nullable=False),
    Column("language", AnyText),
    # Counting documents by date must not drag their texts through memory.
    Index("documents_by_date", "published"),
    # A number is never given twice, so a cursor that stands on a deleted document stays true.
    sqlite_autoincrement=True,
)

statements = Table(
    "statements",
    metadata,
    _sequence(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("headings", Json, nullable=False),
    Column("lead_in", AnyText),
    Column("kind", AnyText, nullable=False),
    Column("score", Double, nullable=False),
    Column("alt", AnyText, nullable=False),
    Column("scores", Json, nullable=False),
    Column("aspect", AnyText),
    Column("model", AnyText, nullable=False),
    Column("page", BigInteger),
    Column("box", Json),
    # What follows from the id, the text and the scores, kept to choose and order by; see triage.py and review.py.
    # The worth hangs on the finding and the decisions on it too; see worth.py.
    Column("uncertainty", BigInteger, nullable=False, server_default="0"),
    Column("draw", Double, nullable=False, server_default="0"),
    Column("words", AnyText, nullable=False, server_default=""),
    Column("worth", BigInteger, nullable=False, server_default="0"),
    Index("statements_in_order", "document", "position"),
    Index("statements_by_words", "words"),
    # holds all that a queue is chosen and ordered by
    Index("statements_by_worth", text("worth DESC"), "id", "draw", "kind", "aspect", "score", "document"),
    Index("statements_by_kind", "kind", "aspect"),
    sqlite_autoincrement=True,
)

# Apart from the statements: a scan of the statements does not drag 1.5 kB of vector a row through memory.
vectors = Table(
    "vectors",
    metadata,
    Column("statement", ForeignKey("statements.id", ondelete="CASCADE"), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

# What a document is compared by; a document without a row has not been compared with the others yet.
sketches = Table(
    "sketches",
    metadata,
    Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True),
    Column("fingerprints", BigInteger, nullable=False),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Of a pair of copies, ``document`` was compared later.
copies = Table(
    "copies",
    metadata,
    Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True),
    Column("other", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True, index=True),
    Column("share", Double, nullable=False),
    Column("jaccard", Double, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", AnyText, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("amount", Double),
    Column("upto", Double),
    Column("scale", BigInteger, nullable=False),
    Column("currency", AnyText),
    Column("since", BigInteger),
    Column("year", BigInteger),
    Column("subject", AnyText),
)

findings = Table(
    "findings",
    metadata,
    _sequence(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("kind", AnyText, nullable=False),
    Column("aspect", AnyText),
    Column("title", AnyText, nullable=False),
    Column("head", AnyText, nullable=False),
    Column("documents", BigInteger, nullable=False),
    Column("sources", BigInteger, nullable=False),
    Column("first_seen", AnyText),
    Column("last_seen", AnyText),
    Column("size", BigInteger, nullable=False),
    Column("hidden", Json),
    Column("publishers", BigInteger, nullable=False, server_default="0"),
    Column("market", AnyText),
    Column("geography", AnyText),
    Index("findings_in_order", "documents", "size", "id"),
    # each property is counted from an index alone
    Index("findings_by_kind", "kind"),
    Index("findings_by_aspect", "aspect"),
    Index("findings_by_market", "market"),
    Index("findings_by_geography", "geography"),
    sqlite_autoincrement=True,
)

members = Table(
    "members",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", ForeignKey("statements.id"), nullable=False, unique=True),
    Column("document", AnyText, nullable=False, index=True),
    Column("source", AnyText, nullable=False),
    Column("similarity", Double, nullable=False),
    Column("reason", AnyText, nullable=False),
)

# The documents of findings: which are one source (the same origin), and what periods and filters count.
backing = Table(
    "backing",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("document", AnyText, nullable=False),
    Column("origin", BigInteger, nullable=False),
    Column("publisher", AnyText),
    Column("month", AnyText),
    Index("backing_by_month", "month", "finding"),
    Index("backing_by_document", "document"),
    Index("backing_by_publisher", "publisher", "finding", "document"),
)

# How many sources a finding has in each window of the store's newest month, packed into one number; see standing.py.
standings = Table(
    "standings",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("sources", BigInteger, nullable=False),
    Index("standings_by_sources", "sources", "finding"),
)

# Why documents of a finding are one source.
joins = Table(
    "joins",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("a", AnyText, nullable=False),
    Column("b", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("share", Double),
    Column("words", BigInteger),
)

# Why members stand together (apart = 0), and why the nearest other statements do not (apart = 1).
ledger = Table(
    "ledger",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("apart", BigInteger, nullable=False),
    Column("statement", AnyText, nullable=False, index=True),
    Column("other", AnyText, nullable=False, index=True),
    Column("relation", AnyText, nullable=False),
    Column("ground", AnyText, nullable=False),
    Column("band", AnyText, nullable=False),
    Column("cosine", Double, nullable=False),
    Column("score", Double),
    Column("threshold", Double, nullable=False),
    Column("guards", Json, nullable=False),
    Column("model", AnyText, nullable=False),
    Column("review", AnyText),
    Column("run", AnyText),
    # which findings are contested
    Index("ledger_by_relation", "apart", "relation", "finding"),
    # what the next run records
    Index("ledger_without_run", "finding", sqlite_where=text("run IS NULL"), postgresql_where=text("run IS NULL")),
)

# Statements that stood in a finding which is no more, or which has lost them: where its id leads to now.
lineage = Table(
    "lineage",
    metadata,
    Column("finding", AnyText, primary_key=True),
    Column("statement", AnyText, primary_key=True, index=True),
)

# What people decided, in the order in which they did; rows are added, never changed. They outlive their statements.
reviews = Table(
    "reviews",
    metadata,
    _sequence(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("action", AnyText, nullable=False, index=True),
    Column("statements", Json, nullable=False),
    Column("value", AnyText),
    Column("by", AnyText, nullable=False),
    Column("at", AnyText, nullable=False, index=True),
    Column("undoes", AnyText, index=True),
    Column("reading", AnyText, nullable=False, server_default="open"),
    Column("words", AnyText, index=True),
    Column("about", AnyText, nullable=False, index=True, server_default=""),
    sqlite_autoincrement=True,
)

# The statements of each review, to find its reviews by, and what the model said of them then.
reviewed = Table(
    "reviewed",
    metadata,
    Column("statement", AnyText, primary_key=True),
    Column("review", BigInteger, ForeignKey("reviews.seq"), primary_key=True, autoincrement=False, index=True),
    Column("kind", AnyText),
    Column("score", Double),
    Column("aspect", AnyText),
    Column("model", AnyText),
)

tags = Table(
    "tags",
    metadata,
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("name", AnyText, nullable=False),
    Column("key", AnyText, nullable=False, index=True),
    Column("origin", AnyText, nullable=False),
    Column("score", Double, nullable=False),
    Index("tags_by_key", "key", "name", "finding"),
)

runs = Table(
    "runs",
    metadata,
    _sequence(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("started", AnyText, nullable=False),
    Column("finished", AnyText, nullable=False),
    Column("run", Json, nullable=False),
    sqlite_autoincrement=True,
)

# What a run left behind: all of it (whole = 1), or what changed since the run before.
snapshots = Table(
    "snapshots",
    metadata,
    Column("run", BigInteger, ForeignKey("runs.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("whole", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# The document that each revision of the store is about, null where a review came: what changed since one is found
# without reading the rest.
changes = Table(
    "changes",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("document", AnyText),
)

# What was said of pairs of statements, by a digest of all that it depends on: a process that starts asks none again.
verdicts = Table(
    "verdicts",
    metadata,
    Column("pair", LargeBinary, primary_key=True),
    Column("rule", AnyText, nullable=False),
    Column("verdict", Json, nullable=False),
)

# Single facts of the whole store: the key of the cursors, the revision, the last consolidation.
state = Table("state", metadata, Column("name", AnyText, primary_key=True), Column("value", Json, nullable=False))
