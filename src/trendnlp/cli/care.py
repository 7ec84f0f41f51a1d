"""The options of the commands that look after a workspace; each command's work is in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trendnlp.cli.dispatch import run

care_app = typer.Typer()


@care_app.command()
def migrate(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Only show the schemas; exit code 1 where they differ.")
    ] = False,
) -> None:
    """Show the schema of the workspace's database and that of this version, and bring the one to the other."""
    run(context, "migrate", check)


@care_app.command("copy-workspace")
def copy_workspace(
    context: typer.Context,
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database, as sqlite:///… or postgresql://…")],
) -> None:
    """Copy the workspace's database into an empty one, all of it or nothing, and compare the two."""
    run(context, "transfer", to)


@care_app.command()
def verify(context: typer.Context) -> None:
    """Derive ids, offsets and counts of the workspace anew, and hold its findings to its statements."""
    run(context, "verify")


@care_app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The archive to write, such as workspace.tar.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace an archive of that name.")] = False,
) -> None:
    """Copy the workspace into one archive, as it is at one moment; it may be in use meanwhile."""
    run(context, "backup", file, replace)


@care_app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An archive that backup wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace what is there, and keep it beside.")] = False,
) -> None:
    """Make the workspace what an archive holds, once the archive has been checked."""
    run(context, "restore", file, replace)
