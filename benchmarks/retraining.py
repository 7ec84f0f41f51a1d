"""How long models take to learn from reviews: `trendnlp train --reviews` as a whole process, the first time and again.

    python benchmarks/retraining.py [--decisions 100] [--models fast cascade] [--reports samples]

Each model labels the reports in a workspace of its own, and so many statements, the first of each report in turn, are
accepted, every fifth as another kind. The first training reads the reviewed documents and the held-out markets of the
corpus, whose vectors it keeps; the second, after one decision more, reads them from there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from all import stamp

from trendnlp.actions import Action
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.standing import Status
from trendnlp.store import PageRequest, StatementFilter, Store
from trendnlp.types import OTHER

WRONG = 5  # every so manieth decision is a correction
BY = "retraining"
MOST = 500  # statements that are looked at for those that nobody judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100)
    parser.add_argument("--models", nargs="+", default=["fast", "cascade"])
    parser.add_argument("--reports", type=Path, default=Path("samples"))
    given = parser.parse_args()
    print(stamp())
    print(f"\n{given.decisions} decisions\n\n| model | first training, s | again, s |\n| --- | --- | --- |")
    for model in given.models:
        with tempfile.TemporaryDirectory() as home:
            settings = {**os.environ, "TRENDNLP_HOME": home, "TRENDNLP_MODEL": model}
            _run(settings, "ingest", str(given.reports))
            _decide(Path(home), given.decisions)
            first = _run(settings, "train", "--reviews")
            _decide(Path(home), 1)
            print(f"| {model} | {first:.0f} | {_run(settings, 'train', '--reviews'):.0f} |", flush=True)


def _run(settings: dict[str, str], *arguments: str) -> float:
    """The seconds that a command takes, from its start to its end."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "trendnlp", *arguments], env=settings, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"trendnlp {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def _decide(home: Path, count: int) -> None:
    """Judge so many statements that nobody judged, of all documents in turn."""
    with Store.open(replace(Settings.from_env(), home=home).store_url) as store:
        documents: dict[str, list[tuple[str, str]]] = {}
        for labelled in store.statements(StatementFilter(statuses=(Status.PENDING,)), PageRequest(MOST)).items:
            of = documents.setdefault(labelled.statement.document, [])
            of.append((labelled.statement.id, labelled.label.kind))
        turns = [place for place in chain.from_iterable(zip_longest(*documents.values())) if place is not None]
        for number, (statement, kind) in enumerate(turns[:count], 1):
            wrong = "challenge" if kind == OTHER else OTHER
            action, value = (Action.RELABEL, wrong) if number % WRONG == 0 else (Action.ACCEPT, None)
            store.add_review(Draft(action, (statement,), BY, value))


if __name__ == "__main__":
    main()
