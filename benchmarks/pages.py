"""How long the lists of a large workspace take: a made-up store, each page asked for several times.

python benchmarks/pages.py [--findings 10000] [--rounds 7] [--store FOLDER]

The store holds as many findings as asked for, in reports of 25 claims, with publishers, dates, tags and contested
pairs; no model is loaded. Prints of each page the median and the slowest time in milliseconds, and the median of the
processor time, which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import random
import statistics
import struct
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from fastapi.testclient import TestClient

from trendnlp.artefacts import Artefact
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.settings import Settings
from trendnlp.sources import with_sources
from trendnlp.store import Store
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import (
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
)


class Unloaded(Workspace):
    """A workspace whose models stay where they are: pages need none."""

    def _load(self) -> None:
        return


def analyses(count: int, rng: random.Random) -> Iterator[Analysis]:
    """``count`` reports. A claim's words are drawn from so many that each is said in about ``MEMBERS`` of them."""
    different = max(1, count * CLAIMS // MEMBERS)
    for number in range(count):
        market, place = rng.choice(SUBJECTS), rng.choice(PLACES)
        published = f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02}"
        words = [rng.randrange(different) for _ in range(CLAIMS)]
        sentences = [f"{SUBJECTS[w % 10].title()} {ACTS[w % 8]} for reason number {w}." for w in dict.fromkeys(words)]
        text = " ".join((*sentences, f"This is report {number}."))
        blocks = (Block(0, len(text), BlockKind.PARAGRAPH),)
        known = Metadata(
            f"Report {number} on {market}", market, place, None, f"Publisher {number % 60}", published, "en"
        )
        document = Document(Document.id_of(text, Format.TEXT), f"{number}.txt", Format.TEXT, text, blocks, known)
        labelled, at = [], 0
        for sentence in sentences:
            kind = KINDS[int(sentence.split()[-1][:-1]) % 4]
            aspect = ASPECTS[int(sentence.split()[-1][:-1]) % 5]
            id = Statement.id_of(document.id, at, at + len(sentence))
            statement = Statement(id, document.id, at, at + len(sentence), sentence, 0)
            label = Label(kind, 0.8, "other", (KindScore(kind, 0.8), KindScore("other", 0.2)), aspect, MODEL)
            labelled.append(LabelledStatement(statement, label, struct.pack("<2f", 1.0, 0.0)))
            at += len(sentence) + 1
        yield Analysis(document, tuple(labelled))


def findings(made: list[Analysis], rng: random.Random) -> list[Finding]:
    """One finding for each claim's words; a twentieth are contested by the next one."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for analysis in made:
        of = analysis.document
        known = (of.metadata.publisher, of.metadata.published, of.metadata.market, of.metadata.geography)
        for labelled in analysis.statements:
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
        with TestClient(create_app(settings, open_unloaded), "http://127.0.0.1") as client:
            store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
            if not store.counts().findings:
                fill(store, options.findings)
            counts = store.counts()
            print(f"{counts.findings:,} findings, {counts.documents:,} documents, {counts.statements:,} statements")
            for page in PAGES:
                took, worked = [], []
                for _ in range(options.rounds):
                    begun, working = time.perf_counter(), time.process_time()
                    answer = client.get(page)
                    took.append((time.perf_counter() - begun) * 1000)
                    worked.append((time.process_time() - working) * 1000)
                    assert answer.status_code == 200, answer.text
                shown = statistics.median(took), max(took), statistics.median(worked)
                print("{:7.0f} ms median {:7.0f} ms most {:7.0f} ms of processor  ".format(*shown) + page)


if __name__ == "__main__":
    main()
