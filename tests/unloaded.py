"""The real application over a workspace that loads no models: for what is decided before any text is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from web_client import connected

from trendnlp.access import Role
from trendnlp.settings import Settings
from trendnlp.store import Access, Store
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace


class Unloaded(Workspace):
    """A workspace that reads and stores, but never analyses."""

    def _load(self, refresh: bool) -> None:
        return


@contextmanager
def unloaded(home: Path, **settings: Any) -> Iterator[TestClient]:
    """A client of a service that is never ready."""
    with connected(create_app(Settings(home=home, **settings), Unloaded.open)) as client:
        yield client


def store_of(client: TestClient) -> Store:
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    return store


def add_key(client: TestClient, name: str, *roles: Role, expires: str | None = None) -> str:
    """Make a key in the client's store, as the command does."""
    return Access(store_of(client).database).add(name, roles, expires)[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
