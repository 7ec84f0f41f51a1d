"""One request and its answer, tried again where that can help and cannot harm."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from trendnlp.client.errors import Problem, Unreachable, problem_of

Params = Mapping[str, str | int | float | Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent at most, and the seconds between: ``first``, doubled each time up to ``longest``,
    less a random part; or what the service's Retry-After says, if that is not over ``longest``.
    """

    tries: int = 5
    first: float = 0.5
    longest: float = 60.0

    def pause(self, tried: int, asked: float | None) -> float:
        """Seconds before the next try, after ``tried`` of them; raises ValueError where the service asks for more."""
        if asked is not None:
            if asked > self.longest:
                raise ValueError(asked)
            return asked
        # Spread out, so that clients that failed together do not come back together.
        return min(self.longest, self.first * 2.0 ** (tried - 1)) * random.uniform(0.5, 1.0)


class Transport:
    """Sends requests to one service. A POST carries an Idempotency-Key, the same in all its tries."""

    def __init__(
        self, http: httpx.Client, retries: Retries = Retries(), sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = http
        self._retries = retries
        self._sleep = sleep

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, path: str, *, params: Params | None = None, key: str | None = None, **body: Any) -> Any:
        """The JSON of the answer, None where it has no body. ``body`` is what httpx takes: json, content, files or
        timeout. ``key`` is the Idempotency-Key of a POST, by default a new one. Raises ServiceError.
        """
        request = self._request(method, path, params, key, body)
        response = self._tried(request, lambda: self._http.send(request))
        return response.json() if response.content else None

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        params: Params | None = None,
        accept: str,
        headers: Mapping[str, str] | None = None,
        silence: float = 0.0,
    ) -> Iterator[Iterator[bytes]]:
        """The bytes of an answer, as they come, which may be ``silence`` seconds apart; raises ServiceError."""
        given = {"headers": {"Accept": accept, **(headers or {})}, "timeout": self.timeout(least=silence)}
        request = self._request("GET", path, params, None, given)
        response = self._tried(request, lambda: self._http.send(request, stream=True))
        try:
            yield _told(response.iter_bytes())
        finally:
            response.close()

    def timeout(self, *, after: float = 0.0, least: float = 0.0) -> httpx.Timeout:
        """The client's own, but that what is read may take ``after`` seconds longer, and at ``least`` so many."""
        own = self._http.timeout
        read = None if own.read is None else max(own.read + after, least)
        return httpx.Timeout(connect=own.connect, read=read, write=own.write, pool=own.pool)

    def pause(self, seconds: float) -> None:
        """Wait before the next request."""
        self._sleep(seconds)

    def _request(
        self, method: str, path: str, params: Params | None, key: str | None, body: Mapping[str, Any]
    ) -> httpx.Request:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request(method, path, params=given, **body)
        if method == "POST":
            request.headers["Idempotency-Key"] = key or uuid.uuid4().hex
        return request

    def _tried(self, request: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        tried = 0
        while True:
            tried += 1
            failure: Problem | Unreachable
            asked = None
            try:
                response = send()
                if not response.is_error:
                    return response
                response.read()
                response.close()
                failure, asked = problem_of(response), _retry_after(response)
            except httpx.TransportError as error:
                failure = Unreachable(f"{request.method} {request.url.copy_with(query=None)}: {error!r}")
                failure.__cause__ = error
            # An answer that takes too long is still being worked on: asking again would only add to that.
            slow = isinstance(failure.__cause__, httpx.ReadTimeout)
            if slow or tried >= self._retries.tries or not (isinstance(failure, Unreachable) or failure.passes):
                raise failure
            try:
                pause = self._retries.pause(tried, asked)
            except ValueError:
                raise failure from None
            self._sleep(pause)


def lines_of(chunks: Iterator[bytes]) -> Iterator[str]:
    """The lines of a stream in UTF-8. Only a line feed ends one: JSON may hold the other characters that can."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r").decode() for line in whole)
    if rest:
        yield rest.decode()


def _told(chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except httpx.TransportError as error:
        raise Unreachable(f"the answer broke off: {error!r}") from error


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, from a number or a date."""
    given = response.headers.get("retry-after", "")
    if given.isdecimal():
        return float(given)
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except ValueError:
        return None
