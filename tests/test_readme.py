"""The calls of the service in the README and the docs do what these say, as they stand there."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from web_server import listening

ROOT = Path(__file__).parents[1]
ADDRESS = "http://127.0.0.1:8000"  # in the README
STATUS = "\\n%{stderr}%{method} %{http_code}\\n"


def curl_blocks() -> list[str]:
    """The shell blocks of the README and the docs that call the service."""
    texts = [path.read_text("utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    blocks = [block for text in texts for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)]
    return [block for block in blocks if re.search(r"^curl ", block, re.M)]


def calls(block: str) -> list[str]:
    """The commands of a block: lines that end in a backslash go on."""
    return [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_calls_of_the_readme_are_answered(tmp_path: Path) -> None:
    commands = [command for block in curl_blocks() for command in calls(block)]
    assert len(commands) >= 10 and all(command.startswith("curl ") for command in commands)
    (tmp_path / ".curlrc").write_text(f'write-out = "{STATUS}"\n', "utf-8")
    told = []
    with listening(tmp_path / "home") as address:
        for command in commands:
            line = command.replace(ADDRESS, address)
            done = subprocess.run(
                ["bash", "-ec", line],
                cwd=ROOT,
                env={"PATH": "/usr/bin:/bin", "CURL_HOME": str(tmp_path), "HOME": str(tmp_path)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, (command, done.stderr)
            method, status = done.stderr.splitlines()[-1].split()
            told.append((method, command.split("/v1/")[1].split()[0].split("?")[0].rstrip("'"), status))
            if done.stdout.lstrip().startswith("{"):
                assert json.loads(done.stdout), command
    assert [status for _, _, status in told if status >= "300"] == [], told
    assert told[:3] == [("POST", "analyze", "200"), ("POST", "documents", "201"), ("GET", "findings", "200")]


def test_make_bench_runs_the_benchmarks_of_the_readme_with_their_arguments() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    told = re.findall(r"python benchmarks/(\w+\.py)([^`]*)`", text.replace("\n", " "))
    run = runpy.run_path(str(ROOT / "benchmarks" / "all.py"))["TABLES"].values()
    assert len(told) >= 10
    for file, arguments in told:
        mine = [rest for first, *rest in run if first == file]
        assert mine and (not arguments or arguments.split() in mine), (file, arguments)
