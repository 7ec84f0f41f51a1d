"""The command line: options here, each command's work in a module of its own, imported when it runs.

Results go to standard output, everything else to standard error. Exit codes: 0 done; 1 some documents failed, each
named with its reason; 2 wrong usage or a bad setting; 3 the run itself failed (models, store, corpus); 130 stopped by
Ctrl-C.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from trendnlp import __version__
from trendnlp.actions import ReviewFormat
from trendnlp.cli import access, background, care, exchange
from trendnlp.cli.dispatch import run as _run
from trendnlp.cli.options import (
    BatchFormat,
    BatchOptions,
    DataSet,
    DiffFormat,
    Engine,
    EvaluateOptions,
    FindingOptions,
    FindingsFormat,
    ListFormat,
    Only,
    OutputFormat,
    StdinFormat,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find the trends, drivers, challenges and opportunities in market and industry reports.",
)

models_app = typer.Typer(no_args_is_help=True, help="The models: what is here, and the weights that are fetched once.")
app.add_typer(models_app, name="models")

review_app = typer.Typer(
    no_args_is_help=True,
    help="Decisions of people. They last through every later run and model. Where statements are wanted, the id of a "
    "finding stands for its head, and in a merge for all its statements.",
)
app.add_typer(review_app, name="review")
app.add_typer(access.keys_app, name="keys")
app.add_typer(access.webhooks_app, name="webhooks")
app.add_typer(exchange.exchange_app)
app.add_typer(care.care_app)
app.add_typer(background.background_app)
app.add_typer(background.jobs_app, name="jobs")

By = Annotated[str, typer.Option(help="Who decides.")]
Id = Annotated[str, typer.Argument(help="The id of a statement or a finding.")]
Files = Annotated[
    list[str], typer.Argument(help="Report files (PDF, DOCX, PPTX, HTML, Markdown, text); - reads standard input.")
]
Paths = Annotated[list[Path], typer.Argument(help="Report files, folders or .zip archives of them.")]
Force = Annotated[
    bool, typer.Option("--force-language", help="Read reports that are not in English too, as if they were.")
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most so many.")]
LogFile = Annotated[Path, typer.Argument(help="An exported log; - reads standard input.")]
Corpus = Annotated[Path, typer.Option(help="Folder of labelled texts.")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    home: Annotated[str | None, typer.Option(help="Workspace folder, instead of TRENDNLP_HOME.")] = None,
    database_url: Annotated[str | None, typer.Option(help="The store, instead of TRENDNLP_DATABASE_URL.")] = None,
    models: Annotated[str | None, typer.Option(help="Folder of the models, instead of TRENDNLP_MODELS.")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
    given = {"home": home, "database_url": database_url, "models": models}
    context.obj = {name: value for name, value in given.items() if value}


@app.command()
def extract(
    context: typer.Context,
    files: Files,
    format: Annotated[OutputFormat, typer.Option(help="table is for reading, the others are for programs.")] = (
        OutputFormat.TABLE
    ),
    all: Annotated[bool, typer.Option("--all", help="Print the statements of kind other too.")] = False,
    force_language: Force = False,
) -> None:
    """Print the findings of reports; nothing is stored."""
    _run(context, "extract", files, str(format), all, force_language)


@app.command()
def ingest(context: typer.Context, paths: Paths, force_language: Force = False) -> None:
    """Add reports to the workspace; what is there already stays as it is."""
    _run(context, "ingest", paths, force_language)


@app.command()
def batch(
    context: typer.Context,
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN...",
            help="Reports, folders, patterns, .zip archives, .ndjson and .parquet files; - reads standard input.",
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for the files that are written.")] = None,
    workspace: Annotated[bool, typer.Option("--workspace", help="Save into the workspace, instead of --out.")] = False,
    format: Annotated[BatchFormat, typer.Option(help="Of the files in --out.")] = BatchFormat.JSONL,
    stdin_format: Annotated[StdinFormat, typer.Option(help="What standard input holds.")] = StdinFormat.DOCUMENT,
    engine: Annotated[Engine, typer.Option(help="Who does the work; the result is the same.")] = Engine.SERIAL,
    workers: Annotated[int | None, typer.Option(min=1, help="How many; by default one a processor core.")] = None,
    address: Annotated[str | None, typer.Option(help="Of a Ray cluster, for --engine ray; else it is local.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do what failed before again too.")] = False,
    force_language: Force = False,
) -> None:
    """Read a corpus into files or the workspace; interrupted and run again, it goes on where it was."""
    if workspace == (out is not None):
        raise typer.BadParameter("give one of --out and --workspace", param_hint="--out")
    if address is not None and engine is not Engine.RAY:
        raise typer.BadParameter("goes with --engine ray", param_hint="--address")
    if workers is not None and engine is Engine.SERIAL:
        raise typer.BadParameter("goes with --engine processes or ray", param_hint="--workers")
    how = (format, stdin_format, engine, workers, address, retry_failed, force_language)
    _run(context, "batch", BatchOptions(tuple(inputs), out, *how))


@app.command()
def findings(
    context: typer.Context,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    aspect: Annotated[list[str] | None, typer.Option(help="Only this aspect; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only with this tag; may be repeated.")] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="Words that the title must have.")] = None,
    contested: Annotated[
        bool | None, typer.Option("--contested/--not-contested", help="Only what something contests, or only the rest.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    format: Annotated[FindingsFormat, typer.Option(help="table is for reading, the others are for programs.")] = (
        FindingsFormat.TABLE
    ),
    why: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Say why two statements are together or apart.")
    ] = None,
) -> None:
    """List the findings of the workspace, best supported first."""
    if why is not None:
        _run(context, "why", *why, str(format))
    else:
        wanted = FindingOptions(tuple(kind or ()), tuple(aspect or ()), tuple(tag or ()), query, contested)
        _run(context, "findings", wanted, limit, str(format))


@app.command()
def runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
    record: Annotated[bool, typer.Option("--record", help="Record what stands now as a run, and print that.")] = False,
) -> None:
    """List the recorded runs of the workspace, the last one first."""
    if record:
        _run(context, "record", str(format))
    else:
        _run(context, "runs", limit, str(format))


@app.command()
def diff(
    context: typer.Context,
    run_a: Annotated[str, typer.Argument(metavar="RUN_A", help="A run's id, or how it alone begins.")],
    run_b: Annotated[str, typer.Argument(metavar="RUN_B", help="A later run.")],
    format: Annotated[DiffFormat, typer.Option(help="table is for reading, the others are for programs.")] = (
        DiffFormat.TABLE
    ),
) -> None:
    """Say which labels and findings changed between two runs, and why."""
    _run(context, "diff", run_a, run_b, str(format))


@app.command()
def compare(
    context: typer.Context,
    statements: Annotated[list[str] | None, typer.Argument(metavar="A B", help="Two statements.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="JSON lines with a, b and perhaps kind; - reads input.")] = None,
    kind: Annotated[str | None, typer.Option(help="The kind of both statements, where it is known.")] = None,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
) -> None:
    """Say whether two statements make the same claim, and why."""
    _run(context, "compare", tuple(statements or ()), pairs, kind, str(format))


@app.command()
def train(
    context: typer.Context,
    corpus: Corpus = Path("corpus"),
    out: Annotated[Path, typer.Option(help="Folder for the models.")] = Path("models"),
    reviews: Annotated[
        bool, typer.Option("--reviews", help="Learn from the decisions in the workspace instead, for it alone.")
    ] = False,
    epochs: Annotated[int | None, typer.Option(min=0, help="Passes over the corpus, instead of the defaults.")] = None,
    fast_only: Annotated[bool, typer.Option("--fast-only", help="Leave the accurate model out.")] = False,
    only: Annotated[
        Only | None,
        typer.Option(
            help="fast: keep the accurate model of --out, which teaches a new fast one. "
            "judge: train the pair judges alone. fast-judge, accurate-judge: train one of them, and fit both rules "
            "anew. judge-rules: fit the rules alone. The rest of --out stays as it is."
        ),
    ] = None,
    further: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With a judge: it goes on from where it stands, with the pairs of pairs/NAME.jsonl and some others.",
        ),
    ] = None,
) -> None:
    """Train the models from labelled texts; interrupted, it goes on where it was."""
    if reviews:
        _run(context, "learn", corpus)
    else:
        _run(context, "train", corpus, out, epochs, fast_only, only, further)


@app.command()
def evaluate(
    context: typer.Context,
    corpus: Corpus = Path("corpus"),
    data: Annotated[Path | None, typer.Option(help="Folder of labelled data that is not ours, scored as well.")] = None,
    only: Annotated[list[DataSet] | None, typer.Option(help="Only this; may be repeated. curve takes long.")] = None,
    work: Annotated[Path | None, typer.Option(help="Folder that keeps what is trained for comparison.")] = None,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
    errors: Annotated[int, typer.Option(min=0, help="Print so many of the most confident errors.")] = 0,
    pin: Annotated[bool, typer.Option("--pin", help="Only write the models' scores as floors for later ones.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="With --pin: a floor may be lower than it was.")] = False,
) -> None:
    """Score the models and simpler ones on texts that training did not see."""
    if lower and not pin:
        raise typer.BadParameter("goes with --pin", param_hint="--lower")
    if pin:
        _run(context, "pin", corpus, lower)
    else:
        _run(context, "evaluate", EvaluateOptions(corpus, data, tuple(only or ()), work, str(format), errors))


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's need keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
) -> None:
    """Serve the workspace over HTTP: pages at /, the API below /v1, its description at /docs."""
    _run(context, "serve", host, port)


@models_app.command("list")
def list_models(context: typer.Context) -> None:
    """List the models and base weights, where they lie and whether their digests are right."""
    _run(context, "models", "list")


@models_app.command("use")
def use_models(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DIGEST|shipped", help="A digest, or how it alone begins.")],
) -> None:
    """Use models that learnt from reviews, or again those of trendnlp; decisions stay as they are."""
    _run(context, "models", "use", name)


@models_app.command("pull")
def pull_models(context: typer.Context) -> None:
    """Fetch the larger encoder's weights (440 MB) into the cache, checked, and print their folder."""
    _run(context, "models", "pull")


