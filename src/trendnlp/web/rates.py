"""How many requests a caller may make in a minute, told in the fields of the IETF's RateLimit header draft.

Counted in this process alone: several processes behind one proxy let as many times more through.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trendnlp.web.callers import caller_of
from trendnlp.web.problems import Problem

WINDOW = 60  # seconds
POLICY = "minute"
API = "/v1/"


@dataclass(frozen=True, slots=True)
class Quota:
    """What a caller has left: requests until the window ends, and in how many seconds it does; below zero, this request
    is one too many.
    """

    left: int
    seconds: int


class Windows:
    """Counts requests by caller, in windows that begin for all callers at once. For any number of threads."""

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, caller: str) -> Quota:
        """One more request of ``caller``; those over the limit are not counted."""
        now = self._now()
        with self._lock:
            if (window := int(now // WINDOW)) != self._window:
                self._window, self._counts = window, {}
            used = self._counts.get(caller, 0)
            self._counts[caller] = min(used + 1, self.limit)
        seconds = math.ceil((window + 1) * WINDOW - now)
        return Quota(self.limit - used - 1, max(1, seconds))


class RateLimit:
    """ASGI middleware over the routes of the API."""

    def __init__(self, app: ASGIApp, *, limit: int, answer: Callable[[Request, Problem], Response]) -> None:
        self.app = app
        self._windows = Windows(limit)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _path(scope).startswith(API):
            await self.app(scope, receive, send)
            return
        quota = self._windows.count(caller_of(scope))
        fields = (
            ("RateLimit-Policy", f'"{POLICY}";q={self._windows.limit};w={WINDOW}'),
            ("RateLimit", f'"{POLICY}";r={max(0, quota.left)};t={quota.seconds}'),
        )

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in fields:
                    headers[name] = value
            await send(message)

        if quota.left < 0:
            await self._answer(Request(scope), _too_many(self._windows.limit, quota.seconds))(scope, receive, told)
        else:
            await self.app(scope, receive, told)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")).rstrip("/"))


def _too_many(limit: int, seconds: int) -> Problem:
    detail = f"More than {limit} requests in a minute. Wait {seconds} s, or raise TRENDNLP_REQUESTS_PER_MINUTE."
    return Problem(429, "too-many-requests", "Too many requests", detail, headers=(("Retry-After", str(seconds)),))
