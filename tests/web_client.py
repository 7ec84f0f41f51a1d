"""A client of the real application over a workspace of its own, for the tests of the web room."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builders import make_analysis, make_claims, make_consolidation
from fastapi import FastAPI
from fastapi.testclient import TestClient

from trendnlp.read import read_text
from trendnlp.settings import Settings
from trendnlp.store import JobWork, PageRequest, Store, WorkerRow
from trendnlp.types import Format, Metadata
from trendnlp.web.app import Workers, create_app
from trendnlp.workspace import Workspace

LOADING_SECONDS = 120

REPORT = """# Hospital Lift Market in Portugal 2024-2030

## Key drivers

Nurses are scarce, so hospitals buy patient lifts to spare their backs. An ageing population is raising the demand \
for lifts at home.

## Challenges

- High purchase costs keep small clinics from buying lifts.
- Long approval times hold back new models.

## Outlook

Rental offers could open the home care segment to makers. The market was worth EUR 40 million in 2023.
"""


def connected(app: FastAPI, *, root_path: str = "") -> TestClient:
    """A client on the machine of the service."""
    return TestClient(app, "http://127.0.0.1", root_path=root_path, client=("127.0.0.1", 50000))


def note_worker(app: FastAPI) -> None:
    """Have the store of a running application say that a worker lives elsewhere."""
    work = JobWork(app.state.workspace.store.database, days=1)
    work.beat(WorkerRow("elsewhere", "another machine", 1, time.time() + 3600))


@contextmanager
def serving(
    home: Path,
    open_workspace: Callable[[Settings], Workspace] = Workspace.open,
    worker: Workers | None = None,
    **settings: Any,
) -> Iterator[TestClient]:
    """A client whose service is ready. Without a ``worker`` its jobs wait."""
    with connected(create_app(Settings(home=home, **settings), open_workspace, worker)) as client:
        if worker is None:
            note_worker(client.app)  # type: ignore[arg-type]
        deadline = time.monotonic() + LOADING_SECONDS
        while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        # Findings that a test stores must not meet those of the service's first look at its store.
        for thread in threading.enumerate():
            if thread.name == "trendnlp-prepare":
                thread.join(max(0.0, deadline - time.monotonic()))
        yield client


def add(client: TestClient, text: str, **fields: str) -> str:
    """Store ``text`` and return the document's id."""
    answer = client.post("/v1/documents", json={"text": text, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document"]["id"])


def put(
    client: TestClient,
    text: str,
    *,
    kinds: Sequence[str] = ("driver", "trend", "challenge", "opportunity", "other"),
    source: str = "report.md",
    metadata: Metadata = Metadata(),
) -> str:
    """Store a Markdown text whose sentences are of ``kinds`` in turn, and the findings of all that is stored so.

    What a page shows must not hang on how well the models do. Returns the document's id.
    """
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    document = read_text(text, source=source, format=Format.MARKDOWN, given=metadata)
    store.save(make_analysis(document, kinds=kinds))
    ids = [item.id for item in store.documents(PageRequest(limit=500)).items]
    store.replace_findings(make_consolidation(make_claims(store.analysis(id) for id in ids)))
    return document.id
