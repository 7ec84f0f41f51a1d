"""Who calls, and may they: every request passes here before anything of it is read."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette._utils import get_route_path  # by which the router finds its routes: the two must not differ
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trendnlp.access import LOCAL, Principal
from trendnlp.errors import TrendnlpError
from trendnlp.settings import Settings
from trendnlp.store import Access
from trendnlp.web.answers import base_of, wants_page
from trendnlp.web.envelope import SAFE_METHODS
from trendnlp.web.hosts import is_loopback, name_of
from trendnlp.web.permissions import SESSION_COOKIE, Rule, rule_of
from trendnlp.web.problems import (
    Problem,
    Refusal,
    forbidden,
    foreign_origin,
    keys_needed,
    problem_of,
    unauthenticated,
)

log = logging.getLogger("trendnlp.web")

NOTED_SECONDS = 60  # that a key is used is written down once in so many seconds
THREADS = 4  # of their own, so that a key is checked while analyses hold all the others

Answer = Callable[[Request, Problem], Response]


class Gate:
    """ASGI middleware inside the envelope. Sets ``request.state.principal``, and refuses who has no key or not the role
    that the request needs (401, 403). Where there are no keys, whoever calls from this machine may everything, and
    nobody else anything.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, noter: UseNoter, answer: Answer) -> None:
        self.app = app
        self._hosts = frozenset(host.lower() for host in settings.hosts)
        self._require_keys = settings.require_keys
        self._noter = noter
        self._answer = answer
        self._threads = CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        rule = rule_of(scope["method"], get_route_path(scope))
        refused: Response | None = None
        if not rule.open:
            try:
                scope.setdefault("state", {})["principal"] = await self._admit(request, rule)
            except (Refusal, TrendnlpError) as error:
                refused = self._refused(request, problem_of(error))
        await (refused or self.app)(scope, receive, send)

    async def _admit(self, request: Request, rule: Rule) -> Principal:
        """Raises Refusal, StoreError."""
        access = Access(request.app.state.workspace.store.database)
        secret, token = _bearer(request), request.cookies.get(SESSION_COOKIE)
        principal = await run_sync(self._known, access, secret, token, limiter=self._threads)
        if principal is None:
            raise Refusal(unauthenticated(given=secret is not None or token is not None))
        if principal.key is None:
            self._check_is_local(request)
        else:
            self._noter.note(access, principal.key)
            # a program sends no Origin, but a browser, which sends the cookie by itself, does
            if secret is None and request.method not in SAFE_METHODS and "origin" not in request.headers:
                raise Refusal(foreign_origin())
        if not principal.may(rule.role):
            assert rule.role is not None
            raise Refusal(forbidden(principal.name, rule.role))
        return principal

    def _known(self, access: Access, secret: str | None, token: str | None) -> Principal | None:
        found = access.principal(secret) if secret is not None else access.of_session(token) if token else None
        if found is None and not self._require_keys and not access.guarded():
            return LOCAL
        return found

    def _check_is_local(self, request: Request) -> None:
        """Raises Refusal where the request came from elsewhere. The server's own address is that of the connection: one
        that is not loopback was reached from outside. A proxy on this machine may tell a client from elsewhere, if it
        passes on a host that was named in the settings for it.
        """
        server, client = request.scope.get("server"), request.client
        if server is not None and server[1] is not None and not is_loopback(server[0]):
            raise Refusal(keys_needed())
        near = is_loopback(client.host) if client is not None else server is not None
        if not near and name_of(request.headers.get("host", "")) not in self._hosts:
            raise Refusal(keys_needed())

    def _refused(self, request: Request, problem: Problem) -> Response:
        if problem.status == 401 and request.method == "GET" and wants_page(request):
            path = quote(get_route_path(request.scope))
            target = f"{path}?{request.url.query}" if request.url.query else path
            return RedirectResponse(f"{base_of(request)}/login?{urlencode({'to': target})}", 303)
        return self._answer(request, problem)


class UseNoter:
    """Writes down when keys were last used, beside the requests: these must not wait until others have written."""

    def __init__(self) -> None:
        self._noted: dict[str, float] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._thread = CapacityLimiter(1)

    def note(self, access: Access, key: str) -> None:
        """To be called in the event loop."""
        now = time.monotonic()
        if now - self._noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        self._noted[key] = now
        task = asyncio.create_task(self._write(access, key))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def finish(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing)

    async def _write(self, access: Access, key: str) -> None:
        try:
            await run_sync(access.note_use, key, limiter=self._thread)
        except TrendnlpError:
            log.exception("the use of the key %s could not be written down", key)


def _bearer(request: Request) -> str | None:
    """The key in the Authorization header; None where there is no such header."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
