"""What a user would write in an afternoon to find the claims of some reports, as a program: the peer of batch.py.

    python benchmarks/peers.py small|large WORK FILE…

Reads plain text, cuts sentences with spaCy's sentencizer, encodes each alone with sentence-transformers in batches of
32, labels them with a logistic regression and calls those the same whose cosine is 0.75 or more. ``small`` encodes with
all-MiniLM-L6-v2 as published; ``large`` with the weights and the head of our accurate model. Both are loaded as any
folder of sentence-transformers is. WORK is a folder for the small one's head and the large one's weights, made where
they are not there. Prints how many sentences, claims and groups it found.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import spacy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sentence_transformers import SentenceTransformer
from sentences import CORPUS
from sklearn.linear_model import LogisticRegression

from trendnlp.artefacts import default_folder, encoder_folder, open_artefact
from trendnlp.build import ACCURATE, accurate_base
from trendnlp.classify import Classifier, save_heads
from trendnlp.corpus import read_corpus
from trendnlp.settings import Settings
from trendnlp.types import OTHER

TAUGHT = 2000  # units that teach the small one's head; how many does not change how fast it is
BATCH = 32
SAME = 0.75
BLOCK = 1024  # rows of cosines at a time


def main() -> None:
    size, work, *files = sys.argv[1:]
    Path(work).mkdir(exist_ok=True)
    encoder, head = small(Path(work) / "small.safetensors") if size == "small" else large(Path(work) / "large")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.max_length = 10_000_000
    texts = (Path(name).read_text("utf-8") for name in files)
    sentences = [sentence for doc in nlp.pipe(texts) for s in doc.sents if (sentence := " ".join(s.text.split()))]
    rows = encoder.encode(sentences, batch_size=BATCH, show_progress_bar=False)
    kinds = head.classes_[head.predict_proba(rows).argmax(axis=1)]
    claims = rows[kinds != OTHER]
    print(f"{len(sentences)} sentences, {len(claims)} claims, {groups(claims)} groups")


def small(heads: Path) -> tuple[SentenceTransformer, LogisticRegression]:
    encoder = SentenceTransformer(str(encoder_folder(None)), device="cpu", local_files_only=True)
    if not heads.is_file():
        units = [(text.text[u.start : u.end], u.kind) for text in read_corpus(CORPUS) for u in text.units][:TAUGHT]
        rows = encoder.encode([text for text, _ in units], batch_size=BATCH, show_progress_bar=False)
        save_heads(heads, {"kind": LogisticRegression(max_iter=1000).fit(rows, [kind for _, kind in units])})
    return encoder, Classifier.load(None, heads, "").kind  # type: ignore[arg-type]


def large(folder: Path) -> tuple[SentenceTransformer, LogisticRegression]:
    models = open_artefact(default_folder())
    part = models.part(ACCURATE)
    if not folder.is_dir():
        base = accurate_base(Settings.from_env(), part.base_sha256)
        tuned = base.with_weights(models.path(part.encoder), models.manifest.files[part.encoder]).model
        del tuned[2]  # the head was fitted on means that are not of unit length
        tuned.save(str(folder))
    encoder = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return encoder, Classifier.load(None, models.path(part.heads), "").kind  # type: ignore[arg-type]


def groups(rows: np.ndarray) -> int:
    """How many groups of rows hang together."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    low, high = [], []
    for start in range(0, len(rows), BLOCK):
        a, b = np.nonzero(rows[start : start + BLOCK] @ rows.T >= SAME)
        low.append(a + start)
        high.append(b)
    if not low:
        return 0
    ends = np.concatenate(low), np.concatenate(high)
    return int(connected_components(coo_matrix((np.ones(len(ends[0])), ends), (len(rows), len(rows))))[0])


if __name__ == "__main__":
    main()
