"""What a corpus costs by its size: measured at a few sizes, fitted, and multiplied. Prints all of scale.md.

    python benchmarks/costs.py > benchmarks/scale.md
    [--model fast cascade] [--documents 40 80 160] [--claims 5000 10000 20000 40000] [--stored 40 80 160]
    [--indexed 10000 20000 40000] [--simulated 10000000] [--cells 100] [--minutes 7]

Every figure is of a process of its own. Times are CPU seconds, which other work on the machine changes less than the
clock. How far it is goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from textwrap import fill

from all import stamp
from batch import Bench, bundled, spread
from cost_cells import CELL, Simulated, simulate
from cost_model import CORES, GB, Costs, Fit, figure, fit, markdown, table
from cost_runs import Batch, Consolidated, Shares, Stored, alone, batch, consolidate_planted, index, say, store
from scale import THRESHOLD

from trendnlp.consolidate.cells import NEAREST, SAMPLE

MB = 1e6
DOUBLE = 8  # bytes
WIDTH = 120  # of a line of text
ABOUT = (
    "*Measured* are runs of a few sizes, each told with its fit: least squares of the relative errors, no factor "
    "negative. *Multiplied* is the table at the end, from the costs of a document and of a claim. What is *assumed* "
    "stands above it. Seconds are CPU seconds of one core."
)
ASSUMED = (
    "*Measured*: the costs of a document and of a claim, above. *Multiplied*: documents by the claims of one, and both "
    f"by their costs. What can be shared out is divided by {CORES} cores a machine, what one process does is not.",
    "*Assumed*: documents as long and as rich in claims as those measured, and claims as often near each other as "
    "those planted; of comparing the costlier of both measurements; machines like this one, always busy; nothing for "
    "networks, disks, starting, and saving into the store.",
    "Cutting into cells was timed in single precision, the product uses double. The store is measured with the first "
    "model alone. Labelling and taking in go on side by side, so the slower counts. Cells take the place of the scan, "
    "so its squared term is left out; but the more claims, the more cells to choose from: cutting grows with the "
    f"square of the claims, and so does what it holds, {DOUBLE * SAMPLE} bytes for each two cells, counted from the "
    "code. The store is one SQLite file. Only a workspace has an index; a vector of it takes what one of the largest "
    "index measured does. A machine counts for as long as any works. Memory is named where one process needs more "
    "than this machine has, and then what takes longest.",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", nargs="+", default=["fast"], choices=("fast", "accurate", "cascade"))
    parser.add_argument("--documents", type=int, nargs="+", default=[40, 80, 160])
    parser.add_argument("--claims", type=int, nargs="+", default=[5_000, 10_000, 20_000, 40_000])
    parser.add_argument("--stored", type=int, nargs="+", default=[40, 80, 160])
    parser.add_argument("--indexed", type=int, nargs="+", default=[10_000, 20_000, 40_000])
    parser.add_argument("--simulated", type=int, default=10_000_000)
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=7.0, help="after which no more cells are worked")
    given = parser.parse_args()
    command = " ".join(("python benchmarks/costs.py", *sys.argv[1:]))
    print(f"# What a corpus costs\n\n`{command}`: {stamp()}\n\n{paragraph(ABOUT)}", flush=True)
    try:
        cells, peak = alone(simulate, given.simulated, given.cells, given.minutes)  # first: it may not fit
    except MemoryError as error:
        print(f"{given.simulated:,} claims do not fit, take fewer --simulated: {error}", file=sys.stderr)
        return 1
    say(f"simulated in {cells.minutes:.1f} minutes")
    with tempfile.TemporaryDirectory(prefix="trendnlp-costs-") as scratch:
        bench = Bench(Path(scratch), os.cpu_count() or 1, 1)
        texts = bundled(Path(scratch) / "texts")
        batches = {model: [batch(bench, spread(texts, n), model) for n in given.documents] for model in given.model}
        for model, runs in batches.items():
            print(told_batches(model, runs), flush=True)
        consolidated = [alone(consolidate_planted, size)[0] for size in given.claims]
        print(told_consolidated(consolidated), flush=True)
        stored = [store(bench, spread(texts, n), given.model[0]) for n in given.stored]
        print(told_stored(stored), flush=True)
    indexed = [(size, *alone(index, size)[0]) for size in given.indexed]
    print(told_indexed(indexed), flush=True)
    print(told_cells(cells, peak), flush=True)
    print(section("10^5, 10^6 and 10^8 documents", *map(paragraph, ASSUMED)))
    for model, runs in batches.items():
        print(f"\nLabelled by {model}:\n\n{table(costs_of(runs, consolidated, stored, indexed[-1][1], cells))}")
    return 0


def costs_of(
    runs: Sequence[Batch],
    consolidated: Sequence[Consolidated],
    stored: Sequence[Stored],
    indexed: float,
    cells: Simulated,
) -> Costs:
    documents, sizes = [run.documents for run in runs], [one.claims for one in consolidated]
    told = sum(run.claims for run in runs) / sum(documents)
    return Costs(
        labelling=fit(documents, [run.shares.labelling for run in runs]).terms[1],
        taking=fit(documents, [run.shares.taking for run in runs]).terms[1],
        claims=told,
        stored=fit([one.documents for one in stored], [one.size for one in stored]).terms[1],
        searching=cells.searching / cells.worked * cells.cells / cells.size,
        comparing=max(compared(runs), fit(sizes, [one.pieces for one in consolidated]).terms[1]),
        sending=cells.sending / cells.worked * cells.cells / cells.size,
        finding=fit_alone(consolidated).terms[1],
        indexed=indexed,
        cutting=(cells.centroids + cells.assigning) / cells.size**2,
        centroids=DOUBLE * SAMPLE / CELL**2,
        held=fit(sizes, [one.peak for one in consolidated]),
        memory=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
    )


def fit_alone(consolidated: Sequence[Consolidated]) -> Fit:
    return fit([one.claims for one in consolidated], [one.alone for one in consolidated], 2)


def told_batches(model: str, runs: Sequence[Batch]) -> str:
    sizes = [run.documents for run in runs]
    cells = [
        (
            *(f"{n:,}" for n in (run.documents, run.words, run.statements, run.claims, run.findings)),
            *map(figure, (run.cost.cpu, run.cost.peak, *astuple(run.shares))),
        )
        for run in runs
    ]
    head = ["documents", "words", "statements", "claims", "findings", "CPU s", "peak MiB"]
    shares = [field.name for field in fields(Shares)]
    parts = [
        f"{name} {line(sizes, [1e3 * getattr(run.shares, name) for run in runs], 'ms', 'document')}"
        for name in shares[:-1]
    ]
    return section(
        f"Labelling by {model}",
        paragraph(
            "A whole `trendnlp batch --engine serial` of texts of the corpus and the samples, of",
            f"{sum(run.words for run in runs) / sum(sizes):.0f} words on average. The last columns are of the same",
            "within one process, part by part, without its start: labelling, taking in what is labelled (which one",
            "process does for all), comparing pairs, all else that makes findings; and how many pairs were compared.",
        ),
        markdown([*head, *(f"{name}, s" for name in shares[:-1]), shares[-1]], cells),
        paragraph(
            f"CPU seconds: {line(sizes, [run.cost.cpu for run in runs], 's', 'document')}. Peak memory:",
            f"{line(sizes, [run.cost.peak for run in runs], 'MiB', 'document')}. By parts: {'; '.join(parts)}.",
            f"Comparing takes {figure(1000 * compared(runs))} ms a claim in the largest run.",
        ),
    )


def told_consolidated(runs: Sequence[Consolidated]) -> str:
    sizes = [run.claims for run in runs]
    cells = [
        (f"{run.claims:,}", f"{run.findings:,}", *map(figure, (run.alone, run.pieces, run.peak / MB))) for run in runs
    ]
    found = fit_alone(runs)
    once, each, squared = found.terms
    return section(
        "Consolidation",
        paragraph(
            "Planted claims (`scale.py` says how), encoded beforehand, consolidated by guards and cosine as a batch",
            "does it, but with a scan of all pairs whatever their number. Comparing pairs can be shared out.",
        ),
        markdown(["claims", "findings", "one process, CPU s", "comparing, CPU s", "peak MB"], cells),
        paragraph(
            f"One process: {figure(once)} s + {figure(1000 * each)} ms a claim + {figure(1e9 * squared)} ns a squared",
            f"claim, off by {found.error:.1%} at most. The term of a claim is candidates, partition, ledgers, titles",
            f"and records ({figure(each * sizes[-1])} s of {sizes[-1]:,}), the squared one the scan",
            f"({figure(squared * sizes[-1] ** 2)} s).",
            f"Comparing: {line(sizes, [1e3 * run.pieces for run in runs], 'ms', 'claim')}.",
            f"Peak memory: {line(sizes, [run.peak / 1e3 for run in runs], 'kB', 'claim')}.",
        ),
    )


def told_stored(runs: Sequence[Stored]) -> str:
    counts = ("documents", "statements", "findings")
    cells = [
        (
            *(f"{getattr(run, name):,}" for name in counts),
            *map(figure, (run.size / MB, *(run.size / getattr(run, name) / 1e3 for name in counts))),
        )
        for run in runs
    ]
    each = [
        line([getattr(run, name) for run in runs], [run.size / 1e3 for run in runs], "kB", name.rstrip("s"))
        for name in counts
    ]
    return section(
        "Store",
        paragraph("The SQLite file of a workspace after a checkpoint: all of it, and divided by what it holds."),
        markdown([*counts, "MB", *(f"kB a {name.rstrip('s')}" for name in counts)], cells),
        paragraph(f"By one of these alone: {'; '.join(each)}."),
    )


def told_indexed(runs: Sequence[tuple[int, float, float]]) -> str:
    cells = [(f"{size:,}", figure(held), figure(1e3 * seconds)) for size, held, seconds in runs]
    return section("Index", markdown(["vectors", "bytes a vector", "CPU ms to add one"], cells))


def told_cells(run: Simulated, peak: float) -> str:
    some, share = f"{run.worked} cells", run.cells / run.worked
    cells = [
        ("centroids", "all", figure(run.centroids), figure(run.centroids), "one process"),
        ("assigning rows", "all", figure(run.assigning), figure(run.assigning), "one process"),
        ("copying and pickling cells", some, figure(run.sending), figure(run.sending * share), "one process"),
        ("looking for near claims", some, figure(run.searching), figure(run.searching * share), "shared out"),
    ]
    return section(
        f"A simulation of {run.size:,} claims",
        paragraph(
            f"Planted vectors in half precision, in {run.cells:,} cells of {CELL:,} rows on average; a row asks in its",
            f"{NEAREST} nearest. All rows were assigned, with centroids in single precision, where the product has",
            f"double. Of the cells a random sample of {run.worked} was worked: {run.home:,.0f} rows at home and",
            f"{run.members:,.0f} that ask, on average. No pairs were compared, and no findings made.",
        ),
        markdown(["", "done", "CPU s", "CPU s for all", "who does it"], cells),
        paragraph(
            f"Of {run.near:,} planted near pairs (cosine of {THRESHOLD} or more) with an end at home in a worked cell,",
            f"{run.found / max(1, run.near):.2%} are found. Peak memory {peak / GB:.1f} GB, {run.minutes:.1f} minutes",
            f"with the planting ({figure(run.planting)} CPU s).",
        ),
    )


def section(title: str, *parts: str) -> str:
    return "\n\n".join((f"\n## {title}", *parts))


def paragraph(*parts: str) -> str:
    return fill(" ".join(parts), WIDTH, break_long_words=False, break_on_hyphens=False)


def compared(runs: Sequence[Batch]) -> float:
    """CPU seconds of comparing for a claim of the largest run."""
    return runs[-1].shares.comparing / runs[-1].claims


def line(sizes: Sequence[float], values: Sequence[float], unit: str, of: str) -> str:
    found = fit(sizes, values)
    return f"{figure(found.terms[0])} {unit} + {figure(found.terms[1])} {unit} a {of}, off by {found.error:.1%} at most"


if __name__ == "__main__":
    sys.exit(main())
