"""What is slow to make is made once: the shipped models, and the real report."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands import write
from databases import KINDS, Server

import trendnlp
from trendnlp import logs
from trendnlp.build import fast_base
from trendnlp.encode import Encoder
from trendnlp.pipeline import Pipeline
from trendnlp.read import read_path
from trendnlp.settings import Settings
from trendnlp.types import Analysis
from trendnlp.weights import MPNET, cache_folder, find

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Where the larger encoder is, also for the processes that tests are shared out to: they inherit what is set below.
WEIGHTS = Path(os.environ.setdefault("TESTED_WEIGHTS", str(cache_folder(None))))
# Out of sight, so that the fast model labels in all tests but those that ask for the larger one, which loads slowly.
_EMPTY_CACHE = tempfile.TemporaryDirectory(prefix="trendnlp-cache-")
os.environ["XDG_CACHE_HOME"] = _EMPTY_CACHE.name


@pytest.fixture(autouse=True)
def log_restored() -> Iterator[None]:
    """A command that runs in this process sends the log of the process to the standard error that it was given; the
    next test has another.
    """
    yield
    root = logging.getLogger()
    for handler in [h for h in root.handlers if type(h) is logging.StreamHandler]:
        root.removeHandler(handler)
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The shipped fast model, whatever the environment says."""
    return trendnlp.load(Settings())


@pytest.fixture(scope="session")
def best() -> Pipeline:
    """The shipped cascade, whose base weights must have been pulled."""
    if find(MPNET, None, WEIGHTS) is None:
        pytest.skip("the weights of the accurate model's encoder are not here: `trendnlp models pull`")
    return trendnlp.load(Settings(cache=WEIGHTS))


@pytest.fixture(scope="session")
def base() -> Encoder:
    """The base encoder of the fast model."""
    return fast_base(Settings())


@pytest.fixture(scope="session")
def china() -> Path:
    """A real market report of 115 statements."""
    path = Path(__file__).parents[2] / "shared" / "reports" / "china-medical-imaging-market.txt"
    if not path.is_file():
        pytest.skip(f"the sample report is not at {path}")
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace; for commands run in this process, which need not import torch again."""
    for name in [n for n in os.environ if n.startswith("TRENDNLP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRENDNLP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def lifts(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """What ``extract lifts.md`` speaks of."""
    path = write(tmp_path_factory.mktemp("lifts") / "lifts.md")
    return pipeline.analyse(read_path(path, source="lifts.md"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; who has none skips. For a module, since the loop that drives it runs as long as it is open."""
    from browser import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, for the tests that ask for one."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=KINDS)
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives the URL of another empty database whenever it is called; what uses it runs on both kinds."""
    if request.param == "sqlite":
        folder, numbers = tmp_path_factory.mktemp("databases"), count()
        yield lambda: f"sqlite:///{folder / f'{next(numbers)}.sqlite'}"
    else:
        server: Server = request.getfixturevalue("postgres")
        with ExitStack() as databases:
            yield lambda: databases.enter_context(server.database())


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'store.sqlite'}"
    else:
        with request.getfixturevalue("postgres").database() as created:
            yield created
