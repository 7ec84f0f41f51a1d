"""What the addresses and forms of the review may hold, and in whose name its forms decide."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from pydantic import BeforeValidator, Field

from trendnlp.actions import ACTIONS, MAX_STATEMENTS, MAX_VALUE, Action, Reading, Value
from trendnlp.cards import ModelCard
from trendnlp.review import Draft
from trendnlp.standing import Status
from trendnlp.store import StatementFilter, Versions
from trendnlp.triage import Order
from trendnlp.web.answers import base_of
from trendnlp.web.fields import MAX_CURSOR, MAX_FIELD, MAX_SOURCE, Name, Share, StatusName
from trendnlp.web.filters import aspects, checked, in_order
from trendnlp.web.intake import from_form
from trendnlp.web.login_routes import local
from trendnlp.web.page_queries import PageQuery, Values, filled
from trendnlp.web.preferences import preferences_of
from trendnlp.web.principal import principal_of
from trendnlp.web.problems import Fault, Refusal, invalid

MAX_SEEN = 30  # digits and an id
PART, WHOLE = (
    "x-part",
    "x-whole",
)  # a script sends the one where it wants what a decision changed alone, both for a page


def _or(default: object) -> BeforeValidator:
    """An empty field of a form says nothing."""
    return BeforeValidator(lambda value: default if value in ("", None) else value)


class ReviewPageQuery(PageQuery):
    """Which statements are reviewed, in what part and order; ``queue``, ``start`` and ``item`` are a place in a
    snapshot.
    """

    kind: Values = Field(default=[])
    aspect: Values = Field(default=[])
    status: Annotated[list[StatusName], BeforeValidator(filled)] = Field(default=[])
    document: Annotated[str, Field(max_length=MAX_FIELD)] = ""
    min_score: Annotated[Share, _or(0.0)] = 0.0
    order: Annotated[Order, _or(Order.VALUE)] = Order.VALUE
    seed: Annotated[int, Field(ge=0, lt=2**31), _or(0)] = 0
    reading: Annotated[Reading, _or(Reading.OPEN)] = Reading.OPEN
    queue: Annotated[str, Field(max_length=MAX_CURSOR)] = ""
    start: Annotated[int, Field(ge=0, lt=10**9), _or(0)] = 0
    item: Annotated[str, Field(max_length=MAX_FIELD)] = ""

    def filter(self, card: ModelCard) -> StatementFilter:
        """Of what waits; a blind reader's holds document and words alone, so that nothing tells what others said.
        Raises Refusal (422) for a kind or aspect that the models do not name.
        """
        known = StatementFilter(document=self.document or None, q=self.q.strip() or None)
        if self.reading is Reading.BLIND:
            return known
        checked(self.kind, in_order(card.kinds), self.aspect, aspects(card))
        return StatementFilter(
            document=known.document,
            kinds=tuple(self.kind),
            aspects=tuple(self.aspect),
            min_score=self.min_score,
            q=known.q,
            statuses=tuple(map(Status, self.status)),
        )

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What is chosen, as it stands in an address, without a place in a snapshot."""
        pairs = [(name, value) for name in ("kind", "aspect", "status") for value in getattr(self, name)]
        pairs += [("document", self.document), ("q", self.q.strip())]
        pairs += [("min_score", f"{self.min_score:g}")] if self.min_score else []
        pairs += [("order", self.order.value)] if self.order is not Order.VALUE else []
        pairs += [("seed", str(self.seed))] if self.seed else []
        pairs += [("reading", self.reading.value)] if self.reading is not Reading.OPEN else []
        return [(name, value) for name, value in pairs if value]

    def address(self, **place: str | int) -> str:
        """The address of the queue, at that place."""
        pairs = [*self.chosen, *((name, value) for name, value in place.items() if value != "")]
        return "/review" + (f"?{urlencode(pairs)}" if pairs else "")


class DecisionForm(PageQuery):
    """One decision of a form: ``decision`` is an action, perhaps with its value after a space; ``value`` is one that a
    person wrote, where the action asks for any. ``seen``: ids with the
    version that was seen, ``id:17``. ``to`` is where a browser without a script is led.
    """

    decision: Annotated[str, Field(min_length=1, max_length=MAX_FIELD)]
    value: Annotated[str | None, Field(max_length=MAX_VALUE[Value.TEXT]), _or(None)] = None
    statement: Annotated[list[Name], Field(max_length=MAX_STATEMENTS)] = Field(default=[])
    finding: Annotated[list[Name], Field(max_length=2)] = Field(default=[])
    seen: Annotated[list[Annotated[str, Field(max_length=MAX_FIELD)]], Field(max_length=MAX_STATEMENTS)] = Field(
        default=[]
    )
    reading: Annotated[Reading, _or(Reading.OPEN)] = Reading.OPEN
    to: Annotated[str, Field(max_length=MAX_SOURCE)] = "/review"

    def draft(self, by: str, statements: tuple[str, ...]) -> Draft:
        """The decision in the name of ``by``; raises Refusal (422) for an action that there is not, BadReview."""
        action, _, inline = self.decision.partition(" ")
        if action not in tuple(ACTIONS) or self.reading is Reading.AUTO:
            raise Refusal(invalid([Fault("#/decision", "is no decision of a form")]))
        written = self.value if ACTIONS[Action(action)].value not in (Value.NONE, Value.SCOPE) else None
        return Draft(Action(action), statements, by, inline or written, self.reading)

    @property
    def versions(self) -> Versions:
        """Raises Refusal (422)."""
        found: dict[str, int] = {}
        for pair in self.seen:
            id, _, version = pair.rpartition(":")
            if not id or not (version.isascii() and version.isdigit()) or len(version) > MAX_SEEN:
                raise Refusal(invalid([Fault("#/seen", "is no id with a version, as in st_1:17")]))
            found[id] = int(version)
        return found


class UndoForm(PageQuery):
    """Which decision is taken back, or which undo."""

    review: Name
    to: Annotated[str, Field(max_length=MAX_SOURCE)] = "/review"


def reader_of(request: Request) -> str:
    """In whose name decisions are made: the key's, else the one set in this browser; empty where nobody said."""
    principal = principal_of(request)
    if principal is not None and principal.key is not None:
        return principal.name
    return preferences_of(request).name


def _author(request: Request) -> str:
    name = reader_of(request)
    if not name:
        raise Refusal(invalid([Fault("#/by", "say first under which name you decide: the review page asks for it")]))
    return name


def target(request: Request, to: str) -> str:
    """Where a form leads on: ``to`` where it is a path of this service."""
    return base_of(request) + local(to)


def wants_part(request: Request) -> bool:
    """Whether a script asks, which puts what has changed into the page itself."""
    return PART in request.headers and WHOLE not in request.headers


async def decision_form(request: Request) -> DecisionForm:
    return await from_form(DecisionForm, request)


async def undo_form(request: Request) -> UndoForm:
    return await from_form(UndoForm, request)


Author = Annotated[str, Depends(_author)]
ADecision = Annotated[DecisionForm, Depends(decision_form)]
AnUndo = Annotated[UndoForm, Depends(undo_form)]
