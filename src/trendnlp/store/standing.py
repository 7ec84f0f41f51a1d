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
from trendnlp.periods import MonthCount, newest
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
    corpus = months(connection, this_month)
    reference = newest(corpus)
    if reference is None:
        return true() if State.INSUFFICIENT in states else false()
    spans = windows(reference)
    counted = _counted(connection, reference).subquery()
    keys = connection.execute(select(counted.c.sources).distinct()).scalars().all()
    # A finding without a dated document is not counted, and its evidence insufficient: then ask for all the others.
    turned = State.INSUFFICIENT in states
    chosen = sorted(key for key in keys if (_state(key, spans, corpus) in states) is not turned)
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
    corpus = months(connection, this_month)
    reference = newest(corpus)
    if reference is None:
        return None
    spans = windows(reference)
    counted = _counted(connection, reference).subquery()
    keys = connection.execute(select(counted.c.sources).distinct()).scalars().all()
    ranks = {key: _rank(key, spans, corpus) for key in sorted(keys)}
    rank = case(ranks, value=counted.c.sources, else_=UNRANKED) if ranks else literal(UNRANKED)
    return Momenta(counted, rank)


def state_counts(connection: Connection, chosen: Select[str] | None, this_month: str) -> dict[State, int]:
    """How many findings, of all or of the ``chosen`` ids, are in each state; states of none are left out."""
    corpus = months(connection, this_month)
    reference = newest(corpus)
    among = select(func.count()).select_from(findings if chosen is None else chosen.subquery())
    total = connection.execute(among).scalar_one()
    found: Counter[State] = Counter()
    if reference is not None:
        spans = windows(reference)
        counted = _counted(connection, reference).subquery()
        query = select(counted.c.sources, func.count().label("n")).group_by(counted.c.sources)
        if chosen is not None:
            query = query.where(counted.c.finding.in_(chosen))
        for row in connection.execute(query):
            found[_state(row.sources, spans, corpus)] += row.n
    found[State.INSUFFICIENT] += total - found.total()  # those without a dated document
    return {state: found[state] for state in State if found[state]}


def states(connection: Connection, this_month: str) -> dict[str, State]:
    """The state of every finding, by its id, as of the newest month of the store up to ``this_month``."""
    corpus = months(connection, this_month)
    found = dict.fromkeys(connection.execute(select(findings.c.id)).scalars(), State.INSUFFICIENT)
    reference = newest(corpus)
    if reference is None:
        return found
    spans = windows(reference)
    of_key: dict[int, State] = {}
    for row in connection.execute(_counted(connection, reference)):
        if row.sources not in of_key:
            of_key[row.sources] = _state(row.sources, spans, corpus)
        found[row.finding] = of_key[row.sources]
    return found


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


def _state(key: int, spans: Windows, corpus: tuple[MonthCount, ...]) -> State:
    return _momentum(key, spans, corpus).state


def _rank(key: int, spans: Windows, corpus: tuple[MonthCount, ...]) -> int:
    found = _momentum(key, spans, corpus)
    ratio = found.overall if found.state is State.NEW else found.ratio
    return UNRANKED if ratio is None else round(ratio.low * RANK_STEPS)


def _momentum(key: int, spans: Windows, corpus: tuple[MonthCount, ...]) -> Momentum:
    counts, earlier = divmod(key, 2)
    recent, before = divmod(counts, _BASE)
    sources = ((spans.recent, recent), (spans.before, before), (spans.earlier, earlier))
    return compared(*(Window(span, count, corpus_in(span, corpus)) for span, count in sources))
