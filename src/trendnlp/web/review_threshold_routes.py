"""The page that says what another threshold for merging would change. Nothing is changed by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.store import Borders, Desk
from trendnlp.store.desk import MOST_PAIRS
from trendnlp.types import LabelledStatement
from trendnlp.web.fields import Share
from trendnlp.web.page_queries import PageQuery
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.wording import Span, difference, unmarked
from trendnlp.workspace import Workspace

router = APIRouter(include_in_schema=False)

SHOWN = 15  # pairs, those nearest to the threshold in force


class ThresholdQuery(PageQuery):
    """Which threshold, the one in force where nothing is said."""

    threshold: Share | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair at the border, with what of the second wording is not in the first; ``other`` is the finding of the
    second one, None where it is the same.
    """

    score: float
    finding: str
    other: str | None
    a: LabelledStatement
    b: LabelledStatement
    wording: tuple[Span, ...]


@router.get("/review/threshold")
def threshold_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[ThresholdQuery, Query()]
) -> Response:
    card = workspace.model_card()
    now = card.judge.threshold if card.judge else card.threshold
    wanted = now if query.threshold is None else query.threshold
    desk = Desk(workspace.store.database)
    empty = Borders((), False)
    parting = desk.would_part(wanted) if wanted > now else empty
    merging = desk.would_merge(wanted) if wanted < now else empty
    return pages.respond(
        request,
        "review_threshold.html",
        now=now,
        wanted=wanted,
        judge=card.judge,
        parting=parting,
        merging=merging,
        touched=len({pair.finding for pair in (*parting.pairs, *merging.pairs)}),
        pairs=_shown(workspace, parting if wanted > now else merging),
        most=MOST_PAIRS,
        findings=workspace.store.counts().findings,
    )


def _shown(workspace: Workspace, borders: Borders) -> tuple[Shown, ...]:
    pairs = borders.pairs[:SHOWN]
    known = workspace.store.judging.known_statements({id for pair in pairs for id in (pair.statement, pair.other)})
    of = workspace.store.finding_of(known)
    found = []
    for pair in pairs:
        a, b = known.get(pair.statement), known.get(pair.other)
        if a and b:
            words = difference(unmarked(a.statement.text), unmarked(b.statement.text))
            other = of.get(pair.other)
            found.append(Shown(pair.score, pair.finding, other if other != pair.finding else None, a, b, words))
    return tuple(found)
