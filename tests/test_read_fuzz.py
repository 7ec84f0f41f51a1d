"""Mutants of valid files: a whole document or a typed error, in bounded time, whatever the fault.

Each mutant has a number, so that one that fails can be made again. ``make fuzz`` tries 10,000 of each format.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from files import WORDS, docx, packed, paragraph, pptx, printed_pdf
from files import mutant as mutant_of
from test_read_formats import PAGE
from test_read_invariants import check

from trendnlp.batch import expand, read_input
from trendnlp.errors import InputError
from trendnlp.read import Limits, read_bytes
from trendnlp.types import Document

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "200"))
LIMITS = Limits(seconds=10, memory=512 * 1024 * 1024, max_expanded=64 * 1024 * 1024, max_characters=1_000_000)
SLOWEST = 120  # seconds; over the limit by the start of a process on a busy machine


@cache
def seeds() -> dict[str, Callable[[], bytes]]:
    text = f"# Lifts in Portugal\n\n## Key drivers\n\n- {WORDS}\n\n| Year | Lifts |\n| --- | --- |\n| 2024 | 900 |\n"
    return {
        "pdf": lambda: printed_pdf(paragraph(WORDS, 60, 700), paragraph(WORDS, 60, 700)),
        "docx": docx,
        "pptx": pptx,
        "html": lambda: PAGE.encode(),
        "markdown": lambda: text.encode(),
        "archive": lambda: packed({"a.md": text.encode(), "b.html": PAGE.encode()}),
    }


def read_all(data: bytes, name: str, folder: Path) -> None:
    """Read a file, or every file of an archive."""
    if not name.endswith(".zip"):
        check(read_bytes(data, source=name, limits=LIMITS))
        return
    (folder / name).write_bytes(data)
    for item in expand([folder / name], LIMITS):
        outcome = read_input(item, LIMITS)
        if isinstance(outcome, Document):
            check(outcome)
        assert "unexpected" not in getattr(outcome, "reason", "")


@pytest.mark.parametrize("format", ["pdf", "docx", "pptx", "html", "markdown", "archive"])
def test_mutants(format: str, tmp_path: Path) -> None:
    seed = seeds()[format]()
    name = {"markdown": "report.md", "archive": "reports.zip"}.get(format, "report")
    for number in range(MUTANTS):
        data = mutant_of(seed, random.Random(f"{format} {number}"))
        start = time.monotonic()
        try:
            read_all(data, name, tmp_path)
        except InputError as error:
            assert error.subject == name and error.reason and error.remedy, number
        except Exception as error:
            raise AssertionError(f"mutant {number} of {format}") from error
        assert time.monotonic() - start < SLOWEST, number
