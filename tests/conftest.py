"""What is slow to make is made once: the shipped models, and the real report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

import trendnlp
from trendnlp.build import fast_base
from trendnlp.encode import Encoder
from trendnlp.pipeline import Pipeline
from trendnlp.settings import Settings
from trendnlp.weights import MPNET, cache_folder, find

WEIGHTS = cache_folder(None)
# Out of sight, so that the fast model labels in all tests but those that ask for the larger one, which loads slowly.
_EMPTY_CACHE = tempfile.TemporaryDirectory(prefix="trendnlp-cache-")
os.environ["XDG_CACHE_HOME"] = _EMPTY_CACHE.name


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
