"""JSON routes of webhooks: who is told of what happens, and what became of telling it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from trendnlp.delivery import check_target
from trendnlp.events import EventType
from trendnlp.store import PageRequest, Webhooks
from trendnlp.web import examples, webhook_schemas
from trendnlp.web.answers import Json, base_of, listed
from trendnlp.web.apidoc import answers, json_body
from trendnlp.web.fields import PageQuery, WebhookBody
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.intake import webhook_intake
from trendnlp.web.parts import AnyWorkspace, DeliveryId, WebhookId
from trendnlp.web.principal import ThePrincipal

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], default_response_class=Json, route_class=KeyedRoute)


@router.post(
    "",
    operation_id="addWebhook",
    status_code=201,
    summary="Send events to an address from now on",
    description="Each is a POST of `type`, `timestamp` and `data`, signed as Standard Webhooks ask for, made at least "
    "once: know it again by its `webhook-id`. What is not answered with 2xx is tried again for two days. The host must "
    "be public, at registration and at each delivery.",
    response_model=webhook_schemas.NewWebhook,
    responses=answers(400, 409, 413, 415, 422, 503, created=examples.NEW_WEBHOOK),
    openapi_extra={"requestBody": json_body(WebhookBody, examples.WEBHOOK_BODY)},
)
def add_webhook(
    request: Request,
    workspace: AnyWorkspace,
    principal: ThePrincipal,
    body: Annotated[WebhookBody, Depends(webhook_intake)],
    key: IdempotencyKey,
) -> Response:
    check_target(body.url, workspace.settings.webhook_hosts)
    types = [EventType(name) for name in body.events]
    made, secret = Webhooks(workspace.store.database).add(body.url, types, principal.name)
    location = {"Location": f"{base_of(request)}/v1/webhooks/{made.id}/deliveries"}
    return Json({**asdict(made), "secret": secret}, 201, location)


@router.get(
    "",
    operation_id="listWebhooks",
    summary="List the webhooks",
    response_model=webhook_schemas.WebhooksPage,
    responses=answers(503, ok=examples.WEBHOOKS),
)
def list_webhooks(request: Request, workspace: AnyWorkspace) -> Response:
    found = Webhooks(workspace.store.database).every()
    return listed(request, [asdict(webhook) for webhook in found], None, len(found))


@router.delete(
    "/{webhook_id}",
    operation_id="deleteWebhook",
    status_code=204,
    summary="Send an address nothing more",
    responses=answers(404, 422, 503),
)
def delete_webhook(workspace: AnyWorkspace, webhook_id: WebhookId) -> Response:
    Webhooks(workspace.store.database).remove(webhook_id)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/enable",
    operation_id="enableWebhook",
    summary="Send again to a webhook that was disabled",
    response_model=webhook_schemas.Webhook,
    responses=answers(404, 422, 503, ok=examples.WEBHOOK),
)
def enable_webhook(workspace: AnyWorkspace, webhook_id: WebhookId) -> Response:
    return Json(asdict(Webhooks(workspace.store.database).enable(webhook_id)))


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="listDeliveries",
    summary="List what was and is to be sent to a webhook, the newest first",
    description="Deliveries are kept for 30 days after they were made or given up.",
    response_model=webhook_schemas.DeliveriesPage,
    responses=answers(400, 404, 422, 503, ok=examples.DELIVERIES),
)
def list_deliveries(
    request: Request, workspace: AnyWorkspace, webhook_id: WebhookId, query: Annotated[PageQuery, Query()]
) -> Response:
    store = Webhooks(workspace.store.database)
    page = store.deliveries(webhook_id, PageRequest(query.limit, query.cursor))
    return listed(request, [asdict(delivery) for delivery in page.items], page.next_cursor, page.total)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver",
    summary="Send an event again, whatever became of it before",
    response_model=webhook_schemas.Delivery,
    responses=answers(404, 422, 503, ok=examples.DELIVERY),
)
def redeliver(workspace: AnyWorkspace, webhook_id: WebhookId, delivery_id: DeliveryId) -> Response:
    return Json(asdict(Webhooks(workspace.store.database).redeliver(delivery_id, webhook_id)))
