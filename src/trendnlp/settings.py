"""Settings from the environment. An unknown ``TRENDNLP_*`` variable is an error: a typing mistake must not pass."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from trendnlp.errors import SettingsError

PREFIX = "TRENDNLP_"
AUTO = "auto"  # the best model whose weights are on this machine


@dataclass(frozen=True, slots=True)
class Settings:
    """``home``: workspace folder. ``database_url``: SQLAlchemy URL, by default a SQLite file in ``home``.
    ``models``: folder of the trained models, by default the shipped one. ``model``: which of them labels.
    ``encoder``: folder of the base sentence-transformers weights, by default the installed package's.
    ``accurate_encoder``: the same of the larger encoder, by default in ``cache``. ``cache``: folder of what
    ``trendnlp models pull`` fetches, by default in the user's cache folder. ``max_characters``: longest document text;
    ``max_bytes``: largest file or request body. ``max_pages``: longest PDF or presentation. ``max_expanded``: most
    bytes that a DOCX, a PPTX or an archive may unpack to. ``parse_seconds`` and ``parse_memory`` (bytes): what reading
    one document may take. ``hosts``: names, besides this machine's own, under which a proxy may pass requests to the
    service. ``taxonomy``: a file that says which phrases stand for which tag. ``audit_share``: of
    the statements, how many (0 to 1) are shown for review whatever the model says of them.
    """

    home: Path = Path("~/.trendnlp")
    database_url: str = ""
    models: Path | None = None
    encoder: Path | None = None
    accurate_encoder: Path | None = None
    model: str = AUTO
    cache: Path | None = None
    max_characters: int = 10_000_000
    max_bytes: int = 64 * 1024 * 1024
    max_pages: int = 2000
    max_expanded: int = 512 * 1024 * 1024
    parse_seconds: int = 60
    parse_memory: int = 1024 * 1024 * 1024
    hosts: tuple[str, ...] = ()
    taxonomy: Path | None = None
    audit_share: float = 0.05

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read ``TRENDNLP_HOME``, ``TRENDNLP_DATABASE_URL`` and so on; raises SettingsError."""
        known = {PREFIX + f.name.upper(): f.name for f in fields(cls)}
        found: dict[str, str] = {}
        for name, value in (os.environ if env is None else env).items():
            if not name.startswith(PREFIX):
                continue
            if name not in known:
                raise SettingsError(name, "no such setting", f"Known settings: {', '.join(sorted(known))}.")
            if value:
                found[known[name]] = value
        return cls().with_values(found)

    def with_values(self, values: Mapping[str, str]) -> Settings:
        """A copy with ``values`` (field name to text) in place; raises SettingsError on a value that is none."""
        return replace(self, **{name: _value(name, text) for name, text in values.items()})

    @property
    def workspace(self) -> Path:
        return self.home.expanduser()

    @property
    def store_url(self) -> str:
        # Quoted, because a URL gives a question mark or percent sign in a folder's name another meaning.
        return self.database_url or f"sqlite:///{quote(str(self.workspace / 'trendnlp.sqlite'))}"


def _value(name: str, text: str) -> Any:
    if name in ("home", "models", "encoder", "accurate_encoder", "cache", "taxonomy"):
        return Path(text).expanduser()
    if name in ("database_url", "model"):
        return text
    if name == "hosts":
        return tuple(host.strip() for host in text.split(",") if host.strip())
    if name == "audit_share":
        return _share(name, text)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(PREFIX + name.upper(), f"{text!r} is no positive whole number", "Correct or remove it.")
    return int(text)


def _share(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise SettingsError(PREFIX + name.upper(), f"{text!r} is no share from 0 to 1", "Correct or remove it.")
    return value
