"""Learning from reviews: the JSON routes, and the forms of the page about the models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.trainings import State, Training, Trainings
from trendnlp.web import learning_schemas as schemas
from trendnlp.web.answers import Json, base_of, listed
from trendnlp.web.apidoc import answers, json_body
from trendnlp.web.intake import json_intake
from trendnlp.web.principal import ThePrincipal

POLL_SECONDS = 2  # an answer that is not the last one says when to ask again

DIGEST = "3c1f0b9e" * 8
TRAINING_ID = "20261128T120000-5f2c9a1b"
COMPARISON = {
    "statements": 120,
    "documents": 14,
    "before": {"macro_f1": 0.71, "calibration_error": 0.06},
    "after": {"macro_f1": 0.73, "calibration_error": 0.05},
    "low": -0.01,
    "high": 0.05,
}
TRAINING = {
    "id": TRAINING_ID,
    "by": "Ann",
    "begun": "2026-11-28T12:00:00+00:00",
    "state": "succeeded",
    "step": "all-MiniLM-L6-v2: corpus",
    "done": 86,
    "total": 86,
    "ended": "2026-11-28T12:01:10+00:00",
    "learnt": {
        "digest": DIGEST,
        "model": "fast",
        "reviews": 120,
        "documents": 14,
        "held_out": COMPARISON,
        "corpus": COMPARISON,
        "worse": [],
    },
    "used": True,
    "reason": None,
}
STARTED = {**TRAINING, "state": "running", "step": "", "done": 0, "total": 0, "ended": None}
STARTED |= {"learnt": None, "used": False}

router = APIRouter(prefix="/v1/model", tags=["service"], default_response_class=Json)
pages = APIRouter(prefix="/model", include_in_schema=False)


async def _trainings(request: Request) -> Trainings:
    return cast(Trainings, request.app.state.trainings)


TheTrainings = Annotated[Trainings, Depends(_trainings)]
TrainingId = Annotated[str, Path(openapi_examples={"training": {"value": TRAINING_ID}})]


async def _use_intake(request: Request) -> schemas.UseBody:
    return await json_intake(schemas.UseBody, request)


@router.post(
    "/train",
    operation_id="trainModel",
    status_code=202,
    summary="Let the models learn from the reviews, in the background",
    description="From all statements that people judged, one by one or many at once; 20 or more, in two documents or "
    "more. The models that come of it are used from then on unless they are worse, and documents are labelled anew. "
    "Decisions stay as they are.",
    response_model=schemas.Training,
    responses={202: {"content": {"application/json": {"example": STARTED}}}, **answers(409, 503)},
)
def train_model(request: Request, trainings: TheTrainings, principal: ThePrincipal) -> Response:
    return _told(request, trainings.start(principal.name), 202)


@router.get(
    "/trainings",
    operation_id="listTrainings",
    summary="List the last trainings, the newest first",
    response_model=schemas.TrainingsPage,
    responses=answers(503, ok={"items": [TRAINING], "next_cursor": None, "total": 1}),
)
def list_trainings(request: Request, trainings: TheTrainings) -> Response:
    found = trainings.list()
    return listed(request, [asdict(training) for training in found], None, len(found))


@router.get(
    "/trainings/{training_id}",
    operation_id="getTraining",
    summary="Say how far a training is, and what came of it",
    response_model=schemas.Training,
    responses=answers(404, 422, 503, ok=TRAINING),
)
def get_training(request: Request, trainings: TheTrainings, training_id: TrainingId) -> Response:
    return _told(request, trainings.one(training_id), 200)


@router.post(
    "/use",
    operation_id="useModels",
    summary="Use models that learnt from the reviews, or the shipped ones again",
    description="Documents are labelled anew in the background. Decisions stay as they are.",
    response_model=schemas.Used,
    responses=answers(404, 413, 415, 422, 503, ok={"models": "shipped"}),
    openapi_extra={"requestBody": json_body(schemas.UseBody, {"models": "shipped"})},
)
def use_models(
    trainings: TheTrainings, principal: ThePrincipal, body: Annotated[schemas.UseBody, Depends(_use_intake)]
) -> Response:
    return Json({"models": trainings.use(body.models, principal.name)})


@pages.post("/train")
def train_from_page(request: Request, trainings: TheTrainings, principal: ThePrincipal) -> Response:
    trainings.start(principal.name)
    return _back(request)


@pages.post("/use")
def use_from_page(
    request: Request,
    trainings: TheTrainings,
    principal: ThePrincipal,
    models: Annotated[str, Form(min_length=1, max_length=64)],
) -> Response:
    trainings.use(models, principal.name)
    return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(f"{base_of(request)}/model#reviews", 303)


def _told(request: Request, training: Training, status: int) -> Response:
    headers: dict[str, Any] = {"Location": f"{base_of(request)}/v1/model/trainings/{training.id}"}
    if training.state is State.RUNNING:
        headers["Retry-After"] = str(POLL_SECONDS)
    return Json(asdict(training), status, headers if status == 202 or training.state is State.RUNNING else None)
