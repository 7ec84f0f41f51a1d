"""What holds for every request, whatever route answers it: request id, size limit, origin, headers, last resort."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trendnlp.web.hosts import allowed
from trendnlp.web.problems import Problem, Refusal, misdirected, problem_of, too_large

log = logging.getLogger("trendnlp.web")

# a client's id is echoed into headers and logs, so it may hold nothing that breaks a line or a quote
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LENGTH_DIGITS = 18  # a longer Content-Length is over any limit, and Python refuses to parse thousands of digits
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # not no-referrer, with which browsers send "Origin: null" where a form of these very pages is sent
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)

Answer = Callable[[Request, Problem], Response]


class Envelope:
    """ASGI middleware around the whole application.

    Sets ``request.state.request_id``. A request for a host that is neither this machine nor one of ``hosts`` is
    refused. HEAD is routed as GET. A body over ``max_bytes`` is refused at its announced length, or
    while it streams in when none was announced or the announced one was false. ``answer`` renders a problem.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], max_bytes: int, answer: Answer) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.max_bytes = max_bytes
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        exchange = _Exchange(send, request_id)
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # a copy: the server sees by its own that it must leave the body out
        scope.setdefault("state", {})["request_id"] = request_id
        try:
            if problem := self._refusal(scope, headers):
                await self.answer(Request(scope), problem)(scope, receive, exchange.send)
            else:
                await self.app(scope, _limited(receive, self.max_bytes), exchange.send)
        except ClientDisconnect:
            log.info("request %s: the client went away", request_id)
        except Exception as error:
            log.exception("request %s: %s %s failed", request_id, scope["method"], scope["path"].encode())
            if exchange.started:
                raise
            await self.answer(Request(scope), problem_of(error))(scope, receive, exchange.send)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        if not allowed(headers.getlist("host"), self.hosts):
            return misdirected()
        announced = headers.get("content-length", "0")
        if len(announced) > LENGTH_DIGITS or (announced.isdecimal() and int(announced) > self.max_bytes):
            return too_large(self.max_bytes)
        if scope["method"] not in SAFE_METHODS and _foreign(headers):
            detail = "A page of another origin may not change this workspace. Call it from its own origin or a program."
            return Problem(403, "foreign-origin", "Foreign origin", detail)
        return None


class _Exchange:
    """Adds the headers to the response and knows whether it has started."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._begun = time.perf_counter()
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS:
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self._request_id
            headers["Server-Timing"] = f"app;dur={(time.perf_counter() - self._begun) * 1000:.1f}"
        await self._send(message)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _foreign(headers: Headers) -> bool:
    """Whether a browser sent this for a page of another origin. A form may post text/plain anywhere, without asking
    first, so closed CORS alone does not keep a hostile page from storing documents. Programs send no Origin."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _limited(receive: Receive, max_bytes: int) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise Refusal(too_large(max_bytes))
        return message

    return counted
