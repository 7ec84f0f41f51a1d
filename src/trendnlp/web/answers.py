"""How a value leaves the service: JSON, a problem document, or a page made from a template."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import JSONResponse, RedirectResponse, Response

from trendnlp.errors import Moved, TrendnlpError, printable
from trendnlp.records import Record
from trendnlp.types import KINDS
from trendnlp.web.keys import PLACES, keys_of, label_of
from trendnlp.web.preferences import preferences_of
from trendnlp.web.problems import MEDIA_TYPE, Problem, problem_of
from trendnlp.web.wording import unmarked

log = logging.getLogger("trendnlp.web")

HERE = Path(__file__).parent
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embeddings, overrides and isolates (UAX 9)


class Json(JSONResponse):
    """JSON in UTF-8. Lone surrogates, which a file name may hold and UTF-8 may not, leave as escapes."""

    def render(self, content: Any) -> bytes:
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class ProblemResponse(Json):
    """A problem document."""

    media_type = MEDIA_TYPE


class Pages:
    """The templates. Every value is escaped; a name that a template misspells is an error, not an empty place."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["name"] = printable
        self._templates.filters["number"] = grouped
        self._templates.filters["folded"] = folded
        self._templates.filters["unmarked"] = unmarked
        self._templates.filters["straight"] = straight
        self._templates.filters["tint"] = tint
        self._templates.filters["key"] = label_of
        self._templates.filters["plural_of"] = plural_of
        self._templates.globals.update(key_places=PLACES, keys_of=keys_of)

    def respond(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        """``template`` filled with ``values``; ``base`` is the path under which the service is mounted, ``preferences``
        what the reader has set, ``principal`` who reads."""
        common = {
            "base": base_of(request),
            "preferences": preferences_of(request),
            "principal": getattr(request.state, "principal", None),
        }
        text = self._templates.get_template(template).render(common, **values)
        return Response(text.encode("utf-8", "backslashreplace"), status, media_type="text/html")

    def problem(self, request: Request, problem: Problem) -> Response:
        """``problem`` as a problem document; as a page for a browser that follows a link to one of the pages."""
        request_id = request.state.request_id
        headers = dict(problem.headers)
        if wants_page(request):
            response = self.respond(
                request, "problem.html", status=problem.status, problem=problem, request_id=request_id
            )
            response.headers.update(headers)
            return response
        # not request.url, which a Host that is none makes another address or no address at all
        body = problem.body(instance=quote(request.scope["path"]), request_id=request_id)
        return ProblemResponse(body, problem.status, headers)

    def handler(self) -> Callable[[Request, Exception], Awaitable[Response]]:
        """An exception handler for the framework; a coroutine, so that a refusal needs no thread of the pool."""

        async def handle(request: Request, error: Exception) -> Response:
            # what names the finding elsewhere than in its path would be sent to the same address again and again
            if isinstance(error, Moved) and error.subject in request.url.path.split("/"):
                return RedirectResponse(moved_link(request, error), 308)
            problem = problem_of(error)
            if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(error, TrendnlpError):
                log.error("%s: %s", problem.title, type(error).__name__, exc_info=error)
            return self.problem(request, problem)

        return handle


def base_of(request: Request) -> str:
    """The path under which the service is mounted, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def next_link(request: Request, next_cursor: str | None) -> str | None:
    """The address of the next page of this list: this request's, its cursor replaced. None on the last page."""
    if next_cursor is None:
        return None
    kept: Sequence[tuple[str, str]] = [
        (name, value) for name, value in request.query_params.multi_items() if name != "cursor"
    ]
    return f"{quote(request.url.path)}?{urlencode([*kept, ('cursor', next_cursor)])}"


def moved_link(request: Request, moved: Moved) -> str:
    """The address of this request with the id of the finding that was asked for replaced by its successor's."""
    parts = [moved.to if part == moved.subject else part for part in request.url.path.split("/")]
    return quote("/".join(parts)) + (f"?{request.url.query}" if request.url.query else "")


def listed(request: Request, items: Sequence[Record], next_cursor: str | None, total: int) -> Response:
    """One page of a list, with its Link header."""
    link = next_link(request, next_cursor)
    headers = {"Link": f'<{link}>; rel="next"'} if link else None
    return Json({"items": items, "next_cursor": next_cursor, "total": total}, headers=headers)


def grouped(number: int) -> str:
    """``number`` with its thousands set apart by narrow spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f")


def folded(text: str) -> str:
    """``text`` for reading: several line ends in a row as one, and no marks of emphasis."""
    return unmarked(re.sub(r"[^\S\n]*\n\s*", "\n", text))


def straight(text: str) -> str:
    """``text`` without the control characters that turn the direction of writing: for a page's title, where no markup
    can keep them from turning what follows."""
    return BIDI_CONTROLS.sub("", text)


def tint(kind: str) -> str:
    """The style class of ``kind``: its own colour, or a neutral one for a kind that the style sheet does not know."""
    return f"k-{kind}" if kind in KINDS else "k-unknown"


def plural_of(kind: str) -> str:
    """The word for several of ``kind``."""
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def wants_page(request: Request) -> bool:
    """Whether a browser follows a link to one of the pages, so that an answer in JSON would help nobody."""
    path = str(request.scope["path"]).removeprefix(base_of(request))
    return not path.startswith(("/v1/", "/static/")) and "text/html" in request.headers.get("accept", "")
