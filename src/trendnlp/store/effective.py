"""The kind and aspect that count, as queries see them: what people gave a statement before what the model said."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Label, case, func, null

from trendnlp.standing import Status
from trendnlp.store.schema import statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.types import OTHER

JUDGED = statements.c.id == judgements.c.statement  # of an outer join: most statements have no row

# What people decided, beside the columns of a statement.
JUDGED_COLUMNS: tuple[Label[object], ...] = tuple(
    judgements.c[name].label(f"judged_{name}")
    for name in ("status", "version", "kind", "aspect", "tags", "by", "at", "final")
)


def kind() -> ColumnElement[str]:
    return func.coalesce(judgements.c.kind, statements.c.kind)


def aspect() -> ColumnElement[str | None]:
    return case((kind() == OTHER, null()), else_=func.coalesce(judgements.c.aspect, statements.c.aspect))


def score() -> ColumnElement[float]:
    """Of a kind that a person gave against the model's, 1."""
    overruled = judgements.c.kind.is_not(None) & (judgements.c.kind != statements.c.kind)
    return case((overruled, 1.0), else_=statements.c.score)


def status() -> ColumnElement[str]:
    return func.coalesce(judgements.c.status, Status.PENDING.value)
