"""What is slow to make is made once: the shipped models, and the real report."""

from __future__ import annotations

from pathlib import Path

import pytest

import trendnlp
from trendnlp.build import fast_base
from trendnlp.encode import Encoder
from trendnlp.pipeline import Pipeline
from trendnlp.settings import Settings


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The shipped models, whatever the environment says."""
    return trendnlp.load(Settings())


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
