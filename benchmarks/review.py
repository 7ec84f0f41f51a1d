"""How long review work takes in a large workspace: a made-up store, everything asked for over HTTP.

python benchmarks/review.py [--statements 100000] [--decisions 20000] [--bulk 50000] [--rounds 15] [--store FOLDER]

The store holds reports of 100 statements, of which 30 are claims that three reports make on average, and a log of so
many decisions; the shipped fast model is loaded, and findings are made by it. Prints the median and the slowest time in
milliseconds, and the median of the processor time, which other work on the machine does not change. What is said of
bulk decisions is of one. A store that is kept in a FOLDER is changed by each run.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from sentences import sentences

from trendnlp.actions import Action, Reading
from trendnlp.review import Draft, Review
from trendnlp.settings import Settings
from trendnlp.store.exchange import Recorded
from trendnlp.types import (
    KINDS,
    OTHER,
    Analysis,
    Block,
    BlockKind,
    Document,
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Metadata,
    Statement,
)
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

STATEMENTS = 100  # of a report
CLAIMS = 30  # of these
MEMBERS = 3  # of a finding, on average
DIMENSIONS = 384
BATCH = 50  # reports of one transaction
SUBJECTS = ("Lifts", "Beds", "Pumps", "Batteries", "Robots", "Panels", "Cranes", "Sensors", "Ovens", "Tiles")
ACTS = ("sell better", "break down", "cost more", "spread to new cities", "need more staff", "replace older models")
# What people do all day, by how often: mostly they agree.
DAY = (
    *[(Action.ACCEPT, None)] * 13,
    *[(Action.REJECT, None)] * 2,
    *[(Action.RELABEL, "trend")] * 2,
    (Action.SKIP, None),
    (Action.TAG, "checked"),
    (Action.NOTE, "Ask the publisher."),
)
READERS = ("Ann", "Ben", "Cem")


def analyses(count: int, model: str) -> Iterator[Analysis]:
    """``count`` reports, labelled by the model with that digest. Equal claims have equal vectors, others none like."""
    rng, draw = random.Random(7), np.random.default_rng(7)
    different = max(1, count * CLAIMS // MEMBERS)
    vectors = draw.standard_normal((different, DIMENSIONS), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for number in range(count):
        claims = [rng.randrange(different) for _ in range(CLAIMS)]
        said = [_sentence(n) for n in claims]
        said += [_filler(number * STATEMENTS + n) for n in range(STATEMENTS - CLAIMS)]
        text = " ".join(said)
        blocks = (Block(0, len(text), BlockKind.PARAGRAPH),)
        published = f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02}"
        known = Metadata(f"Report {number}", None, None, None, f"Publisher {number % 60}", published, "en")
        document = Document(Document.id_of(text, Format.TEXT), f"{number}.txt", Format.TEXT, text, blocks, known)
        labelled, at = [], 0
        for place, sentence in enumerate(said):
            id = Statement.id_of(document.id, at, at + len(sentence))
            statement = Statement(id, document.id, at, at + len(sentence), sentence, 0)
            claim = claims[place] if place < CLAIMS else None
            label = _label(rng, OTHER if claim is None else KINDS[claim % 4], model)
            vector = None if claim is None else vectors[claim].tobytes()
            labelled.append(LabelledStatement(statement, label, vector))
            at += len(sentence) + 1
        yield Analysis(document, tuple(labelled))


def _sentence(number: int) -> str:
    """Of no two numbers the same few words in a row, so that no reports are taken for copies."""
    name = _name(number)
    return f"{SUBJECTS[number % 10]} of {name} {ACTS[number % 6]} than {name[::-1]} in {name.swapcase()} plants."


def _filler(number: int) -> str:
    """What the corpus has for ``other``: people make some of it claims, whose vectors the model computes."""
    name, known = _name(number), sentences(claims=False)
    return f"{known[number % len(known)]} ({name}, {name[::-1]} of {name.swapcase()}, {number})."


def _name(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:07}").title()


def _label(rng: random.Random, kind: str, model: str) -> Label:
    score = round(rng.uniform(0.35, 1.0), 4)
    rest = rng.sample([k for k in KINDS if k != kind], len(KINDS) - 1)
    left, shares = 1 - score, []
    for _ in rest:
        shares.append(round(min(score, left * 0.7), 4))
        left -= shares[-1]
    scores = (KindScore(kind, score), *map(KindScore, rest, shares))
    return Label(kind, score, rest[0], scores, None if kind == OTHER else "technology", model)


def log(ids: list[str], count: int) -> Iterator[Recorded]:
    """``count`` decisions on single statements, each on another until all are judged; one in ten is a blind reader's,
    of what another has judged.
    """
    rng = random.Random(8)
    waiting = rng.sample(ids, len(ids))
    at = datetime(2025, 1, 1, tzinfo=UTC).isoformat()
    judged: list[str] = []
    for number in range(1, count + 1):
        action, value = rng.choice(DAY)
        if judged and number % 10 == 0:
            draft = Draft(Action.ACCEPT, (rng.choice(judged),), "Dan", None, Reading.BLIND)
        else:
            judged.append(waiting[number % len(waiting)])
            draft = Draft(action, (judged[-1],), rng.choice(READERS), value)
        yield Recorded(Review.of(draft, number, at))


class Bench:
    """A service with a store, and what is asked of it."""

    def __init__(self, client: TestClient, rounds: int) -> None:
        self.client = client
        self.rounds = rounds

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def decide(self, action: str, *ids: str, value: str | None = None) -> Any:
        return self.post("/v1/reviews", action=action, statements=ids, by="Eve", value=value)

    def undo(self, review: str) -> Any:
        return self.post(f"/v1/reviews/{review}/undo", by="Eve")

    def time(self, name: str, works: list[Callable[[], Any]]) -> list[Any]:
        """Do each in turn, and print how long one took."""
        took, worked, found = [], [], []
        for work in works:
            begun, working = time.perf_counter(), time.process_time()
            found.append(work())
            took.append((time.perf_counter() - begun) * 1000)
            worked.append((time.process_time() - working) * 1000)
        shown = statistics.median(took), max(took), statistics.median(worked)
        print("{:8.0f} ms median {:8.0f} ms most {:8.0f} ms of processor  ".format(*shown) + name, flush=True)
        return found

    def repeat(self, name: str, work: Callable[[], Any]) -> Any:
        return self.time(name, [work] * self.rounds)[-1]

    def reading(self) -> None:
        for order in ("value", "newest", "random"):
            queue = self.repeat(f"a new queue by {order}", lambda order=order: self.get("/v1/queue", order=order))
        cursor = queue["next_cursor"]
        self.repeat("a page of a queue", lambda: self.get("/v1/queue", cursor=cursor))
        self.repeat("a new queue of drivers", lambda: self.get("/v1/queue", kind="driver"))
        self.repeat("a new blind queue", lambda: self.get("/v1/queue", blind=True, reader="Dan"))
        self.repeat("the evidence", lambda: self.get("/v1/queue/auto"))
        self.repeat("how far readers agree", lambda: self.get("/v1/reviews/agreement"))
        self.repeat("the last reviews", lambda: self.get("/v1/reviews"))

    def deciding(self) -> None:
        """Each action on statements that wait."""
        claims = self.get("/v1/queue", kind=["driver", "trend"], order="random", seed=5, limit=500)["items"]
        others = self.get("/v1/queue", kind="other", order="random", seed=5, limit=100)["items"]
        waiting = [item["statement"]["id"] for item in claims]
        plain = [item["statement"]["id"] for item in others]
        self.time("the first decision that changes a finding", [lambda: self.decide("reject", waiting.pop())])
        for action, value in (
            *(("accept", None), ("reject", None), ("relabel", "opportunity"), ("skip", None), ("tag", "new")),
            *(("title", "A title"), ("kind", "challenge"), ("drop", None)),
        ):
            self._one(action, value, [waiting.pop() for _ in range(self.rounds)])
        self._one("relabel", "driver", [plain.pop() for _ in range(self.rounds)], "relabel what was `other`")
        self._one("reject", "everywhere", [waiting.pop() for _ in range(self.rounds)], "reject everywhere")
        pairs = [(waiting.pop(), waiting.pop()) for _ in range(self.rounds)]
        made = self.time("merge", [lambda pair=pair: self.decide("merge", *pair) for pair in pairs])
        self.time("undo of merge", [lambda review=review: self.undo(review["id"]) for review in made])
        seen = waiting.pop()
        self.repeat("a decision and a new queue", lambda: self._work(seen))

    def _work(self, seen: str) -> None:
        self.decide("accept", seen)
        self.get("/v1/queue", limit=20)

    def _one(self, action: str, value: str | None, ids: list[str], name: str | None = None) -> None:
        name = name or action
        made = self.time(name, [lambda id=id: self.decide(action, id, value=value) for id in ids])
        self.time(f"undo of {name}", [lambda review=review: self.undo(review["id"]) for review in made])

    def bulk(self, count: int) -> None:
        """One decision on about ``count`` statements and its undo: of ``other`` ones, and of claims."""
        for action, value, wanted in (
            ("accept", None, {"kind": ["other"], "status": ["pending"]}),
            ("reject", None, {"kind": ["driver", "trend", "challenge"], "status": ["pending"]}),
        ):
            body = {"action": action, "value": value, "filter": wanted, "by": "Eve"}
            (preview,) = self.time(f"preview of {action}", [lambda body=body: self.post("/v1/reviews/bulk", **body)])
            name = f"{action} of {preview['count']:,} at once"
            token = preview["token"]
            (made,) = self.time(name, [lambda body=body, t=token: self.post("/v1/reviews/bulk", **body, token=t)])
            self.time(f"undo of {name}", [lambda made=made: self.undo(made["review"]["id"])])
            if preview["count"] > count:
                print("    (more than asked for)")


def fill(workspace: Workspace, statements: int, decisions: int) -> None:
    """Make what the store has not: the reports, their findings, and the log."""
    store = workspace.store
    made = analyses(max(1, statements // STATEMENTS), workspace.digest)
    ids: list[str] = []
    fresh = not store.counts().statements
    while batch := list(islice(made, BATCH)):
        ids += [s.statement.id for analysis in batch for s in analysis.statements]
        if fresh:
            store.save_all(batch)
    workspace.refresh()
    if not store.judging.last_number():
        store.judging.take(log(ids, decisions))
        workspace.refresh()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--bulk", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--store", type=Path, help="keep the made-up store in this folder, or use the one there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=options.store or Path(folder), cache=Path(folder))
        local = ("127.0.0.1", 50000)
        with TestClient(create_app(settings), "http://127.0.0.1", client=local) as client:
            workspace: Workspace = client.app.state.workspace  # type: ignore[attr-defined]
            assert workspace.pipeline
            begun = time.perf_counter()
            fill(workspace, options.statements, options.decisions)
            print(f"made in {time.perf_counter() - begun:.0f} s", flush=True)
            counts, last = workspace.store.counts(), workspace.store.judging.last_number()
            load = os.getloadavg()[0]
            print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, load {load:.0f}")
            print(f"{counts.statements:,} statements, {counts.findings:,} findings, {last:,} decisions")
            bench = Bench(client, options.rounds)
            bench.reading()
            bench.deciding()
            if options.bulk:
                bench.bulk(options.bulk)


if __name__ == "__main__":
    main()
