"""A place for jobs whose analysis is small and fast; store, queue and worker are the real ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builders import make_analysis, make_consolidation

from trendnlp.jobs import Worker
from trendnlp.jobs.dbos import DbosQueue
from trendnlp.read import read_bytes, read_text
from trendnlp.settings import Settings
from trendnlp.store import Job, JobStore, JobWork, PageRequest, Store, Submission, Terms
from trendnlp.types import Document, Format, Metadata
from trendnlp.web.app import Workers
from trendnlp.workspace import Ingested, Workspace

TERMS = Terms(waiting=1000, documents=500, days=7, bytes=1_000_000)
HELD = "Stands still."  # a document in hand as long as the test wants
PATIENCE = 60.0  # seconds; a test that waits so long has failed


class FastSite:
    """Stores each sentence as a statement, and findings of equal words. ``hook`` hears of each document first."""

    def __init__(self, store: Store, hook: Callable[[Document], None] = lambda document: None) -> None:
        self.store = store
        self.refreshes = 0
        self._hook = hook

    def ready(self) -> str | None:
        return None

    def read(
        self, data: bytes | str, *, source: str, format: Format | None = None, given: Metadata = Metadata()
    ) -> Document:
        if isinstance(data, str):
            return read_text(data, source=source, format=format or Format.TEXT, given=given)
        return read_bytes(data, source=source, format=format, given=given)

    def ingest(self, document: Document, *, refresh: bool = True) -> Ingested:
        self._hook(document)
        analysis = make_analysis(document)
        saved = self.store.save(analysis)
        return Ingested(document.id, saved, len(analysis.statements), len(analysis.claims), document.warnings)

    def refresh(self) -> None:
        revision = self.store.revision()
        self.store.replace_findings(make_consolidation(self.store.claims()), revision=revision)
        self.refreshes += 1


class Gate:
    """Keeps documents that begin with HELD in hand until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.reached = threading.Event()

    def pass_through(self, document: Document) -> None:
        if document.text.startswith(HELD):
            self.reached.set()
            assert self.opened.wait(60)


def fast_worker(gate: Gate) -> Workers:
    """A worker of a service whose analyses are fast, but for what the gate keeps."""

    def hire(workspace: Workspace) -> Worker:
        database = workspace.store.database
        site = FastSite(workspace.store, gate.pass_through)
        jobs, work = JobStore(database, TERMS), JobWork(database, TERMS.days)
        return Worker(jobs, work, site, DbosQueue.of(workspace.settings))

    return hire


def url_of(home: Path) -> str:
    return Settings(home=home).store_url


@contextmanager
def office(home: Path, terms: Terms = TERMS) -> Iterator[tuple[Store, JobStore]]:
    """The store of a workspace, and its jobs."""
    with Store.open(url_of(home)) as store:
        yield store, JobStore(store.database, terms)


@contextmanager
def working(store: Store, home: Path, site: FastSite | None = None) -> Iterator[Worker]:
    """A worker in this process."""
    queue = DbosQueue.of(Settings(home=home))
    work = JobWork(store.database, TERMS.days)
    with Worker(JobStore(store.database, TERMS), work, site or FastSite(store), queue) as worker:
        yield worker


def texts(count: int, start: int = 0) -> list[Submission]:
    """So many different documents."""
    numbers = range(start, start + count)
    return [
        Submission(f"{n}.txt", f"Demand for lift {n} rises. It was made in {n}.", custom_id=f"c{n}") for n in numbers
    ]


def ended(jobs: JobStore, id: str) -> Job:
    """The job when it has ended."""
    deadline = time.monotonic() + PATIENCE
    while not (job := jobs.job(id)).ended:
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    return job


def stored_sources(store: Store) -> list[str]:
    """The sources of the stored documents, sorted."""
    return sorted(item.source for item in store.documents(PageRequest(limit=500)).items)
