"""Where each statement stands: a row a statement, brought up to date by the decisions that speak of it.

Functions over an open transaction. The rows follow from the log and the statements alone, so that they can be made
again; a decision reads the log of its statements, never all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from trendnlp.judgement import Entry, Standing, disagreement, standing
from trendnlp.store import effective, reviews, said, state, worth
from trendnlp.store.engine import chunks
from trendnlp.store.schema import documents, findings, members, reviewed, statements
from trendnlp.store.schema import reviews as review_rows
from trendnlp.store.schema_judgements import judgements, reader_verdicts, shifts
from trendnlp.types import OTHER, Analysis

# Whether a rejection everywhere, one that is taken back included, is about the words of a statement.
_SPOKEN_OF = statements.c.words.in_(select(review_rows.c.words).where(review_rows.c.words.is_not(None)))


def follow(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Bring the rows of the statements to their log. Returns those whose kind or aspect is another now."""
    shifted: set[str] = set()
    for chunk in chunks(sorted(set(ids))):
        log = _log(connection, chunk)
        made = {id: standing(log[id]) for id in chunk if id in log}
        before = _given(connection, chunk)
        _replace(connection, chunk, made)
        said.keep(connection, made)
        worth.keep(connection, worth.beside(connection, chunk))
        after = {id: (s.kind, s.aspect) for id, s in made.items()}
        shifted |= _shifted(connection, before, after)
    return frozenset(shifted)


def note(connection: Connection, shifted: Iterable[str], *, binds: bool) -> bool:
    """One more revision of the store where findings may change: by statements whose kind or aspect did, or by what
    consolidation heeds. Counts the claims of their documents anew. Returns whether findings may change.
    """
    moved = sorted(set(shifted))
    if binds:
        state.count_change(connection, None)
    if not moved:
        return binds
    state.count_change(connection, None)  # one of its own, by which it is known to be about statements alone
    revision = state.revision(connection)
    connection.execute(insert(shifts), [{"revision": revision, "statement": id} for id in moved])
    of = statements.c
    numbers: set[int] = set()
    for chunk in chunks(moved):
        numbers.update(connection.execute(select(of.document).where(of.id.in_(chunk))).scalars())
    recount(connection, numbers)
    return True


def recount(connection: Connection, numbers: Iterable[int]) -> None:
    """Count the claims of the documents with these numbers."""
    of = statements.c.document
    counted = select(of, func.count().label("claims")).select_from(statements.outerjoin(judgements, effective.JUDGED))
    counted = counted.where(effective.kind() != OTHER).group_by(of)
    change = update(documents).where(documents.c.seq == bindparam("number")).values(claims=bindparam("counted"))
    for chunk in chunks(sorted(numbers)):
        found = {row.document: row.claims for row in connection.execute(counted.where(of.in_(chunk)))}
        connection.execute(change, [{"number": number, "counted": found.get(number, 0)} for number in chunk])


def saved(connection: Connection, analysis: Analysis) -> None:
    """What people decided before of the statements of a document that has just been saved."""
    if connection.execute(select(judgements.c.statement).limit(1)).first() is None:
        return
    wanted = select(documents.c.seq).where(documents.c.id == analysis.document.id)
    number = connection.execute(wanted).scalar_one()
    of = statements.c
    follow(connection, connection.execute(select(of.id).where(of.document == number, _SPOKEN_OF)).scalars().all())
    recount(connection, [number])


def saying(connection: Connection, words: str | None) -> tuple[str, ...]:
    """Ids of the stored statements with these words, by their digest."""
    if words is None:
        return ()
    return tuple(connection.execute(select(statements.c.id).where(statements.c.words == words)).scalars())


def words_of(connection: Connection, id: str) -> str:
    """The digest of the words of a stored statement."""
    return str(connection.execute(select(statements.c.words).where(statements.c.id == id)).scalar_one())


def rebuild(connection: Connection) -> frozenset[str]:
    """Make all rows anew from the log. Returns the statements whose kind or aspect was not what it comes to."""
    ids = set(connection.execute(select(reviewed.c.statement).distinct()).scalars())
    ids.update(connection.execute(select(judgements.c.statement)).scalars())
    ids.update(connection.execute(select(statements.c.id).where(_SPOKEN_OF)).scalars())
    return follow(connection, ids)


