"""One workspace: the store and the pipeline together, for whoever adds documents and reads findings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from trendnlp.actions import ACTIONS, Value
from trendnlp.artefacts import RETRAIN, Artefact
from trendnlp.build import (
    CASCADE,
    artefact,
    build_pipeline,
    limits,
    model_digest,
    model_name,
    models_folder,
    taxonomy,
)
from trendnlp.cards import ModelCard, card_of
from trendnlp.consolidate import Notes
from trendnlp.errors import ArtefactError, BadReview, NotFound, TrendnlpError
from trendnlp.evaluate import Bin
from trendnlp.lanes import Lanes
from trendnlp.nearest import Nearest
from trendnlp.pipeline import Pipeline, Question, claims_of
from trendnlp.read import format_of, read_bytes, read_text
from trendnlp.relations import Verdict
from trendnlp.review import Draft, Review
from trendnlp.settings import Settings
from trendnlp.stages import Stage, Watch, unwatched
from trendnlp.store import (
    NOTHING_SEEN,
    Applied,
    Imported,
    Lessons,
    Preview,
    Recorded,
    Saved,
    StatementFilter,
    Store,
    Versions,
)
from trendnlp.types import OTHER, Analysis, Consolidation, Document, Failure, Format, Metadata, Run, Skipped
from trendnlp.upkeep import Upkeep

log = logging.getLogger("trendnlp.workspace")
log.addHandler(logging.NullHandler())  # where no log is configured, who asks for the pipeline tells what is wrong


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one document: its id, what the store did, how many statements and claims it has, and what reading
    it had to assume.
    """

    document: str
    saved: Saved
    statements: int
    claims: int
    warnings: tuple[str, ...]


