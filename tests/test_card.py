"""The model card, word for word."""

from __future__ import annotations

from dataclasses import replace

from trendnlp.artefacts import Manifest, Part
from trendnlp.card import model_card
from trendnlp.evaluate import Bin

SCORES = {
    "macro_f1": 0.8,
    "accepted_f1": 0.9,
    "claim_precision": 0.85,
    "claim_recall": 0.95,
    "calibration_error": 0.0213,
    "aspect_macro_f1": 0.7,
}
FAST = Part(
    "mini", "a" * 64, "fast.encoder", "fast.heads", {}, SCORES, (Bin(0.4, 0.45, 0.5, 2), Bin(0.9, 0.95, 1.0, 8))
)
MANIFEST = Manifest(
    kinds=("driver", "other"),
    aspects=(),
    parts={"fast": FAST},
    cascade=None,
    cascade_scores={},
    threshold=0.75,
    corpus_sha256="c" * 64,
    texts=1200,
    units=10,
    unlabelled_sha256="d" * 64,
    unlabelled_texts=0,
    unlabelled_statements=0,
    versions={},
    files={},
)


def test_the_card_of_one_model() -> None:
    paragraphs = model_card(MANIFEST).split("\n\n")
    assert paragraphs[0] == "# The trained models"
    assert paragraphs[1].endswith("which kind it is (driver, other).")
    assert paragraphs[2:] == [
        "| model | stands on | files |\n| --- | --- | --- |\n"
        "| fast | mini (`aaaaaaaaaaaa`) | `fast.encoder`, `fast.heads` |",
        "Statements merge into a finding from a mean cosine of 0.75.",
        "The models learnt from a corpus of 1,200 texts with 10 labelled units (digest `cccccccccccc`). Scores on its "
        "held-out markets, which only score:",
        "| score | fast |\n| --- | --- |\n"
        "| macro-F1 of the kinds | 0.800 |\n"
        "| the same, a second acceptable kind counting as right | 0.900 |\n"
        "| claim or not, precision | 0.850 |\n"
        "| claim or not, recall | 0.950 |\n"
        "| expected calibration error | 0.021 |\n"
        "| macro-F1 of the aspects, of claims that were found | 0.700 |",
        "How often the label is right at each score, on the same texts (in brackets the number of units):",
        "| score | fast |\n| --- | --- |\n| 0.4 to 0.5 | 0.50 (2) |\n| 0.9 to 1.0 | 1.00 (8) |",
        "Texts unlike the corpus are labelled less well and less surely; measure on your own with `trendnlp evaluate`. "
        "The models read English. They do not check whether a claim is true.\n",
    ]


def test_the_card_of_a_cascade_compares_its_models() -> None:
    accurate = replace(FAST, scores=SCORES | {"macro_f1": 0.9}, reliability=(Bin(0.9, 0.97, 0.96, 10),))
    manifest = replace(
        MANIFEST,
        aspects=("economic", "consumer"),
        parts={"accurate": accurate, "fast": FAST},
        cascade=0.7,
        cascade_scores=SCORES | {"macro_f1": 0.89},
    )
    card = model_card(manifest)
    assert "(driver, other) and which aspect (economic, consumer)." in card
    assert "the accurate one where no kind has a score of 0.70." in card
    assert "| macro-F1 of the kinds | 0.900 | 0.800 | 0.890 |" in card
    assert "| 0.4 to 0.5 |  | 0.50 (2) |\n| 0.9 to 1.0 | 0.96 (10) | 1.00 (8) |" in card
    measured = model_card(replace(manifest, cascade_reliability=(Bin(0.9, 0.95, 0.98, 9),)))
    assert (
        "| score | accurate | fast | cascade |\n| --- | --- | --- | --- |\n| 0.4 to 0.5 |  | 0.50 (2) |  |" in measured
    )
    assert "| 0.9 to 1.0 | 0.96 (10) | 1.00 (8) | 0.98 (9) |" in measured


def test_the_card_of_a_fast_model_with_a_teacher() -> None:
    manifest = replace(MANIFEST, unlabelled_texts=1100, unlabelled_statements=25000)
    (found,) = (p for p in model_card(manifest).split("\n\n") if p.startswith("The models learnt"))
    assert found == (
        "The models learnt from a corpus of 1,200 texts with 10 labelled units (digest `cccccccccccc`), the fast one "
        "also from what the accurate one says of 1,100 texts without labels (25,000 statements, digest "
        "`dddddddddddd`). Scores on its held-out markets, which only score:"
    )
