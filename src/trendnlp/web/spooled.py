"""The body of a request, read once and given again: in memory while it is small, else in a temporary file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import Message
from typing import IO

from starlette.requests import Request
from starlette.types import Message as Event
from starlette.types import Receive

IN_MEMORY = 1024 * 1024  # bytes; over it the body goes to the disk
CHUNK = 64 * 1024


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[tuple[Request, str]]:
    """The request once more, whose body can be read though this has read it, and the SHA-256 of all by which it
    differs from another. The boundary of a form is left out: a client draws a new one each time.
    """
    digest = _Digest(request)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        async for chunk in request.stream():
            body.write(chunk)
            digest.update(chunk)
        body.seek(0)
        yield Request(request.scope, _again(body, request.receive)), digest.hexdigest()


class _Digest:
    def __init__(self, request: Request) -> None:
        given = request.headers.get("content-type", "")
        media = Message()
        media["content-type"] = given
        boundary = None
        # of a charset that there is not, or not such text in; a parameter whose parts are partly numbered
        with suppress(UnicodeError, LookupError, TypeError):
            boundary = media.get_boundary() if media.get_content_maintype() == "multipart" else None
        self._mark = b"--" + boundary.encode("latin-1", "replace") if boundary else b""
        self._rest = b""  # what may be the beginning of a mark
        self._sha = hashlib.sha256()
        query = request.scope["query_string"].decode("latin-1")
        told = media.get_content_type() if boundary else given
        for part in (request.method, request.scope["path"], query, told):
            self._sha.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))

    def update(self, chunk: bytes) -> None:
        if not self._mark:
            self._sha.update(chunk)
            return
        *whole, last = (self._rest + chunk).split(self._mark)
        for part in whole:
            self._sha.update(part + b"--")
        done = max(0, len(last) - len(self._mark) + 1)
        self._sha.update(last[:done])
        self._rest = last[done:]

    def hexdigest(self) -> str:
        self._sha.update(self._rest)
        return self._sha.hexdigest()


def _again(body: IO[bytes], receive: Receive) -> Receive:
    """Gives what is in the file, then what comes from the client after its body: that it goes away."""
    told = False

    async def replay() -> Event:
        nonlocal told
        if told:
            return await receive()
        chunk = body.read(CHUNK)
        told = len(chunk) < CHUNK
        return {"type": "http.request", "body": chunk, "more_body": not told}

    return replay
