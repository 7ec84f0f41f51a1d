"""The pages of the review for many statements at once: all that match a filter, and what the model is sure of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BeforeValidator, Field
from starlette.responses import RedirectResponse, Response

from trendnlp.actions import ACTIONS, MANY, Action, Reading, Value
from trendnlp.review import Review
from trendnlp.standing import Status
from trendnlp.store import Desk
from trendnlp.store.bulk import NOTHING
from trendnlp.web.answers import base_of
from trendnlp.web.choices import chips
from trendnlp.web.fields import MAX_CURSOR, MAX_FIELD, Share, StatusName
from trendnlp.web.filters import aspects, in_order
from trendnlp.web.intake import from_form
from trendnlp.web.page_queries import PageQuery, filled
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, ThePages, Turn
from trendnlp.web.preferences import MAX_NAME
from trendnlp.web.problems import Fault, Refusal, invalid
from trendnlp.web.review_board import groups
from trendnlp.web.review_queries import Author, DecisionForm, ReviewPageQuery, reader_of
from trendnlp.web.review_queue_routes import CHOSEN
from trendnlp.workspace import Workspace

router = APIRouter(include_in_schema=False)


Statuses = Annotated[list[StatusName], BeforeValidator(lambda given: filled(given) or [Status.PENDING.value])]


class ManyQuery(ReviewPageQuery):
    """Which statements. Without a status those that are pending, as in the queue. ``done`` is a decision that has just
    been made, of which so many statements were ``left_out``.
    """

    status: Statuses = Field(default=[Status.PENDING.value])
    done: Annotated[str, Field(max_length=MAX_FIELD)] = ""
    left_out: Annotated[int, Field(ge=0)] = 0


class ManyForm(DecisionForm):
    """A decision on all that match; with the ``token`` of its preview it is made."""

    token: Annotated[str, Field(max_length=MAX_CURSOR)] = ""


class SureForm(PageQuery):
    """From which score on what nobody judged is accepted."""

    threshold: Share


async def _many_form(request: Request) -> ManyForm:
    return await from_form(ManyForm, request)


async def _sure_form(request: Request) -> SureForm:
    return await from_form(SureForm, request)


TheQuery = Annotated[ManyQuery, Query()]


@router.get("/review/many")
def many_page(request: Request, workspace: AnyWorkspace, pages: ThePages, query: TheQuery) -> Response:
    return _many(request, workspace, pages, query, {"preview": None})


@router.post("/review/many")
def decide_many(
    request: Request,
    workspace: ReadyWorkspace,
    pages: ThePages,
    query: TheQuery,
    by: Author,
    form: Annotated[ManyForm, Depends(_many_form)],
    turn: Turn,
) -> Response:
    """Without a token a preview, with one the decision."""
    draft = form.draft(by, (NOTHING,))
    if draft.reading is not Reading.OPEN:
        raise Refusal(invalid([Fault("#/reading", "is of single statements; many are decided openly")]))
    if form.token:
        applied = workspace.apply(draft, form.token)
        return _done(request, query.address().replace("/review", "/review/many", 1), applied.review, applied.left_out)
    preview = workspace.preview(draft, query.filter(workspace.model_card()))
    names = workspace.store.source_names({s.statement.document for s in preview.samples})
    shown = {"preview": preview, "draft": draft, "words": ACTIONS[draft.action].words, "names": names}
    return _many(request, workspace, pages, query, shown)


@router.get("/review/sure")
def sure_page(request: Request, workspace: AnyWorkspace, pages: ThePages, query: TheQuery) -> Response:
    card, share = workspace.model_card(), workspace.settings.audit_share
    return pages.respond(
        request,
        "review_sure.html",
        evidence=workspace.store.judging.evidence(query.filter(card), card.digest, share),
        share=share,
        query=query,
        **_after(workspace, query),
        reader=reader_of(request),
        longest=MAX_NAME,
    )


@router.post("/review/sure")
def accept_sure(
    request: Request,
    workspace: ReadyWorkspace,
    query: TheQuery,
    by: Author,
    form: Annotated[SureForm, Depends(_sure_form)],
    turn: Turn,
) -> Response:
    applied = workspace.accept_above(form.threshold, query.filter(workspace.model_card()), by)
    return _done(request, "/review/sure", applied.review, applied.left_out)


def _many(request: Request, workspace: Workspace, pages: ThePages, query: ManyQuery, shown: dict[str, Any]) -> Response:
    card = workspace.model_card()
    counts = Desk(workspace.store.database).counts(query.filter(card))
    return pages.respond(
        request,
        "review_many.html",
        query=query,
        counts=counts,
        groups=groups(query, counts, card),
        chips=chips(request, CHOSEN),
        named=workspace.store.source_names([query.document] if query.document else ()),
        decisions=_decisions(in_order(card.kinds), aspects(card)),
        **_after(workspace, query),
        reader=reader_of(request),
        longest=MAX_NAME,
        **shown,
    )


def _decisions(kinds: tuple[str, ...], aspects: tuple[str, ...]) -> list[tuple[str, str]]:
    """What can be decided of many statements, as a form names it and in words."""
    found = []
    for action, terms in ACTIONS.items():
        if terms.most < MANY:
            continue
        values = {Value.KIND: kinds, Value.ASPECT: aspects}.get(terms.value, ("",))
        words = WORDS[action]
        found += [(f"{action} {value}".strip(), f"{words} {value}".strip()) for value in values]
    return found


WORDS = {
    Action.ACCEPT: "accept",
    Action.REJECT: "reject",
    Action.RELABEL: "set the kind:",
    Action.ASPECT: "set the aspect:",
    Action.SKIP: "skip",
    Action.REOPEN: "back to pending",
    Action.NOTE: "note",
    Action.TAG: "tag",
    Action.UNTAG: "remove the tag",
}


def _after(workspace: Workspace, query: ManyQuery) -> dict[str, Any]:
    """What has just been decided, where something was."""
    review = Desk(workspace.store.database).review(query.done) if query.done else None
    return {
        "done": review,
        "done_words": ACTIONS[review.about].words if review else "",
        "left_out": query.left_out,
    }


def _done(request: Request, path: str, review: Review, left_out: int) -> Response:
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{base_of(request)}{path}{mark}done={review.id}&left_out={left_out}", 303)
