"""One sentence in many reports, each time with another figure, year or place: told apart without asking each pair."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from builders import make_label
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trendnlp.consolidate import CosineComparer, Incremental, Pair, consolidate
from trendnlp.consolidate.candidates import CONTRASTS
from trendnlp.corpus import read_corpus, statements_of
from trendnlp.guards import Reading, fired
from trendnlp.guards.marks import MOST, Marked
from trendnlp.relations import Verdict
from trendnlp.types import Claim, LabelledStatement, Statement

THRESHOLD = 0.8
MODEL = "encoder-1"
CORPUS = Path(__file__).parents[1] / "corpus"
FIGURES = (
    *("5 %", "5.2 %", "52 percent", "5 points", "$5 billion", "€5 billion", "$5bn", "five billion", "-5 %", "a third"),
    *("33 percent", "one in three", "2019", "2019-24", "the second half of 2020", "Spain", "Italian"),
    *("Italy and Spain", "", "1, 2, 3, 4, 5, 6, 7, 8 and 9 %", "doubled", "9" * 400, "8" * 400 + " tons"),
)


class Counted(CosineComparer):
    """Counts the pairs that it is asked for."""

    asked = 0

    def compare(self, pairs: Sequence[Pair]) -> tuple[Verdict, ...]:
        Counted.asked += len(pairs)
        return super().compare(pairs)


def family(size: int, text: str = "Sales of lifts in hospitals rose by {} % last year.") -> list[Claim]:
    """Claims that say ``text``, each of another figure, in a document of its own, all of them near each other."""
    rows = np.random.default_rng(3).normal(size=(size, 48)) * 0.04
    rows[:, 0] = 1.0
    found = []
    for number, row in enumerate(rows):
        words, document = text.format(f"{2 * 1.02**number:.2f}"), f"d{number}"
        statement = Statement(Statement.id_of(document, 0, len(words)), document, 0, len(words), words, 0)
        vector = (row / np.linalg.norm(row)).astype("<f4").tobytes()
        labelled = LabelledStatement(statement, make_label("driver"), vector)
        found.append(Claim(labelled, document, f"{document}.txt", None, None))
    return found


def ids(claims: Sequence[Claim]) -> list[str]:
    return [c.labelled.statement.id for c in claims]


def names(a: str, b: str) -> set[str]:
    return {guard.name for guard in fired(Reading(a), Reading(b))}


def marked(texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[bool]:
    first, second = np.array(pairs, np.int64).T
    return Marked([Reading(text).marks for text in texts]).apart(first, second).tolist()


def seen_alone(a: str, b: str) -> bool:
    """Whether a guard fires that needs to know no more than what each statement names; not of too many quantities."""
    found = names(a, b) - ({"number", "unit"} if many(a) or many(b) else set())
    lone = all(len(Reading(text).marks.places) == 1 for text in (a, b))
    return bool(found & {"number", "unit", "year"} or (lone and "place" in found))


def many(text: str) -> bool:
    return len(Reading(text).marks.figures.quantities) > MOST


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(FIGURES), max_size=4), st.lists(st.sampled_from(FIGURES), max_size=4))
@example(["2019", "1, 2, 3, 4, 5, 6, 7, 8 and 9 %"], ["the second half of 2020"])
def test_marks_tell_what_the_guards_see(mine: list[str], theirs: list[str]) -> None:
    texts = [f"Sales of lifts came to {' and '.join(words)} there." for words in (mine, theirs)]
    assert marked(texts, [(0, 1), (1, 0)]) == [seen_alone(*texts)] * 2


def test_marks_of_real_statements_tell_what_the_guards_see() -> None:
    texts = [s.text for text in read_corpus(CORPUS)[::40] for s in statements_of(text)]
    marks = {text: Reading(text).marks for text in sorted(texts) if not many(text)}
    texts = [text for text, found in marks.items() if found.figures.quantities or found.places]
    pairs = random.Random(5).sample(list(combinations(range(len(texts)), 2)), 1500)
    found = marked(texts, pairs)
    assert found == [seen_alone(texts[a], texts[b]) for a, b in pairs]
    assert 300 < sum(found) < 1400


def test_one_more_of_a_family_of_200_is_compared_with_few() -> None:
    *claims, last = family(200)
    state = Incremental(Counted(THRESHOLD, MODEL))
    Counted.asked = 0
    assert len(state.add(claims).findings) == 199
    assert Counted.asked <= 199 * CONTRASTS
    Counted.asked = 0
    update = state.add([last])
    (finding,) = [f for f in update.findings if f.head == ids([last])[0]]
    assert Counted.asked < 1000
    assert len(update.findings) < 100
    assert [e.verdict.guards[0].name for e in finding.apart] == ["number"] * CONTRASTS


def test_a_family_in_steps_is_that_of_all_at_once() -> None:
    # one without a figure may stand with any of them, and ties them all together
    claims = [*family(60)[1:], *family(1, "Sales of lifts in hospitals rose last year.")]
    chance = random.Random(1)
    chance.shuffle(claims)
    state = Incremental(CosineComparer(THRESHOLD, MODEL))
    kept = {}
    for coming, going in ((claims[:50], []), (claims[50:], claims[:8]), (claims[:4], []), (claims[4:8], claims[20:24])):
        update = state.update(coming, ids(going))
        kept = {id: f for id, f in kept.items() if id not in update.gone} | {f.id: f for f in update.findings}
    here = [c for c in claims if c not in claims[20:24]]
    whole = consolidate(here, THRESHOLD, MODEL)
    assert sorted(kept.values(), key=lambda f: f.id) == sorted(whole.findings, key=lambda f: f.id)
    assert state.consolidation() == whole
    assert consolidate(here[::-1], THRESHOLD, MODEL) == whole
    (pair,) = [f for f in whole.findings if len(f.members) > 1]
    assert (len(pair.members), len(pair.contested)) == (2, CONTRASTS)
