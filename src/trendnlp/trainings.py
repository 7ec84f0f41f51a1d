"""Trainings from reviews: begun, followed, kept, and the switch to the models that come of them.

Each is a file in ``models/trainings/`` of the workspace. The models that it made are used from its end on if they are
not worse; all are kept until somebody deletes their folder.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from trendnlp.artefacts import open_artefact
from trendnlp.build import base_folder
from trendnlp.errors import NotFound, TrendnlpError, WrongState
from trendnlp.jobs.lives import here, runs
from trendnlp.learn import Learnt, check, corpus_beside, learn
from trendnlp.marks import Comparison
from trendnlp.settings import Settings
from trendnlp.store import ReviewedDocument
from trendnlp.uses import Use, digests, models_in, named, note_use, used_folder, uses

log = logging.getLogger("trendnlp.trainings")

FOLDER = "trainings"
PROCESS = "process"  # in a record, beside the training: where it runs, and as what process
ELSEWHERE_SECONDS = 86_400  # after which a training on another machine is taken for ended
KEPT = 100  # of the list
BY_COMMAND = "command line"  # who trains or switches there
UNEXPECTED = "it failed unexpectedly; the log tells more"
STOPPED = "the process that trained was stopped"


class State(StrEnum):
    """How far a training is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Training:
    """One pass of learning. ``step`` says what is being read by which model, ``done`` of ``total`` texts. ``learnt`` is
    what came of it; ``used``, whether the models were switched to; ``reason`` why it failed.
    """

    id: str
    by: str
    begun: str
    state: State = State.RUNNING
    step: str = ""
    done: int = 0
    total: int = 0
    ended: str | None = None
    learnt: Learnt | None = None
    used: bool = False
    reason: str | None = None


class Stopped(Exception):
    """Raised within a training that is to end."""


