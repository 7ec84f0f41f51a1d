"""Files that a form sends, one by one: what a browser without a script does in the place of POST /v1/documents."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from trendnlp.errors import TrendnlpError
from trendnlp.web.form_files import FormFile, saved_files
from trendnlp.web.intake import FORM_TYPE, media_type, of_file
from trendnlp.web.problems import Problem, Refusal, problem_of, wrong_type
from trendnlp.workspace import Workspace

MAX_FILES = 100  # of one form; the limit on a body holds for all of them together


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: the document it is, or the problem with it."""

    name: str
    document: str | None
    claims: int
    problem: Problem | None


async def upload_files(request: Request) -> AsyncIterator[tuple[FormFile, ...]]:
    """The files of a form, in its order, without the nameless one of an empty field; they are there until the answer is
    sent. Raises Refusal, HTTPException.
    """
    if media_type(request).get_content_type() != FORM_TYPE:
        raise Refusal(wrong_type(request.headers.get("content-type", ""), (FORM_TYPE,)))
    with tempfile.TemporaryDirectory(prefix="trendnlp-") as folder:
        files = await saved_files(request, Path(folder), MAX_FILES)
        yield tuple(file for file in files if file.field == "file" and file.name)


def store(workspace: Workspace, files: Sequence[FormFile]) -> tuple[Outcome, ...]:
    """Read, analyse and store each; one that fails keeps none of the others back. Brings the findings up to date."""
    outcomes = tuple(_store(workspace, file) for file in files)
    if any(outcome.document for outcome in outcomes):
        workspace.refresh()
    return outcomes


def _store(workspace: Workspace, file: FormFile) -> Outcome:
    try:
        intake = of_file(file.path.read_bytes(), file.name, file.media_type)
        document = workspace.read(intake.data, source=intake.source, format=intake.format, given=intake.given)
        done = workspace.ingest(document, refresh=False)
    except (TrendnlpError, Refusal) as error:
        return Outcome(file.name, None, 0, problem_of(error))
    return Outcome(file.name, done.document, done.claims, None)
