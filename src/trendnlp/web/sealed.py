"""What a blind reader is not told before he is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from trendnlp.web.parts import AnyWorkspace
from trendnlp.web.principal import principal_of
from trendnlp.web.problems import Problem, Refusal
from trendnlp.workspace import Workspace


def refuse_open_share(request: Request, workspace: Workspace) -> None:
    """Raises Refusal (403) where the request's key is of a reader who has statements to read blind: no route tells him
    who decided what meanwhile. Without keys nobody is known, and so nobody kept from anything.
    """
    principal = principal_of(request)
    if principal is None or principal.key is None or not workspace.store.judging.has_open_share(principal.name):
        return
    detail = "You have statements to read blind, and this tells what others decided. Read them first."
    raise Refusal(Problem(403, "share-open", "Share open", detail))


def unsealed(request: Request, workspace: AnyWorkspace) -> None:
    """The same, for routes."""
    refuse_open_share(request, workspace)


Unsealed = Annotated[None, Depends(unsealed)]
