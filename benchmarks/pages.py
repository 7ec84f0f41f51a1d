"""How long the pages of a large workspace take: a made-up store, each page asked for several times, then decisions.

python benchmarks/pages.py [--findings 10000] [--rounds 7] [--store FOLDER]

The store holds as many findings as asked for, in reports of 25 claims and 58 other statements, with publishers, dates,
tags and contested pairs; no model is loaded. Prints of each page, and of single decisions that touch no finding, the
median and the slowest time in milliseconds, and the median of the processor time, which other work on the machine does
not change.
"""

from __future__ import annotations

import argparse
import random
import statistics
import struct
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fastapi.testclient import TestClient

from trendnlp.artefacts import Artefact
from trendnlp.pipeline import Pipeline
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.settings import Settings
from trendnlp.sources import with_sources
from trendnlp.store import FindingFilter, PageRequest, QueueRequest, Store
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import (
    OTHER,
    Analysis,
    Block,
    BlockKind,
    Claim,
    Consolidation,
    Document,
    Finding,
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Member,
    Metadata,
    Reason,
    Statement,
    content_id,
)
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

KINDS = ("driver", "trend", "challenge", "opportunity")
ASPECTS = ("technology", "consumer", "economic", "regulatory", "environmental")
SUBJECTS = ["lifts", "beds", "pumps", "batteries", "robots", "panels", "cranes", "sensors", "ovens", "tiles"]
ACTS = ["rise", "fall", "spread", "sell", "break", "cost", "change", "grow"]
PLACES = ("Portugal", "Chile", "India", "Japan", "Italy")
CLAIMS = 25  # of a report
OTHERS = 58  # other statements of a report: 100,000 statements with 10,000 findings
MEMBERS = 3  # of a finding, on average
MODEL = "sha256:none"
PAGES = (
    "/",
    "/findings",
    "/findings?kind=driver&kind=trend",
    "/findings?state=rising&sort=momentum",
    "/findings?sort=momentum",
    "/findings?contested=yes&sort=recent",
    "/findings?q=lifts+rise",
    "/findings?tag=lifts&market=lifts&from=2024-01&to=2025-06",
    "/findings?source=Publisher+7",
    "/documents?q=report",
    "/statements?q=lifts",
    "/review",
    "/review?order=newest&kind=driver&kind=trend",
    "/review?q=lifts+rise&status=pending&status=accepted",
    "/review/progress",
    "/review/many?kind=driver",
    "/review/sure",
    "/review/threshold?threshold=0.85",
    "/review/readers",
    "/review/exchange",
)
DECISIONS = 20


class Unloaded(Workspace):
    """A workspace whose models stay where they are: neither pages nor decisions that touch no finding need any."""

    def _load(self) -> None:
        self._pipeline = cast(Pipeline, self)

    def prepare(self) -> None:
        """No finding is made anew here."""


def analyses(count: int, rng: random.Random) -> Iterator[Analysis]:
    """``count`` reports. A claim's words are drawn from so many that each is said in about ``MEMBERS`` of them."""
    different = max(1, count * CLAIMS // MEMBERS)
    for number in range(count):
        market, place = rng.choice(SUBJECTS), rng.choice(PLACES)
        published = f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02}"
        words = [rng.randrange(different) for _ in range(CLAIMS)]
        sentences = [f"{SUBJECTS[w % 10].title()} {ACTS[w % 8]} for reason number {w}." for w in dict.fromkeys(words)]
        claims = len(sentences)
        sentences += [f"Table {n} of report {number} lists the makers of {market}." for n in range(OTHERS)]
        text = " ".join((*sentences, f"This is report {number}."))
        blocks = (Block(0, len(text), BlockKind.PARAGRAPH),)
        known = Metadata(
            f"Report {number} on {market}", market, place, None, f"Publisher {number % 60}", published, "en"
        )
        document = Document(Document.id_of(text, Format.TEXT), f"{number}.txt", Format.TEXT, text, blocks, known)
        labelled, at = [], 0
        for index, sentence in enumerate(sentences):
            claim = index < claims
            reason = int(sentence.split()[-1][:-1]) if claim else 0
            kind, aspect = (KINDS[reason % 4], ASPECTS[reason % 5]) if claim else (OTHER, None)
            id = Statement.id_of(document.id, at, at + len(sentence))
            statement = Statement(id, document.id, at, at + len(sentence), sentence, 0)
            score, alt = round(rng.uniform(0.51, 0.99), 4), "other" if claim else "trend"
            scores = (KindScore(kind, score), KindScore(alt, round(1 - score, 4)))
            label = Label(kind, score, alt, scores, aspect, MODEL)
            labelled.append(LabelledStatement(statement, label, struct.pack("<2f", 1.0, 0.0) if claim else None))
            at += len(sentence) + 1
        yield Analysis(document, tuple(labelled))


