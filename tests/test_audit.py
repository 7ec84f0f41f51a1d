"""The audit of dependencies: what breaks a build, and what must not."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def audit() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / ".ci" / "audit.py"))


def package(name: str, *faults: str) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": [{"id": f, "fix_versions": ["1.1"]} for f in faults]}


UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1.0)"}


def test_a_known_vulnerability_breaks_the_build(audit: dict[str, Any]) -> None:
    report = {"dependencies": [package("a"), package("b", "PYSEC-1"), UNKNOWN]}
    assert audit["judged"](report) == (1, ["b 1.0: PYSEC-1, mended in 1.1", "audit: 1 known vulnerabilities"])


def test_what_was_not_asked_is_said(audit: dict[str, Any]) -> None:
    some = audit["judged"]({"dependencies": [package("a"), UNKNOWN]})
    assert some == (
        0,
        ["audit: the service does not know c", "audit: no known vulnerability in 1 of 2 packages"],
    )
    none = audit["judged"]({"dependencies": [UNKNOWN, UNKNOWN]})
    assert none == (0, ["audit: NOT DONE. The service answered for none of 2 packages."])


def test_an_unreachable_service_breaks_nothing_but_a_defect_does(audit: dict[str, Any]) -> None:
    down = "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed"
    assert audit["failed"](down) == (0, [f"audit: NOT DONE. The service cannot be reached: {down}"])
    assert audit["failed"]("")[0] == 2
    assert audit["failed"]("error: argument -r: no such file")[0] == 2


def test_the_real_audit_reads_a_file_of_pins(audit: dict[str, Any], tmp_path: Path) -> None:
    """Whether the service can be reached here or not, the answer is one of those above."""
    pins = tmp_path / "pins.txt"
    pins.write_text("standardwebhooks==1.1.0\n", "utf-8")
    code, lines = audit["audit"](pins)
    assert (code, lines[-1].startswith("audit: n") or "NOT DONE" in lines[-1]) == (0, True)
    pins.write_text("not a pin !!\n", "utf-8")
    assert audit["audit"](pins)[0] == 2
