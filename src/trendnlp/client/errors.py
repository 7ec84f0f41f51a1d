"""What the service refuses or fails at, as exceptions.

ServiceError
├── Unreachable        no answer came, after all tries
└── Problem            an answer of 400 or more, with its problem document
    ├── NotAllowed     401, 403
    ├── NotFound       404
    │   └── Gone       410
    ├── Conflicting    409, 412, 428: the state of what it is about rules it out
    ├── TooLarge       413
    ├── Unreadable     415, 422
    └── Unavailable    429, 502, 503, 504, after all tries
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from json import JSONDecodeError

import httpx


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a request: where (``#/field`` in the body, ``?name`` of the query), and what."""

    pointer: str
    detail: str


class ServiceError(Exception):
    """The service did not do what was asked of it."""


class Unreachable(ServiceError):
    """No answer came. Whether the service did what was asked is not known."""


IN_PROGRESS = "urn:trendnlp:problem:request-in-progress"


class Problem(ServiceError):
    """What a problem document (RFC 9457) says. ``type`` names the problem for programs, ``request_id`` finds it in the
    log of the service. Of an answer that is none, as a proxy may give, ``type`` is ``about:blank``.
    """

    def __init__(self, status: int, type: str, detail: str, request_id: str, errors: tuple[Fault, ...]) -> None:
        super().__init__(f"{status} {type.rsplit(':', 1)[-1]}: {detail}" + (f" [{request_id}]" if request_id else ""))
        self.status = status
        self.type = type
        self.detail = detail
        self.request_id = request_id
        self.errors = errors

    @property
    def passes(self) -> bool:
        """Whether the same request, with the same key, may have another answer soon."""
        return isinstance(self, Unavailable) or self.type == IN_PROGRESS


class NotAllowed(Problem): ...


class NotFound(Problem): ...


class Gone(NotFound): ...


class Conflicting(Problem): ...


class TooLarge(Problem): ...


class Unreadable(Problem): ...


class Unavailable(Problem): ...


_KINDS: dict[int, type[Problem]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflicting,
    410: Gone,
    412: Conflicting,
    413: TooLarge,
    415: Unreadable,
    422: Unreadable,
    428: Conflicting,
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def problem_of(response: httpx.Response) -> Problem:
    """The exception that tells an answer of 400 or more, whose body has been read."""
    kind = _KINDS.get(response.status_code, Problem)
    request_id = response.headers.get("x-request-id", "")
    try:
        told = response.json()
        faults = tuple(Fault(str(e["pointer"]), str(e["detail"])) for e in told.get("errors", ()))
        return kind(response.status_code, str(told["type"]), str(told["detail"]), request_id, faults)
    except (JSONDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
        known = response.status_code in set(HTTPStatus)
        detail = HTTPStatus(response.status_code).phrase if known else "no problem document came with it"
        return kind(response.status_code, "about:blank", detail, request_id, ())
