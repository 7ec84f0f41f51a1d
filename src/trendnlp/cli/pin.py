"""``trendnlp evaluate --pin``: what the models score on held-out markets becomes the floor for later ones."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from trendnlp.artefacts import open_artefact
from trendnlp.build import base_folder, model_names
from trendnlp.cli.output import results, say
from trendnlp.corpus import read_corpus
from trendnlp.floors import FLOORS, LEAST, MOST, floor_of, pinned, read_floors, write_floors
from trendnlp.measure import runnable
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, split_corpus


def run(settings: Settings, corpus: Path, lower: bool) -> int:
    models = open_artefact(base_folder(settings))
    old = read_floors(models.folder)
    held_out = split_corpus(read_corpus(corpus), TrainOptions()).test
    new = {name: floor_of(name, model, held_out) for name, model in runnable(models, settings).items()}
    for name in sorted(old.keys() - new.keys()):
        gone = name not in model_names(models)
        why = "the folder holds no such model" if gone else "its base weights are not here (`trendnlp models pull`)"
        say(f"{name}: {why}, so its floors stay as they are")
    floors = pinned(old, new, lower, models.folder)
    write_floors(models.folder, floors)
    table = Table("model", "texts", "units", *LEAST, *MOST, show_edge=False, pad_edge=False)
    for name, floor in floors.items():
        values = (f"{floor.values[m]:.4f}" if m in floor.values else "" for m in (*LEAST, *MOST))
        table.add_row(name, str(floor.texts), str(floor.units), *values)
    results().print(table)
    say(f"written to {models.folder / FLOORS}")
    return 0
