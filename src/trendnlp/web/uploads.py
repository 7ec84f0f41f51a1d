"""Files that a form sends, one by one: what a browser without a script does in the place of POST /v1/documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from trendnlp.errors import TrendnlpError
from trendnlp.web.intake import MAX_FORM_FIELDS, MAX_FORM_VALUE, Intake, uploaded
from trendnlp.web.problems import Problem, Refusal, problem_of
from trendnlp.workspace import Workspace

MAX_FILES = 100  # of one form; the limit on a body holds for all of them together


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it came, or why it cannot be taken."""

    name: str
    intake: Intake | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: the document it is, or the problem with it."""

    name: str
    document: str | None
    claims: int
    problem: Problem | None


async def upload_intakes(request: Request) -> tuple[Upload, ...]:
    """The files of a form, in its order, without the nameless one of an empty field. A coroutine, as reading waits."""
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FORM_FIELDS, max_part_size=MAX_FORM_VALUE) as form:
        return tuple([await _upload(file) for file in form.getlist("file") if getattr(file, "filename", "")])


async def _upload(file: object) -> Upload:
    name = str(getattr(file, "filename", ""))
    try:
        return Upload(name, await uploaded(file))
    except Refusal as refusal:
        return Upload(name, None, refusal.problem)


def store(workspace: Workspace, uploads: Sequence[Upload]) -> tuple[Outcome, ...]:
    """Read, analyse and store each; one that fails keeps none of the others back. Brings the findings up to date."""
    outcomes = tuple(_store(workspace, upload) for upload in uploads)
    if any(outcome.document for outcome in outcomes):
        workspace.refresh()
    return outcomes


def _store(workspace: Workspace, upload: Upload) -> Outcome:
    intake = upload.intake
    if intake is None:
        return Outcome(upload.name, None, 0, upload.problem)
    try:
        document = workspace.read(intake.data, source=intake.source, format=intake.format, given=intake.given)
        done = workspace.ingest(document, refresh=False)
    except TrendnlpError as error:
        return Outcome(upload.name, None, 0, problem_of(error))
    return Outcome(upload.name, done.document, done.claims, None)
