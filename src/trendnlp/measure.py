"""Scoring models on labelled texts: which texts, which rows, one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trendnlp.classify import Model, label
from trendnlp.corpus import LabelledText, read_corpus, statements_of
from trendnlp.errors import CorpusError
from trendnlp.evaluate import Gold, Scores, expected_calibration_error, score
from trendnlp.keywords import keyword_kinds
from trendnlp.train import TrainOptions, split_corpus
from trendnlp.types import Statement


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """The statements of one labelled document and their gold kinds, in text order."""

    statements: tuple[Statement, ...]
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one model on one set of texts; ``calibration_error`` only where it gives probabilities."""

    data: str
    model: str
    scores: Scores
    calibration_error: float | None


def held_out(corpus: Path, options: TrainOptions | None = None) -> tuple[GoldDocument, ...]:
    """The texts of the markets that training keeps for scoring alone; raises CorpusError."""
    return tuple(gold_document(t) for t in split_corpus(read_corpus(corpus), options or TrainOptions()).test)


def gold_document(text: LabelledText) -> GoldDocument:
    return GoldDocument(statements_of(text), tuple(Gold(u.kind, u.alt) for u in text.units))


def real_documents(path: Path) -> tuple[GoldDocument, ...]:
    """Documents as JSON lines: ``id``, ``text``, ``units`` with start, end, section, kind, alt; raises CorpusError."""
    try:
        return tuple(_real_document(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    except OSError as error:
        remedy = "Name the folder that holds real_dev/documents.jsonl."
        raise CorpusError(str(path), f"cannot be read ({error.strerror})", remedy) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(str(path), f"is no file of labelled documents ({error})", "See its README.") from error


def _real_document(line: str) -> GoldDocument:
    fields = json.loads(line)
    statements = []
    for unit in fields["units"]:
        text = fields["text"][unit["start"] : unit["end"]]
        statements.append(
            Statement(
                id=Statement.id_of(fields["id"], unit["start"], unit["end"]),
                document=fields["id"],
                start=unit["start"],
                end=unit["end"],
                text=text,
                block=0,
                headings=tuple(h for h in (unit["section"] or "").split(" > ") if h),
            )
        )
    return GoldDocument(tuple(statements), tuple(Gold(u["kind"], u["alt"]) for u in fields["units"]))


def rows(data: str, documents: Sequence[GoldDocument], name: str, model: Model) -> tuple[Row, ...]:
    """The keyword rules and ``model`` on the same documents."""
    gold = [g for d in documents for g in d.gold]
    rules = [kind for d in documents for kind in keyword_kinds(d.statements)]
    labels = [given for d in documents for given in label(model, d.statements)]
    right = [given.kind == g.kind for given, g in zip(labels, gold, strict=True)]
    error = expected_calibration_error([given.score for given in labels], right)
    return (
        Row(data, "keyword rules", score(gold, rules), None),
        Row(data, name, score(gold, [given.kind for given in labels]), error),
    )
