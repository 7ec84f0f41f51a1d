"""Who makes a request, for the handlers."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from trendnlp.access import Principal, Role
from trendnlp.web.problems import Fault, Problem, Refusal, forbidden, invalid


def principal_of(request: Request) -> Principal | None:
    """Who makes the request; None where nobody was asked for."""
    return cast("Principal | None", getattr(request.state, "principal", None))


async def _principal(request: Request) -> Principal:
    principal = principal_of(request)
    assert principal is not None, "the gate asks nobody for a key on this path"
    return principal


ThePrincipal = Annotated[Principal, Depends(_principal)]


def require(request: Request, role: Role) -> None:
    """Raises Refusal (403) where the key has not the ``role``, of what hangs on more than the path."""
    principal = principal_of(request)
    if principal is not None and not principal.may(role):
        raise Refusal(forbidden(principal.name, role))


def author_of(request: Request, said: str | None) -> str:
    """In whose name a decision is made. With a key that is the key's name, and a body may say no other; without keys it
    is whom the body names. Raises Refusal (403, 422).
    """
    principal = principal_of(request)
    if principal is not None and principal.key is not None:
        if said is not None and said != principal.name:
            detail = f"The key is {principal.name}'s, and `by` says another name. Leave it out, or use a key of theirs."
            raise Refusal(Problem(403, "other-author", "Other author", detail, (Fault("#/by", "is not the key's"),)))
        return principal.name
    if said is None:
        raise Refusal(invalid([Fault("#/by", "field required where no key says who decides")]))
    return said
