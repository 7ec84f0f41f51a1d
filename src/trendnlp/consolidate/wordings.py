"""Claims by wording, and which wordings hang together by what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from trendnlp.consolidate.binding import wording
from trendnlp.review import NO_CONSTRAINTS, Choice, Constraints, Tie
from trendnlp.types import Claim


class Wordings:
    """Claims that come and go, under constraints that change. Exact and near-exact copies have one wording.

    Which copies share a row hangs on all wordings that ties of people connect: a bundle. Of whole bundles, ``bind``
    makes the rows that it makes of all claims.
    """

    def __init__(self) -> None:
        self.constraints = NO_CONSTRAINTS
        self.hidden: frozenset[str] = frozenset()  # ids of the statements that people dropped
        self._claims: dict[str, dict[str, Claim]] = {}  # wording to statement id to claim
        self._wording: dict[str, str] = {}  # by statement id
        self._tied: dict[str, set[str]] = {}  # statement id to those that people put together with it, or kept apart
        self._documents: dict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._wording)

    def statements_of(self, document: str) -> frozenset[str]:
        """Ids of the claims of a document."""
        return frozenset(self._documents.get(document, ()))

    def claims_of(self, wordings: Iterable[str]) -> list[Claim]:
        """The claims of these wordings, by statement id."""
        return sorted((c for w in wordings for c in self._claims.get(w, {}).values()), key=id_of)

    def update(self, claims: Sequence[Claim], gone: Sequence[str], constraints: Constraints | None) -> set[str]:
        """Take out the claims ``gone``, by id, and work in ``claims``, in the place of those of their ids, under
        ``constraints``; None leaves those that are in force. Returns the wordings, in whole bundles as they were and as
        they are, of all that came, went, or is spoken of otherwise than before.
        """
        taken = (*gone, *map(id_of, claims))
        spoken = set[str]() if constraints is None else _spoken(self.constraints, constraints)
        touched = self._bundles(self._wordings_of((*taken, *spoken)))
        for id in taken:
            self._take(id)
        if constraints is not None:
            self._decide(constraints)
        for claim in claims:
            self._put(claim)
        # What is reached only now was in bundles of its own before, all of whose ties still stand.
        return self._bundles(touched | self._wordings_of((*taken, *spoken)))

    def _wordings_of(self, statements: Iterable[str]) -> set[str]:
        return {self._wording[id] for id in statements if id in self._wording}

    def _bundles(self, wordings: Iterable[str]) -> set[str]:
        """``wordings`` and all that hang together with them."""
        found = set(wordings)
        waiting = list(found)
        while waiting:
            claims = self._claims.get(waiting.pop(), {})
            fresh = self._wordings_of(other for id in claims for other in self._tied.get(id, ())) - found
            found |= fresh
            waiting += fresh
        return found

    def _take(self, id: str) -> None:
        words = self._wording.pop(id, None)
        if words is None:
            return
        copies = self._claims[words]
        document = copies.pop(id).document
        if not copies:
            del self._claims[words]
        self._documents[document].discard(id)
        if not self._documents[document]:
            del self._documents[document]

    def _put(self, claim: Claim) -> None:
        id, words = id_of(claim), wording(claim)
        self._wording[id] = words
        self._claims.setdefault(words, {})[id] = claim
        self._documents[claim.document].add(id)

    def _decide(self, constraints: Constraints) -> None:
        self.constraints = constraints
        self.hidden = frozenset(choice.statement for choice in constraints.hidden)
        self._tied = defaultdict(set)
        for tie in (*constraints.must, *constraints.cannot):
            self._tied[tie.a].add(tie.b)
            self._tied[tie.b].add(tie.a)


def id_of(claim: Claim) -> str:
    return claim.labelled.statement.id


def _spoken(before: Constraints, after: Constraints) -> set[str]:
    """Ids of the statements of whatever stands in one of the two alone. The order of what stands in both is that in
    which it was decided, and so the same.
    """
    ties: set[Tie] = {*before.must} ^ {*after.must} | {*before.cannot} ^ {*after.cannot}
    choices: set[Choice] = {*before.heads} ^ {*after.heads} | {*before.kinds} ^ {*after.kinds}
    choices |= {*before.hidden} ^ {*after.hidden} | {*before.titles} ^ {*after.titles} | {*before.tags} ^ {*after.tags}
    return {id for tie in ties for id in (tie.a, tie.b)} | {choice.statement for choice in choices}
