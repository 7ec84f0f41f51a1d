"""Routes about the service itself: its models and limits, whether it lives, whether it is ready.

The latter two are coroutines that never wait, so that they answer when analyses hold every thread of the pool.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from trendnlp.web import examples, system_schemas
from trendnlp.web.answers import Json
from trendnlp.web.apidoc import answers
from trendnlp.web.intake import MAX_ANALYZE_BYTES
from trendnlp.web.parts import AnyWorkspace
from trendnlp.web.problems import Refusal, not_ready

JOB_LIMITS = ("max_job_bytes", "max_job_documents", "max_queued", "job_days")

router = APIRouter(tags=["service"], default_response_class=Json)


@router.get(
    "/v1/model",
    operation_id="getModel",
    summary="Say which models, thresholds and limits are in use",
    response_model=system_schemas.Model,
    responses=answers(ok=examples.MODEL),
)
def get_model(workspace: AnyWorkspace) -> Response:
    card = workspace.model_card()
    scores = {score.kind: score.score for score in card.scores}
    judge = card.judge and {**asdict(card.judge), "scores": {s.kind: s.score for s in card.judge.scores}}
    limit = min(MAX_ANALYZE_BYTES, card.max_bytes)
    told = {"scores": scores, "judge": judge, "files": dict(card.files), "max_analyze_bytes": limit}
    return Json({**asdict(card), **told, **{name: getattr(workspace.settings, name) for name in JOB_LIMITS}})


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Say that the process answers",
    response_model=system_schemas.Health,
    responses=answers(limited=False, ok=examples.OK),
)
async def get_health() -> Response:
    return Json({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Say whether the models are loaded and a worker for jobs lives",
    response_model=system_schemas.Health,
    responses=answers(503, limited=False, ok=examples.OK),
)
async def get_readiness(request: Request, workspace: AnyWorkspace) -> Response:
    if reason := workspace.ready():
        raise Refusal(not_ready(reason))
    if not request.app.state.monitor.worker_lives():
        raise Refusal(not_ready("no worker lives that works on jobs; start one with `trendnlp worker`"))
    return Json({"status": "ok"})
