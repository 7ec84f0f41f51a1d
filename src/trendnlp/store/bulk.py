"""One decision on all statements that match a filter. Functions over an open transaction."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func

from trendnlp.actions import ACTIONS, MANY, Scope
from trendnlp.errors import BadReview, Conflict
from trendnlp.review import Draft, Review
from trendnlp.store import decisions, documents, judgements, listing
from trendnlp.store.pages import StatementFilter
from trendnlp.store.pins import pin, pinned
from trendnlp.store.schema import statements
from trendnlp.store.schema_judgements import judgements as rows
from trendnlp.types import OTHER, LabelledStatement

SAMPLES = 10
_BULK = "preview"
NOTHING = "st_of_a_preview"  # stands for what a preview has yet to find


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk decision would reach. ``token`` pins the statements and their versions for a day."""

    token: str
    count: int
    samples: tuple[LabelledStatement, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The one record of a bulk decision. ``left_out`` are the statements that went or were decided on meanwhile, or
    that an adjudicator settled.
    """

    review: Review
    left_out: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement and its version."""

    id: str
    version: int


def matching(connection: Connection, filter: StatementFilter) -> list[Seen]:
    """What matches now, in the order of the list."""
    version = func.coalesce(rows.c.version, 0).label("version")
    chosen = listing.chosen_statements(filter, statements.c.id, version)
    ordered = chosen.order_by(statements.c.document, statements.c.position)
    return [Seen(row.id, row.version) for row in connection.execute(ordered)]


def preview(connection: Connection, draft: Draft, filter: StatementFilter, now: datetime) -> Preview:
    """What ``draft``, whose statements are yet to be found, would reach; raises BadReview where it ties statements."""
    terms = ACTIONS[draft.action]
    if terms.most < MANY or draft.scope is not Scope.STATEMENT:
        names = ", ".join(action for action, of in ACTIONS.items() if of.most == MANY)
        raise BadReview(str(draft.action), "is no decision on many statements", f"Use one of {names}, on statements.")
    found = matching(connection, filter)
    if terms.claims:
        labelled = documents.by_id(connection, [s.id for s in found])
        found = [s for s, of in zip(found, labelled, strict=True) if of.label.kind != OTHER]
    shown = random.Random(len(found)).sample(found, min(SAMPLES, len(found)))
    token = pin(connection, _BULK, [[s.id, s.version] for s in found], now)
    return Preview(token, len(found), documents.by_id(connection, [s.id for s in shown]))


def apply(connection: Connection, draft: Draft, token: str, at: str) -> Applied:
    """Decide on the statements of a preview; raises NotFound, Conflict where none of them is left."""
    return on(connection, draft, [Seen(*item) for item in pinned(connection, _BULK, token)], at)


def on(connection: Connection, draft: Draft, seen: Sequence[Seen], at: str) -> Applied:
    """Decide on those of the statements that are as they were ``seen``; raises Conflict where none is."""
    ids = [s.id for s in seen]
    here, now = documents.stored_statements(connection, ids), judgements.versions(connection, ids)
    settled = judgements.finally_settled(connection, ids)
    same = tuple(s.id for s in seen if s.id in here and now[s.id] == s.version and s.id not in settled)
    if not same:
        reason = "none of its statements is as it was" if seen else "no statement matches"
        raise Conflict(str(draft.action), reason, "Look at the preview again.")
    reached = replace(draft, statements=same)
    review = decisions.decide(connection, reached, at, decisions.NOTHING_SEEN)
    return Applied(review, len(seen) - len(same))
