"""Labelled pairs: what a file may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trendnlp.errors import CorpusError
from trendnlp.pairs import LabelledPair, families, read_pairs
from trendnlp.relations import Relation

GOOD = {"market": "beds", "a": "Beds are dear.", "b": "Beds cost a lot.", "kind": "challenge"}
GOOD |= {"relation": "same", "change": "paraphrase"}


def written(folder: Path, *lines: str, name: str = "one.jsonl") -> Path:
    (folder / "pairs").mkdir(exist_ok=True)
    (folder / "pairs" / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def test_pairs_come_by_file_and_line_and_once(tmp_path: Path) -> None:
    other = GOOD | {"a": "Beds are cheap.", "relation": "contradicts", "change": "opposite"}
    turned = GOOD | {"a": GOOD["b"], "b": GOOD["a"]}
    written(tmp_path, json.dumps(other), "", name="b.jsonl")
    written(tmp_path, json.dumps(GOOD), json.dumps(turned), name="a.jsonl")
    assert read_pairs(tmp_path) == (
        LabelledPair("beds", "Beds are dear.", "Beds cost a lot.", "challenge", Relation.SAME, "paraphrase"),
        LabelledPair("beds", "Beds are cheap.", "Beds cost a lot.", "challenge", Relation.CONTRADICTS, "opposite"),
    )


def test_no_pairs(tmp_path: Path) -> None:
    assert read_pairs(tmp_path) == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is no JSON"),
        ("[]", "line 2 has not the fields market, a, b, kind, relation, change"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "b"}), "line 2 has not the fields"),
        (json.dumps(GOOD | {"b": " "}), "line 2 has no words in b"),
        (json.dumps(GOOD | {"b": 5}), "line 2 has no words in b"),
        (json.dumps(GOOD | {"relation": "equal"}), "line 2 has the relation 'equal'. Use one of same, contradicts"),
        (json.dumps(GOOD | {"change": "number"}), "line 2 has the change 'number', which is none of same"),
        (
            json.dumps(GOOD | {"relation": "distinct", "change": "topic"}),
            "line 2 calls a pair distinct that is same elsewhere",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(CorpusError) as error:
        read_pairs(written(tmp_path, json.dumps(GOOD), line))
    assert str(error.value).startswith(f"{tmp_path}/pairs/one.jsonl: {reason}")


def test_texts_that_pairs_bring_together_are_a_family() -> None:
    def pair(market: str, a: str, b: str) -> LabelledPair:
        return LabelledPair(market, a, b, "driver", Relation.CONTRADICTS, "opposite")

    chain = [pair("beds", "C", "B"), pair("beds", "D\n d", "E"), pair("beds", "A", "B"), pair("lifts", "A", "E")]
    assert families(chain) == {
        "beds": [("A", "A"), ("B", "A"), ("C", "A"), ("D d", "D d"), ("E", "D d")],
        "lifts": [("A", "A"), ("E", "A")],
    }
