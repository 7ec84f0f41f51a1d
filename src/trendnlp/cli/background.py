"""The options of the commands on jobs; their work is in ``jobs`` and ``worker``."""

from __future__ import annotations

from typing import Annotated

import typer

from trendnlp.cli.dispatch import run
from trendnlp.cli.options import ListFormat

background_app = typer.Typer()
jobs_app = typer.Typer(no_args_is_help=True, help="Documents that are processed in the background.")

JobId = Annotated[str, typer.Argument(help="The id of a job.")]


@background_app.command()
def worker(context: typer.Context) -> None:
    """Work on the jobs of the workspace until stopped; several may, here and on other machines."""
    run(context, "worker")


@jobs_app.command("list")
def list_jobs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
) -> None:
    """List the jobs, the latest first."""
    run(context, "jobs", "list", limit, str(format))


@jobs_app.command("show")
def show_job(
    context: typer.Context,
    job: JobId,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
) -> None:
    """Show how a job stands and, when it has ended, what became of its documents."""
    run(context, "jobs", "show", job, str(format))


@jobs_app.command("cancel")
def cancel_job(context: typer.Context, job: JobId) -> None:
    """Cancel what waits of a job; documents in hand are finished."""
    run(context, "jobs", "cancel", job)


@jobs_app.command("retry")
def retry_job(context: typer.Context, job: JobId) -> None:
    """Do the documents of a job again that failed, and only these."""
    run(context, "jobs", "retry", job)
