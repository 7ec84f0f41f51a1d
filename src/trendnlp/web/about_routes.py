"""The pages about the service: its models, what a reader may set, help, and the API's documentation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.momentum import FORMULA
from trendnlp.trainings import in_use
from trendnlp.types import KINDS, OTHER
from trendnlp.web.answers import base_of
from trendnlp.web.envelope import CONTENT_POLICY
from trendnlp.web.filters import in_order
from trendnlp.web.learning_routes import TheTrainings
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.preferences import MAX_NAME, Preferences, Theme, name_of, remember
from trendnlp.web.reliability import kept

router = APIRouter(include_in_schema=False)

SHOWN = 10  # trainings
SCORES = {  # what the manifest calls them, and what they are
    "macro_f1": "Mean F1 of the four kinds",
    "accepted_f1": "The same, a second kind counted that a careful reader would also take",
    "claim_precision": "Of what is called a claim, the part that is one",
    "claim_recall": "Of the claims, the part that is found",
    "aspect_macro_f1": "Mean F1 of the aspects, of claims that were found",
    "calibration_error": "Mean distance between score and share of right answers",
}


@router.get("/model")
def model_page(request: Request, workspace: AnyWorkspace, pages: ThePages, trainings: TheTrainings) -> Response:
    card = workspace.model_card()
    found = {score.kind: score.score for score in card.scores}
    return pages.respond(
        request,
        "model.html",
        card=card,
        kinds=in_order(card.kinds, KINDS),
        other=OTHER,
        scores=[(SCORES.get(name, name), found[name]) for name in in_order(found, tuple(SCORES))],
        kept=kept(workspace.reliability()),
        trainings=trainings.list()[:SHOWN],
        used=in_use(workspace.settings),
        fixed=workspace.settings.models is not None,
        names=SCORES,
    )


@router.get("/settings")
def settings_page(request: Request, pages: ThePages, saved: bool = False) -> Response:
    return pages.respond(request, "settings.html", themes=list(Theme), longest=MAX_NAME, saved=saved)


@router.post("/settings")
def save_settings(
    request: Request,
    theme: Annotated[Theme, Form()] = Theme.SYSTEM,
    keys: Annotated[bool, Form()] = False,
    name: Annotated[str, Form(max_length=MAX_NAME)] = "",
) -> Response:
    base = base_of(request)
    response = RedirectResponse(f"{base}/settings?saved=true", 303)
    remember(response, Preferences(keys, theme, name_of(name)), path=base, secure=request.url.scheme == "https")
    return response


@router.get("/help")
def help_page(request: Request, pages: ThePages) -> Response:
    return pages.respond(request, "help.html", formula=FORMULA)


@router.get("/docs")
def docs_page(request: Request, pages: ThePages) -> Response:
    response = pages.respond(request, "docs.html")
    # the vendored style sheet draws its arrows from data: addresses
    response.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; img-src 'self' data:"
    return response