def findings(made: list[Analysis], rng: random.Random) -> list[Finding]:
    """One finding for each claim's words; a twentieth are contested by the next one."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for analysis in made:
        of = analysis.document
        known = (of.metadata.publisher, of.metadata.published, of.metadata.market, of.metadata.geography)
        for labelled in analysis.claims:
            claims[labelled.statement.text].append(Claim(labelled, of.id, of.source, *known))
    groups = list(claims.values())
    found = [finding(group, groups[(n + 1) % len(groups)][0], rng) for n, group in enumerate(groups)]
    return list(with_sources(found, [claim for group in groups for claim in group], ()))


def finding(claims: list[Claim], other: Claim, rng: random.Random) -> Finding:
    head = claims[0].labelled
    dates = sorted(c.published for c in claims if c.published)
    against = Verdict(Relation.CONTRADICTS, Ground.JUDGE, Band.MIDDLE, 0.9, 0.8, 0.5)
    entry = LedgerEntry(head.statement.id, other.labelled.statement.id, against, MODEL)
    words = head.statement.text.split()
    return Finding(
        id=content_id("find", *(c.labelled.statement.id for c in claims)),
        kind=head.label.kind,
        aspect=head.label.aspect,
        title=head.statement.text,
        head=head.statement.id,
        members=tuple(
            Member(c.labelled.statement.id, c.document, c.source, 1.0, Reason.EXACT if n else Reason.HEAD)
            for n, c in enumerate(claims)
        ),
        documents=len({c.document for c in claims}),
        sources=0,
        first_seen=dates[0],
        last_seen=dates[-1],
        apart=(entry,) if rng.random() < 0.05 else (),
        tags=(Tag(words[0].lower(), TagOrigin.THEME, 0.5), Tag(words[1], TagOrigin.THEME, 0.4)),
        market=claims[0].market,
        geography=claims[0].geography,
    )


def fill(store: Store, count: int) -> None:
    rng = random.Random(7)
    made = list(analyses(max(1, count * MEMBERS // CLAIMS), rng))
    store.save_all(made)
    store.replace_findings(Consolidation(tuple(findings(made, rng)), 0.75, MODEL))


def open_unloaded(settings: Settings) -> Workspace:
    from trendnlp.build import artefact

    models: Artefact = artefact(settings)
    return Unloaded(settings, Store.open(settings.store_url), models)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--store", type=Path, help="keep the made-up store in this folder, or use the one there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=options.store or Path(folder))
        with TestClient(create_app(settings, open_unloaded), "http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
            store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
            if not store.counts().findings:
                fill(store, options.findings)
            counts = store.counts()
            print(f"{counts.findings:,} findings, {counts.documents:,} documents, {counts.statements:,} statements")
            one = store.findings(FindingFilter(), PageRequest(1)).items[0]
            queue = store.judging.queue(QueueRequest(), DECISIONS)
            pages = [*PAGES, f"/review?queue={queue.token}&start=20", f"/review/findings/{one.id}"]
            pages += [f"/review/{part}/{one.head}" for part in ("statements", "source", "items")]
            for page in pages:
                tell([timed(client.get, page) for _ in range(options.rounds)], page)
            client.cookies.set("trendnlp_name", "Benchmark")
            for action in ("skip", "accept"):
                fields = [{"decision": action, "statement": item.labelled.statement.id} for item in queue.items]
                took = [timed(client.post, "/review/decide", data=of, headers={"X-Part": "1"}) for of in fields]
                tell(took, f"a decision: {action}")


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one request, and of the processor's work on it."""

    whole: float
    worked: float


def timed(ask: Callable[..., Any], page: str, **options: Any) -> Took:
    begun, working = time.perf_counter(), time.process_time()
    answer = ask(page, **options)
    took = Took((time.perf_counter() - begun) * 1000, (time.process_time() - working) * 1000)
    assert answer.status_code == 200, answer.text
    return took


def tell(took: list[Took], what: str) -> None:
    whole = [t.whole for t in took]
    shown = statistics.median(whole), max(whole), statistics.median(t.worked for t in took)
    print("{:7.0f} ms median {:7.0f} ms most {:7.0f} ms of processor  ".format(*shown) + what, flush=True)


if __name__ == "__main__":
    main()
