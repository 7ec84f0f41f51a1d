"""The model card: what a models folder holds, what it learnt from, how right and how sure it is, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from trendnlp.artefacts import JudgePart, Manifest
from trendnlp.consolidate.judged import DEPTH, NEAR, NEIGHBOURS
from trendnlp.evaluate import Bin
from trendnlp.judge import CONTRARY

CARD = "README.md"
SCORES = {
    "macro_f1": "macro-F1 of the kinds",
    "accepted_f1": "the same, a second acceptable kind counting as right",
    "claim_precision": "claim or not, precision",
    "claim_recall": "claim or not, recall",
    "calibration_error": "expected calibration error",
    "aspect_macro_f1": "macro-F1 of the aspects, of claims that were found",
}


def model_card(manifest: Manifest) -> str:
    """The card of ``manifest``; the same manifest gives the same bytes."""
    models = {name: part.scores for name, part in manifest.parts.items()}
    if manifest.cascade is not None:
        models["cascade"] = manifest.cascade_scores
    parts = [
        "# The trained models",
        "`trendnlp train` wrote this folder. It holds arrays (safetensors) and a manifest with every file's SHA-256; "
        "nothing in it is code. The models say of a statement in its document which kind it is "
        f"({', '.join(manifest.kinds)})"
        + (f" and which aspect ({', '.join(manifest.aspects)})." if manifest.aspects else "."),
        _table(["model", "stands on", "files"], [_files(name, manifest) for name in manifest.parts]),
        _cascade(manifest),
        *(_judge(name, manifest) for name in sorted(manifest.judges)),
        _unjudged(manifest),
        f"The models learnt from a corpus of {manifest.texts:,} texts with {manifest.units:,} labelled units "
        f"(digest `{manifest.corpus_sha256[:12]}`){_unlabelled(manifest)}. Scores on its held-out markets, which only "
        "score:",
        _table(["score", *models], [[words, *_values(key, models)] for key, words in SCORES.items()]),
        "How often the label is right at each score, on the same texts (in brackets the number of units):",
        _table(["score", *_reliabilities(manifest)], _reliability(manifest)),
        "Texts unlike the corpus are labelled less well and less surely; measure on your own with "
        "`trendnlp evaluate`. The models read English. They do not check whether a claim is true.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _unlabelled(manifest: Manifest) -> str:
    if not manifest.unlabelled_texts:
        return ""
    return (
        f", the fast one also from what the accurate one says of {manifest.unlabelled_texts:,} texts without labels "
        f"({manifest.unlabelled_statements:,} statements, digest `{manifest.unlabelled_sha256[:12]}`)"
    )


def _files(name: str, manifest: Manifest) -> list[str]:
    part = manifest.parts[name]
    return [name, f"{part.base} (`{part.base_sha256[:12]}`)", f"`{part.encoder}`, `{part.heads}`"]


def _judge(name: str, manifest: Manifest) -> str:
    part = manifest.judges[name]
    settled = "" if part.settled is None else f", unless the fast one calls them distinct with {part.settled:.2f}"
    return (
        f"The {name} judge says of two statements whether they make the same claim "
        f"(`{part.encoder}`, `{part.heads}`). It learnt from a corpus of {part.pairs:,} pairs{_further(part)}, is "
        f"asked from a cosine of {part.low:.2f}{settled}; findings ask, of each statement's {DEPTH} nearest from "
        f"{max(NEAR, part.low):.2f} on, of the {NEIGHBOURS} nearest that no figure, year or place sets apart, of as "
        f"many that one does, and of all pairs in a group, or part of one, of those it calls the same. Two are the "
        f"same from a score of "
        f"{part.threshold:.2f} where no guard fires: of its probability of that against all others, that of a "
        f"contradiction counted {CONTRARY:g} times. "
        f"On held-out markets its F1 of the same is {part.scores.get('same_f1', 0.0):.3f}, and it merged "
        f"{part.scores.get('contradictions_merged', 0.0):.0f} pairs that contradict{_across(part)}."
    )


def _further(part: JudgePart) -> str:
    further = part.settings.get("further", 0)
    return f", of which it read {further:,.0f} last and with others, from where it stood" if further else ""


def _across(part: JudgePart) -> str:
    """Models that were made earlier hold no such score."""
    if "across" not in part.scores:
        return ""
    return f" and {part.scores['across_merged']:.0f} of {part.scores['across']:,.0f} near claims of two markets"


def _cascade(manifest: Manifest) -> str:
    if manifest.cascade is None:
        return ""
    return (
        f"`cascade` asks the fast model first, and the accurate one where no kind has a score of "
        f"{manifest.cascade:.2f}."
    )


def _unjudged(manifest: Manifest) -> str:
    if manifest.judges:
        return ""
    return f"Statements merge into a finding from a mean cosine of {manifest.threshold:.2f}."


def _values(key: str, models: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [f"{scores[key]:.3f}" for scores in models.values()]


def _reliabilities(manifest: Manifest) -> dict[str, tuple[Bin, ...]]:
    found = {name: part.reliability for name, part in manifest.parts.items()}
    return found | ({"cascade": manifest.cascade_reliability} if manifest.cascade_reliability else {})


def _reliability(manifest: Manifest) -> list[list[str]]:
    """A row for each tenth of the scores that any model gives."""
    by_part = [{round(b.low, 1): b for b in bins} for bins in _reliabilities(manifest).values()]
    lows = sorted({low for bins in by_part for low in bins})
    return [
        [
            f"{low:.1f} to {low + 0.1:.1f}",
            *(f"{b[low].right:.2f} ({b[low].units})" if low in b else "" for b in by_part),
        ]
        for low in lows
    ]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
