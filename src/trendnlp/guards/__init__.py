"""Guards: cheap looks at a pair of statements that find what a similarity cannot see.

Each looks for one way in which two statements that sound alike say different things. A guard that fires keeps the pair
apart, whatever its scores, but where ``overruled`` says that a sure judge knows better; one that does not fire says
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trendnlp.guards.contrary import negated, opposite, swapped_comparison
from trendnlp.guards.direction import Seen
from trendnlp.guards.figures import PARTS, SPELT, Quantity, comparable, may_agree, near, unmatched
from trendnlp.guards.lexicon import FIGURES, NEGATORS
from trendnlp.guards.marks import Marks, marks_of
from trendnlp.guards.names import only_in, openings, subjects
from trendnlp.guards.order import other_segment, swapped_cause, whole_and_part
from trendnlp.guards.regions import exclude, part_of
from trendnlp.guards.words import Words, overlap, stem, words_of
from trendnlp.relations import GuardResult, Relation

__all__ = ["GUARDS", "Reading", "family_of", "fired", "overruled", "shared_words"]

# In the order in which they are reported; the first one's relation is the pair's. What rises in one place or year and
# falls in another is no contradiction.
GUARDS = (
    "year",
    "place",
    "direction",
    "negation",
    "comparative",
    "number",
    "unit",
    "subject",
    "segment",
    "part",
    "cause_effect",
    "kind",
)
RELATED = 1 / 3  # shared words from which two statements that name different things can be about the same
NOT_TELLING = frozenset(stem(word) for word in (*NEGATORS, *SPELT, *FIGURES, *" ".join(PARTS).split()))
REWORDED = 0.8  # share of other words in common below which two statements differ in more than a negator or a figure
FAMILIES = {"trend": "driver"}  # a trend and a driver that say the same are one finding; other kinds never mix


@dataclass(frozen=True)
class Reading:
    """A statement as the guards read it. ``kind`` is None where it is not known. What was read in it is not held here,
    but for a while: a corpus has more statements than that would fit in memory.
    """

    text: str
    kind: str | None = None

    @property
    def words(self) -> Words:
        return words_of(self.text)

    @property
    def marks(self) -> Marks:
        return marks_of(self.words.text)

    @property
    def subjects(self) -> frozenset[str]:
        return subjects(self.words)

    @property
    def family(self) -> str | None:
        return family_of(self.kind) if self.kind else None


def family_of(kind: str) -> str:
    """The kinds that may stand in one finding have one family."""
    return FAMILIES.get(kind, kind)


def fired(a: Reading, b: Reading) -> tuple[GuardResult, ...]:
    """The guards that keep ``a`` and ``b`` apart. Of (b, a) the same ones fire."""
    if (b.text, b.kind or "") < (a.text, a.kind or ""):  # whatever lines words up may break ties by order
        turned = fired(b, a)
        return tuple(g.turned() for g in turned)
    if a.words.written == b.words.written:
        return tuple(_kinds(a, b))
    found = [*_contrary(a, b), *_quantities(a, b), *_names(a, b), *_scopes(a, b), *_kinds(a, b)]
    return tuple(sorted(found, key=lambda g: GUARDS.index(g.name)))


def overruled(a: Reading, b: Reading, guards: Sequence[GuardResult]) -> bool:
    """Whether a judge that is sure of "the same" knows better than these guards, which fired on ``a`` and ``b``: where
    none did; and, if each statement has words of its own, where they counted negators ("do not fit", "are unsuitable")
    or saw figures that can tell one thing ("40 % feed", "60 % all else").
    """
    if not guards:
        return True
    names = {guard.name for guard in guards}
    if not names <= {"negation", "number"} or ("number" in names and not _figures_may_agree(a, b)):
        return False
    mine, theirs = (_telling(side.words) for side in (a, b))
    reworded = len(mine & theirs) < REWORDED * len(mine | theirs)
    return reworded and bool(mine - theirs) and bool(theirs - mine)


def _telling(words: Words) -> frozenset[str]:
    """The stems of content words but for negators and figures."""
    return frozenset(w for w in words.content - NOT_TELLING if not any(c.isdigit() for c in w))


def _figures_may_agree(a: Reading, b: Reading) -> bool:
    """Whether each figure that the statements do not share, and that another contests, may agree with one of those."""
    one, two = a.marks.figures.quantities, b.marks.figures.quantities
    mine, theirs = unmatched(one, two), unmatched(two, one)
    contested = [(x, y) for x in mine for y in theirs if comparable(x, y)]
    agreeing = [(x, y) for x, y in contested if may_agree(x, y)]
    return all({pair[side] for pair in contested} == {pair[side] for pair in agreeing} for side in (0, 1))


def shared_words(a: Reading, b: Reading) -> float:
    """The share of the shorter statement's content words that the other has too."""
    return overlap(a.words, b.words)


