"""From a partition to findings: head, title, kind, members with their similarity, and the documents behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.compare import near_words, normalised
from trendnlp.consolidate.titles import title_of
from trendnlp.review import Choice
from trendnlp.sources import attributed
from trendnlp.tags import NO_TAXONOMY, Taxonomy, tags_of
from trendnlp.terms import Tag, TagOrigin, term_key
from trendnlp.types import KINDS, Claim, Finding, Member, Reason, content_id

DECIMALS = 4
BLOCK = 256  # rows whose cosines with all others are held at a time


@dataclass(frozen=True, slots=True)
class Given:
    """What people decided of a finding: its head as an index of its claims, its kind, the claims they dropped, its
    title, and the tags that they gave or took away, in the order in which they did.
    """

    head: int | None = None
    kind: str | None = None
    hidden: tuple[Claim, ...] = ()
    title: str | None = None
    tags: tuple[Choice, ...] = ()


UNDECIDED = Given()


def finding_id(claims: Iterable[Claim]) -> str:
    """The id of a finding of ``claims``: that of its core, the earliest published, of these the lowest statement id.

    A claim without a date comes last, and a date without a month before those of its year.
    """
    core = min(claims, key=lambda c: (c.published is None, c.published or "", c.labelled.statement.id))
    return content_id("find", core.labelled.statement.id)


def finding(claims: Sequence[Claim], given: Given = UNDECIDED, taxonomy: Taxonomy = NO_TAXONOMY) -> Finding:
    """One finding of claims that say the same; where it is but one, its vector is not looked at. Order does not matter
    when the claims come sorted by statement id. All of it but its id and its hidden statements depends on these claims,
    ``taxonomy`` and what ``given`` says of the rest alone. Its sources are those that the claims alone tell: by
    publisher and passage, without copies of whole documents.
    """
    head, near = _head(claims, given.head)
    kind = given.kind or _kind(claims)
    statements = [c.labelled.statement for c in claims]
    members = sorted(
        (_member(claim, claims[head], cosine) for claim, cosine in zip(claims, near, strict=True)),
        key=lambda m: (m.reason is not Reason.HEAD, -m.similarity, m.statement),
    )
    dates = sorted(c.published for c in claims if c.published)
    made = Finding(
        id=finding_id((*claims, *given.hidden)),
        kind=kind,
        aspect=_aspect(claims, kind),
        title=given.title or title_of(claims, head),
        head=statements[head].id,
        members=tuple(members),
        documents=len({c.document for c in claims}),
        sources=0,
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        hidden=tuple(sorted(c.labelled.statement.id for c in given.hidden)),
        tags=_decided(_tags(claims, members, taxonomy), given.tags),
        market=_most_common(list({c.document: c.market for c in claims}.values())),
        geography=_most_common(list({c.document: c.geography for c in claims}.values())),
    )
    return attributed(made, {c.labelled.statement.id: c for c in claims}, {})


def _head(claims: Sequence[Claim], given: int | None) -> tuple[int, list[float]]:
    """The head, their medoid where none is ``given``, and the cosine of each with it."""
    if len(claims) == 1:
        return 0, [1.0]
    number: dict[bytes, int] = {}
    of = np.array([number.setdefault(c.labelled.vector or b"", len(number)) for c in claims])
    vectors = np.stack([np.frombuffer(vector, "<f4") for vector in number]).astype(np.float64)
    head = int(np.argmax(_nearness(vectors, np.bincount(of))[of])) if given is None else given
    near = _cosines(vectors[of[head]][None], vectors)[0] / 10**DECIMALS
    return head, near[of].tolist()


def _nearness(vectors: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The mean cosine of each row with all, in ten-thousandths, where each row stands for so many."""
    total = int(weights.sum())
    blocks = (_cosines(vectors[i : i + BLOCK], vectors) @ weights for i in range(0, len(vectors), BLOCK))
    mean: NDArray[np.int64] = (2 * np.concatenate([*blocks]) + total) // (2 * total)
    return mean


def _cosines(some: NDArray[np.float64], all: NDArray[np.float64]) -> NDArray[np.int64]:
    """In ten-thousandths. In double precision and rounded, the same wherever they are computed; and whole numbers, so
    are their sums.
    """
    cosines: NDArray[np.int64] = (np.clip(some @ all.T, -1.0, 1.0) * 10**DECIMALS).round().astype(np.int64)
    return cosines


def _tags(claims: Sequence[Claim], members: Sequence[Member], taxonomy: Taxonomy) -> tuple[Tag, ...]:
    """Of the members' words, the head's first."""
    texts = {c.labelled.statement.id: c.labelled.statement.text for c in claims}
    markets = sorted({c.market for c in claims if c.market})
    return tags_of([texts[m.statement] for m in members], taxonomy, markets)


def _decided(found: tuple[Tag, ...], choices: Iterable[Choice]) -> tuple[Tag, ...]:
    """The tags that people gave, then those of ``found`` that they left; of two decisions on one tag the later one."""
    last = {term_key(choice.value or ""): choice for choice in choices}
    given = tuple(Tag(c.value or "", TagOrigin.PERSON, 1.0) for c in last.values() if c.on)
    return given + tuple(tag for tag in found if tag.key not in last)


def _member(claim: Claim, head: Claim, similarity: float) -> Member:
    statement = claim.labelled.statement
    if statement.id == head.labelled.statement.id:
        reason = Reason.HEAD
    elif normalised(statement.text) == normalised(head.labelled.statement.text):
        reason = Reason.EXACT
    elif near_words(statement.text) == near_words(head.labelled.statement.text):
        reason = Reason.NEAR_EXACT
    else:
        reason = Reason.SEMANTIC
    return Member(statement.id, claim.document, claim.source, similarity, reason)


def _kind(claims: Sequence[Claim]) -> str:
    """The kind with the largest sum of probabilities among its members' own kinds."""
    weight: Counter[str] = Counter()
    for claim in claims:
        weight[claim.labelled.label.kind] += round(claim.labelled.label.score * 10**DECIMALS)
    order = {kind: i for i, kind in enumerate(KINDS)}
    return min(weight, key=lambda kind: (-weight[kind], order.get(kind, len(order)), kind))


def _aspect(claims: Sequence[Claim], kind: str) -> str | None:
    """The most common one among the members of ``kind``; of all members where a person chose a kind that none has."""
    of_kind = [c for c in claims if c.labelled.label.kind == kind] or claims
    return _most_common([c.labelled.label.aspect for c in of_kind])


def _most_common(values: Sequence[str | None]) -> str | None:
    counts = Counter(v for v in values if v)
    return min(counts, key=lambda v: (-counts[v], v)) if counts else None
