"""Every refusal and failure as one value, and as a problem document (RFC 9457).

No text of an unexpected error, no path of the machine and no stack trace reaches a client: those go to the log, under
the request id that the client was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from trendnlp.errors import (
    ArtefactError,
    BadCursor,
    BadReview,
    BadTarget,
    Conflict,
    DamagedInput,
    EmptyInput,
    EncryptedInput,
    Expired,
    ForeignLanguage,
    Gone,
    InputError,
    InputTooLarge,
    NoTextLayer,
    NotFound,
    NotText,
    QueueFull,
    ReadingStopped,
    Stale,
    TooFewReviews,
    TrendnlpError,
    UnsupportedFormat,
    WrongState,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:trendnlp:problem:"
RETRY_SECONDS = 5  # the shipped models load in about this time, importing their libraries included
QUEUE_SECONDS = 30  # in which a worker gets through some dozens of documents
MAX_TOLD = 20  # faults of one request; who mends these learns of the next
MAX_POINTER = 500  # characters; a name that nobody knows may be as long as the body
UNEXPECTED = "Something failed that should not. The log of the service tells more under this request id."
UNAVAILABLE = "The workspace cannot be used now. The log of the service tells more under this request id."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a request. ``pointer`` is ``#/field`` in a body, ``?name`` for a query parameter,
    ``{name}`` for a part of the path, ``Name`` for a header."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal or failure. ``slug`` is the stable end of its type; ``headers`` go out with it. ``split_into`` are the
    ids of the findings that hold what one that is gone had, None where the problem is another. So are ``changed``, the
    reviews that came since what a decision is about was read.
    """

    status: int
    slug: str
    title: str
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    split_into: tuple[str, ...] | None = None
    changed: tuple[str, ...] | None = None

    def body(self, *, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON object of RFC 9457, with ``errors`` and ``request_id`` as extension members."""
        return {
            "type": TYPE_PREFIX + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.errors],
            "request_id": request_id,
            **({} if self.split_into is None else {"split_into": list(self.split_into)}),
            **({} if self.changed is None else {"changed": list(self.changed)}),
        }


class Refusal(Exception):
    """Raised where a request is turned down; carries the problem to answer with."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    slug: str
    title: str


# the most specific class of the error tree wins: looked up along the error's own classes
_KINDS: Mapping[type[BaseException], _Kind] = {
    NotFound: _Kind(404, "not-found", "Not found"),
    Gone: _Kind(410, "gone", "Gone"),
    BadReview: _Kind(422, "bad-review", "Bad review"),
    BadTarget: _Kind(422, "bad-target", "Bad target"),
    Conflict: _Kind(409, "conflict", "Conflict"),
    WrongState: _Kind(409, "wrong-state", "Wrong state"),
    Expired: _Kind(410, "expired", "Expired"),
    TooFewReviews: _Kind(409, "too-few-reviews", "Too few reviews"),
    QueueFull: _Kind(429, "queue-full", "Queue full"),
    Stale: _Kind(412, "stale", "Changed meanwhile"),
    BadCursor: _Kind(400, "bad-cursor", "Bad cursor"),
    InputTooLarge: _Kind(413, "too-large", "Too large"),
    UnsupportedFormat: _Kind(415, "unsupported-format", "Unsupported format"),
    EmptyInput: _Kind(422, "empty", "Empty text"),
    NotText: _Kind(422, "not-text", "Not a text"),
    ForeignLanguage: _Kind(422, "foreign-language", "Not in English"),
    DamagedInput: _Kind(422, "damaged", "Damaged file"),
    EncryptedInput: _Kind(422, "encrypted", "Encrypted file"),
    NoTextLayer: _Kind(422, "no-text-layer", "No text layer"),
    ReadingStopped: _Kind(422, "reading-stopped", "Reading stopped"),
    InputError: _Kind(422, "unreadable", "Unreadable text"),
    ArtefactError: _Kind(503, "model-unavailable", "Model unavailable"),
    TrendnlpError: _Kind(503, "unavailable", "Unavailable"),
}


def problem_of(error: Exception) -> Problem:
    """The problem that tells ``error`` to a client. Anything unknown is a 500 that says nothing of its cause."""
    if isinstance(error, Refusal):
        return error.problem
    if isinstance(error, TrendnlpError):
        return _of_own(error)
    if isinstance(error, RequestValidationError):
        return invalid(faults_of(error.errors()))
    if isinstance(error, HTTPException):
        return _of_framework(error)
    return Problem(500, "internal", "Internal error", UNEXPECTED)


def invalid(faults: Sequence[Fault]) -> Problem:
    """A request that is understood but does not hold to its schema. Of very many faults the first are told."""
    told = tuple(faults[:MAX_TOLD])
    detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in told)
    more = f"; and {len(faults) - MAX_TOLD:,} more" if len(faults) > MAX_TOLD else ""
    return Problem(422, "invalid", "Invalid request", f"{detail}{more}.", told)


