"""What learning from reviews brings: the markets of a sector that no model saw, with their labels as the analyst.

    python benchmarks/learning.py [--model fast] [--seeds 10] [--seconds 10] [--data ../shared/bench]

The corpus' held-out markets (those that only score, and those that only calibrated) are cut into sectors. In each, an
analyst decides on n statements, the uncertain ones first or at random, and the heads learn from these. Macro-F1 of the
four kinds, mean over sectors and seeds:

new       on documents of the sector that were not reviewed, a random half of them
rest      on what nobody judged, where the whole sector is the workspace
shown     on all of it as the workspace shows it: what was judged counts as it was decided
no heads  the same as shown, with the shipped heads: what the decisions bring by themselves

and the minutes that the decisions took for each label put right, at --seconds a decision. ``--style KIND`` is another
school of analyst, who gives KIND wherever a careful reader would accept it. With ``--data``, the documents of real_dev
are sectors too, by where they come from. Vectors are kept in the cache folder: only the first time takes minutes.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendnlp.adapt import Reviews, adapt, spread_of
from trendnlp.artefacts import default_folder, open_artefact
from trendnlp.build import ACCURATE, CASCADE, FAST, accurate_base, fast_base, load_classifier
from trendnlp.classify import Classifier, Matrix
from trendnlp.corpus import LabelledText, LabelledUnit, read_corpus, statements_of
from trendnlp.datasets import read_real
from trendnlp.evaluate import Gold, score
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, split_corpus
from trendnlp.vectors import KeptVectors, Texts
from trendnlp.weights import cache_folder

COUNTS = (0, 25, 50, 100, 200, 400)
ORDERS = ("uncertain", "random")
WORDS = {
    "health": "veterinary glucose dental medical hearing hospital cell neonatal care emergency laboratory",
    "food and farming": "dairy oat drinks wine shrimp cheese pet farm coffee potato bakeries fisheries sugar mushroom "
    "poultry beer agricultural farming tortilla fertiliser greenhouse wool food growing agriculture",
    "energy and environment": "solar battery batteries lithium hydropower heat electricity wind carbon recycling "
    "rainwater climate refill phosphorus flow pellets graphite offshore wildfire circular",
    "transport and trade": "car ports shipping airlines vehicles trucking aircraft tyre tyres shipbuilding bicycle "
    "logistics automotive aerospace buses exporters",
    "materials and machinery": "packaging boxes timber steel titanium gases cement concrete magnets capacitors foam "
    "mining aluminium metals vanadium pallets tiles copper gold wood particleboard construction machinery twins",
    "digital and finance": "wage credentials freelance cybersecurity cyber identity indexing podcast podcasting "
    "livestream banking insurance advisors lending finance translation security broadband quantum satellite",
    "regional economies": "economy manufacturing conditions province region county district labor tourism hotels real "
    "property casinos",
}


@dataclass(frozen=True)
class Sector:
    """Its texts, and a model's vectors of their units, stacked."""

    name: str
    texts: tuple[LabelledText, ...]
    rows: dict[str, Matrix]
    gold: tuple[Gold, ...]
    kinds: NDArray[np.intp]
    documents: NDArray[np.intp]


@dataclass(frozen=True)
class Result:
    """One order of one sector and seed, at each count of reviews."""

    count: int
    new: float
    rest: float
    shown: float
    unlearnt: float
    put_right: int