class Workspace:
    """A store and, loaded in the background, the models. Safe for use from several threads.

    ``watch`` is told of every stage, ``notes``, set before the first refresh, of verdicts that have been stored, and
    of each document that another model labelled, before it is labelled anew.
    """

    def __init__(self, settings: Settings, store: Store, models: Artefact, refresh: bool = True) -> None:
        self.settings = settings
        self.store = store
        self.watch: Watch = unwatched
        self.notes: Notes | None = None
        self._models = models
        self._name = model_name(models, settings)
        self._folder = models_folder(settings)
        self._limits = limits(settings)
        self._pipeline: Pipeline | None = None
        self._failure: TrendnlpError | None = None
        self._lanes: Lanes | None = None
        self._refreshing = threading.Lock()
        self._switching = threading.Lock()
        self._upkeep: Upkeep | None = None
        self._looking = threading.Lock()
        self._nearest = Nearest({})
        self._learnt: Lessons | None = None  # what it is of
        self._loading = threading.Thread(target=self._load, args=[refresh], name="trendnlp-models", daemon=True)
        self._loading.start()

    @classmethod
    def open(cls, settings: Settings, *, refresh: bool = True) -> Workspace:
        """Open the store and begin to load the models, and unless ``refresh`` is off to bring the findings up to date;
        raises StoreError, ArtefactError, SettingsError where the taxonomy is none.
        """
        taxonomy(settings)
        models = artefact(settings)
        return cls(settings, Store.open(settings.store_url), models, refresh)

    def close(self) -> None:
        self._loading.join()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def ready(self) -> str | None:
        """None when documents can be analysed, else the reason why not."""
        if self._failure is not None:
            return str(self._failure)
        return None if self._pipeline is not None else "the models are loading"

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline, waited for if it is still loading, of the models that the workspace uses by now. Updates of the
        findings use it; who has another thread takes a lane. Raises ArtefactError if it cannot be loaded.
        """
        self._loading.join()
        if self._pipeline is None:
            assert self._failure is not None
            raise self._failure
        self._follow_switch()
        return self._pipeline

    def _follow_switch(self) -> None:
        """Load other models where this or another process has switched to them. What is in hand ends with those that
        it began with.
        """
        with self._switching:
            folder = models_folder(self.settings)
            if folder == self._folder:
                return
            models = artefact(self.settings)
            name, pipeline = model_name(models, self.settings), build_pipeline(models, self.settings)
            lanes = Lanes(pipeline)
            with self._refreshing:
                self._models, self._name, self._folder = models, name, folder
                self._lanes, self._pipeline, self._upkeep = lanes, pipeline, None
            log.info("switched to other models; %s labels", name)

    def read(
        self,
        data: bytes | str,
        *,
        source: str,
        format: Format | None = None,
        given: Metadata = Metadata(),
        password: str | None = None,
    ) -> Document:
        """A document from bytes or a string, within the settings' limits; raises InputError. ``password`` opens an
        encrypted PDF.
        """
        with self.watch(Stage.READ):
            if isinstance(data, str):
                format = format or format_of(data, source)
                return read_text(data, source=source, format=format, given=given, limits=self._limits)
            return read_bytes(data, source=source, format=format, given=given, limits=self._limits, password=password)

    def analyse(self, document: Document) -> Analysis:
        with self._lane() as pipeline:
            return pipeline.analyse(document, self.watch)

    def consolidate_one(self, analysis: Analysis) -> Consolidation:
        """The findings within one document; nothing is stored."""
        with self._lane() as pipeline:
            return pipeline.consolidate(claims_of(analysis))

    def compare(self, questions: Sequence[Question]) -> tuple[Verdict, ...]:
        """One verdict a question, in order; nothing is stored."""
        with self._lane() as pipeline:
            return pipeline.matcher.compare(questions)

    def ingest(self, document: Document, *, refresh: bool = True) -> Ingested:
        """Analyse and save a document, then bring the findings up to date unless ``refresh`` is off.

        A document with the text of a stored one changes nothing of it, its source and metadata neither, unless other
        models or another reading of its blocks give it other statements or labels.
        """
        stored = self._stored(document.id)
        if stored is not None:
            document = _as_known(document, stored.document)
        if stored is not None and stored.document == document and stored.is_of(self.digest):
            analysis, saved = stored, Saved.UNCHANGED
        else:
            analysis = self.analyse(document)
            with self.watch(Stage.SAVE):
                saved = self.store.save(analysis)
        if refresh:
            self.refresh()
        return Ingested(document.id, saved, len(analysis.statements), len(analysis.claims), document.warnings)

    def save(self, analyses: Sequence[Analysis]) -> None:
        """Store what has been analysed with these models, all or none, and leave the findings as they are; a document
        that is stored keeps its source and metadata, as in ``ingest``.
        """
        stored = self.store.stored(analysis.document.id for analysis in analyses)
        known = {id: self.store.document(id) for id in stored}
        self.store.save_all(
            [
                replace(a, document=_as_known(a.document, known[a.document.id])) if a.document.id in known else a
                for a in analyses
            ]
        )

    def delete(self, document: str) -> None:
        """Delete a document and bring the findings up to date; raises NotFound."""
        self.store.delete_document(document)
        self.refresh()

    def review(self, draft: Draft, seen: Versions = NOTHING_SEEN) -> Review:
        """Record a decision and bring the findings that it touches up to date; raises BadReview, NotFound, Stale,
        Conflict, and before it records anything what loading the models raises.
        """
        pipeline = self.pipeline
        self._check(draft)
        return self._settled(pipeline, self.store.add_review(draft, seen))

    def _check(self, draft: Draft) -> None:
        """Raises BadReview where a decision speaks of a kind or aspect that the models do not know, or of statements
        that stand in no finding where it must, NotFound where one is not stored.
        """
        self._check_value(draft)
        for stored in self.store.statements_by_id(draft.statements) if ACTIONS[draft.action].claims else ():
            if stored.label.kind == OTHER:
                reason = f"{stored.statement.id} is no claim, and stands in no finding"
                raise BadReview(str(draft.action), reason, "Name statements of findings.")

    def _check_value(self, draft: Draft) -> None:
        manifest, wanted = self._models.manifest, ACTIONS[draft.action]
        claim_kinds = tuple(kind for kind in manifest.kinds if kind != OTHER)
        known = {Value.KIND: manifest.kinds, Value.CLAIM_KIND: claim_kinds, Value.ASPECT: manifest.aspects}
        names = known.get(wanted.value)
        if names is not None and draft.value not in names:
            reason = f"{draft.value!r} is none of the models'"
            raise BadReview(str(draft.action), reason, f"Use one of {', '.join(names)}.")

    def undo(self, review: str, by: str) -> Review:
        """Take a decision back and bring the findings up to date; raises NotFound, BadReview, Conflict."""
        pipeline = self.pipeline
        return self._settled(pipeline, self.store.undo_review(review, by))

    def preview(self, draft: Draft, filter: StatementFilter) -> Preview:
        """What a decision on all that matches would reach; raises BadReview."""
        self._check_value(draft)
        return self.store.judging.preview(draft, filter)

    def apply(self, draft: Draft, token: str) -> Applied:
        """Decide on what was previewed and bring the findings up to date; raises BadReview, NotFound, Conflict."""
        pipeline = self.pipeline
        self._check_value(draft)
        applied = self.store.judging.apply(draft, token)
        self._settled(pipeline, applied.review)
        return applied

    def take(self, recorded: Iterable[Recorded]) -> Imported:
        """Add the reviews of another log and bring the findings up to date; raises BadReview, and adds none then."""
        pipeline = self.pipeline
        taken = self.store.judging.take(recorded)
        self._refresh(pipeline)
        return taken

    def accept_above(self, score: float, filter: StatementFilter, by: str) -> Applied:
        """Accept what the model is so sure of and nobody has judged; the audit sample stays. Raises Conflict."""
        pipeline = self.pipeline
        applied = self.store.judging.accept_above(score, filter, by, self.settings.audit_share)
        self._settled(pipeline, applied.review)
        return applied

    def nearest(self) -> Nearest:
        """What is judged now, to find the most like of it."""
        with self._looking:
            learnt = self.store.judging.lessons(self._learnt)
            if self._learnt is None or learnt.changed is None:
                self._nearest = Nearest(learnt.vectors)
            else:
                self._nearest = self._nearest.after(learnt.changed, learnt.vectors)
            self._learnt = replace(learnt, vectors={}, changed=None)
            return self._nearest

    def _settled(self, pipeline: Pipeline, review: Review) -> Review:
        """The review once the findings that it touches are up to date. Most touch none, and wait for nobody."""
        if review.revision:
            self._refresh(pipeline, review.revision)
        return review

    def refresh(self) -> None:
        """Bring the findings up to date with the stored claims, once documents that other models labelled are labelled
        anew: vectors of two models cannot be compared. Nothing is done where nothing has changed since the last time.
        """
        self._refresh(self.pipeline)

    def _refresh(self, pipeline: Pipeline, wanted: int | None = None) -> None:
        """Up to the revision ``wanted`` of the store, by default the one that it has now. Whoever waits for another's
        refresh finds its own changes worked in by it.
        """
        wanted = self.store.revision() if wanted is None else wanted
        with self._refreshing:
            pipeline = self._pipeline or pipeline  # other ones may have been loaded meanwhile
            upkeep = self._kept(pipeline)
            for document in self.store.documents_of_other_models(self.digest, upkeep.changed()):
                if self.notes is not None:
                    self.notes.expect(0)
                try:
                    stored = self.store.document(document)
                except NotFound:
                    continue  # deleted meanwhile
                analysis = pipeline.analyse(stored, self.watch)
                with self.watch(Stage.SAVE):
                    self.store.save(analysis, known=True)
                wanted = None
            with self.watch(Stage.CONSOLIDATE):
                upkeep.refresh(wanted)

    def prepare(self) -> None:
        """Wait for the models and read all claims, which takes long in a large store, so that the first change of a
        finding need not. Where that fails, the log says so, and whoever refreshes next does it.
        """
        self._loading.join()
        if self._pipeline is None:
            return
        try:
            self._refresh(self._pipeline)
            with self._refreshing:
                self._kept(self._pipeline).prepare()
        except TrendnlpError as error:
            log.warning("the claims were not read ahead", exc_info=error)

    def _kept(self, pipeline: Pipeline) -> Upkeep:
        if self._upkeep is None:
            self._upkeep = Upkeep(self.store, pipeline.matcher, self.notes)
        return self._upkeep

    @property
    def digest(self) -> str:
        """Of the models that label."""
        return model_digest(self._models, self._name)

    def run_of(self, done: Sequence[str], skipped: Sequence[Skipped], failed: Sequence[Failure]) -> Run:
        """A run over documents with the models and rules in use."""
        card = self.model_card()
        models = ((card.name, card.digest), ("encoder", card.encoder_sha256), ("weights", card.weights))
        settings = (*card.rule, ("version", card.version))
        return Run(tuple(done), tuple(skipped), tuple(failed), models, settings)

    def model_card(self) -> ModelCard:
        return card_of(self._models, self._name, self.settings)

    def reliability(self) -> tuple[Bin, ...]:
        """What the scores of the model that labels promise and keep on held-out markets, empty where that was not
        measured.
        """
        if self._name == CASCADE:
            return self._models.manifest.cascade_reliability
        return self._models.part(self._name).reliability

    def _lane(self) -> AbstractContextManager[Pipeline]:
        """The models for this thread; raises what loading them raises."""
        self.pipeline  # noqa: B018 - waited for
        assert self._lanes is not None
        return self._lanes.lane()

    def _stored(self, document: str) -> Analysis | None:
        with suppress(NotFound):
            return self.store.analysis(document)
        return None

    def _load(self, refresh: bool) -> None:
        try:
            pipeline = build_pipeline(self._models, self.settings)
            self.store.sketch_missing()  # documents of an earlier version
            lanes = Lanes(pipeline)
            if refresh:
                self._refresh(pipeline)  # a process that died between saving and consolidating left old findings
            self._lanes, self._pipeline = lanes, pipeline
            log.info("the models are loaded; %s labels", self._name)
        except TrendnlpError as error:
            log.error("not ready", exc_info=error)
            self._failure = error
        except Exception as error:
            log.error("not ready", exc_info=error)
            # A thread's error goes nowhere else: without this, /readyz would say "loading" for ever.
            self._failure = ArtefactError(str(self._models.folder), f"cannot be loaded ({error!r})", RETRAIN)


def _as_known(document: Document, known: Document) -> Document:
    """``document``, of a text that is stored as ``known``, with what is known of that."""
    # documents that an earlier version stored have no language
    metadata = replace(known.metadata, language=known.metadata.language or document.metadata.language)
    return replace(document, source=known.source, metadata=metadata, warnings=known.warnings)
