"""``trendnlp train``: a labelled corpus into a models folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from trendnlp.artefacts import Manifest, open_artefact
from trendnlp.build import ACCURATE, CASCADE, FAST, JUDGE, Bases, bases
from trendnlp.cli.bars import tuning_bar
from trendnlp.cli.options import Only
from trendnlp.cli.output import say
from trendnlp.errors import ArtefactError, SettingsError
from trendnlp.settings import Settings
from trendnlp.train import Step, TrainOptions, train
from trendnlp.train_judge import BOTH, add_judges
from trendnlp.tune import Progress, TuneOptions
from trendnlp.weights import MPNET, PULL

# The models whose judges are trained.
JUDGES = {Only.JUDGE: BOTH, Only.FAST_JUDGE: (FAST,), Only.ACCURATE_JUDGE: (ACCURATE,), Only.JUDGE_RULES: ()}


def run(
    settings: Settings,
    corpus: Path,
    out: Path,
    epochs: int | None,
    fast_only: bool,
    only: Only | None,
    further: str | None,
) -> int:
    if fast_only and only is not None:
        raise SettingsError(f"--only {only}", "does not go with --fast-only", "Give one of the two.")
    options = TrainOptions()
    judges = JUDGES.get(only) if only else None
    if further is not None and (not judges or epochs is not None):
        remedy = "Give it with --only judge, fast-judge or accurate-judge, and without --epochs."
        raise SettingsError(f"--further {further}", "is for judges that go on for one epoch", remedy)
    if judges is not None:
        return _judges_alone(settings, corpus, out, epochs, judges, further)
    if epochs is not None:
        options = replace(options, fast=_with(options.fast, epochs), accurate=_with(options.accurate, epochs))
    found = bases(settings)
    if fast_only:
        found = Bases(found.fast, None)
    elif found.accurate is None and only is not None:
        raise ArtefactError(MPNET.name, "its weights, which the teacher needs, are not on this machine", PULL)
    elif found.accurate is None:
        say(
            "the weights that the accurate model stands on are not here (`trendnlp models pull`): only the fast model "
            "is trained"
        )
    with tuning_bar() as report:
        artefact = train(corpus, out, found, options, report, keep_accurate=only is Only.FAST)
    manifest = artefact.manifest
    say(f"{artefact.digest[:12]} in {out}: {manifest.units} units of {manifest.texts} texts")
    scores = {name: part.scores for name, part in manifest.parts.items()} | {CASCADE: manifest.cascade_scores}
    _print_scores(scores | _judge_scores(manifest))
    return 0


def _judges_alone(
    settings: Settings, corpus: Path, out: Path, epochs: int | None, only: Collection[str], further: str | None
) -> int:
    options = TrainOptions().judge
    if epochs is not None:
        fast = options.fast and _with(options.fast, epochs)
        options = replace(options, accurate=_with(options.accurate, epochs), fast=fast)
    open_artefact(out)  # before the encoders are loaded
    with tuning_bar() as report:

        def told(name: str, progress: Progress) -> None:
            report(Step(f"{name} {JUDGE}", progress))

        artefact = add_judges(corpus, out, bases(settings), options, told, only, further)
    for name, judge in artefact.manifest.judges.items():
        say(f"{artefact.digest[:12]} in {out}: the {name} judge, of {judge.pairs} pairs")
    _print_scores(_judge_scores(artefact.manifest))
    return 0


def _judge_scores(manifest: Manifest) -> dict[str, Mapping[str, float]]:
    return {f"{name} {JUDGE}": judge.scores for name, judge in manifest.judges.items()}


def _print_scores(scores: Mapping[str, Mapping[str, float]]) -> None:
    for name, values in scores.items():
        for score, value in values.items():
            print(f"{name}\t{score}\t{value:.4f}")


def _with(options: TuneOptions, epochs: int) -> TuneOptions:
    return replace(options, epochs=epochs, least_steps=0)
