"""The component in spaCy pipelines of other people."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution

import pytest
import spacy
from spacy.language import Language

import trendnlp.component  # registers the factories, as the entry points do
from trendnlp.pipeline import Pipeline
from trendnlp.read import read_text
from trendnlp.segment import Segmenter

TEXT = "Lift Market 🏥\n\nGrowth drivers\n\nNurses are scarce, which boosts the demand for lifts. It rains."
SCRIPT = """
import spacy
nlp = spacy.blank("en")
assert "trendnlp" not in nlp.pipe_names
nlp.add_pipe("trendnlp")
nlp.add_pipe("trendnlp_segment")
doc = nlp({text!r})
print([(s.start_char, s.end_char, s.label_) for s in doc.spans["trendnlp"]])
print([s.text for s in doc.spans["statements"]][-1])
"""


@pytest.fixture(scope="module")
def nlp() -> Language:
    made = spacy.blank("en")
    made.add_pipe("trendnlp")
    made.add_pipe("trendnlp_segment")
    return made


def test_statements_are_a_span_group_under_their_kinds(nlp: Language, pipeline: Pipeline) -> None:
    assert trendnlp.component.SPAN_KEY == "trendnlp"
    expected = pipeline.analyse(TEXT).statements
    doc = nlp(TEXT)
    found = doc.spans["trendnlp"]
    assert [(s.text, s.label_) for s in found] == [(s.statement.text, s.label.kind) for s in expected]
    assert [(s.start_char, s.end_char) for s in found] == [(s.statement.start, s.statement.end) for s in expected]
    empty = [nlp(text) for text in ("", " \n", "Growth drivers\n\n")]
    assert [(len(doc.spans["trendnlp"]), len(doc.spans["statements"])) for doc in empty] == [(0, 0)] * 3


def test_the_segmenter_marks_the_statements_that_reading_finds(nlp: Language) -> None:
    text = """\
Lift Market

Key drivers

- High cost: a lift costs approx. $4. Leases are rare.
- Rules; and more

😀 Good news. It rains.
"""
    expected = Segmenter().segment(read_text(text))
    doc = nlp(text)
    found = [(s.start_char, s.end_char, s.text, s.label_) for s in doc.spans["statements"]]
    assert found == [(s.start, s.end, s.text, "") for s in expected]
    assert "Key drivers" not in {text for _, _, text, _ in found}


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        "\ufeff" + TEXT,
        TEXT.replace("It rains", "It\0 rains"),
        "\ufeff" + TEXT.replace("\n", "\r\n").replace("which boosts", "which\r\nboosts"),
    ],
    ids=["CRLF", "CR", "BOM", "NUL", "all"],
)
def test_spans_count_in_the_text_of_the_doc(text: str, nlp: Language, pipeline: Pipeline) -> None:
    doc = nlp(text)
    assert doc.text == text
    expected = [(s.statement.text, s.label.kind) for s in pipeline.analyse(text).statements]
    assert [(read_text(s.text).text, s.label_) for s in doc.spans["trendnlp"]] == expected
    assert [read_text(s.text).text for s in doc.spans["statements"]] == [words for words, _ in expected]


def test_a_doc_that_cannot_be_read_gets_no_spans_and_keeps_none_from_the_others(nlp: Language) -> None:
    german = "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen zahlen nun mehr. "
    with pytest.warns(UserWarning, match="written in German") as warned:
        docs = list(nlp.pipe([TEXT, german * 3, TEXT]))
    assert [len(doc.spans["trendnlp"]) > 0 for doc in docs] == [True, False, True]
    assert [len(doc.spans["statements"]) > 0 for doc in docs] == [True, False, True]
    assert not any("Krankenh" in str(warning.message) for warning in warned)


def test_spacy_finds_the_component_by_the_entry_point_of_the_package(pipeline: Pipeline) -> None:
    try:
        declared = {e.name for e in distribution("trendnlp").entry_points if e.group == "spacy_factories"}
    except PackageNotFoundError:
        pytest.skip("trendnlp is not installed as a package")
    assert declared == {"trendnlp", "trendnlp_segment"}
    script = SCRIPT.format(text=TEXT)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    expected = [(s.statement.start, s.statement.end, s.label.kind) for s in pipeline.analyse(TEXT).statements]
    assert (done.returncode, done.stdout) == (0, f"{expected}\nIt rains.\n"), done.stderr
