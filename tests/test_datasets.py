"""Other people's files as labelled texts; what is wrong with a file is said with its name, the reason and a remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trendnlp.corpus import LabelledText, LabelledUnit, statements_of
from trendnlp.datasets import read_abstracts, read_real, read_sections
from trendnlp.errors import CorpusError
from trendnlp.types import Metadata

REAL = {
    "id": "R1",
    "text": "Lifts\u2028sell. They are dear.",
    "units": [
        {"start": 0, "end": 11, "section": "Lifts > Sales", "kind": "trend", "alt": "driver", "aspect": "economic"},
        {"start": 12, "end": 26, "section": "", "kind": "challenge", "alt": "", "aspect": ""},
    ],
}
ABSTRACT = {"abstract_id": 0, "sentences": ["Lifts matter.", "We weigh them."], "labels": ["background", "method"]}
SECTIONS = """Index; Text; Gold\r
0001.00001; Lifts sold well; they were cheap.; 1\r
0001.00002; It rained.; 0\r
0001.00003; Beds did not sell.; 0\r
0002.00001; Kilns broke because of frost.; 1\r
"""


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def test_real_texts(tmp_path: Path) -> None:
    (found,) = read_real(write(tmp_path / "documents.jsonl", REAL))
    assert found == LabelledText(
        name="R1",
        text="Lifts\u2028sell. They are dear.",
        metadata=Metadata(),
        style=None,
        units=(
            LabelledUnit(0, 11, "trend", "driver", "economic", headings=("Lifts", "Sales")),
            LabelledUnit(12, 26, "challenge"),
        ),
    )
    assert [s.text for s in statements_of(found)] == ["Lifts\u2028sell.", "They are dear."]


def test_abstracts(tmp_path: Path) -> None:
    nothing = {"sentences": [], "labels": []}
    assert read_abstracts(write(tmp_path / "train.jsonl", ABSTRACT, nothing)) == (
        LabelledText(
            name="abstract 1",
            text="Lifts matter. We weigh them.",
            metadata=Metadata(),
            style=None,
            units=(LabelledUnit(0, 13, "background"), LabelledUnit(14, 28, "method")),
        ),
        LabelledText("abstract 2", "", Metadata(), None, ()),
    )


def test_sections_in_parts_of_so_many_rows(tmp_path: Path) -> None:
    path = tmp_path / "task1.csv"
    path.write_bytes(SECTIONS.encode())
    parts = read_sections(path, (2, 2, 0))
    said = [[(t.name, [s.text for s in statements_of(t)], [u.kind for u in t.units]) for t in part] for part in parts]
    assert said == [
        [("document 0001", ["Lifts sold well; they were cheap.", "It rained."], ["1", "0"])],
        [
            ("document 0001", ["Beds did not sell."], ["0"]),
            ("document 0002", ["Kilns broke because of frost."], ["1"]),
        ],
        [],
    ]


def read_trial(path: Path) -> object:
    return read_sections(path, (2, 1, 1))


@pytest.mark.parametrize(
    ("read", "data", "reason"),
    [
        (read_real, b"", "holds no labelled text. Write a line of JSON a document: id"),
        (read_real, b"\xff", "is not UTF-8 (byte 0). Write a line"),
        (read_real, b'\n{"id": "R1"', "line 2 is no labelled text (Expecting ',' delimiter: line 1 column 12 (char 11"),
        (read_real, b"[]", "line 1 is no labelled text (list indices must be"),
        (read_real, b'{"id": "R1", "text": "Lifts"}', "line 1 has no 'units'. Write"),
        (
            read_real,
            b'{"id": "R1", "text": "Lifts", "units": [{"start": 2, "end": 6}]}',
            "line 1 is no labelled text (a unit from 2 to 6 in a text of 5 characters). Write",
        ),
        (
            read_real,
            b'{"id": "R1", "text": "Lifts", "units": [{"start": 2, "end": 5, "section": "", "kind": null}]}',
            "line 1 is no labelled text (None is no label). Write",
        ),
        (
            read_abstracts,
            b"7",
            "line 1 is no labelled text ('int' object is not subscriptable). Take the JSON lines of",
        ),
        (read_abstracts, b'{"sentences": ["It rains."]}', "line 1 has no 'labels'. Take"),
        (
            read_abstracts,
            b'{"sentences": ["It rains."], "labels": []}',
            "line 1 is no labelled text (zip() argument 2 is shorter than argument 1). Take",
        ),
        (read_abstracts, b'{"sentences": ["It rains."], "labels": [3]}', "line 1 is no labelled text (3 is no label"),
        (read_trial, b"", "does not begin with 'Index; Text; Gold'. Take the file of FinCausal 2020, task 1"),
        (read_trial, b"Index; Text; Gold\n\n0001.1; It rains.; 2\n", "line 3 is no index, text and gold: '0001.1; It"),
        (read_trial, SECTIONS.encode() + b"0003.1; It rains.; 0", "has 5 rows, where the fixed split has 4. Take"),
    ],
)
def test_a_malformed_file(read: Callable[[Path], object], data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(data)
    with pytest.raises(CorpusError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {reason}")


@pytest.mark.parametrize("read", [read_real, read_abstracts, read_trial])
def test_no_file(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"/nowhere: cannot be read \(No such file or directory\)\. \w"):
        read(tmp_path / "nowhere")
