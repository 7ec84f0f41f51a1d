"""Ask the vulnerability service about every pinned dependency: ``audit.py constraints.txt``.

Exit 1 where one has a known vulnerability, 0 where none has, and 0 too where the service cannot be asked, which the
last line then says: a machine without it must still be able to build. pip-audit itself calls that "No known
vulnerabilities found" where a package index answers for the service and knows none of the packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 300
UNREACHABLE = (
    "connect",
    "resolve",
    "timed out",
    "timeout",
    "unreachable",
    "proxy",
    "ssl",
)  # in what pip-audit complains


def judged(report: dict[str, Any]) -> tuple[int, list[str]]:
    """The exit code and the lines that a report of pip-audit comes to."""
    packages = report["dependencies"]
    asked = [package for package in packages if "vulns" in package]
    lines = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none'}"
        for package in asked
        for fault in package["vulns"]
    ]
    if lines:
        return 1, [*lines, f"audit: {len(lines)} known vulnerabilities"]
    if not asked:
        return 0, [f"audit: NOT DONE. The service answered for none of {len(packages)} packages."]
    unknown = sorted(package["name"] for package in packages if "vulns" not in package)
    partly = [f"audit: the service does not know {', '.join(unknown)}"] if unknown else []
    return 0, [*partly, f"audit: no known vulnerability in {len(asked)} of {len(packages)} packages"]


def failed(complaint: str) -> tuple[int, list[str]]:
    """The same where there is no report."""
    last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
    if any(word in last.lower() for word in UNREACHABLE):
        return 0, [f"audit: NOT DONE. The service cannot be reached: {last}"]
    return 2, [f"audit: pip-audit failed: {last}"]


def audit(pinned: Path) -> tuple[int, list[str]]:
    """What is known of the packages that a file pins."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(pinned), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return failed(f"timed out after {SECONDS} s")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return failed(done.stderr)
    return judged(report)


if __name__ == "__main__":
    code, lines = audit(Path(sys.argv[1]))
    print("\n".join(lines))
    sys.exit(code)
