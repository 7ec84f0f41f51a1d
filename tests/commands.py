"""Commands run as users run them, and what the tests of several of them expect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from trendnlp.cli import app
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.records import statement_record
from trendnlp.types import Analysis

LIFTS = """# Lift Market in Portugal

## Growth drivers

Staff: nurses are scarce, which boosts the demand for patient lifts.

## Challenges

High purchase costs keep <small> clinics from buying *lifts*. =1+1 is the sum.
"""


@dataclass(frozen=True)
class Answer:
    """What a process said and how it ended."""

    code: int
    out: str
    err: str


def plain_environment(**given: str) -> dict[str, str]:
    """The environment with no TRENDNLP_* setting but the given ones."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TRENDNLP_")} | given


def start(*command: str, cwd: Path | None = None, **given: str) -> Answer:
    """Run Python in a process of its own."""
    environment = plain_environment(**given)
    done = subprocess.run([sys.executable, *command], capture_output=True, cwd=cwd, env=environment, check=False)
    return Answer(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=input, catch_exceptions=False)


def write(path: Path, text: str = LIFTS) -> Path:
    path.write_text(text, "utf-8")
    return path


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def expected_records(analysis: Analysis, pipeline: Pipeline) -> list[dict[str, object]]:
    findings = pipeline.consolidate(claims_of(analysis)).findings
    found = {m.statement: f.id for f in findings for m in f.members}
    return [statement_record(s, analysis.document.source, found.get(s.statement.id)) for s in analysis.statements]
