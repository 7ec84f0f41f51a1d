"""Independent sources: which documents of a finding say the same because they are the same.

Two documents of a finding are joined where their publishers' names are the same but for case, punctuation and legal
forms ("Ltd", "Inc."); where they are copies (see ``syndication``); or where their statements in the finding have a run
of at least ``COPIED_WORDS`` words in common. Joins reach through: where A is joined with B, and B with C, all three are
one source. Only the documents of the finding are looked at, so that its count never hangs on documents that it does
not speak of.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from trendnlp.backing import Backing, Copy, Join, JoinReason
from trendnlp.periods import month_of
from trendnlp.syndication import COPIED_WORDS, words
from trendnlp.types import Claim, Finding

# Ends of company names that tell the form of the company, not its name (ISO 20275 lists them by country).
LEGAL_FORMS = frozenset(
    {
        *("co", "company", "corp", "corporation", "inc", "incorporated", "limited", "llc", "llp", "lp", "ltd", "plc"),
        *("private", "pte", "pty", "pvt", "ag", "gmbh", "kg", "se", "sa", "sarl", "sas", "spa", "srl", "bv", "nv"),
        *("ab", "as", "asa", "oy", "oyj", "kk"),
        "and",  # "& Co."
    }
)
MARKS = re.compile("[™℠®©]")  # of the owner's rights, not of the name
DROPPED = re.compile(r"[.'’]|(?<=\b[a-z])/(?=[a-z]\b)")  # within a word: "S.p.A.", "Moody's", "A/S"
APART = re.compile(r"[\W_]+")

Claims = Mapping[str, Claim]  # by statement id
Copies = Mapping[str, Sequence[Copy]]  # by the lower document id


def folded_publisher(name: str | None) -> str | None:
    """``name`` without case, accents, punctuation, marks of rights, "the" at its start and legal forms at its end. Two
    names that fold alike are one publisher. None where nothing is left.
    """
    plain = unicodedata.normalize("NFKD", MARKS.sub(" ", name or "")).casefold().replace("&", " and ")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    parts = APART.sub(" ", DROPPED.sub("", plain)).split()
    if len(parts) > 1 and parts[0] == "the":
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in LEGAL_FORMS:
        parts = parts[:-1]
    return " ".join(parts) or None


def with_sources(findings: Iterable[Finding], claims: Iterable[Claim], copies: Iterable[Copy]) -> tuple[Finding, ...]:
    """``findings`` in their order, each with its publishers, independent sources and joins.

    ``claims`` holds at least the findings' members, ``copies`` the copies among their documents; both in any order.
    """
    by_statement = {claim.labelled.statement.id: claim for claim in claims}
    by_document: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_document[copy.a].append(copy)
    return tuple(attributed(finding, by_statement, by_document) for finding in findings)


def attributed(finding: Finding, claims: Claims, copies: Copies) -> Finding:
    """``finding`` with its publishers, independent sources and joins, as ``with_sources`` counts them."""
    members = [claims[member.statement] for member in finding.members]
    of = {claim.document: claim for claim in members}
    documents = sorted(of)
    publishers = {document: folded_publisher(of[document].publisher) for document in documents}
    above = {document: document for document in documents}
    joins: list[Join] = []
    if len(documents) > 1:
        for join in _ties(documents, publishers, copies, members):
            low, high = sorted((_root(above, join.a), _root(above, join.b)))
            if low != high:
                above[high] = low
                joins.append(join)
    groups = {document: _root(above, document) for document in documents}
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups.values()))}
    return replace(
        finding,
        publishers=len(set(publishers.values()) - {None}),
        sources=len(numbers),
        backing=tuple(
            Backing(document, numbers[groups[document]], publishers[document], month_of(of[document].published))
            for document in documents
        ),
        joins=tuple(joins),
    )


def _root(above: dict[str, str], document: str) -> str:
    """The first of the documents that are joined with it; the way there is halved for those who come after."""
    while above[document] != document:
        above[document] = document = above[above[document]]
    return document


def _ties(
    documents: Sequence[str], publishers: Mapping[str, str | None], copies: Copies, members: Sequence[Claim]
) -> Iterator[Join]:
    """What joins documents: same publishers, then the largest copies, then passages; enough of each to reach all that
    it joins.
    """
    first: dict[str, str] = {}
    for document in documents:
        publisher = publishers[document]
        if publisher is not None and first.setdefault(publisher, document) != document:
            yield Join(first[publisher], document, JoinReason.PUBLISHER)
    known = set(documents)
    among = [copy for document in documents for copy in copies.get(document, ()) if copy.b in known]
    for copy in sorted(among, key=lambda c: (-c.share, c.a, c.b)):
        yield Join(copy.a, copy.b, JoinReason.COPY, share=copy.share)
    yield from _passages(members)


def _passages(members: Sequence[Claim]) -> Iterator[Join]:
    texts: dict[str, list[list[str]]] = defaultdict(list)
    for claim in sorted(members, key=lambda c: c.labelled.statement.id):
        texts[claim.document].append(words(claim.labelled.statement.text))
    first: dict[tuple[str, ...], str] = {}
    pairs: dict[tuple[str, str], None] = {}
    for document in sorted(texts):
        for text in texts[document]:
            for start in range(len(text) - COPIED_WORDS + 1):
                holder = first.setdefault(tuple(text[start : start + COPIED_WORDS]), document)
                if holder != document:
                    pairs[holder, document] = None
    for a, b in sorted(pairs):
        longest = max(_common_run(one, other) for one in texts[a] for other in texts[b])
        yield Join(a, b, JoinReason.PASSAGE, words=longest)


def _common_run(a: Sequence[str], b: Sequence[str]) -> int:
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size