def versions(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Statement id to the number of the last decision that speaks of it, 0 where none does."""
    wanted = sorted(set(ids))
    found = dict.fromkeys(wanted, 0)
    for chunk in chunks(wanted):
        of = judgements.c
        rows = connection.execute(select(of.statement, of.version).where(of.statement.in_(chunk)))
        found.update((row.statement, row.version) for row in rows)
    return found


def finding_versions(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Finding id to the highest version of the statements in it, hidden ones included; without those unknown."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted(set(ids))):
        hidden = connection.execute(select(findings.c.id, findings.c.hidden).where(findings.c.id.in_(chunk))).all()
        of_hidden = versions(connection, (s for row in hidden for s in row.hidden or ()))
        found.update((row.id, max((of_hidden[s] for s in row.hidden or ()), default=0)) for row in hidden)
        joined = select(members.c.finding, func.max(judgements.c.version).label("version"))
        joined = joined.join(judgements, judgements.c.statement == members.c.statement)
        rows = connection.execute(joined.where(members.c.finding.in_(chunk)).group_by(members.c.finding))
        found.update((row.finding, max(row.version, found.get(row.finding, 0))) for row in rows)
    return found


def finally_settled(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of the statements of which an adjudicator spoke, and his review."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(ids))):
        of = judgements.c
        rows = connection.execute(select(of.statement, of.review).where(of.statement.in_(chunk), of.final == 1))
        found.update((row.statement, row.review) for row in rows)
    return found


def _log(connection: Connection, ids: Sequence[str]) -> dict[str, list[Entry]]:
    """The decisions on each statement, those on its words everywhere included."""
    log = reviews.entries(connection, ids)
    of = statements.c
    spoken = connection.execute(select(of.id, of.words).where(of.id.in_(ids), _SPOKEN_OF)).all()
    everywhere = reviews.everywhere(connection, (row.words for row in spoken))
    for row in spoken:
        named = {e.review.id for e in log.get(row.id, ())}
        more = [Entry(r) for r in everywhere[row.words] if r.id not in named]
        if more:
            log[row.id] = sorted((*log.get(row.id, ()), *more), key=lambda e: e.review.number)
    return log


def _given(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    of = judgements.c
    rows = connection.execute(select(of.statement, of.kind, of.aspect).where(of.statement.in_(ids)))
    return {row.statement: (row.kind, row.aspect) for row in rows}


def _replace(connection: Connection, ids: Sequence[str], made: Mapping[str, Standing]) -> None:
    connection.execute(delete(judgements).where(judgements.c.statement.in_(ids)))
    connection.execute(delete(reader_verdicts).where(reader_verdicts.c.statement.in_(ids)))
    rows = [_values(id, found) for id, found in made.items()]
    if rows:
        connection.execute(insert(judgements), rows)
    spoken = [
        {
            "statement": id,
            "reader": v.reader,
            "verdict": v.verdict,
            "blind": int(v.blind),
            "number": v.number,
        }
        for id, found in made.items()
        for v in found.verdicts
    ]
    if spoken:
        connection.execute(insert(reader_verdicts), spoken)


def _values(id: str, found: Standing) -> dict[str, object]:
    return {
        "statement": id,
        "status": found.status.value,
        "version": found.version,
        "kind": found.kind,
        "aspect": found.aspect,
        "tags": list(found.tags),
        "review": found.review,
        "by": found.by,
        "at": found.at,
        "final": int(found.final),
        "disputed": int(not found.final and disagreement(found.verdicts)),
    }


Given = tuple[str | None, str | None]


def _shifted(connection: Connection, before: Mapping[str, Given], after: Mapping[str, Given]) -> set[str]:
    """The stored statements whose kind or aspect is another after than before."""
    nothing: Given = (None, None)
    changed = [id for id in {*before, *after} if before.get(id, nothing) != after.get(id, nothing)]
    found: set[str] = set()
    for chunk in chunks(sorted(changed)):
        of = statements.c
        for row in connection.execute(select(of.id, of.kind, of.aspect).where(of.id.in_(chunk))):
            was, now = (_counts(row.kind, row.aspect, side.get(row.id, nothing)) for side in (before, after))
            if was != now:
                found.add(row.id)
    return found


def _counts(kind: str, aspect: str | None, given: Given) -> Given:
    """The kind and aspect that count of a statement that the model gave these."""
    now = given[0] or kind
    return now, None if now == OTHER else given[1] or aspect
