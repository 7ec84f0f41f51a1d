"""The threat model says what the code does: its table is the enforced one, and the tests that it names exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from trendnlp.web.permissions import table

TESTS = Path(__file__).parent
MODEL = (TESTS.parent / "docs" / "threat-model.md").read_text("utf-8")


def names_in(name: str) -> set[str]:
    return {
        node.name for node in ast.parse((TESTS / name).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    }


def test_who_may_do_what_is_what_the_service_enforces() -> None:
    assert f"\n\n{table()}\n\n" in MODEL


def test_each_threat_names_tests_and_all_of_them_exist() -> None:
    threats = MODEL.split("## Threats")[1].split("## What is left open")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ")][2:]
    named = [re.findall(r"`(test_\w+\.py)::(test_\w+)`", row) for row in rows]
    assert len(rows) > 20 and all(named), [row for row, tests in zip(rows, named, strict=True) if not tests]
    pairs = {pair for tests in named for pair in tests}
    assert {(file, test) for file, test in pairs if test not in names_in(file)} == set()
