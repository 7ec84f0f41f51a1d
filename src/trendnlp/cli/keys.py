"""``trendnlp keys``: who may use the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from trendnlp.access import ApiKey, Role, checked_expiry, checked_name
from trendnlp.batch import json_line
from trendnlp.cli.output import print_rows, say
from trendnlp.settings import Settings
from trendnlp.store import Access, Store

COLUMNS = ("id", "begins with", "name", "roles", "created", "expires", "last used", "revoked")


def run(settings: Settings, action: str, *arguments: Any) -> int:
    with Store.open(settings.store_url) as store:
        _ACTIONS[action](Access(store.database), *arguments)
    return 0


def _add(access: Access, name: str, roles: tuple[Role, ...], expires: str | None) -> None:
    until = None if expires is None else checked_expiry(expires, datetime.now(UTC))
    key, secret = access.add(checked_name(name), roles, until)
    print(secret)
    say(f"{key.id}: {key.name}, {', '.join(sorted(key.roles))}. The key is not shown again.")


def _list(access: Access, format: str) -> None:
    found = access.every()
    if format == "jsonl":
        for key in found:
            print(json_line({**asdict(key), "roles": sorted(key.roles), "prefix": key.prefix}))
    else:
        print_rows(COLUMNS, (_cells(key) for key in found))


def _cells(key: ApiKey) -> tuple[str, ...]:
    times = (key.created, key.expires, key.last_used, key.revoked)
    return (key.id, key.prefix, key.name, " ".join(sorted(key.roles)), *(time or "" for time in times))


def _revoke(access: Access, id: str) -> None:
    key = access.revoke(id)
    say(f"{key.id}: the key of {key.name} is revoked since {key.revoked}")


_ACTIONS: Mapping[str, Callable[..., None]] = {"add": _add, "list": _list, "revoke": _revoke}
