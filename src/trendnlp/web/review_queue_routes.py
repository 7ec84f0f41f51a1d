"""The page of the review queue, its parts, and what its forms send: single decisions, their undo, and a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.access import Role
from trendnlp.actions import Reading
from trendnlp.errors import Stale
from trendnlp.merging import tied
from trendnlp.review import Draft, Review
from trendnlp.standing import Status
from trendnlp.store import Desk, PageRequest, ReviewFilter, Versions
from trendnlp.triage import Order
from trendnlp.types import OTHER
from trendnlp.web.answers import base_of
from trendnlp.web.choices import chips
from trendnlp.web.filters import in_order
from trendnlp.web.keys import KEYS, RELABEL
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, ThePages, Turn
from trendnlp.web.preferences import MAX_NAME, Preferences, name_of, preferences_of, remember
from trendnlp.web.principal import principal_of, require
from trendnlp.web.review_board import board, card_of, groups, last_of, pane, today
from trendnlp.web.review_queries import (
    ADecision,
    AnUndo,
    Author,
    DecisionForm,
    ReviewPageQuery,
    reader_of,
    target,
    wants_part,
)
from trendnlp.workspace import Workspace

router = APIRouter(include_in_schema=False)

ORDERS = {
    Order.VALUE: "worth most first",
    Order.NEWEST: "newest first",
    Order.RANDOM: "at random",
}
CHOSEN = (
    *(("kind", "Kind"), ("aspect", "Aspect"), ("status", "Status"), ("document", "Document")),
    *(("q", "Words"), ("min_score", "Score from")),
)
KEYED_KINDS = tuple(key.action.removeprefix(RELABEL) for key in KEYS if key.action.startswith(RELABEL))
SHOWN = 20  # statements of one decision that are shown anew where it is undone
TheQuery = Annotated[ReviewPageQuery, Query()]


@router.get("/review")
def review_page(request: Request, workspace: AnyWorkspace, pages: ThePages, query: TheQuery) -> Response:
    reader = reader_of(request)
    if query.reading is Reading.BLIND and not reader:
        return pages.respond(request, "review_name.html", to=query.address(), longest=MAX_NAME)
    found = board(workspace, query, reader)
    current = found.current
    return pages.respond(
        request,
        "review.html",
        **_common(workspace, query, reader),
        board=found,
        current=current,
        pane=pane(workspace, current.id) if current else None,
        orders=ORDERS,
        chips=chips(request, CHOSEN),
        named=workspace.store.source_names([query.document] if query.document else ()),
        keyed=_has_key(request),
        longest=MAX_NAME,
    )


@router.get("/review/progress")
def progress_part(request: Request, workspace: AnyWorkspace, pages: ThePages, query: TheQuery) -> Response:
    return pages.respond(request, "review_progress.html", **_common(workspace, query, reader_of(request)))


@router.get("/review/items/{statement}")
def item_part(request: Request, workspace: AnyWorkspace, pages: ThePages, query: TheQuery, statement: str) -> Response:
    return _cards(request, workspace, pages, query, (statement,))


@router.get("/review/source/{statement}")
def source_part(request: Request, workspace: AnyWorkspace, pages: ThePages, statement: str) -> Response:
    return pages.respond(request, "review_source.html", pane=pane(workspace, statement))


@router.post("/review/decide")
def decide(
    request: Request,
    workspace: ReadyWorkspace,
    pages: ThePages,
    query: TheQuery,
    by: Author,
    form: ADecision,
    turn: Turn,
) -> Response:
    draft = form.draft(by, _statements(workspace, form))
    if draft.reading is Reading.FINAL:
        require(request, Role.ADJUDICATE)
    _decide(workspace, draft, form.versions)
    if wants_part(request):
        return _cards(request, workspace, pages, query, draft.statements[:SHOWN])
    return RedirectResponse(target(request, form.to), 303)


@router.post("/review/undo")
def undo(
    request: Request,
    workspace: ReadyWorkspace,
    pages: ThePages,
    query: TheQuery,
    by: Author,
    form: AnUndo,
    turn: Turn,
) -> Response:
    if workspace.store.judging.is_final(form.review):
        require(request, Role.ADJUDICATE)
    taken = workspace.undo(form.review, by)
    if wants_part(request):
        here = workspace.store.stored_texts(taken.statements[:SHOWN])
        return _cards(request, workspace, pages, query, [id for id in taken.statements[:SHOWN] if id in here])
    return RedirectResponse(target(request, form.to), 303)


@router.post("/review/name")
def save_name(
    request: Request,
    name: Annotated[str, Form(max_length=MAX_NAME)] = "",
    to: Annotated[str, Form()] = "/review",
) -> Response:
    """Kept in the browser as on the settings page; the other settings stay as they are."""
    now = preferences_of(request)
    response = RedirectResponse(target(request, to), 303)
    secure = request.url.scheme == "https"
    remember(response, Preferences(now.keys, now.theme, name_of(name)), path=base_of(request), secure=secure)
    return response


def _common(workspace: Workspace, query: ReviewPageQuery, reader: str) -> dict[str, Any]:
    """What the page and the part that tells of progress have in common. Of what a blind reader is to read nothing is
    counted that would tell what others said.
    """
    card, filter = workspace.model_card(), query.filter(workspace.model_card())
    blind = query.reading is Reading.BLIND
    counts = None if blind else Desk(workspace.store.database).counts(filter)
    return {
        "query": query,
        "reader": reader,
        "counts": counts,
        "states": {c.value: c.count for c in counts.statuses} if counts else {},
        "statuses": list(Status),
        "today": today(workspace),
        "last": last_of(workspace, reader),
        "groups": groups(query, counts, card) if counts else (),
        "kinds": _kinds(workspace),
        "other": OTHER,
    }


def _cards(
    request: Request,
    workspace: Workspace,
    pages: ThePages,
    query: ReviewPageQuery,
    statements: Sequence[str],
) -> Response:
    cards = [card_of(workspace, query, statement) for statement in statements]
    return pages.respond(request, "review_cards.html", cards=cards, query=query, kinds=_kinds(workspace), other=OTHER)


def _kinds(workspace: Workspace) -> tuple[str, ...]:
    """The kinds of the models, those with a key first, in the order of the keys."""
    return in_order(workspace.model_card().kinds, KEYED_KINDS)


def _has_key(request: Request) -> bool:
    principal = principal_of(request)
    return principal is not None and principal.key is not None


def _statements(workspace: Workspace, form: DecisionForm) -> tuple[str, ...]:
    """Those that are named; of findings that are merged as many as may be tied. A finding that was merged meanwhile
    stands for the one that holds its statements now.
    """
    return tuple(dict.fromkeys(tied(workspace.store, (*form.statement, *form.finding))))


def _decide(workspace: Workspace, draft: Draft, seen: Versions) -> Review:
    """Record the decision; where it was recorded before, and only the answer was lost, leave it at that."""
    try:
        return workspace.review(draft, seen)
    except Stale as error:
        latest = workspace.store.reviews(ReviewFilter(draft.statements[0]), PageRequest(1)).items
        # of a finding that is gone, no decision is named that changed it
        if latest and set(error.changed) <= {latest[0].id} and _same(latest[0], draft):
            return latest[0]
        raise


def _same(review: Review, draft: Draft) -> bool:
    made = (draft.action, draft.value, draft.by, draft.reading)
    recorded = (review.action, review.value, review.by, review.reading)
    return made == recorded and set(draft.statements) <= set(review.statements)
