"""The component in spaCy pipelines of other people."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from trendnlp.pipeline import Pipeline
from trendnlp.segment import blank_pipeline

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


def test_statements_are_a_span_group_under_their_kinds(pipeline: Pipeline) -> None:
    import trendnlp.component  # registers the factory, as the entry point does

    assert trendnlp.component.SPAN_KEY == "trendnlp"
    nlp = blank_pipeline()
    nlp.add_pipe("trendnlp")
    expected = pipeline.analyse(TEXT).statements
    doc = nlp(TEXT)
    found = doc.spans["trendnlp"]
    assert [(s.text, s.label_) for s in found] == [(s.statement.text, s.label.kind) for s in expected]
    assert [(s.start_char, s.end_char) for s in found] == [(s.statement.start, s.statement.end) for s in expected]
    empty = [nlp(text) for text in ("", " \n", "Growth drivers\n\n")]
    assert [len(doc.spans["trendnlp"]) for doc in empty] == [0, 0, 0]
    with pytest.raises(ValueError, match="normalise it first"):
        nlp("Wards buy lifts.\r\nIt rains.")


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
