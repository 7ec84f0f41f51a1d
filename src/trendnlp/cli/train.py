"""``trendnlp train``: a labelled corpus into a models folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from trendnlp.artefacts import open_artefact
from trendnlp.build import CASCADE, Bases, bases
from trendnlp.cli.bars import tuning_bar
from trendnlp.cli.options import Only
from trendnlp.cli.output import say
from trendnlp.errors import ArtefactError
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, train
from trendnlp.tune import TuneOptions
from trendnlp.weights import MPNET, PULL


def run(settings: Settings, corpus: Path, out: Path, epochs: int | None, fast_only: bool, only: Only | None) -> int:
    options = TrainOptions()
    if epochs is not None:
        options = replace(options, fast=_with(options.fast, epochs), accurate=_with(options.accurate, epochs))
    found = bases(settings)
    if fast_only:
        found = Bases(found.fast, None)
    elif found.accurate is None:
        say(
            "the weights that the accurate model stands on are not here (`trendnlp models pull`): only the fast model "
            "is trained"
        )
    kept = None
    if only is not None:
        if found.accurate is None:
            raise ArtefactError(MPNET.name, "its weights, which the teacher needs, are not on this machine", PULL)
        kept = open_artefact(out)
    with tuning_bar() as report:
        artefact = train(corpus, out, found, options, report, kept)
    manifest = artefact.manifest
    say(f"{artefact.digest[:12]} in {out}: {manifest.units} units of {manifest.texts} texts")
    scores = {name: part.scores for name, part in manifest.parts.items()} | {CASCADE: manifest.cascade_scores}
    for name, values in scores.items():
        for score, value in values.items():
            print(f"{name}\t{score}\t{value:.4f}")
    return 0


def _with(options: TuneOptions, epochs: int) -> TuneOptions:
    return replace(options, epochs=epochs)
