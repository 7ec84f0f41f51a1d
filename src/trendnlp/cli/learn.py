"""``trendnlp train --reviews``: models for the workspace that learn from the decisions in it."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from trendnlp.cli.bars import training_bar
from trendnlp.cli.output import results, say
from trendnlp.errors import TooFewReviews
from trendnlp.marks import Comparison
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.trainings import BY_COMMAND, Trainings

LATER = "documents are labelled anew when the workspace is opened next; `trendnlp models use shipped` goes back"
NOT_HERE = "the corpus that the models learnt from is not here (--corpus): only the reviews decided"


def run(settings: Settings, corpus: Path) -> int:
    with Store.open(settings.store_url) as store, training_bar() as report:
        try:
            done = Trainings(settings, store.judging.reviewed_documents).run(BY_COMMAND, corpus, report)
        except TooFewReviews as error:
            say(str(error))
            return 1
    learnt = done.learnt
    assert learnt is not None
    _print(f"{learnt.held_out.statements} reviews of {learnt.held_out.documents} documents, held out", learnt.held_out)
    if learnt.corpus is not None:
        _print(f"{learnt.corpus.statements} units of held-out markets of the corpus", learnt.corpus)
    else:
        say(NOT_HERE)
    for reason in learnt.worse:
        say(f"worse: {reason}")
    if done.used:
        say(f"{learnt.digest} is in use; {LATER}")
    else:
        say(f"nothing is switched; `trendnlp models use {learnt.digest[:12]}` would all the same")
    if settings.models is not None:
        say(f"{settings.models} stays in use as long as TRENDNLP_MODELS or --models names it")
    return 0


def _print(title: str, found: Comparison) -> None:
    table = Table(title, "before", "after", show_edge=False, pad_edge=False)
    for name, before in found.before.items():
        table.add_row(name, f"{before:.4f}", f"{found.after[name]:.4f}")
    table.add_row("difference of macro_f1, 95 %", "", f"{found.low:+.4f} to {found.high:+.4f}")
    results().print(table)
