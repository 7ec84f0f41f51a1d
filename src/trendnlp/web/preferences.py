"""What a reader has set for the pages: kept in cookies of the browser, so that pages are right from the first paint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

COOKIE_SECONDS = 365 * 24 * 60 * 60
KEYS_COOKIE, THEME_COOKIE, NAME_COOKIE = "trendnlp_keys", "trendnlp_theme", "trendnlp_name"
MAX_NAME = 100  # code points


class Theme(StrEnum):
    """Colours: those that the system asks for, or one scheme always."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Preferences:
    """``keys``: whether single keys do something. ``name``: by whom decisions are, empty where nobody said."""

    keys: bool = True
    theme: Theme = Theme.SYSTEM
    name: str = ""


def preferences_of(request: Request) -> Preferences:
    """What the request's cookies say; a value that is none counts as not set."""
    found = request.cookies
    theme = found.get(THEME_COOKIE, "")
    name = unquote(found.get(NAME_COOKIE, ""), errors="replace")
    return Preferences(
        keys=found.get(KEYS_COOKIE) != "off",
        theme=Theme(theme) if theme in list(Theme) else Theme.SYSTEM,
        name=name_of(name),
    )


def name_of(text: str) -> str:
    """``text`` as a name: one line, without control characters, not longer than ``MAX_NAME``."""
    return "".join(c for c in text if c.isprintable()).strip()[:MAX_NAME]


def remember(response: Response, preferences: Preferences, *, path: str, secure: bool) -> None:
    """Set the cookies. They hold no secret, and the pages' script has no need of them."""
    values = {
        KEYS_COOKIE: "on" if preferences.keys else "off",
        THEME_COOKIE: preferences.theme.value,
        NAME_COOKIE: quote(preferences.name, safe=""),
    }
    for name, value in values.items():
        response.set_cookie(
            name, value, max_age=COOKIE_SECONDS, path=path or "/", secure=secure, httponly=True, samesite="strict"
        )
