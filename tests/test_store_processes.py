"""Several processes on one server: they add documents and decide at once, and each keeps the findings up to date."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from builders import all_copies, make_analysis
from databases import Server

from trendnlp.encode import Encoder
from trendnlp.pipeline import Matcher
from trendnlp.sources import with_sources
from trendnlp.store import Counts, FindingFilter, PageRequest, ReviewFilter, Store

TESTS = Path(__file__).parent
PROCESSES, REPORTS, DECISIONS = 3, 4, 2

# Adds reports, some of which the others add too, and decides on claims, after each of which it refreshes.
WORKER = """
import random, sys
from builders import make_analysis
from trendnlp.errors import Conflict
from trendnlp.review import Action, Draft
from trendnlp.store import Store
from trendnlp.upkeep import Upkeep
from test_store_processes import DECISIONS, REPORTS, matcher, report
number = int(sys.argv[2])
chance = random.Random(number)
with Store.open(sys.argv[1]) as store:
    upkeep = Upkeep(store, matcher())
    for step in range(REPORTS):
        for words in (report(number, step), report(-1, step)):
            print(store.save(make_analysis(words, kinds=("driver",))), flush=True)
        if step % 2 == 0:
            claims = sorted(c.labelled.statement.id for c in store.claims())
            action = (Action.MERGE, Action.DROP)[number % 2]
            ids = tuple(chance.sample(claims, 2 if action is Action.MERGE else 1))
            try:
                store.add_review(Draft(action, ids, f"Reader {number}"))
                print("decided", flush=True)
            except Conflict:
                print("refused", flush=True)
        upkeep.refresh()
"""


class Named:
    """All that consolidation asks of an encoder."""

    digest = "encoder-1"


def matcher() -> Matcher:
    return Matcher(cast(Encoder, Named()), 0.9)


def report(number: int, step: int) -> str:
    return f"Costs rise. Report {step} of {number}. Nurses are scarce in ward {step % 3}."


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as created:
        yield created


def test_processes_that_add_and_decide_at_once_lose_nothing_and_double_nothing(url: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-W", "error", "-c", WORKER, url]
    workers = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True, env=environment)
        for n in range(PROCESSES)
    ]
    said = []
    for worker in workers:
        output, _ = worker.communicate(timeout=240)
        assert worker.returncode == 0
        said += output.split()
    documents = (PROCESSES + 1) * REPORTS
    assert (said.count("added"), said.count("unchanged")) == (documents, (PROCESSES - 1) * REPORTS)
    assert said.count("decided") + said.count("refused") == PROCESSES * DECISIONS
    with Store.open(url) as store:
        assert store.counts().documents == documents
        assert store.counts() == Counts(documents, 3 * documents, 3 * documents, store.counts().findings)
        expected = {make_analysis(report(n, s)).document.id for n in range(-1, PROCESSES) for s in range(REPORTS)}
        assert {d.id for d in store.documents(PageRequest(500)).items} == expected
        assert len(store.reviews(ReviewFilter(), PageRequest(500)).items) == said.count("decided")
        assert store.revision() == documents + said.count("decided")
        assert store.is_consolidated()
        claims = store.claims()
        at_once = with_sources(matcher().consolidate(claims, store.constraints()).findings, claims, all_copies(store))
        found = store.findings(FindingFilter(), PageRequest(500)).items
        assert {f.id: f for f in found} == {f.id: f for f in at_once}
