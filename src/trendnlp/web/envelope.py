"""What holds for every request, whatever route answers it: request id, size limit, origin, headers, last resort."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trendnlp.web.hosts import allowed
from trendnlp.web.problems import Problem, Refusal, foreign_origin, misdirected, problem_of, too_large
from trendnlp.web.telemetry import Outcome, Telemetry

log = logging.getLogger("trendnlp.web")

# a client's id is echoed into headers and logs, so it may hold nothing that breaks a line or a quote
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LENGTH_DIGITS = 18  # a longer Content-Length is over any limit, and Python refuses to parse thousands of digits
JOBS = ("/v1/jobs", "/jobs")  # for programs, and for browsers without a script
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # not no-referrer, under which browsers send a form of the page's own with the Origin "null"
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cache-Control", "no-store"),
)

Answer = Callable[[Request, Problem], Response]


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body of a request, in bytes, and of one that submits a job."""

    bytes: int
    job_bytes: int


class Envelope:
    """ASGI middleware around the whole application.

    Sets ``request.state.request_id``. A request for a host that is neither this machine nor one of ``hosts`` is
    refused. HEAD is routed as GET. A body over its limit is refused at its announced length, or while it streams in
    when none was announced or the announced one was false. ``answer`` renders a problem. ``telemetry`` tells of every
    request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        limits: Limits,
        answer: Answer,
        telemetry: Telemetry,
    ) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.limits = limits
        self.answer = answer
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}  # a copy: the server sees by its own that it must leave the body out
        scope.setdefault("state", {})["request_id"] = request_id
        with self.telemetry.request(scope, method, request_id) as outcome:
            await self._answer(scope, receive, _Exchange(send, request_id, outcome))

    async def _answer(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        request_id, headers = exchange.request_id, Headers(scope=scope)
        try:
            if problem := self._refusal(scope, headers):
                await self.answer(Request(scope), problem)(scope, receive, exchange.send)
            else:
                await self.app(scope, _limited(receive, *self._limit(scope)), exchange.send)
        except ClientDisconnect:
            log.info("request %s: the client went away", request_id)
        except Exception as error:
            log.exception("request %s: %s %s failed", request_id, scope["method"], scope["path"].encode())
            if exchange.outcome.status is not None:
                raise
            await self.answer(Request(scope), problem_of(error))(scope, receive, exchange.send)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        if not allowed(headers.getlist("host"), self.hosts):
            return misdirected()
        announced = headers.get("content-length", "0")
        limit, setting = self._limit(scope)
        if len(announced) > LENGTH_DIGITS or (announced.isdecimal() and int(announced) > limit):
            return too_large(limit, setting)
        if scope["method"] not in SAFE_METHODS and _foreign(headers, scope["scheme"]):
            return foreign_origin()
        return None

    def _limit(self, scope: Scope) -> tuple[int, str]:
        """Bytes of the body, and the setting that says so. That of a job goes to the disk."""
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")).rstrip("/"))
        if path in JOBS:
            return self.limits.job_bytes, "TRENDNLP_MAX_JOB_BYTES"
        return self.limits.bytes, "TRENDNLP_MAX_BYTES"


class _Exchange:
    """Adds the headers to the response, and notes its status once it has begun."""

    def __init__(self, send: Send, request_id: str, outcome: Outcome) -> None:
        self._send = send
        self.request_id = request_id
        self._begun = time.perf_counter()
        self.outcome = outcome

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.outcome.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS:
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self.request_id
            headers["Server-Timing"] = f"app;dur={(time.perf_counter() - self._begun) * 1000:.1f}"
        await self._send(message)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _foreign(headers: Headers, scheme: str) -> bool:
    """Whether a browser sent this for a page of another origin. A form may post text/plain anywhere, without asking
    first, so closed CORS alone does not keep a hostile page from storing documents. Programs send no Origin. What comes
    over TLS is not taken from a page that came without; a proxy that ends the TLS need not tell, so not the reverse."""
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return True
    return parts.netloc != headers.get("host", "") or (scheme == "https" and parts.scheme != "https")


def _limited(receive: Receive, max_bytes: int, setting: str) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise Refusal(too_large(max_bytes, setting))
        return message

    return counted
