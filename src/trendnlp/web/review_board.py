"""What the page of the queue shows: statements and suggestions, the source beside them, and how far it has got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from trendnlp.actions import ACTIONS, Reading
from trendnlp.cards import ModelCard
from trendnlp.errors import NotFound
from trendnlp.review import Review
from trendnlp.standing import Status
from trendnlp.store import Desk, Queue, QueueItem, QueueRequest, ReviewCounts, Surroundings
from trendnlp.types import Analysis, LabelledStatement, Metadata
from trendnlp.web.choices import Choice, Group
from trendnlp.web.filters import aspects, in_order
from trendnlp.web.review_queries import ReviewPageQuery
from trendnlp.web.views import NO_TITLE, Part, Piece, parts
from trendnlp.workspace import Workspace

WINDOW = 20  # statements of a queue on one page
BLOCKS = 12  # paragraphs or list items on each side of a statement: what one reads to understand it
LONGEST = 1000  # characters of text between two statements that are shown on each side
NEIGHBOURS = 60  # statements on each side that are outlined


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a label is suggested: the most like of what is judged, and its cosine."""

    labelled: LabelledStatement
    cosine: float


@dataclass(frozen=True, slots=True)
class Card:
    """One statement of a queue. ``here`` is its address, ``on`` that of what comes after a decision."""

    item: QueueItem
    reason: Reason | None
    here: str
    on: str

    @property
    def labelled(self) -> LabelledStatement:
        return self.item.labelled

    @property
    def id(self) -> str:
        return self.item.labelled.statement.id

    @property
    def status(self) -> Status:
        judgement = self.item.labelled.judgement
        return judgement.status if judgement else Status.PENDING

    @property
    def suggested(self) -> str:
        """The model's kind, whatever people gave the statement."""
        judgement = self.item.labelled.judgement
        return judgement.said.kind if judgement else self.item.labelled.label.kind

    @property
    def score(self) -> float:
        judgement = self.item.labelled.judgement
        return judgement.said.score if judgement else self.item.labelled.label.score


@dataclass(frozen=True, slots=True)
class Board:
    """A page of a snapshot. ``current`` is the statement with the focus, None on an empty page."""

    queue: Queue
    cards: tuple[Card, ...]
    current: Card | None
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Pane:
    """The source of a statement around it: ``parts`` of the document, ``before`` and ``after`` how many blocks are left
    out there.
    """

    labelled: LabelledStatement
    source: str
    metadata: Metadata
    parts: tuple[Part, ...]
    before: int
    after: int

    @property
    def title(self) -> str:
        return self.metadata.title or NO_TITLE


@dataclass(frozen=True, slots=True)
class Last:
    """The last decision of a reader, which can be undone, and the words of its first statement, where it is stored."""

    review: Review
    words: str
    text: str | None


def board(workspace: Workspace, query: ReviewPageQuery, reader: str) -> Board:
    """The page of the snapshot that the address names, or the first one of a new snapshot."""
    queue = _queue(workspace, query, reader)
    start = query.start if queue.token == query.queue else 0

    def place(start: int, item: str = "") -> str:
        return query.address(queue=queue.token, start=start or "", item=item)

    ids = [item.labelled.statement.id for item in queue.items]
    following = [place(start, id) for id in ids[1:]] + [place(queue.next) if queue.next else place(start, "end")]
    following = following[: len(ids)]
    reasons = reasons_of(workspace, queue.items) if query.reading is not Reading.BLIND else [None] * len(ids)
    cards = tuple(
        Card(item, reason, place(start, id), on)
        for item, reason, id, on in zip(queue.items, reasons, ids, following, strict=True)
    )
    waiting = (card for card in cards if query.reading is not Reading.OPEN or card.status is Status.PENDING)
    current = next((card for card in cards if card.id == query.item), None) or next(waiting, None)
    return Board(
        queue,
        cards,
        current or (cards[0] if cards else None),
        place(max(0, start - WINDOW)) if start else None,
        place(queue.next) if queue.next else None,
    )


