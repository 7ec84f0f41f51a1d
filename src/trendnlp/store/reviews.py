"""The log of people's decisions: adding to it, and reading it. Functions over an open transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Select, func, insert, select

from trendnlp.actions import BINDING, Action, Reading
from trendnlp.errors import NotFound
from trendnlp.judgement import Entry
from trendnlp.review import Constraints, Review, effective, undone
from trendnlp.standing import Said
from trendnlp.store.engine import chunks
from trendnlp.store.rows import review_of, review_values
from trendnlp.store.schema import reviewed, reviews, statements

# One decision may name thousands of statements: who asks for one of them does not read them all.
_LIGHT = tuple(c for c in reviews.columns if c.name != "statements")


def append(connection: Connection, review: Review, said: Mapping[str, Said] | None = None) -> None:
    """Add a record, with what the model ``said`` of its statements; None for what it says now."""
    connection.execute(insert(reviews), {"seq": review.number, **review_values(review)})
    said = said_of(connection, review.statements) if said is None else said
    rows = [
        {"statement": id, "review": review.number, **_said_values(said.get(id))} for id in sorted(review.statements)
    ]
    connection.execute(insert(reviewed), rows)


def said_of(connection: Connection, ids: Iterable[str]) -> dict[str, Said]:
    """What the model says of those of the statements that are stored."""
    of = statements.c
    found: dict[str, Said] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = connection.execute(select(of.id, of.kind, of.score, of.aspect, of.model).where(of.id.in_(chunk)))
        found.update((row.id, Said(row.kind, row.score, row.aspect, row.model)) for row in rows)
    return found


def _said_values(said: Said | None) -> Mapping[str, object]:
    return {name: said and getattr(said, name) for name in ("kind", "score", "aspect", "model")}


def next_number(connection: Connection) -> int:
    return last_number(connection) + 1


def last_number(connection: Connection) -> int:
    """Of the last record, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(reviews.c.seq), 0))).scalar_one())


def one(connection: Connection, id: str) -> Review:
    row = connection.execute(select(reviews).where(reviews.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(id, "no such review", "List the reviews for the ids there are.")
    return review_of(row)


def binding(connection: Connection, actions: Sequence[Action] = BINDING, after: int = 0) -> tuple[Review, ...]:
    """The reviews of ``actions``, by default all that consolidation heeds, and their undos, oldest first; only those
    that came ``after`` that number.
    """
    return _read(connection, select(reviews).where(reviews.c.about.in_(actions), reviews.c.seq > after))


def constraints(connection: Connection) -> Constraints:
    """What stands of them."""
    return effective(binding(connection))


def everywhere(connection: Connection, words: Iterable[str]) -> dict[str, list[Review]]:
    """The rejections everywhere of these words and their undos, oldest first, by the digest of the words."""
    found: dict[str, list[Review]] = defaultdict(list)
    for chunk in chunks(sorted(set(words))):
        for review in _read(connection, select(reviews).where(reviews.c.words.in_(chunk))):
            found[review.words or ""].append(review)
    return dict(found)


def entries(connection: Connection, ids: Sequence[str]) -> dict[str, list[Entry]]:
    """The reviews that name each of some statements, oldest first and without the statements they name, with what the
    model said then. As many ids as fit into one query.
    """
    said = [reviewed.c[name].label(f"said_{name}") for name in ("kind", "score", "aspect", "model")]
    query = select(reviewed.c.statement.label("of"), *said, *_LIGHT).join_from(reviewed, reviews)
    found: dict[str, list[Entry]] = defaultdict(list)
    # Sorted here: asked for an order, SQLite goes through all reviews rather than those of the statements.
    rows = connection.execute(query.where(reviewed.c.statement.in_(ids))).all()
    for row in sorted(rows, key=lambda row: row.seq):
        told = row.said_model and Said(row.said_kind, row.said_score, row.said_aspect, row.said_model)
        found[row.of].append(Entry(review_of(row, ()), told))
    return dict(found)


def about(connection: Connection, ids: Iterable[str], after: int = 0) -> tuple[Review, ...]:
    """The reviews that name any of the statements, oldest first; only those that came ``after`` that number."""
    found: dict[int, Review] = {}
    for chunk in chunks(sorted(set(ids))):
        of = select(reviewed.c.review).where(reviewed.c.statement.in_(chunk), reviewed.c.review > after)
        rows = connection.execute(select(reviews).where(reviews.c.seq.in_(of)))
        found.update((row.seq, review_of(row)) for row in rows)
    return tuple(found[number] for number in sorted(found))


def is_final(connection: Connection, review: Review) -> bool:
    """Whether it is an adjudicator's, or takes such a one back or makes it again."""
    while review.undoes is not None:
        review = one(connection, review.undoes)
    return review.reading is Reading.FINAL


def is_undone(connection: Connection, review: Review) -> str | None:
    """The id of the undo that takes ``review`` back now, if any."""
    # An undo names the statements of what it takes back.
    log = [e.review for e in entries(connection, review.statements[:1]).get(review.statements[0], ())]
    gone = undone(log)
    return next((r.id for r in reversed(log) if r.undoes == review.id and r.id not in gone), None)


def taken_back(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the reviews with these ``ids`` that are undone."""
    wanted = frozenset(ids)
    undos: dict[str, Review] = {}
    asked = sorted(wanted)
    while asked:  # an undo can be undone
        chosen = [select(*_LIGHT).where(reviews.c.undoes.in_(chunk)) for chunk in chunks(asked)]
        found = [review_of(row, ()) for query in chosen for row in connection.execute(query)]
        asked = sorted({r.id for r in found} - undos.keys())
        undos.update((r.id, r) for r in found)
    return undone(sorted(undos.values(), key=lambda r: r.number)) & wanted


def standing(connection: Connection, actions: Sequence[Action]) -> dict[str, tuple[str, ...]]:
    """The reviews of these actions that are not taken back: id to statements."""
    log = _read(connection, select(reviews).where(reviews.c.about.in_(actions)))
    gone = undone(log)
    return {r.id: r.statements for r in log if r.action is not Action.UNDO and r.id not in gone}


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[Review, ...]:
    return tuple(map(review_of, connection.execute(query.order_by(reviews.c.seq))))
