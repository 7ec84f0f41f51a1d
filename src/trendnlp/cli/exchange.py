"""Commands for other programs: what the workspace holds as a file, and the description of the API."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from trendnlp.cli.dispatch import run
from trendnlp.cli.options import ExportOptions

exchange_app = typer.Typer()


class Exported(StrEnum):
    """What can be exported."""

    STATEMENTS = "statements"
    FINDINGS = "findings"


class ExportedAs(StrEnum):
    """How ``export`` prints."""

    CSV = "csv"
    JSONL = "jsonl"


Repeatable = list[str] | None


@exchange_app.command()
def export(
    context: typer.Context,
    of: Annotated[Exported, typer.Option(help="What to export.")] = Exported.STATEMENTS,
    format: Annotated[ExportedAs, typer.Option(help="csv is for spreadsheets, jsonl for programs.")] = ExportedAs.CSV,
    kind: Annotated[Repeatable, typer.Option(help="Only this kind; may be repeated, as all that follow.")] = None,
    aspect: Annotated[Repeatable, typer.Option(help="Only this aspect.")] = None,
    source: Annotated[Repeatable, typer.Option(help="Only of this document's name or publisher.")] = None,
    market: Annotated[Repeatable, typer.Option(help="Only of documents about this market.")] = None,
    geography: Annotated[Repeatable, typer.Option(help="Only of documents about this geography.")] = None,
    document: Annotated[str | None, typer.Option(help="Only of the document with this id.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Published then or later: YYYY, YYYY-MM, …")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Published then or before.")] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Least probability of the kind.")] = 0.0,
    query: Annotated[str | None, typer.Option("--query", "-q", help="Words that it must have.")] = None,
    contested: Annotated[
        bool | None,
        typer.Option("--contested/--not-contested", help="Of findings: only the contested, or only the rest."),
    ] = None,
) -> None:
    """Print the workspace's statements or findings, all that pass, in the order of their lists."""
    if contested is not None and of is not Exported.FINDINGS:
        raise typer.BadParameter("goes with --of findings", param_hint="--contested")
    wanted = ExportOptions(
        of=str(of),
        format=str(format),
        kinds=tuple(kind or ()),
        aspects=tuple(aspect or ()),
        sources=tuple(source or ()),
        markets=tuple(market or ()),
        geographies=tuple(geography or ()),
        document=document,
        since=since,
        until=until,
        min_score=min_score,
        query=query,
        contested=contested,
    )
    run(context, "export", wanted)


@exchange_app.command()
def openapi(context: typer.Context) -> None:
    """Print the OpenAPI description of the API, as docs/openapi.json holds it."""
    run(context, "openapi")