def not_ready(reason: str = "the models are not loaded; /readyz says why") -> Problem:
    """The models are loading, or cannot be loaded. Only /readyz, which operators ask, gives the workspace's reason:
    it may name folders of the machine."""
    detail = f"{reason[:1].upper()}{reason[1:]}".rstrip(".") + "."
    return Problem(503, "not-ready", "Not ready", detail, headers=(("Retry-After", str(RETRY_SECONDS)),))


def too_large(limit: int, setting: str | None = "TRENDNLP_MAX_BYTES") -> Problem:
    """A body over ``limit`` bytes, which ``setting`` says, None where nothing does."""
    remedy = "Send less." if setting is None else f"Send less, or raise {setting}."
    detail = f"The body is larger than {limit} bytes. {remedy}"
    return Problem(413, "too-large", "Too large", detail)


def analysis_too_large(limit: int) -> Problem:
    """A body over the ``limit`` bytes of what is analysed while the caller waits."""
    detail = f"A body to analyse at once may have {limit} bytes. Send less, or store the text with POST /v1/documents."
    return Problem(413, "too-large", "Too large", detail)


def busy(limit: int) -> Problem:
    """The service has ``limit`` texts in hand, which is all that it takes at once."""
    detail = f"The service has {limit} texts in hand and takes no more at once. Try again in a few seconds."
    return Problem(429, "busy", "Busy", detail, headers=(("Retry-After", str(RETRY_SECONDS)),))


def misdirected() -> Problem:
    """A request that calls the service by a name that is not its own."""
    detail = "The Host is no name of this service. Call it as 127.0.0.1, or add the name to TRENDNLP_HOSTS."
    return Problem(421, "misdirected-request", "Misdirected request", detail)


def foreign_origin() -> Problem:
    """A request that a browser sent for a page which is not the service's."""
    detail = "A page of another origin may not change this workspace. Call it from its own origin or a program."
    return Problem(403, "foreign-origin", "Foreign origin", detail)


def unauthenticated(given: bool) -> Problem:
    """A request without a key, or (``given``) with one that does not work."""
    why = "The key or session does not work: it is misspelt, expired or revoked" if given else "A key is needed"
    challenge = 'Bearer realm="trendnlp"' + (', error="invalid_token"' if given else "")
    detail = f"{why}. Send one as `Authorization: Bearer KEY`, or sign in at /login."
    return Problem(401, "unauthenticated", "Not signed in", detail, headers=(("WWW-Authenticate", challenge),))


def forbidden(name: str, role: str) -> Problem:
    """A request that the key of ``name`` may not make."""
    detail = f"This needs a key with the role {role}, which the key of {name} has not."
    return Problem(403, "forbidden", "Forbidden", detail)


def keys_needed() -> Problem:
    """A request from elsewhere to a service without keys."""
    detail = "The service has no keys, so it answers this machine alone. Make a key with `trendnlp keys add`."
    return Problem(403, "keys-needed", "Keys needed", detail)


def wrong_type(given: str, known: Sequence[str]) -> Problem:
    """A body of a media type that the route does not read."""
    detail = f"The body's type is {given or 'not given'}. Send one of: {', '.join(known)}."
    headers = (("Accept", ", ".join(known)),)
    return Problem(415, "unsupported-media-type", "Unsupported media type", detail, headers=headers)


def faults_of(errors: Sequence[Any]) -> tuple[Fault, ...]:
    """Pydantic's errors as faults, in its order; where a value was tried against several types, each is told."""
    return tuple(Fault(_pointer(error["loc"]), _words(error)) for error in errors)


def _pointer(location: Sequence[str | int]) -> str:
    place = str(location[0]) if location else "body"
    rest = [str(part)[:MAX_POINTER] for part in location[1:]]
    if place == "query":
        return "?" + ".".join(rest)
    if place == "header":
        return ".".join(rest)
    if place == "path":
        return "{" + ".".join(rest) + "}"
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in rest)


def _words(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:] if message else "not valid"


def _of_own(error: TrendnlpError) -> Problem:
    kind = next(_KINDS[base] for base in type(error).__mro__ if base in _KINDS)
    later = {HTTPStatus.SERVICE_UNAVAILABLE: RETRY_SECONDS, HTTPStatus.TOO_MANY_REQUESTS: QUEUE_SECONDS}
    headers = (("Retry-After", str(later[HTTPStatus(kind.status)])),) if kind.status in later else ()
    # what the store or the model folder says of itself holds paths and addresses of the machine
    detail = str(error) if kind.status < HTTPStatus.INTERNAL_SERVER_ERROR else UNAVAILABLE
    split_into = error.parts if isinstance(error, Gone) else None
    changed = error.changed if isinstance(error, Stale) else None
    return Problem(kind.status, kind.slug, kind.title, detail, (), headers, split_into, changed)


def _of_framework(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    detail = error.detail if error.detail and error.detail != status.phrase else status.description or status.phrase
    slug = status.phrase.lower().replace(" ", "-")
    headers = tuple((error.headers or {}).items())
    return Problem(status.value, slug, status.phrase, detail.rstrip(".") + ".", headers=headers)