def _queue(workspace: Workspace, query: ReviewPageQuery, reader: str) -> Queue:
    judging = workspace.store.judging
    if query.queue:
        try:
            return judging.queue_page(query.queue, query.start, WINDOW)
        except NotFound:  # it is older than a day
            pass
    blind, disputed = query.reading is Reading.BLIND, query.reading is Reading.FINAL
    filter, share = query.filter(workspace.model_card()), workspace.settings.audit_share
    request = QueueRequest(filter, query.order, query.seed, share, reader if blind else None, blind, disputed)
    return judging.queue(request, WINDOW)


def reasons_of(workspace: Workspace, items: Sequence[QueueItem]) -> list[Reason | None]:
    """The most like of what is judged, one an item."""
    near = workspace.nearest().of_each([(item.labelled.statement.id, item.labelled.vector) for item in items])
    known = workspace.store.judging.known_statements({n.statement for n in near if n})
    return [Reason(known[n.statement], n.cosine) if n and n.statement in known else None for n in near]


def card_of(workspace: Workspace, query: ReviewPageQuery, statement: str) -> Card:
    """One statement as its queue shows it now; raises NotFound."""
    blind, disputed = query.reading is Reading.BLIND, query.reading is Reading.FINAL
    found = workspace.store.judging.items((statement,), blind=blind, disputed=disputed)
    if not found:
        raise NotFound(statement, "no such statement", "Its document may have been deleted; load the queue anew.")
    reason = None if blind else reasons_of(workspace, found)[0]
    here = query.address(queue=query.queue, start=query.start or "", item=statement)
    return Card(found[0], reason, here, here)


def pane(workspace: Workspace, statement: str) -> Pane:
    """The source around a statement; raises NotFound."""
    store = workspace.store
    labelled = store.statement(statement)
    near = Surroundings(store.database).neighbours(statement, NEIGHBOURS)
    document = store.document(labelled.statement.document)
    first = max(0, labelled.statement.block - BLOCKS)
    last = min(len(document.blocks), labelled.statement.block + BLOCKS + 1)
    # the blocks before are kept, so that each keeps its number, but for their text, which is not looked at
    shown = replace(document, blocks=document.blocks[:last], facts=())
    around = Analysis(shown, (*near.before, labelled, *near.after))
    inside = tuple(_near(part, first) for part in parts(around, {}) if part.blocks[-1].index >= first)
    return Pane(labelled, document.source, document.metadata, inside, first, len(document.blocks) - last)


def _near(part: Part, first: int) -> Part:
    """A list without the items before ``first``, a paragraph without what is far from any outlined statement."""
    blocks = (block for block in part.blocks if block.index >= first)
    return replace(part, blocks=tuple(replace(b, pieces=tuple(map(_short, b.pieces))) for b in blocks))


def _short(piece: Piece) -> Piece:
    if piece.labelled is not None or len(piece.text) <= 2 * LONGEST:
        return piece
    return replace(piece, text=f"{piece.text[:LONGEST]} … {piece.text[-LONGEST:]}")


def last_of(workspace: Workspace, reader: str) -> Last | None:
    """What ``reader`` decided last and nobody took back."""
    review = Desk(workspace.store.database).latest(reader) if reader else None
    if review is None:
        return None
    texts = workspace.store.stored_texts(review.statements[:1])
    return Last(review, ACTIONS[review.action].words, texts.get(review.statements[0]))


def today(workspace: Workspace) -> int:
    """Decisions since midnight, UTC."""
    return Desk(workspace.store.database).decided_since(datetime.now(UTC).date().isoformat())


def groups(query: ReviewPageQuery, counts: ReviewCounts, card: ModelCard) -> tuple[Group, ...]:
    """The filters of a queue with how many there would be."""
    fixed = (
        ("status", "Status", [status.value for status in Status], counts.statuses, query.status),
        ("kind", "Kind", in_order(card.kinds), counts.kinds, query.kind),
        ("aspect", "Aspect", aspects(card), counts.aspects, query.aspect),
    )
    return tuple(
        Group(name, legend, tuple(Choice(v, {c.value: c.count for c in found}.get(v, 0), v in chosen) for v in values))
        for name, legend, values, found, chosen in fixed
    )
