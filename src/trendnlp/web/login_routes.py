"""Signing in to the pages with a key, and out again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.access import MAX_KEY
from trendnlp.store import Access
from trendnlp.store.access import SESSION_HOURS
from trendnlp.web.answers import base_of
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.permissions import SESSION_COOKIE
from trendnlp.web.problems import Refusal, too_large, wrong_type

router = APIRouter(include_in_schema=False)

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 16 * 1024  # bytes, which anyone may send: room for a key and an address
MAX_TARGET = 8 * 1024


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, each once; raises Refusal."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refusal(wrong_type(request.headers.get("content-type", ""), (FORM,)))
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_FORM:
            raise Refusal(too_large(MAX_FORM, None))
    return {name: values[-1] for name, values in parse_qs(received.decode("utf-8", "replace")).items()}


Fields = Annotated[dict[str, str], Depends(_fields)]


@router.get("/login")
def login_page(request: Request, workspace: AnyWorkspace, pages: ThePages, to: str = "/") -> Response:
    access = Access(workspace.store.database)
    guarded = access.guarded()
    needed = guarded or workspace.settings.require_keys
    if needed and access.of_session(request.cookies.get(SESSION_COOKIE, "")) is None:
        return pages.respond(request, "login.html", to=local(to), failed=False, keyless=not guarded)
    return RedirectResponse(base_of(request) + local(to), 303)


@router.post("/login")
def login(request: Request, workspace: AnyWorkspace, pages: ThePages, fields: Fields) -> Response:
    target = local(fields.get("to", "/"))
    key = fields.get("key", "").strip()
    access = Access(workspace.store.database)
    token = access.open_session(key) if len(key) <= MAX_KEY else None
    if token is None:
        keyless = not access.guarded()
        refused = pages.respond(request, "login.html", status=401, to=target, failed=True, keyless=keyless)
        refused.headers["WWW-Authenticate"] = 'Bearer realm="trendnlp"'
        return refused
    return _with_cookie(request, target, token, SESSION_HOURS * 3600)


@router.post("/logout")
def logout(request: Request, workspace: AnyWorkspace) -> Response:
    if token := request.cookies.get(SESSION_COOKIE):
        Access(workspace.store.database).close_session(token)
    return _with_cookie(request, "/login", "", 0)


def _with_cookie(request: Request, target: str, token: str, seconds: int) -> Response:
    """Lead to ``target`` with the cookie set: for this service alone, out of reach of scripts, over TLS alone where it
    came so. With 0 seconds the browser forgets it.
    """
    response = RedirectResponse(base_of(request) + target, 303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=seconds,
        path=base_of(request) or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


def local(target: str) -> str:
    """``target`` where it is a path of this service, else its first page: a link to the sign-in must not lead away."""
    inside = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if inside and target.isprintable() and len(target) <= MAX_TARGET else "/"
