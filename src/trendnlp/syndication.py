"""Copies between documents: one press release on many pages, whole, edited, or inside a longer text.

Texts are compared by their shingles, the runs of ``SHINGLE_WORDS`` words (Broder 1997, "On the resemblance and
containment of documents"): two documents are copies where the other has at least ``COPY_SHARE`` of the shorter one's
distinct shingles. Which documents are compared at all is told by fingerprints, the least hash of every window of
shingles (Schleimer, Wilkerson and Aiken 2003, "Winnowing: local algorithms for document fingerprinting"). Texts with
a run of ``COPIED_WORDS`` words in common have a fingerprint in common, however long the rest of either is; so a
release inside a long page is found. MinHash signatures of whole texts estimate their Jaccard similarity, which is
small there. Nothing is drawn at random: the same text has the same fingerprints everywhere.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trendnlp.backing import Copy
from trendnlp.types import BlockKind, Document

SHINGLE_WORDS = 5  # shorter runs are common phrases; an edited word spoils one shingle for each word of its length
COPIED_WORDS = 25  # a run that two authors do not write by chance: longer than nearly every quotation or set phrase
WINDOW = COPIED_WORDS - SHINGLE_WORDS + 1  # shingles; what the guarantee of winnowing asks for
COPY_SHARE = 0.5  # as in Broder's clusters of the web; whatever is below has more words of its own than copied ones
CANDIDATE_SHARE = 0.1  # of the shorter one's fingerprints: far below COPY_SHARE, so that edited copies are compared
DECIMALS = 4
# Headings, menus, addresses and disclaimers are the same on all pages of a site, whatever these report.
RUNNING_TEXT = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)

WORD = re.compile(r"\w+")
_SHIFTS = (30, 27, 31)  # of splitmix64's finaliser (Steele, Lea and Flood 2014), like the two factors
_FACTORS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)

Hashes = NDArray[np.uint64]
Fingerprints = NDArray[np.int64]  # those of a sketch


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a document for comparing it: its fingerprints, rising, as signed 64-bit numbers. A text of fewer
    than ``COPIED_WORDS`` words has none, and is no copy of anything.
    """

    fingerprints: tuple[int, ...]


def words(text: str) -> list[str]:
    """The words of ``text``, case and punctuation folded."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def shingles(document: Document) -> Hashes:
    """A hash of each run of ``SHINGLE_WORDS`` words of the paragraphs and list items, in text order."""
    text = document.text
    running = words("\n".join(text[b.start : b.end] for b in document.blocks if b.kind in RUNNING_TEXT))
    codes = {word: _code(word) for word in set(running)}
    values = np.fromiter((codes[word] for word in running), np.uint64, len(running))
    count = len(values) - SHINGLE_WORDS + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    hashes = np.zeros(count, np.uint64)
    for offset in range(SHINGLE_WORDS):
        hashes = _mixed(hashes + values[offset : offset + count])
    return hashes


def sketch(hashes: Hashes) -> Sketch:
    """The sketch of a document's ``shingles``."""
    if len(hashes) < WINDOW:
        return Sketch(())
    chosen = np.unique(sliding_window_view(hashes, WINDOW).min(axis=1))
    return Sketch(tuple(sorted(chosen.view(np.int64).tolist())))


def is_candidate(shared: int, a: int, b: int) -> bool:
    """Whether documents of ``a`` and ``b`` fingerprints, ``shared`` of them in common, are worth comparing."""
    return shared > 0 and shared >= CANDIDATE_SHARE * min(a, b)


def copy_of(a: str, of_a: Hashes, b: str, of_b: Hashes) -> Copy | None:
    """What the documents ``a`` and ``b`` with these shingles share; None where they are no copies."""
    one, other = np.unique(of_a), np.unique(of_b)
    shorter = min(len(one), len(other))
    common = len(np.intersect1d(one, other, assume_unique=True))
    if shorter == 0 or common < COPY_SHARE * shorter:
        return None
    low, high = sorted((a, b))
    share, jaccard = common / shorter, common / (len(one) + len(other) - common)
    return Copy(low, high, round(share, DECIMALS), round(jaccard, DECIMALS))


def copies_among(documents: Iterable[Document]) -> tuple[Copy, ...]:
    """All pairs of copies, by the documents' ids, whatever order they come in."""
    by_id = {document.id: document for document in documents}
    ids = sorted(by_id)
    hashes = [shingles(by_id[id]) for id in ids]
    sketches = [np.array(sketch(of).fingerprints, np.int64) for of in hashes]
    found = [copy_of(ids[a], hashes[a], ids[b], hashes[b]) for a, b in candidates(sketches)]
    return tuple(copy for copy in found if copy is not None)


def candidates(sketches: Sequence[Fingerprints]) -> Iterator[tuple[int, int]]:
    """The places of documents that are worth comparing, the lower first, in order. Memory goes with the fingerprints,
    not with the pairs.
    """
    sizes = [len(one) for one in sketches]
    values = np.concatenate([np.empty(0, np.int64), *sketches])
    order = np.argsort(values, kind="stable")
    values, holders = values[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    for place, mine in enumerate(sketches):
        starts, ends = np.searchsorted(values, mine, "left"), np.searchsorted(values, mine, "right")
        held = [holders[a:b] for a, b in zip(starts, ends, strict=True) if b - a > 1]
        others, shared = np.unique(np.concatenate([holders[:0], *held]), return_counts=True)
        for other, count in zip(others.tolist(), shared.tolist(), strict=True):
            if other > place and is_candidate(count, sizes[place], sizes[other]):
                yield place, other


def _code(word: str) -> int:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _mixed(values: Hashes) -> Hashes:
    for shift, factor in zip(_SHIFTS, (*_FACTORS, 1), strict=True):
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values
