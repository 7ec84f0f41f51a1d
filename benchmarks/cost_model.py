"""A line or parabola through what was measured, and what it says of sizes that cannot be measured here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

HOUR = 3600
GB = 1e9
CORES = 2  # of a machine
DOCUMENTS = (10**5, 10**6, 10**8)
MACHINES = (1, 16, 256)
LEAST = 0.01  # of the largest value: smaller ones weigh no more than this one would


@dataclass(frozen=True, slots=True)
class Fit:
    """The factors of 1, n, n² and so on. ``error`` is the largest relative one at what was measured."""

    terms: tuple[float, ...]
    error: float

    def at(self, n: float) -> float:
        return sum(term * n**power for power, term in enumerate(self.terms))


def fit(sizes: Sequence[float], values: Sequence[float], degree: int = 1) -> Fit:
    """Least squares of relative errors, so that the small sizes count as much as the large; no factor is negative."""
    powers = np.vander(np.array(sizes, np.float64), degree + 1, increasing=True)
    scale = powers.max(axis=0)
    wanted = np.array(values, np.float64)
    weight = np.maximum(wanted, LEAST * wanted.max() or 1.0)
    terms = nnls(powers / scale / weight[:, None], wanted / weight)[0] / scale
    errors = np.abs(powers @ terms - wanted) / weight
    return Fit(tuple(terms.tolist()), float(errors.max()))


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds and bytes. Of a document: what labels it, what takes it in, its claims and its place in the store. Of
    a claim: looking for near ones in cells, comparing the pairs with it, sending it to who looks, making its findings,
    and its place in the index. ``cutting`` and ``centroids`` (bytes) are of a squared number of claims; ``held`` are
    the bytes of the process that holds so many claims, without the centroids. A machine has ``memory`` bytes.
    """

    labelling: float
    taking: float
    claims: float
    stored: float
    searching: float
    comparing: float
    sending: float
    finding: float
    indexed: float
    cutting: float
    centroids: float
    held: Fit
    memory: float


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the work: CPU seconds, of all cores together or of the one process that must do it ``alone``."""

    name: str
    seconds: float
    alone: bool

    def hours(self, machines: int) -> float:
        """By the clock, where a process that is alone uses one core."""
        return self.seconds / HOUR / (1 if self.alone else machines * CORES)

    def __str__(self) -> str:
        return f"{self.name} ({'one process' if self.alone else 'shared out'})"


@dataclass(frozen=True, slots=True)
class Row:
    """What so many documents take on so many machines: hours by the clock, and bytes."""

    documents: int
    machines: int
    labelling: float
    consolidation: float
    alone: float
    held: float
    stored: float
    indexed: float
    bottleneck: str


def rows(costs: Costs) -> Iterator[Row]:
    return (row(costs, documents, machines) for documents in DOCUMENTS for machines in MACHINES)


def row(costs: Costs, documents: int, machines: int) -> Row:
    claims = costs.claims * documents
    label = Phase("labelling", costs.labelling * documents, alone=False)
    take = Phase("taking in what is labelled", costs.taking * documents, alone=True)
    after = [
        Phase("looking for near claims in cells", costs.searching * claims, alone=False),
        Phase("comparing pairs", costs.comparing * claims, alone=False),
        Phase("cutting claims into cells", costs.cutting * claims**2, alone=True),
        Phase("sending cells", costs.sending * claims, alone=True),
        Phase("making findings", costs.finding * claims, alone=True),
    ]
    longest = max([label, take, *after], key=lambda phase: phase.hours(machines))
    held = costs.held.at(claims) + costs.centroids * claims**2
    return Row(
        documents,
        machines,
        max(label.hours(machines), take.hours(machines)),  # both at the same time
        sum(phase.hours(machines) for phase in after),
        sum(phase.hours(machines) for phase in after if phase.alone),
        held,
        costs.stored * documents,
        costs.indexed * claims,
        f"memory of one process; then {longest}" if held > costs.memory else str(longest),
    )


HEAD = (
    "documents",
    "machines",
    "labelling, h",
    "consolidation, h",
    "of it in one process, h",
    "machine-hours",
    "memory of one process, GB",
    "store, GB",
    "index, GB",
    "bottleneck",
)


def table(costs: Costs) -> str:
    """The rows as Markdown. A machine counts for as long as the others work."""
    cells = [
        (
            f"{one.documents:,}",
            f"{one.machines}",
            *map(figure, (one.labelling, one.consolidation, one.alone)),
            figure((one.labelling + one.consolidation) * one.machines),
            *map(figure, (one.held / GB, one.stored / GB, one.indexed / GB)),
            one.bottleneck,
        )
        for one in rows(costs)
    ]
    return markdown(HEAD, cells)


def markdown(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *cells))


def figure(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
