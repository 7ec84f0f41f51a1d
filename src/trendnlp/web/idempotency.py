"""Idempotency-Key: a request that is sent again, because its answer was lost, is not done again.

A handler takes part by a parameter of the type ``IdempotencyKey``, in a router whose routes are ``KeyedRoute``. Only a
success is kept: what was refused or failed has stored nothing, so its key is free again. A process that dies between
storing and keeping the answer leaves a key that is free after a minute, and the request is done again: of a document
that changes nothing, a decision or a run may stand in the log twice, which comes to the same.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trendnlp.errors import StoreError
from trendnlp.store import Hold, KeptAnswer, KeptAnswers, Slot, Taken
from trendnlp.store.kept import RENEW_SECONDS
from trendnlp.web.callers import caller_of
from trendnlp.web.problems import RETRY_SECONDS, Problem, Refusal
from trendnlp.web.spooled import spooled
from trendnlp.workspace import Workspace

NAME = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
KEPT_HEADERS = ("content-type", "location", "retry-after")
HOUR = 3600

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


async def _declared(
    key: Annotated[
        str | None,
        Header(
            alias=NAME,
            pattern=KEY_PATTERN,
            description="Up to 255 visible characters, another for each request. The same request again, with the same "
            "key, gets the answer that it got before, marked `Idempotency-Replayed: true`.",
        ),
    ] = None,
) -> str | None:
    return key


IdempotencyKey = Annotated[str | None, Depends(_declared)]


class KeyedRoute(APIRoute):
    """A route that answers a key that it knows with what it answered before, if its handler declares the key."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        if all(dependency.call is not _declared for dependency in self.dependant.dependencies):
            return handler

        async def keyed(request: Request) -> Response:
            key = request.headers.get(NAME)
            if key is None or not re.match(KEY_PATTERN, key):
                return await handler(request)  # which refuses what is no key
            return await _once(request, key, handler)

        return keyed


async def _once(request: Request, key: str, handler: Handler) -> Response:
    workspace: Workspace = request.app.state.workspace
    kept = KeptAnswers(workspace.store.database)
    async with spooled(request) as (again, digest):
        slot = Slot.of(caller_of(request.scope), key, digest)
        found = await run_in_threadpool(kept.begin, slot, workspace.settings.idempotency_hours * HOUR)
        if isinstance(found, Taken):
            raise Refusal(_taken(found))
        if isinstance(found, KeptAnswer):
            return Response(found.body, found.status, {**dict(found.headers), REPLAYED: "true"})
        return await _done(again, kept, found, handler)


async def _done(request: Request, kept: KeptAnswers, hold: Hold, handler: Handler) -> Response:
    """The answer of the handler, kept where it is a success."""
    # not on cancellation: what the handler began goes on in its thread, so the key stays held until its time is over
    try:
        async with _renewing(kept, hold):
            response = await handler(request)
    except Exception:
        await run_in_threadpool(kept.release, hold)
        raise
    if response.status_code >= 300:
        await run_in_threadpool(kept.release, hold)
        return response
    headers = tuple((name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers)
    await run_in_threadpool(kept.keep, hold, KeptAnswer(response.status_code, headers, bytes(response.body)))
    return response


@asynccontextmanager
async def _renewing(kept: KeptAnswers, hold: Hold) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(StoreError):  # the next time may do; the request itself tells what fails
                await run_in_threadpool(kept.renew, hold)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()


def _taken(taken: Taken) -> Problem:
    if taken is Taken.OTHER_REQUEST:
        detail = "The key came with another request before. Draw a new key for a new request."
        return Problem(422, "idempotency-key-reused", "Idempotency key reused", detail)
    detail = "The request with this key is still worked on. Try again in a few seconds."
    headers = (("Retry-After", str(RETRY_SECONDS)),)
    return Problem(409, "request-in-progress", "Request in progress", detail, headers=headers)
