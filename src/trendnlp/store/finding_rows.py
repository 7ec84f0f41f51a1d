"""Findings, with all that belongs to them, to rows and back. What comes back equals what went in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from trendnlp.backing import Backing, Join, JoinReason
from trendnlp.relations import Band, Ground, GuardResult, LedgerEntry, Relation, Verdict
from trendnlp.store.rows import Values
from trendnlp.store.schema import backing, findings, joins, ledger, members
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import Finding, Member, Reason


def finding_values(finding: Finding) -> Values:
    values = {c.name: getattr(finding, c.name) for c in findings.columns if c.name not in ("seq", "size", "hidden")}
    return values | {"size": len(finding.members), "hidden": list(finding.hidden) or None}


def member_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "statement": member.statement,
            "document": member.document,
            "source": member.source,
            "similarity": member.similarity,
            "reason": str(member.reason),
        }
        for position, member in enumerate(finding.members)
    ]


def ledger_values(finding: Finding) -> list[Values]:
    """The rows of a finding's ledger, and then of what stands apart from it."""
    entries = [*((0, e) for e in finding.ledger), *((1, e) for e in finding.apart)]
    return [
        {"finding": finding.id, "position": position, "apart": apart, **_entry_values(entry)}
        for position, (apart, entry) in enumerate(entries)
    ]


def tag_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "name": tag.name,
            "key": tag.key,
            "origin": str(tag.origin),
            "score": tag.score,
        }
        for position, tag in enumerate(finding.tags)
    ]


def _entry_values(entry: LedgerEntry) -> Values:
    verdict = entry.verdict
    return {
        "statement": entry.statement,
        "other": entry.other,
        "relation": str(verdict.relation),
        "ground": str(verdict.ground),
        "band": str(verdict.band),
        "cosine": verdict.cosine,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "guards": [[g.name, g.a, g.b, str(g.relation)] for g in verdict.guards],
        "model": entry.model,
        "review": entry.review,
        "run": entry.run,
    }


def entry_of(row: Row[Any]) -> LedgerEntry:
    of, columns = row._mapping, ledger.c
    guards = tuple(GuardResult(name, a, b, Relation(relation)) for name, a, b, relation in of[columns.guards])
    verdict = Verdict(
        relation=Relation(of[columns.relation]),
        ground=Ground(of[columns.ground]),
        band=Band(of[columns.band]),
        cosine=of[columns.cosine],
        score=of[columns.score],
        threshold=of[columns.threshold],
        guards=guards,
    )
    ids = (of[columns.statement], of[columns.other])
    return LedgerEntry(*ids, verdict, of[columns.model], of[columns.review], of[columns.run])


def backing_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "document": behind.document,
            "origin": behind.origin,
            "publisher": behind.publisher,
            "month": behind.month,
        }
        for position, behind in enumerate(finding.backing)
    ]


def join_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "a": join.a,
            "b": join.b,
            "reason": str(join.reason),
            "share": join.share,
            "words": join.words,
        }
        for position, join in enumerate(finding.joins)
    ]


def _backing_of(row: Row[Any]) -> Backing:
    of, columns = row._mapping, backing.c
    return Backing(of[columns.document], of[columns.origin], of[columns.publisher], of[columns.month])


def _join_of(row: Row[Any]) -> Join:
    of, columns = row._mapping, joins.c
    reason = JoinReason(of[columns.reason])
    return Join(of[columns.a], of[columns.b], reason, of[columns.share], of[columns.words])


@dataclass(frozen=True, slots=True)
class FindingRows:
    """The rows that belong to one finding, by table and position."""

    members: Sequence[Row[Any]]
    ledger: Sequence[Row[Any]]
    backing: Sequence[Row[Any]]
    joins: Sequence[Row[Any]]
    tags: Sequence[Row[Any]]


def finding_of(row: Row[Any], rows: FindingRows) -> Finding:
    """The finding of its row and those that belong to it."""
    of = members.c
    return Finding(
        id=row.id,
        kind=row.kind,
        aspect=row.aspect,
        title=row.title,
        head=row.head,
        members=tuple(
            Member(m[of.statement], m[of.document], m[of.source], m[of.similarity], Reason(m[of.reason]))
            for m in (r._mapping for r in rows.members)
        ),
        documents=row.documents,
        sources=row.sources,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        ledger=tuple(entry_of(e) for e in rows.ledger if not e._mapping[ledger.c.apart]),
        apart=tuple(entry_of(e) for e in rows.ledger if e._mapping[ledger.c.apart]),
        hidden=tuple(row.hidden or ()),
        publishers=row.publishers,
        backing=tuple(map(_backing_of, rows.backing)),
        joins=tuple(map(_join_of, rows.joins)),
        tags=tuple(Tag(t.name, TagOrigin(t.origin), t.score) for t in rows.tags),
        market=row.market,
        geography=row.geography,
    )