class Trainings:
    """The trainings of one workspace. In one process one at a time; for any number of threads."""

    def __init__(
        self,
        settings: Settings,
        taught: Callable[[], tuple[ReviewedDocument, ...]],
        switched: Callable[[], None] = lambda: None,
    ) -> None:
        """``taught`` gives what people decided; ``switched`` is called once other models are in use."""
        self._settings = settings
        self._taught = taught
        self._switched = switched
        self._home = settings.workspace
        self._folder = models_in(self._home) / FOLDER
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def run(self, by: str, corpus: Path | None, report: Callable[[Training], None]) -> Training:
        """Train to the end; raises what keeps it from that, once it is written down."""
        documents = self._taught()
        check(documents)
        return self._run(self._begin(by), documents, corpus, report)

    def start(self, by: str) -> Training:
        """Train in the background; raises TooFewReviews, WrongState where a training is running."""
        documents = self._taught()
        check(documents)
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                raise WrongState("the model", "a training is running", "Wait until it has ended.")
            begun = self._begin(by)
            self._thread = threading.Thread(
                target=self._in_background, args=(begun, documents), name="trendnlp-training", daemon=True
            )
            self._thread.start()
        return begun

    def stop(self) -> None:
        """End what runs in the background, and wait for that."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def close_left_over(self) -> None:
        """Say of the trainings of a process that is no more that they failed."""
        for training in self.list():
            if training.state is State.RUNNING and not _goes_on(self._folder / f"{training.id}.json"):
                self._keep(replace(training, state=State.FAILED, ended=_now(), reason=STOPPED))

    def list(self) -> tuple[Training, ...]:
        """The newest first."""
        found = sorted(self._folder.glob("*.json"), key=lambda path: path.name, reverse=True)[:KEPT]
        return tuple(training for path in found if (training := _read(path)) is not None)

    def one(self, id: str) -> Training:
        """Raises NotFound."""
        path = self._folder / f"{id}.json"
        training = _read(path) if id.replace("-", "").isalnum() and path.is_file() else None
        if training is None:
            raise NotFound(id, "no such training", "List the trainings for the ids there are.")
        return training

    def use(self, name: str, by: str) -> str:
        """Switch to the models ``name``, a digest or how it alone begins, or ``shipped``; returns the digest. Raises
        NotFound, ArtefactError.
        """
        digest = named(self._home, name)
        if digest in digests(self._home):
            open_artefact(models_in(self._home) / digest)
        note_use(self._home, Use(digest, _now(), by, "chosen"))
        threading.Thread(target=self._tell_switched, name="trendnlp-switch", daemon=True).start()
        return digest

    def _tell_switched(self) -> None:
        """A workspace labels its documents anew, which may take long; broken off, it does so when it is opened next."""
        try:
            self._switched()
        except Exception:
            log.exception("the documents could not be labelled anew")

    def _begin(self, by: str) -> Training:
        moment = datetime.now(UTC)
        begun = Training(f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}", by, _now())
        self._keep(begun)
        return begun

    def _in_background(self, begun: Training, documents: tuple[ReviewedDocument, ...]) -> None:
        try:
            self._run(begun, documents, None, lambda training: None)
        except Stopped:
            log.info("training %s was stopped", begun.id)
        except Exception:
            log.exception("training %s failed", begun.id)

    def _run(
        self,
        begun: Training,
        documents: tuple[ReviewedDocument, ...],
        corpus: Path | None,
        report: Callable[[Training], None],
    ) -> Training:
        def progress(step: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise Stopped
            now = replace(begun, step=step, done=done, total=total)
            self._keep(now)
            report(now)

        try:
            models = open_artefact(base_folder(self._settings))
            here = corpus if corpus is not None and corpus.is_dir() else corpus_beside(models)
            learnt = learn(models, documents, self._settings, here, progress)
            ended = replace(begun, state=State.SUCCEEDED, ended=_now(), learnt=learnt, used=not learnt.worse)
            if ended.used:
                note_use(self._home, Use(learnt.digest, _now(), begun.by, begun.id))
            self._keep(ended)
        except BaseException as error:
            # without the subject, which may be a path of the machine: clients read it
            known = f"{error.reason}. {error.remedy}" if isinstance(error, TrendnlpError) else None
            reason = known or (STOPPED if isinstance(error, Stopped | KeyboardInterrupt) else UNEXPECTED)
            self._keep(replace(begun, state=State.FAILED, ended=_now(), reason=reason))
            raise
        if ended.used:
            self._tell_switched()
        return ended

    def _keep(self, training: Training) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{training.id}.part"
        record = asdict(training) | {PROCESS: [here(), os.getpid()]}
        with part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(record, indent=1, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / f"{training.id}.json")


def in_use(settings: Settings) -> str:
    """The digest of the workspace's models that are in use, or ``shipped``."""
    folder = used_folder(settings.workspace)
    return folder.name if folder else "shipped"


def history(settings: Settings) -> tuple[Use, ...]:
    """Every switch of the workspace, the newest first."""
    return tuple(reversed(uses(settings.workspace)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _goes_on(path: Path) -> bool:
    """Whether the process that a training is in still runs; on another machine, for a day."""
    host, pid = json.loads(path.read_bytes()).get(PROCESS, ("", 0))
    if host == here():
        return runs(int(pid))
    return bool(host) and time.time() - path.stat().st_mtime < ELSEWHERE_SECONDS


def _read(path: Path) -> Training | None:
    """None for a record that is not whole, as a machine that lost its power may leave one."""
    try:
        fields: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError:
        log.warning("%s is no record of a training", path.name)
        return None
    fields.pop(PROCESS, None)
    if fields["learnt"] is not None:
        told = fields["learnt"]
        corpus = Comparison(**told["corpus"]) if told["corpus"] else None
        made = {"held_out": Comparison(**told["held_out"]), "corpus": corpus, "worse": tuple(told["worse"])}
        fields["learnt"] = Learnt(**{**told, **made})
    return Training(**{**fields, "state": State(fields["state"])})
