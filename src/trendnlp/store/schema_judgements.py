"""The tables of review: where each statement stands, readers and their tasks, lists that do not move.

``judgements`` and ``reader_verdicts`` follow from the log of reviews and can be made again from it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from trendnlp.store.schema import AnyText, Json, metadata

# One row for each statement that a decision speaks of; they outlive their statements, as the decisions do.
judgements = Table(
    "judgements",
    metadata,
    Column("statement", AnyText, primary_key=True),
    Column("status", AnyText, nullable=False, index=True),
    Column("version", BigInteger, nullable=False, index=True),
    Column("kind", AnyText),
    Column("aspect", AnyText),
    Column("tags", Json, nullable=False),
    Column("review", AnyText, index=True),
    Column("by", AnyText),
    Column("at", AnyText),
    Column("final", BigInteger, nullable=False),
    Column("disputed", BigInteger, nullable=False, index=True),
    # What the model says of the statement, so that an index counts by it; null where it is not stored now. See said.py.
    Column("said_kind", AnyText),
    Column("said_aspect", AnyText),
    Index("judgements_by_said", "said_kind", "said_aspect", "status", "kind", "aspect"),
)

reader_verdicts = Table(
    "reader_verdicts",
    metadata,
    Column("statement", AnyText, primary_key=True),
    Column("reader", AnyText, primary_key=True, index=True),
    Column("verdict", AnyText, nullable=False),
    Column("blind", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
)

# Who is to read a statement that another has read, without seeing what he said.
assignments = Table(
    "assignments",
    metadata,
    Column("statement", AnyText, primary_key=True),
    Column("reader", AnyText, primary_key=True, index=True),
    Column("by", AnyText, nullable=False),
    Column("at", AnyText, nullable=False),
)

# Statements whose kind or aspect changed by decisions at a revision, so that their findings alone are made again.
shifts = Table(
    "shifts",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", AnyText, primary_key=True),
)

# Lists that stay as they were when they were made: queues, and what a bulk decision was previewed on.
pins = Table(
    "pins",
    metadata,
    Column("token", AnyText, primary_key=True),
    Column("at", AnyText, nullable=False, index=True),
    Column("purpose", AnyText, nullable=False),
    Column("items", Json, nullable=False),
)