def _contrary(a: Reading, b: Reading) -> Iterator[GuardResult]:
    for name, look in (("direction", opposite), ("negation", negated), ("comparative", swapped_comparison)):
        if seen := look(a.words, b.words):
            yield _result(name, seen, Relation.CONTRADICTS)


def _quantities(a: Reading, b: Reading) -> Iterator[GuardResult]:
    one, two = a.marks.figures, b.marks.figures
    mine = unmatched(one.quantities, two.quantities)
    theirs = unmatched(two.quantities, one.quantities) if mine else ()
    against = [(x, y) for x in mine for y in theirs if comparable(x, y)]
    if against:
        unit = next(((x, y) for x, y in against if near(x, y)), None)
        seen = Seen(unit[0].written, unit[1].written) if unit else Seen(_written(mine), _written(theirs))
        yield _result("unit" if unit else "number", seen, Relation.DIFFERS_IN)
    years = [*_exclusive("year", one.years, two.years), *_exclusive("year", one.periods, two.periods)]
    if one.horizons.isdisjoint(two.horizons):
        years += _exclusive("year", one.horizons, two.horizons)
    yield from years[:1]


def _names(a: Reading, b: Reading) -> Iterator[GuardResult]:
    related = shared_words(a, b) >= RELATED
    if not related and not len(a.marks.places) == len(b.marks.places) == 1:
        return  # in truly other words a claim may name other examples
    here, there = a.marks.places - b.marks.places, b.marks.places - a.marks.places
    yield from _exclusive("place", _outside(here, there), _outside(there, here))
    if not related:
        return
    yield from _regions(here, there)
    if a.subjects == b.subjects:
        if a.marks.places == b.marks.places and (pair := openings(a.words, b.words)):
            yield _result("subject", Seen(*pair), Relation.DIFFERS_IN)
        return
    mine = only_in(a.subjects, b.subjects, b.words)
    theirs = only_in(b.subjects, a.subjects, a.words)
    if mine and theirs:
        yield _result("subject", Seen(_listed(mine), _listed(theirs)), Relation.DIFFERS_IN)


def _regions(here: frozenset[str], there: frozenset[str]) -> Iterator[GuardResult]:
    """Fires where each side names one place that the other does not, of which one is a part of the other."""
    if len(here) == len(there) == 1 and any(part_of(x, y) or part_of(y, x) for x in here for y in there):
        yield _result("part", Seen(_listed(here), _listed(there)), Relation.DISTINCT)


def _scopes(a: Reading, b: Reading) -> Iterator[GuardResult]:
    if seen := other_segment(a.words, b.words):
        yield _result("segment", seen, Relation.DIFFERS_IN)
    if seen := whole_and_part(a.words, b.words):
        yield _result("part", seen, Relation.DISTINCT)
    if seen := swapped_cause(a.words, b.words):
        yield _result("cause_effect", seen, Relation.DISTINCT)


def _kinds(a: Reading, b: Reading) -> Iterator[GuardResult]:
    if a.kind and b.kind and a.family != b.family:
        yield _result("kind", Seen(a.kind, b.kind), Relation.DISTINCT)


def _exclusive(name: str, mine: frozenset[str], theirs: frozenset[str]) -> Iterator[GuardResult]:
    """Fires where each side names something that the other does not."""
    if mine - theirs and theirs - mine:
        yield _result(name, Seen(_listed(mine - theirs), _listed(theirs - mine)), Relation.DIFFERS_IN)


def _outside(places: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Those of ``places`` of which no other is a part, and which are a part of no other."""
    return frozenset(place for place in places if all(exclude(place, other) for other in others))


def _result(name: str, seen: Seen, relation: Relation) -> GuardResult:
    return GuardResult(name, seen.a, seen.b, relation)


def _written(quantities: tuple[Quantity, ...]) -> str:
    return ", ".join(q.written for q in quantities)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