@review_app.command("merge")
def merge_statements(context: typer.Context, a: Id, b: Id, by: By) -> None:
    """Say that two statements, or all of two findings, say the same."""
    _run(context, "review", "merge", (a, b), by, None)


@review_app.command("split")
def split_statements(context: typer.Context, a: Id, b: Id, by: By) -> None:
    """Say that two statements do not say the same."""
    _run(context, "review", "split", (a, b), by, None)


@review_app.command("head")
def choose_head(context: typer.Context, statement: Id, by: By) -> None:
    """Make a statement the head of its finding."""
    _run(context, "review", "head", (statement,), by, None)


@review_app.command("drop")
def drop_statement(context: typer.Context, statement: Id, by: By) -> None:
    """Hide a statement from its finding; it stays in the workspace."""
    _run(context, "review", "drop", (statement,), by, None)


@review_app.command("kind")
def set_kind(
    context: typer.Context, statement: Id, kind: Annotated[str, typer.Argument(help="The kind.")], by: By
) -> None:
    """Set the kind of the finding with a statement."""
    _run(context, "review", "kind", (statement,), by, kind)


@review_app.command("undo")
def undo_review(
    context: typer.Context, review: Annotated[str, typer.Argument(help="The id of a review.")], by: By
) -> None:
    """Take a review back; of an undo, make it again."""
    _run(context, "review", "undo", review, by)


