"""``trendnlp models``: what is here and in use, and the fetching of base weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from trendnlp.artefacts import ENCODER_SHA256, ENCODER_WEIGHTS, check_digest, encoder_folder, open_artefact
from trendnlp.build import JUDGE, base_folder, models_folder
from trendnlp.cli.output import one_line, results, say
from trendnlp.errors import ArtefactError
from trendnlp.settings import Settings
from trendnlp.trainings import BY_COMMAND, Trainings
from trendnlp.uses import digests, models_in
from trendnlp.weights import MPNET, cache_folder, check_weights, find, pull

IN_USE = "in use"
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


def run(settings: Settings, command: str, name: str = "") -> int:
    if command == "use":
        return _use(settings, name)
    return _pull(settings) if command == "pull" else _list(settings)


def _use(settings: Settings, name: str) -> int:
    print(Trainings(settings, lambda: ()).use(name, BY_COMMAND))
    if settings.models is not None:
        say(f"{settings.models}, which TRENDNLP_MODELS or --models names, stays in use as long as it does")
    return 0


def _pull(settings: Settings) -> int:
    print(pull(MPNET, settings.accurate_encoder, cache_folder(settings.cache), say))
    return 0


def _list(settings: Settings) -> int:
    """Every digest is computed, whatever was noted before."""
    models = [*_trained(settings), *_learnt(settings), _shipped_base(settings), _accurate_base(settings)]
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
        models = open_artefact(base_folder(settings))
    except ArtefactError as error:
        return [Model("trained models", purpose, error.subject, error.reason)]
    used = f"{purpose}, {IN_USE}" if models_folder(settings) == models.folder else purpose
    found = [Model(", ".join(models.manifest.parts), used, str(models.folder), "ok")]
    if models.manifest.judges:
        found.append(Model(JUDGE, "judges pairs of statements", str(models.folder), "ok"))
    return found


def _learnt(settings: Settings) -> list[Model]:
    """Those of the workspace, which learnt from its reviews."""
    used = models_folder(settings)
    kept = {models_in(settings.workspace) / digest for digest in digests(settings.workspace)}
    found = []
    for folder in sorted(kept | ({used} if used != base_folder(settings) else set())):
        about = IN_USE if folder == used else "not in use"
        try:
            learnt = open_artefact(folder).manifest.learnt
            purpose = f"learnt from {learnt.reviews if learnt else 0} reviews, {about}"
            found.append(Model(folder.name[:12], purpose, str(folder), "ok"))
        except ArtefactError as error:
            found.append(Model(folder.name[:12], f"learnt from reviews, {about}", str(folder), error.reason))
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
