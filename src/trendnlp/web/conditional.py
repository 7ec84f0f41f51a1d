"""Conditional requests (RFC 9110, section 13): what has not changed is not sent again, and nobody changes what he has
not seen.

An ETag is a digest of the JSON that a read answers with, so that it is another wherever a reader would see anything
else. An edit that names what it was decided on in If-Match is refused once that has changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trendnlp.web.problems import Problem, Refusal

ETAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
DIGITS = 32  # hexadecimal ones of SHA-256: 128 bits
ANY = "*"
OF_THE_BODY = ("content-length", "content-type")


def etag_of(body: bytes) -> str:
    """The strong entity tag of a body, in its quotes."""
    return f'"{hashlib.sha256(body).hexdigest()[:DIGITS]}"'


def require_match(given: str | None, current: Callable[[], Sequence[str]]) -> None:
    """Whether an edit may be made: ``given`` is its If-Match, ``current`` tells the tags that what it edits has now.

    Raises Refusal: 428 where none is given, 412 where none of the given is current.
    """
    if given is None:
        detail = "Read it first, and send the ETag of that answer as If-Match; * stands for whatever is there."
        raise Refusal(Problem(428, "precondition-required", "Precondition required", detail))
    if given.strip() == ANY:
        return
    strong = {tag for weak, tag in ETAG.findall(given) if not weak}
    if strong.isdisjoint(current()):
        detail = "It is not what If-Match names any more. Read it again, and decide anew."
        raise Refusal(Problem(412, "precondition-failed", "Precondition failed", detail))


class Conditional:
    """ASGI middleware that gives JSON which is read an ETag, and answers 304 where If-None-Match names it.

    Expects HEAD to have become GET. What is sent in several pieces, errors and other media types pass as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        known = ", ".join(Headers(scope=scope).getlist("if-none-match"))
        await self.app(scope, receive, _Tagged(send, known).send)


class _Tagged:
    """Holds the head of an answer back until its body is known."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                message = self._tag(head, message)
            await self._send(head)
        await self._send(message)

    def _tag(self, head: Message, body: Message) -> Message:
        """Give ``head`` the tag of ``body``; returns the body that goes out with it."""
        headers = MutableHeaders(scope=head)
        headers["ETag"] = tag = etag_of(body.get("body", b""))
        if self._known.strip() != ANY and tag not in (found for _, found in ETAG.findall(self._known)):
            return body
        head["status"] = 304
        for name in OF_THE_BODY:
            del headers[name]
        return {**body, "body": b""}


def _is_json(head: Message) -> bool:
    media = Headers(raw=head.get("headers", [])).get("content-type", "").partition(";")[0]
    return head["status"] == 200 and media == "application/json"