@review_app.command("list")
def list_reviews(
    context: typer.Context,
    statement: Annotated[str | None, typer.Option(help="Only those that speak of this statement.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    format: Annotated[ListFormat, typer.Option(help="table is for reading, jsonl for programs.")] = ListFormat.TABLE,
) -> None:
    """List the reviews, the latest first."""
    _run(context, "review", "list", statement, limit, str(format))


@review_app.command("export")
def export_reviews(context: typer.Context, format: ReviewFormat = ReviewFormat.LOG) -> None:
    """Print the log of decisions, or the judged statements in context: for training, or as CSV."""
    _run(context, "review_work", "export", str(format))


@review_app.command("import")
def import_reviews(context: typer.Context, file: LogFile) -> None:
    """Take over the decisions of another workspace; those that are here already stay as they are."""
    _run(context, "review_work", "import", file)


@review_app.command("queue")
def list_queue(context: typer.Context, limit: Limit = 50, format: ListFormat = ListFormat.TABLE) -> None:
    """List what waits for a decision, what is worth most first."""
    _run(context, "review_work", "queue", limit, str(format))


@review_app.command("agreement")
def show_agreement(context: typer.Context, format: ListFormat = ListFormat.TABLE) -> None:
    """Say how far readers agree on what at least one of them read blind."""
    _run(context, "review_work", "agreement", str(format))


@app.command()
def doctor(context: typer.Context) -> None:
    """Check models, extraction and store, and that nothing tries to reach a network."""
    _run(context, "doctor")


def main() -> None:
    """The ``trendnlp`` command."""
    # Results are UTF-8 whatever the locale, and a file name that is not must not stop them.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    app()
