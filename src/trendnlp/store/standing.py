"""How findings stand over time: which are in a state, and how their rates rank. Over an open transaction.

The sources of each finding in the windows of the store's newest month, of those that have begun, are kept in a table of
their own, which is made anew when that month changes and else only where findings change. Until then (a document of a
newer month came, or the month of one that was dated ahead began) the sources are counted as they are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    delete,
    distinct,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from trendnlp.momentum import Momentum, Span, State, Window, Windows, compared, corpus_in, windows
from trendnlp.periods import newest
from trendnlp.store import state
from trendnlp.store.engine import CHUNK, chunks
from trendnlp.store.publication import months
from trendnlp.store.schema import backing, findings, standings

_REFERENCE = "standings reference"
# Counts of sources are packed into one number, so that a query can compare them at once: more documents than this no
# store holds.
_BASE = 2**28
RANK_STEPS = 10_000  # a cursor holds a rank, so ranks are whole numbers
UNRANKED = -1


@dataclass(frozen=True, slots=True)
class Basis:
    """What all states hang on beside each finding's own sources: the newest month of the store, and how many of its
    documents are of each window.
    """

    reference: str
    recent: int
    before: int
    earlier: int


def basis(connection: Connection, this_month: str) -> Basis | None:
    """As of the newest month of the store up to ``this_month``; None where no document has a month."""
    corpus = months(connection, this_month)
    reference = newest(corpus)
    if reference is None:
        return None
    spans = windows(reference)
    return Basis(reference, *(corpus_in(span, corpus) for span in (spans.recent, spans.before, spans.earlier)))


def keep(connection: Connection, changed: Iterable[str], this_month: str) -> None:
    """Bring the kept counts up to date once the findings ``changed`` are written anew, and those that are gone gone."""
    reference = newest(months(connection, this_month))
    if reference is None:
        return
    spans, columns = windows(reference), ["finding", "sources"]
    if state.get(connection, _REFERENCE) == reference:
        for chunk in chunks(changed):
            counted = _from_backing(spans, backing.c.finding.in_(chunk))
            connection.execute(insert(standings).from_select(columns, counted))
        return
    connection.execute(delete(standings))
    connection.execute(insert(standings).from_select(columns, _from_backing(spans)))
    state.put(connection, _REFERENCE, reference)


def in_states(connection: Connection, states: Collection[State], this_month: str) -> ColumnElement[bool]:
    """Whether a finding is in one of ``states``, as of the newest month of the store up to ``this_month``.

    The database counts the sources of each finding; of these counts there are few different ones, and only they are
    judged here.
    """
    found = basis(connection, this_month)
    if found is None:
        return true() if State.INSUFFICIENT in states else false()
    counted = _counted(connection, found.reference).subquery()
    keys = connection.execute(select(counted.c.sources).distinct()).scalars().all()
    # A finding without a dated document is not counted, and its evidence insufficient: then ask for all the others.
    turned = State.INSUFFICIENT in states
    chosen = sorted(key for key in keys if (_state(key, found) in states) is not turned)
    of = [counted.c.sources.in_(chosen[at : at + CHUNK]) for at in range(0, len(chosen), CHUNK)]
    inside = findings.c.id.in_(select(counted.c.finding).where(or_(false(), *of)))
    return not_(inside) if turned else inside


@dataclass(frozen=True, slots=True)
class Momenta:
    """What findings are ranked by: ``counted`` has one row a finding with a dated document, and its ``rank`` is the
    lower bound of its rate ratio in ten-thousandths, below zero where nothing can be said.
    """

    counted: Subquery
    rank: ColumnElement[int]


def momenta(connection: Connection, this_month: str) -> Momenta | None:
    """Ranks as of the newest month of the store up to ``this_month``; None where no document has a month."""
    found = basis(connection, this_month)
    if found is None:
        return None
    counted = _counted(connection, found.reference).subquery()
    keys = connection.execute(select(counted.c.sources).distinct()).scalars().all()
    ranks = {key: _rank(key, found) for key in sorted(keys)}
    rank = case(ranks, value=counted.c.sources, else_=UNRANKED) if ranks else literal(UNRANKED)
    return Momenta(counted, rank)


def state_counts(connection: Connection, chosen: Select[str] | None, this_month: str) -> dict[State, int]:
    """How many findings, of all or of the ``chosen`` ids, are in each state; states of none are left out."""
    of = basis(connection, this_month)
    among = select(func.count()).select_from(findings if chosen is None else chosen.subquery())
    total = connection.execute(among).scalar_one()
    found: Counter[State] = Counter()
    if of is not None:
        counted = _counted(connection, of.reference).subquery()
        query = select(counted.c.sources, func.count().label("n")).group_by(counted.c.sources)
        if chosen is not None:
            query = query.where(counted.c.finding.in_(chosen))
        for row in connection.execute(query):
            found[_state(row.sources, of)] += row.n
    found[State.INSUFFICIENT] += total - found.total()  # those without a dated document
    return {state: found[state] for state in State if found[state]}


def states(connection: Connection, of: Basis | None, among: Collection[str] | None = None) -> dict[str, State]:
    """The state of every finding, or of those that ``among`` names and that are stored, by its id."""
    if among is None:
        return _states(connection, of, None)
    found: dict[str, State] = {}
    for chunk in chunks(sorted(among)):
        found |= _states(connection, of, chunk)
    return found


def _states(connection: Connection, of: Basis | None, among: tuple[str, ...] | None) -> dict[str, State]:
    ids = select(findings.c.id) if among is None else select(findings.c.id).where(findings.c.id.in_(among))
    found = dict.fromkeys(connection.execute(ids).scalars(), State.INSUFFICIENT)
    if of is None:
        return found
    counted = _counted(connection, of.reference).subquery()
    rows = select(counted) if among is None else select(counted).where(counted.c.finding.in_(among))
    of_key: dict[int, State] = {}
    for row in connection.execute(rows):
        if row.sources not in of_key:
            of_key[row.sources] = _state(row.sources, of)
        found[row.finding] = of_key[row.sources]
    return found


def turned(connection: Connection, before: Basis, now: Basis) -> frozenset[str]:
    """Ids of the findings that are in another state on the basis ``now`` than with the same sources ``before``, which
    is of the same month. Of the sources of findings there are few different counts, and only these are judged.
    """
    counted = _counted(connection, now.reference).subquery()
    keys = connection.execute(select(counted.c.sources).distinct()).scalars().all()
    found: set[str] = set()
    for chunk in chunks(key for key in keys if _state(key, before) is not _state(key, now)):
        found.update(connection.execute(select(counted.c.finding).where(counted.c.sources.in_(chunk))).scalars())
    return frozenset(found)


def _counted(connection: Connection, reference: str) -> Select[str, int]:
    """Each finding with a dated document, and its packed counts of sources as of the month ``reference``."""
    if state.get(connection, _REFERENCE) == reference:
        return select(standings.c.finding, standings.c.sources)
    return _from_backing(windows(reference))


def _from_backing(spans: Windows, where: ColumnElement[bool] | None = None) -> Select[str, int]:
    """Each finding with a dated document, and its counts of sources: recent, before, and whether there are earlier."""
    recent, before, earlier = (_sources(span) for span in (spans.recent, spans.before, spans.earlier))
    packed = (recent * _BASE + before) * 2 + case((earlier > 0, 1), else_=0)
    sources = type_coerce(packed, BigInteger)  # a sum of counts would count as 32 bits
    dated: ColumnElement[bool] = backing.c.month.is_not(None)
    chosen = dated if where is None else and_(dated, where)
    return select(backing.c.finding, sources.label("sources")).where(chosen).group_by(backing.c.finding)


def _sources(span: Span) -> ColumnElement[int]:
    month = backing.c.month
    inside = month <= span.last if span.first is None else month.between(span.first, span.last)
    return func.count(distinct(case((inside, backing.c.origin))))


def _state(key: int, of: Basis) -> State:
    return _momentum(key, of).state


def _rank(key: int, of: Basis) -> int:
    found = _momentum(key, of)
    ratio = found.overall if found.state is State.NEW else found.ratio
    return UNRANKED if ratio is None else round(ratio.low * RANK_STEPS)


def _momentum(key: int, of: Basis) -> Momentum:
    counts, earlier = divmod(key, 2)
    recent, before = divmod(counts, _BASE)
    spans = windows(of.reference)
    return compared(
        Window(spans.recent, recent, of.recent),
        Window(spans.before, before, of.before),
        Window(spans.earlier, earlier, of.earlier),
    )