class Simulation:
    """An analyst who decides as the gold labels say, and heads that learn from him."""

    def __init__(self, models: dict[str, Classifier], cascade: float, spreads: dict[str, float]) -> None:
        self.models = models
        self.cascade = cascade
        self.spreads = spreads
        self.classes = next(iter(models.values())).classes_

    def said(self, models: dict[str, Classifier], sector: Sector) -> Matrix:
        found = {name: model.probabilities(sector.rows[name]).kinds for name, model in models.items()}
        if len(found) == 1:
            return next(iter(found.values()))
        sure = found[FAST].max(axis=1, keepdims=True) >= self.cascade
        return np.where(sure, found[FAST], found[ACCURATE])

    def learnt(self, sector: Sector, chosen: NDArray[np.intp]) -> Matrix:
        """What the model says of the sector once its heads have learnt from the chosen units."""
        after = {}
        for name, model in self.models.items():
            reviews = Reviews(sector.rows[name][chosen], sector.kinds[chosen], sector.documents[chosen])
            head = adapt(model.kind, reviews, self.spreads[name]).head
            after[name] = Classifier(model.encoder, head, model.aspect, model.digest)
        return self.said(after, sector)

    def run(self, sector: Sector, order: str, seed: int) -> Iterator[Result]:
        chance = np.random.default_rng(seed)
        before = self.said(self.models, sector)
        documents = chance.permutation(np.unique(sector.documents))
        reviewed = np.isin(sector.documents, documents[: len(documents) // 2])
        everywhere = np.ones(len(before), bool)
        wrong = before.argmax(axis=1) != sector.kinds
        for count in COUNTS:
            half = self._chosen(before, reviewed, order, count, chance)
            chosen = self._chosen(before, everywhere, order, count, chance)
            if chosen is None or half is None:
                return
            after = self.learnt(sector, chosen) if count else before
            apart = self.learnt(sector, half) if count else before
            shown, unlearnt = after.argmax(axis=1), before.argmax(axis=1)
            shown[chosen], unlearnt[chosen] = sector.kinds[chosen], sector.kinds[chosen]
            rest = np.setdiff1d(np.arange(len(before)), chosen)
            yield Result(
                count,
                self.f1(sector, apart.argmax(axis=1), np.flatnonzero(~reviewed)),
                self.f1(sector, after.argmax(axis=1), rest),
                self.f1(sector, shown, np.arange(len(before))),
                self.f1(sector, unlearnt, np.arange(len(before))),
                int(wrong.sum() - (shown != sector.kinds).sum()),
            )

    def f1(self, sector: Sector, said: NDArray[np.intp], at: NDArray[np.intp]) -> float:
        return score([sector.gold[i] for i in at], [self.classes[said[i]] for i in at]).macro_f1

    def _chosen(
        self, said: Matrix, among: NDArray[np.bool_], order: str, count: int, chance: np.random.Generator
    ) -> NDArray[np.intp] | None:
        """So many statements that the analyst decides on; None where there are not that many."""
        places = np.flatnonzero(among)
        if len(places) < count:
            return None
        if order == "random":
            return np.sort(chance.permutation(places)[:count])
        ranked = np.sort(said[places], axis=1)
        return np.sort(places[np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")[:count]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--models", type=Path, default=default_folder())
    parser.add_argument("--model", choices=(FAST, ACCURATE, CASCADE), default=FAST)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10.0, help="that a decision takes")
    parser.add_argument("--style", help="the kind that the analyst gives wherever it is acceptable")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    models = open_artefact(given.models)
    settings = Settings.from_env()
    names = {FAST: (FAST,), ACCURATE: (ACCURATE,), CASCADE: (FAST, ACCURATE)}[given.model]
    loaded = {}
    for name in names:
        base = (fast_base if name == FAST else accurate_base)(settings, models.part(name).base_sha256)
        loaded[name] = load_classifier(models, name, base, models.manifest.files[models.part(name).encoder])
    split = split_corpus(read_corpus(given.corpus), TrainOptions())
    groups = {"sectors of the corpus": sectors_of((*split.test, *split.dev))}
    if given.data:
        groups["real text"] = origins_of(read_real(given.data / "real_dev" / "documents.jsonl"))
    today = datetime.datetime.now(datetime.UTC).date()
    print(f"{given.model}, {today}, {platform.machine()}, {given.seeds} seeds, {given.seconds:g} s a decision")
    for title, parts in groups.items():
        parts = {name: tuple(_styled(text, given.style) for text in texts) for name, texts in parts.items()}
        found = [_sector(name, texts, loaded, settings) for name, texts in parts.items()]
        spreads = {name: spread_of(np.vstack([s.rows[name] for s in found])) for name in names}
        simulation = Simulation(loaded, models.manifest.cascade or 0.0, spreads)
        print(f"\n{title}: " + ", ".join(f"{s.name} ({len(s.texts)} texts, {len(s.gold)} units)" for s in found))
        _print(simulation, found, given.seeds, given.seconds)


def sectors_of(texts: Sequence[LabelledText]) -> dict[str, tuple[LabelledText, ...]]:
    """The texts of each sector, by words of their market; what fits none is left out, as is what fits several."""
    words = {name: set(listed.split()) for name, listed in WORDS.items()}
    found: dict[str, list[LabelledText]] = {name: [] for name in WORDS}
    for text in texts:
        market = set(text.market.lower().replace("-", " ").replace(",", " ").split())
        fitting = [name for name, own in words.items() if market & own]
        if len(fitting) == 1:
            found[fitting[0]].append(text)
    return {name: tuple(listed) for name, listed in found.items()}


def origins_of(texts: Sequence[LabelledText]) -> dict[str, tuple[LabelledText, ...]]:
    """Country guides, business surveys and news, by the documents' names."""
    found: dict[str, list[LabelledText]] = {"guides": [], "surveys": [], "news": []}
    for text in texts:
        found["news" if text.name.startswith("F") else "guides" if text.name <= "G016" else "surveys"].append(text)
    return {name: tuple(listed) for name, listed in found.items()}


def _styled(text: LabelledText, style: str | None) -> LabelledText:
    if style is None:
        return text
    return replace(text, units=tuple(replace(u, kind=_kind(u, style)) for u in text.units))


def _kind(unit: LabelledUnit, style: str) -> str:
    return style if style in (unit.kind, unit.alt) else unit.kind


def _sector(name: str, texts: tuple[LabelledText, ...], models: dict[str, Classifier], settings: Settings) -> Sector:
    kept = KeptVectors(cache_folder(settings.cache) / "vectors")
    whole = [Texts(statements_of(text)) for text in texts]
    rows = {n: kept.of(model.encoder, whole, lambda done, all: None) for n, model in models.items()}
    classes = next(iter(models.values())).classes_
    units = [unit for text in texts for unit in text.units]
    return Sector(
        name,
        texts,
        rows,
        tuple(Gold(unit.kind, unit.alt) for unit in units),
        np.array([classes.index(unit.kind) for unit in units]),
        np.array([number for number, text in enumerate(texts) for _ in text.units]),
    )


def _print(simulation: Simulation, sectors: Sequence[Sector], seeds: int, seconds: float) -> None:
    print("| order | reviews | new | rest | shown | no heads | minutes a label put right |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for order in ORDERS:
        found: dict[int, list[Result]] = {count: [] for count in COUNTS}
        for sector in sectors:
            for seed in range(seeds):
                for result in simulation.run(sector, order, seed):
                    found[result.count].append(result)
        full = [count for count in COUNTS if len(found[count]) == len(sectors) * seeds]
        for count in full:
            results = found[count]
            means = [np.mean([getattr(r, n) for r in results]) for n in ("new", "rest", "shown", "unlearnt")]
            right = float(np.mean([r.put_right for r in results]))
            minutes = f"{count * seconds / 60 / right:.2f}" if right > 0 else ""
            print(f"| {order} | {count} | " + " | ".join(f"{m:.3f}" for m in means) + f" | {minutes} |", flush=True)


if __name__ == "__main__":
    main()
