"""The calls of the service, each as a method that answers with a value or raises a ServiceError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from trendnlp.client.jobs import Jobs
from trendnlp.client.transport import Params, Retries, Transport
from trendnlp.client.values import (
    Analysis,
    Comparison,
    DocumentSummary,
    Finding,
    FullDocument,
    FullFinding,
    Ingested,
    Review,
    Statement,
    value_of,
)

TIMEOUT = 120.0  # seconds for one answer: a long report is analysed in less
PAGE = 100  # items asked for at once

T = TypeVar("T")


class Client:
    """A service at ``base_url``. ``api_key`` is sent as a bearer token. ``http`` is another httpx client to send with,
    whose address and headers are then used; whoever made it closes it.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        *,
        api_key: str | None = None,
        timeout: float = TIMEOUT,
        retries: Retries = Retries(),
        http: httpx.Client | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._own = None if http else httpx.Client(base_url=base_url, headers=headers, timeout=timeout)
        # A finding that another one took up answers with a redirect to that one.
        sender = http or self._own
        assert sender is not None
        sender.follow_redirects = True
        self._transport = Transport(sender, retries)
        self.jobs = Jobs(self._transport)

    def close(self) -> None:
        if self._own:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def analyze(self, text: str, **known: str) -> Analysis:
        """Analyse a text; nothing is stored. ``known`` is what is known of it: format, title, market and so on."""
        return value_of(Analysis, self._transport.send("POST", "/v1/analyze", json={"text": text, **known}))

    def add_document(
        self, *, text: str | None = None, path: Path | None = None, key: str | None = None, **known: str
    ) -> Ingested:
        """Store a text, or the file at ``path``, and analyse it; ``known`` as in ``analyze``, and ``source``, and of a
        file ``password``. The same content again changes nothing, and says so in ``duplicate_of``.
        """
        if (text is None) == (path is None):
            raise ValueError("give one of text and path")
        body: dict[str, Any] = {"json": {"text": text, **known}}
        if path is not None:
            body = {"data": known, "files": {"file": (path.name, path.read_bytes())}}
        return value_of(Ingested, self._transport.send("POST", "/v1/documents", key=key, **body))

    def documents(self) -> Iterator[DocumentSummary]:
        """The stored documents, the latest first."""
        return self._all(DocumentSummary, "/v1/documents", {})

    def document(self, id: str) -> FullDocument:
        """A document with its text; raises NotFound."""
        return value_of(FullDocument, self._transport.send("GET", _path("documents", id)))

    def delete_document(self, id: str, *, match: str = "*") -> None:
        """Delete a document, its statements and its places in findings; with its ETag as ``match``, only as it was
        read. Raises NotFound, Conflicting.
        """
        self._transport.send("DELETE", _path("documents", id), headers={"If-Match": match})

    def statements(
        self,
        document: str,
        *,
        kind: Sequence[str] = (),
        aspect: Sequence[str] = (),
        min_score: float = 0.0,
        q: str | None = None,
    ) -> Iterator[Statement]:
        """The statements of a document in text order; without ``kind`` all of them, ``other`` too."""
        wanted: Params = {"kind": kind, "aspect": aspect, "min_score": min_score, "q": q}
        return self._all(Statement, _path("documents", document, "statements"), wanted)

    def findings(
        self,
        *,
        kind: Sequence[str] = (),
        aspect: Sequence[str] = (),
        state: Sequence[str] = (),
        tag: Sequence[str] = (),
        document: str | None = None,
        q: str | None = None,
        contested: bool | None = None,
    ) -> Iterator[Finding]:
        """The findings, those in most documents first. Of one filter any value does, all filters must hold."""
        wanted: Params = {"kind": kind, "aspect": aspect, "state": state, "tag": tag, "document": document, "q": q}
        return self._all(Finding, "/v1/findings", {**wanted, "contested": contested})

    def finding(self, id: str) -> FullFinding:
        """A finding with the statements behind it, that which took it up where one did; raises NotFound, Gone."""
        return value_of(FullFinding, self._transport.send("GET", _path("findings", id)))

    def compare(self, pairs: Sequence[tuple[str, str]], kind: str | None = None) -> tuple[Comparison, ...]:
        """Whether pairs of statements make the same claim, one answer a pair, in order."""
        body = {"pairs": [{"a": a, "b": b} | ({"kind": kind} if kind else {}) for a, b in pairs]}
        answer = self._transport.send("POST", "/v1/compare", json=body)
        return tuple(value_of(Comparison, item) for item in answer["items"])

    def review(
        self,
        action: str,
        statements: Sequence[str],
        *,
        by: str | None = None,
        value: str | None = None,
        key: str | None = None,
    ) -> Review:
        """Record a decision, with the ``value`` that its action takes, in the name of the API key, without one in that
        of ``by``; raises Conflicting.
        """
        body = {"action": action, "statements": list(statements), "by": by, "value": value}
        body = {name: given for name, given in body.items() if given is not None}
        return value_of(Review, self._transport.send("POST", "/v1/reviews", key=key, json=body))

    def undo(self, review: str, *, by: str | None = None, key: str | None = None) -> Review:
        """Take a decision back; raises NotFound, Conflicting."""
        path = _path("reviews", review, "undo")
        return value_of(Review, self._transport.send("POST", path, key=key, json={"by": by} if by else {}))

    def reviews(self, *, statement: str | None = None) -> Iterator[Review]:
        """The decisions, the latest first; of one statement, those that speak of it."""
        return self._all(Review, "/v1/reviews", {"statement": statement})

    def export(self, **wanted: str | Sequence[str]) -> Iterator[bytes]:
        """The file that `/v1/export` makes with the parameters ``wanted``, piece by piece."""
        with self._transport.stream("/v1/export", params=wanted, accept="*/*") as pieces:
            yield from pieces

    def model(self) -> dict[str, Any]:
        """Which models, thresholds and limits are in use."""
        return dict(self._transport.send("GET", "/v1/model"))

    def _all(self, type_: type[T], path: str, wanted: Params) -> Iterator[T]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self._transport.send("GET", path, params={**wanted, "limit": PAGE, "cursor": cursor})
            yield from (value_of(type_, item) for item in page["items"])
            if (cursor := page["next_cursor"]) is None:
                return


def _path(*parts: str) -> str:
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)
