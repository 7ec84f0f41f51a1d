"""``trendnlp models``: what is here, and the fetching of base weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from trendnlp.artefacts import ENCODER_SHA256, ENCODER_WEIGHTS, check_digest, encoder_folder
from trendnlp.build import JUDGE, artefact
from trendnlp.cli.output import one_line, results, say
from trendnlp.errors import ArtefactError
from trendnlp.settings import Settings
from trendnlp.weights import MPNET, cache_folder, check_weights, find, pull

NOT_HERE = "not here: run `trendnlp models pull`"


@dataclass(frozen=True, slots=True)
class Model:
    """A line of the list: ``digest`` is "ok", what is wrong, or empty where there is nothing to check."""

    name: str
    purpose: str
    place: str
    digest: str

    @property
    def in_order(self) -> bool:
        return self.digest in ("ok", "")


def run(settings: Settings, command: str) -> int:
    return _pull(settings) if command == "pull" else _list(settings)


def _pull(settings: Settings) -> int:
    print(pull(MPNET, settings.accurate_encoder, cache_folder(settings.cache), say))
    return 0


def _list(settings: Settings) -> int:
    """Every digest is computed, whatever was noted before."""
    models = [*_trained(settings), _shipped_base(settings), _accurate_base(settings)]
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for column in ("name", "what for", "where", "digest"):
        table.add_column(column, overflow="fold")
    for model in models:
        table.add_row(*(Text(one_line(cell)) for cell in (model.name, model.purpose, model.place, model.digest)))
    results().print(table)
    return 0 if all(model.in_order for model in models) else 1


def _trained(settings: Settings) -> list[Model]:
    purpose = "labels statements"
    try:
        models = artefact(settings)
    except ArtefactError as error:
        return [Model("trained models", purpose, error.subject, error.reason)]
    found = [Model(", ".join(models.manifest.parts), purpose, str(models.folder), "ok")]
    if models.manifest.judge is not None:
        found.append(Model(JUDGE, "judges pairs of statements", str(models.folder), "ok"))
    return found


def _shipped_base(settings: Settings) -> Model:
    name, purpose = "all-MiniLM-L6-v2", "base of the shipped models"
    try:
        folder = encoder_folder(settings.encoder)
    except ArtefactError as error:
        return Model(name, purpose, error.subject, error.reason)
    return Model(name, purpose, str(folder), _digest(lambda: check_digest(folder / ENCODER_WEIGHTS, ENCODER_SHA256)))


def _accurate_base(settings: Settings) -> Model:
    purpose = "base of the accurate model"
    folder: Path | None = find(MPNET, settings.accurate_encoder, cache_folder(settings.cache))
    if folder is None:
        return Model(MPNET.name, purpose, NOT_HERE, "")
    return Model(MPNET.name, purpose, str(folder), _digest(lambda: check_weights(MPNET, folder)))


def _digest(check: Callable[[], None]) -> str:
    try:
        check()
    except ArtefactError as error:
        return error.reason
    return "ok"
