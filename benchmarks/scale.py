"""How findings of many statements are made, and how one more document is worked in.

    python benchmarks/scale.py [--statements 100000] [--sizes 10000 100000 1000000]

On synthetic statements, encoded beforehand. A text is a claim of the corpus, word for word, within a clause that names
its planted cluster: those of one cluster say it in four ways, some with another figure or another direction, which the
guards must keep apart. That is longer than real statements, and has more words in common, so guards look at more. Its
vector stands near its cluster's; clusters share topics, so that a statement is as near to about one stranger as to its
own; most statements are alone. Two tables: all at once, alone and with the help of two processes, beside average
linkage, sentence-transformers' community_detection and semhash where they are installed, each in a process of its own;
and one document of 100 statements added to a workspace of each size, with the share of planted near neighbours that are
proposed there.

CPU seconds and memory are those of all processes: of each the most that it ever held, added up, libraries that several
have loaded counted for each. Two rows of trendnlp with the same digest have the same findings to the last letter.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sentences import sentences

from trendnlp.batch import Processes, Recipe, Team
from trendnlp.consolidate import CosineComparer, Incremental, Piece, Spread, consolidate
from trendnlp.consolidate.candidates import Candidates, number_of
from trendnlp.consolidate.neighbours import (
    INDEX_AT_ONCE_FROM,
    INDEX_FROM,
    Approximate,
    Indexes,
    Reach,
    Scan,
    Table,
    exact,
)
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits
from trendnlp.types import Claim, Finding, KindScore, Label, LabelledStatement, Statement

Vectors = NDArray[np.float32]
Columns = tuple[str, ...]  # of a table

DIMENSIONS = 384
THRESHOLD = 0.75
COMPARER = CosineComparer(THRESHOLD, "synthetic")
WORKERS = 2
NOISE = 0.35  # length of what parts a member from its cluster: cosines of about 0.9
LARGEST = 8  # members of a cluster
TOPIC = 25  # clusters that speak of one topic
CLOSENESS = (0.2, 0.95)  # how much of a cluster's centre is its topic's: cosines of up to 0.85 between strangers
CLUSTERED = 0.4  # share of the statements that stand in clusters
SPARSE = 0.02  # the same where only a step is timed: comparing all pairs of a million statements takes long
DOCUMENT = 100  # statements of the document that is added
STEPS = 5
BATCH = 50_000
MOST_LINKED = 30_000  # statements whose distances fit into 4 GB
ADDED = "one document"
LABEL = Label("driver", 0.9, "trend", (KindScore("driver", 0.9), KindScore("trend", 0.1)), "economic", "none")

MOVES = (("rises", "grows", "climbs", "keeps on rising"), ("falls", "declines", "shrinks", "drops"))
FORMS = (
    "{text} That is said of segment {number}, whose demand {move} by {figure} % a year.",
    "Of segment {number}, where what buyers spend {move} by {figure} % every year, dealers say: {text}",
    "{text} So say the buyers of segment {number}, and add that the need {move} by {figure} % a year.",
    "Where every year the volume {move} by {figure} %, as in segment {number}, this holds: {text}",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--crossing", type=int, nargs="*", default=[], help="time scan and index at these sizes")
    given = parser.parse_args()
    if given.statements:
        print(f"{given.statements:,} statements at once")
        print("| rule | seconds | CPU seconds | clusters | peak GB |\n| --- | --- | --- | --- | --- |")
        for name in CONTENDERS:
            print(f"| {name} | {_alone(name, given.statements)} |", flush=True)
    if given.sizes:
        print(f"\na document of {DOCUMENT} statements, median of {STEPS}")
        print("| statements | ms | CPU ms | near ones found | peak GB |\n| --- | --- | --- | --- | --- |")
        for size in given.sizes:
            print(f"| {size:,} | {_alone(ADDED, size)} |", flush=True)
    for size in given.crossing:
        scan, index = crossing(size)
        print(f"{DOCUMENT} queries among {size:,}: scan {1000 * scan:.1f} ms, index {1000 * index:.1f} ms", flush=True)


class Watch:
    """Seconds since it was made: by the clock, and of this process and those of its children that ended since, on all
    cores.
    """

    def __init__(self) -> None:
        self._started = time.perf_counter(), _cpu()

    def wall(self) -> float:
        return time.perf_counter() - self._started[0]

    def cpu(self) -> float:
        return _cpu() - self._started[1]

    def seconds(self) -> Columns:
        return f"{self.wall():.1f}", f"{self.cpu():.1f}"


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def planted(size: int, share: float, seed: int) -> tuple[Vectors, NDArray[np.int64]]:
    """Unit vectors, and of each row its cluster: ``share`` of the rows stand in clusters, in mixed order."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(2, LARGEST + 1, size)
    count = int(np.searchsorted(np.cumsum(sizes), share * size))
    clusters = np.repeat(np.arange(count), sizes[:count])[:size]
    clusters = np.concatenate([clusters, np.arange(count, count + size - len(clusters))])
    draw.shuffle(clusters)
    centres = np.random.default_rng(seed + 1)
    vectors = np.empty((size, DIMENSIONS), np.float32)
    count = int(clusters.max()) + 1
    topics = centres.standard_normal((count // TOPIC + 1, DIMENSIONS), np.float32)
    middle = centres.standard_normal((count, DIMENSIONS), np.float32)
    near = centres.uniform(*CLOSENESS, count).astype(np.float32)[:, None]
    for start in range(0, count, BATCH):
        some = slice(start, start + BATCH)
        topic = topics[np.arange(count)[some] // TOPIC]
        middle[some] = np.sqrt(near[some]) * topic + np.sqrt(1 - near[some]) * middle[some]
    for start in range(0, size, BATCH):
        own = middle[clusters[start : start + BATCH]]
        noise = draw.standard_normal(own.shape, np.float32)
        rows = own + NOISE * noise
        vectors[start : start + BATCH] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors, clusters


def texts_of(clusters: Sequence[int], seed: int) -> Iterator[str]:
    """A text a row: those of one cluster say the same in other words, but one in eight another figure or direction."""
    draw = np.random.default_rng(seed)
    told = sentences(claims=True)
    for cluster in clusters:
        form, move, odd = draw.integers(0, [len(FORMS), len(MOVES[0]), 16])
        way = int((cluster % 3 == 0) != (odd == 0))
        yield FORMS[form].format(
            text=told[cluster % len(told)],
            move=MOVES[way][move],
            figure=2 + cluster % 17 + (20 if odd == 1 else 0),
            number=_word(cluster),
        )


def _word(number: int) -> str:
    """A made-up name that stands for a number below 12^6: figures would be read as quantities."""
    return "".join("bdfgklmnprst"[d] + "aeiou"[d % 5] for d in np.unravel_index(number, (12,) * 6))


def claims(vectors: Vectors, texts: Iterator[str], prefix: str) -> list[Claim]:
    found = []
    for i, (row, text) in enumerate(zip(vectors, texts, strict=True)):
        document = f"{prefix}{i // DOCUMENT}"
        start = 1000 * (i % DOCUMENT)
        id = Statement.id_of(document, start, start + len(text))
        statement = Statement(id, document, start, start + len(text), text, 0)
        found.append(Claim(LabelledStatement(statement, LABEL, row.tobytes()), document, document, None, None))
    return found


def added(size: int) -> Columns:
    """What one more document takes, the median of a few; and the recall of near neighbours before."""
    vectors, clusters = planted(size + STEPS * DOCUMENT, SPARSE, size)
    # the statements of the documents that come say what some planted cluster says
    centres = np.flatnonzero(np.bincount(clusters)[clusters] > 1)[: STEPS * DOCUMENT]
    clusters[size:] = np.resize(clusters[centres], STEPS * DOCUMENT)
    near = vectors[np.resize(centres, STEPS * DOCUMENT)]
    noise = np.random.default_rng(0).standard_normal(near.shape, np.float32) / DIMENSIONS**0.5
    vectors[size:] = near + NOISE * noise
    vectors[size:] /= np.linalg.norm(vectors[size:], axis=1, keepdims=True)
    texts = texts_of(clusters.tolist(), 1)
    state = Incremental(COMPARER)
    keys = []
    for start in range(0, size, BATCH):
        some = vectors[start : min(start + BATCH, size)]
        held = claims(some, (next(texts) for _ in range(len(some))), f"b{start}-")
        keys += [number_of(claim.labelled.statement.id) for claim in held]
        state.add(held)
    found = recall(state.candidates, keys, clusters[:size])
    spent, worked = [], []
    for step in range(STEPS):
        start = size + step * DOCUMENT
        some = vectors[start : start + DOCUMENT]
        fresh = claims(some, (next(texts) for _ in range(DOCUMENT)), f"new{step}-")
        watch = Watch()
        state.add(fresh)
        spent.append(watch.wall())
        worked.append(watch.cpu())
    return f"{1000 * median(spent):.0f}", f"{1000 * median(worked):.0f}", f"{found:.4f}"


def recall(candidates: Candidates, keys: Sequence[int], clusters: NDArray[np.int64], asked: int = 2000) -> float:
    """The share of the planted pairs within reach that are proposed, of some rows in clusters; ``keys`` are those that
    the table knows the clustered claims by.
    """
    table = candidates.table
    row_of = {int(table.keys[row]): row for row in table.rows().tolist()}
    members: dict[int, list[int]] = {}
    for key, cluster in zip(keys, clusters.tolist(), strict=True):
        if key in row_of:  # of claims in the same words, one alone is
            members.setdefault(cluster, []).append(row_of[key])
    groups = [rows for rows in members.values() if len(rows) > 1][:asked]
    pairs = np.array([(a, b) for rows in groups for a in rows for b in rows if a != b])
    near = exact(table.vectors, pairs[:, 0], pairs[:, 1]) >= THRESHOLD
    wanted = set(map(tuple, pairs[near].tolist()))
    rows: Indexes = np.unique(pairs[:, 0])
    found = {
        p
        for f in candidates.search.propose(rows, Reach(THRESHOLD))
        for p in zip(f.queries.tolist(), f.others.tolist(), strict=True)
    }
    return len(wanted & found | {pair for pair in wanted if pair[::-1] in found}) / len(wanted)


def crossing(size: int) -> tuple[float, float]:
    """Seconds that a document's neighbours take by a scan and by the index: from where one is worth the other."""
    table = table_of(planted(size, CLUSTERED, 3)[0])
    rows: Indexes = np.arange(DOCUMENT, dtype=np.int64)
    found = []
    for search in (Scan(table), Approximate(table)):
        spent = []
        for _ in range(STEPS):
            started = time.perf_counter()
            list(search.propose(rows, Reach(THRESHOLD)))
            spent.append(time.perf_counter() - started)
        found.append(median(spent))
    return found[0], found[1]


def table_of(vectors: Vectors) -> Table:
    table = Table()
    rows: Indexes = np.arange(len(vectors), dtype=np.int64)
    table.put(rows, vectors, rows)
    return table


def ours(size: int) -> Columns:
    given = planted_claims(size)
    watch = Watch()
    found = consolidate(given, COMPARER.threshold, COMPARER.digest)
    return *watch.seconds(), _told(found.findings)


def helped(size: int) -> Columns:
    """The same with processes of the batch, whose start and end count. Nothing is missed up to the same size."""
    given = planted_claims(size)
    watch = Watch()
    with closing(Team(lambda: Processes(Recipe(helper, Limits()), WORKERS))) as team:
        found = Incremental(COMPARER, spread=Spread(team.share, whole=INDEX_AT_ONCE_FROM)).add(given).findings
    return *watch.seconds(), _told(found)


@dataclass(frozen=True, slots=True)
class Helping:
    """What a worker asks of a matcher, who needs no encoder for it."""

    def do(self, piece: Piece) -> Any:
        return piece.done(COMPARER)


@dataclass(frozen=True, slots=True)
class Helper:
    """What a worker asks of a pipeline where all vectors are there."""

    matcher: Helping = Helping()


def helper() -> Pipeline:
    return cast("Pipeline", Helper())


def planted_claims(size: int) -> list[Claim]:
    vectors, clusters = planted(size, CLUSTERED, 5)
    return claims(vectors, texts_of(clusters.tolist(), 1), "d")


def _told(findings: Sequence[Finding]) -> str:
    """How many they are, and a digest of all that they hold."""
    digest = hashlib.sha256()
    for finding in findings:
        digest.update(repr(finding).encode())
    return f"{len(findings):,} ({digest.hexdigest()[:8]})"


def average(size: int) -> Columns:
    from scipy.cluster.hierarchy import fcluster, linkage

    if size > MOST_LINKED:
        return _not_run(f"its distances need {size * size * 4 / 1e9:,.0f} GB")
    vectors, _ = planted(size, CLUSTERED, 5)
    watch = Watch()
    found = fcluster(linkage(vectors, "average", "cosine"), 1.0 - THRESHOLD, "distance")
    return *watch.seconds(), f"{int(found.max()):,}"


def communities(size: int) -> Columns:
    import torch
    from sentence_transformers.util import community_detection

    vectors = torch.from_numpy(planted(size, CLUSTERED, 5)[0])
    watch = Watch()
    found = community_detection(vectors, threshold=THRESHOLD, min_community_size=1)
    return *watch.seconds(), f"{len(found):,}"


def semhash(size: int) -> Columns:
    if find_spec("semhash") is None:
        return _not_run("not installed")
    from semhash import SemHash  # type: ignore[import-not-found, unused-ignore]

    vectors, clusters = planted(size, CLUSTERED, 5)
    texts = list(texts_of(clusters.tolist(), 1))
    place = {text: i for i, text in enumerate(texts)}

    class Encoded:
        """Gives the vectors that were made beforehand."""

        def encode(self, inputs: Sequence[str], **kwargs: object) -> Vectors:
            return vectors[[place[text] for text in inputs]]

    watch = Watch()
    found = SemHash.from_records(records=texts, model=Encoded()).self_deduplicate(threshold=THRESHOLD)
    return *watch.seconds(), f"{len(found.selected):,}"


def _not_run(reason: str) -> Columns:
    return f"not run: {reason}", "", ""


WORK: dict[str, Callable[[int], Columns]] = {
    "trendnlp": ours,
    f"trendnlp, {WORKERS} processes": helped,
    "average linkage": average,
    "community_detection": communities,
    "semhash": semhash,
    ADDED: added,
}
CONTENDERS = [name for name in WORK if name != ADDED]


def _alone(name: str, size: int) -> str:
    """What the work of this name finds, then the peak memory in GB: from a process of its own, it is its alone."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_child, args=(there, name, size))
    process.start()
    there.close()
    try:
        answer = here.recv()
    except EOFError:
        answer = "it died"
    process.join()
    return str(answer)


def _child(answer: Connection, name: str, size: int) -> None:
    found = WORK[name](size)
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    answer.send(" | ".join((*found, f"{(own + WORKERS * largest) / 2**20:.2f}")))


if __name__ == "__main__":
    print(f"index from {INDEX_FROM:,} rows, of rows that come at once from {INDEX_AT_ONCE_FROM:,}")
    main()
