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
SWITCH = {"1": True, "true": True, "0": False, "false": False}
AUTO = "auto"  # the best model whose weights are on this machine
THREAD, NONE = "thread", "none"  # who of the service works on jobs
CENTURY = 36_525  # days; a time past the last year that a date can tell would never come
LONGEST = {"job_days": CENTURY, "idempotency_hours": 24 * CENTURY, "stop_seconds": 86_400}
MAX_DIGITS = 18  # of a number that every store can hold
CHOICES = {
    "worker": (THREAD, NONE),
    "log_format": ("text", "json"),
    "log_level": ("debug", "info", "warning", "error"),
}


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
    service. ``requests_per_minute``: of one caller to the API. ``idempotency_hours``: how long the answer to a request
    with an idempotency key is kept. ``taxonomy``: a file that says which phrases stand for which tag. ``worker``: what
    of the service works on jobs, a ``thread`` of it or ``none``. ``max_job_bytes``: largest body of a job that comes as
    files or rows. ``max_job_documents``: most documents of one job; ``max_queued``: most that may wait. ``job_days``:
    how long the results of a job can be read. ``log_format`` and ``log_level``: form of the service's log, and from
    which level on it tells. ``stop_seconds``: how long a service that is told to stop works on at the requests in hand.
    ``otlp_endpoint``: address of an OpenTelemetry collector that is sent spans, by default what OpenTelemetry's own
    variables name. ``require_keys``: answer nobody without a key, also where there is none yet. ``webhook_hosts``:
    names of hosts to which events are sent though they are not public, also without TLS. ``audit_share``: of
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
    worker: str = THREAD
    max_job_bytes: int = 256 * 1024 * 1024
    max_job_documents: int = 10_000
    max_queued: int = 20_000
    job_days: int = 7
    log_format: str = "text"
    log_level: str = "info"
    stop_seconds: int = 30
    otlp_endpoint: str = ""
    require_keys: bool = False
    webhook_hosts: tuple[str, ...] = ()
    requests_per_minute: int = 10_000
    idempotency_hours: int = 24
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
    if name in ("database_url", "model", "otlp_endpoint"):
        return text
    if name in CHOICES:
        if text.lower() not in CHOICES[name]:
            known = ", ".join(CHOICES[name])
            raise SettingsError(PREFIX + name.upper(), f"{text!r} is none of {known}", "Correct or remove it.")
        return text.lower()
    if name in ("hosts", "webhook_hosts"):
        return tuple(host.strip() for host in text.split(",") if host.strip())
    if name == "require_keys":
        if text not in SWITCH:
            raise SettingsError(PREFIX + name.upper(), f"{text!r} is neither on nor off", "Set 1 or 0.")
        return SWITCH[text]
    if name == "audit_share":
        return _share(name, text)
    if not text.isdecimal() or not text.strip("0"):
        raise SettingsError(PREFIX + name.upper(), f"{text!r} is no positive whole number", "Correct or remove it.")
    most = LONGEST.get(name, 10**MAX_DIGITS - 1)
    if len(text) > MAX_DIGITS or int(text) > most:
        raise SettingsError(PREFIX + name.upper(), f"it is more than {most:,}", "Correct or remove it.")
    return int(text)


def _share(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise SettingsError(PREFIX + name.upper(), f"{text!r} is no share from 0 to 1", "Correct or remove it.")
    return value
