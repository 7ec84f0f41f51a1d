"""``trendnlp findings --why A B``: why two statements stand in one finding, or apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from trendnlp.batch import json_line
from trendnlp.build import load_matcher
from trendnlp.cli.ids import head_of
from trendnlp.cli.output import one_line
from trendnlp.consolidate import copies_of
from trendnlp.errors import SettingsError
from trendnlp.records import Record, reason_of, verdict_record
from trendnlp.relations import Ground, LedgerEntry, Relation, Verdict
from trendnlp.rulings import Decided, among, decided
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import Claim, LabelledStatement

# Of a pair that no ledger tells of, whether it was ever compared is not known.
NOT_JOINED = "{}; but the rest of the two findings is not the same, or neither was among the other's nearest"


def run(settings: Settings, a: str, b: str, format: str) -> int:
    with Store.open(settings.store_url) as store:
        ids = [head_of(store, id) for id in (a, b)]
        if ids[0] == ids[1]:
            raise SettingsError("--why", f"both are the statement {ids[0]}", "Name two statements, or two findings.")
        pair = store.statements_by_id(ids)
        places = store.finding_of(ids)
        entry = store.ledger_entry(*ids)
        people = _people(store, ids[0], ids[1])
        where = [places.get(id) for id in ids]
        together = where[0] is not None and where[0] == where[1]
        ledger = store.finding(str(where[0])).ledger if together and entry is None else ()
    verdict, model = (_turned(entry, ids[0]), entry.model) if entry else _now(settings, pair)
    if people and entry is None:
        verdict = replace(verdict, relation=people.relation, ground=Ground.PERSON)
    separate = None not in where and not together and verdict.relation is Relation.SAME and not people
    alone = reason_of(verdict)
    if separate:
        verdict = replace(verdict, ground=Ground.LINKAGE)
    reviews = people.reviews if people else ()
    record: Record = {
        "statement": ids[0],
        "other": ids[1],
        "findings": where,
        "together": together,
        **verdict_record(verdict),
        "model": model,
        "review": entry.review if entry else None,
        "run": entry.run if entry else None,
        "reviews": list(reviews),
        "stored": entry is not None,
    }
    if separate and entry is None:
        record["reason"] = NOT_JOINED.format(alone)
    if together and verdict.relation is not Relation.SAME and not people:
        way = _way(ledger, ids[0], ids[1])
        by_way = f", by way of {', '.join(way)}" if way else ""
        record["reason"] = f"{alone}; but the pairs of their finding are the same on average, or by a person{by_way}"
    if format == "jsonl":
        print(json_line(record))
    else:
        print("\n".join((_text(record, pair, verdict, where), *_decided_by(reviews))))
    return 0


def _people(store: Store, a: str, b: str) -> Decided | None:
    """What decisions in force come to: those on statements that findings are made of, and on copies of ``a`` and ``b``
    as much as on themselves.
    """
    constraints = store.constraints()
    spoken = {a, b, *(id for tie in (*constraints.must, *constraints.cannot) for id in (tie.a, tie.b))}
    hidden = spoken.intersection(choice.statement for choice in constraints.hidden)
    present = store.stored_texts(hidden).keys() | store.finding_of(spoken).keys()
    if not {a, b} <= present:
        return None
    claims = [
        Claim(labelled, labelled.statement.document, "", None, None)
        for labelled in store.statements_by_id(sorted(present))
    ]
    return decided(among(constraints, present), a, b, copies_of(claims, constraints))


def _way(ledger: Sequence[LedgerEntry], a: str, b: str) -> tuple[str, ...]:
    """The fewest members between ``a`` and ``b`` of which each is the same as the next; none where the ledger does not
    lead from one to the other.
    """
    ties: dict[str, list[str]] = {}
    for entry in ledger:
        ties.setdefault(entry.statement, []).append(entry.other)
        ties.setdefault(entry.other, []).append(entry.statement)
    ways: dict[str, tuple[str, ...]] = {a: ()}
    waiting = deque([a])
    while waiting and b not in ways:
        here = waiting.popleft()
        for other in ties.get(here, []):
            if other not in ways:
                ways[other] = (*ways[here], here)
                waiting.append(other)
    return ways.get(b, ())[1:]


def _now(settings: Settings, pair: tuple[LabelledStatement, ...]) -> tuple[Verdict, str]:
    """The ledger keeps the nearest pairs alone; any other is compared afresh."""
    matcher = load_matcher(settings)
    return matcher.compare_labelled(*pair), matcher.digest


def _turned(entry: LedgerEntry, first: str) -> Verdict:
    """The verdict seen from ``first``."""
    return entry.verdict if entry.statement == first else entry.verdict.turned()


def _text(record: Record, pair: tuple[LabelledStatement, ...], verdict: Verdict, findings: Sequence[str | None]) -> str:
    lines = [f"{name}  {s.statement.id}  {one_line(s.statement.text)}" for name, s in zip("AB", pair, strict=True)]
    none = [name for name, finding in zip("AB", findings, strict=True) if finding is None]
    apart = f"{' and '.join(none)} in no finding" if none else "in two findings"
    where = "in one finding" if record["together"] else apart
    score = "not asked" if verdict.score is None else f"{verdict.score:.4f}"
    lines += [
        f"{verdict.relation}, {where}: {one_line(str(record['reason']))}",
        f"cosine {verdict.cosine:.4f}, judge {score}, threshold {verdict.threshold:.4f}, band {verdict.band}, "
        f"model {str(record['model'])[:12]}",
    ]
    if record["run"]:
        lines.append(f"recorded by run {record['run']}")
    return "\n".join(lines)


def _decided_by(reviews: Sequence[str]) -> tuple[str, ...]:
    return (f"decided by {', '.join(reviews)}",) if reviews else ()
