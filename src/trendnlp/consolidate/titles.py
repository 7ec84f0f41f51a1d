"""The title of a finding: what its members are called where they share a name, else the head's own words, shortened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from trendnlp.consolidate.compare import near_words
from trendnlp.consolidate.shortening import EMPHASIS, LEAST, TITLE_CHARACTERS, shortened
from trendnlp.guards.lexicon import MONTHS, STOP
from trendnlp.tags.phrases import places
from trendnlp.terms import term_words
from trendnlp.types import Claim, Statement

SHARED = 0.5  # share of the members that must have a name for it to be the title
NUMBERING = re.compile(r"^(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,4}|[a-z])[.)]\s+)")
# What a part of a report is called, whatever it is about.
GENERIC = frozenset(
    term_words(
        "key main major top recent latest current emerging new other general market markets industry sector segment "
        "trend driver challenge opportunity restraint restrainer barrier risk threat constraint factor dynamics growth "
        "outlook overview introduction summary executive analysis insight conclusion highlight finding takeaway point "
        "fact figure news forecast size share background context scope methodology discussion detail note comment "
        "example source question answer faq frequently asked landscape competitive regional region segment "
        "segmentation development strategic recommendation report study research review update issue impact demand "
        "supply move moving moves shape shaping hold holding back drive driving fuel next ahead watch limit lie "
        "behind future prospect potential why how where said says see first second third fourth also text body list "
        "item section chapter part positive negative strength weakness opportunity swot pestle pest global worldwide "
        "international rest company player vendor profile product service application technology type component end "
        "user channel distribution table content coverage related request sample contact author press release "
        "disclaimer appendix reference glossary abbreviation acknowledgement copyright download pdf page view today"
    )
)
SEGMENTS = re.compile(r"by\s", re.IGNORECASE)  # "By End User": how a report divides its market
PERIOD = re.compile(r"(?:[1-4]?[qh][1-4]?|fy|cy)?['’]?(?:fy)?\d{0,4}[ef]?|\d+(?:st|nd|rd|th)")
PERIOD_WORDS = MONTHS | frozenset(
    term_words("year quarter half month week fiscal financial jan feb mar apr jun jul aug sep sept oct nov dec")
)
CAPITALS = r"[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|van|von|de|der|la|al|bin)){1,3}"  # "Jane Doe"
ROLE = (
    r"(?:CEO|CFO|COO|CTO|[Cc]hief|[Pp]resident|[Dd]irector|[Aa]nalyst|[Mm]anager|[Hh]ead|[Ff]ounder|[Cc]hair\w*|"
    r"[Mm]inister|[Ss]pokes\w+|[Ee]conomist|[Pp]artner|[Pp]rofessor|[Ee]ditor|[Ss]ecretary|[Cc]ommissioner|[Oo]fficer)"
)
SPEAKER = re.compile(
    rf"(?:Dr|Mr|Mrs|Ms|Prof)\b\.? .*|{CAPITALS},? (?:the )?(?:[\w-]+ ){{0,3}}{ROLE}(?:,? (?:of|at|for|in|and)\b.*|,.*)?"
    rf"|.*\b(?:CEO|CFO|COO|CTO) {CAPITALS}|.* (?:says|said|adds|explains)"
)
SPOKEN = re.compile(r"[*_]*:[*_]*\s*[\"“«]")


def title_of(claims: Sequence[Claim], head: int) -> str:
    """At most 90 characters on one line.

    The name (a lead-in, or the heading above) that at least half of the members and, for a heading, two documents
    share; else the head's lead-in; else the head's words. Names that any report has ("Key Trends") are none.
    """
    shared = _shared_name(claims)
    if shared:
        return shortened(shared)
    claim = claims[head]
    text, lead_in = claim.labelled.statement.text, _clean(claim.labelled.statement.lead_in or "")
    if lead_in and _tells(lead_in, claim):
        return shortened(lead_in)
    if len(text) > TITLE_CHARACTERS and len(lead_in) >= TITLE_CHARACTERS // LEAST:
        text = text.partition(":")[2] or text  # cut at its colon, it would be called by what is no name of it
    return shortened(text)


def is_generic(name: str, market: str | None = None) -> bool:
    """Whether a heading or lead-in says nothing beyond the part of a report that it opens, its market, a place or a
    period.
    """
    if SEGMENTS.match(name):
        return True
    placed = places().sub(" ", name.title() if name.isupper() else name)
    said = [word for word in term_words(placed) if word not in STOP]
    own = [word for word in said if not (word in GENERIC or word in PERIOD_WORDS or PERIOD.fullmatch(word))]
    if not own:
        return True
    of_market = set(term_words(market or "")) - STOP
    return set(own) <= of_market and (len(own) < len(said) or of_market <= set(own))


def _tells(name: str, claim: Claim) -> bool:
    """Whether ``name``, a heading or the lead-in of ``claim``, says what it is about, not who speaks."""
    if is_generic(name, claim.market) or SPEAKER.fullmatch(name):
        return False
    opened, _, said = claim.labelled.statement.text.partition(name)
    return bool(opened.strip("*_ ")) or not (SPOKEN.match(said) and re.fullmatch(CAPITALS, name))


def _shared_name(claims: Sequence[Claim]) -> str | None:
    written: dict[str, Counter[str]] = {}
    members: Counter[str] = Counter()
    lead_ins: Counter[str] = Counter()
    documents: dict[str, set[str]] = {}
    for claim in claims:
        statement = claim.labelled.statement
        names = {near_words(name): name for name in _names(statement) if _tells(name, claim)}
        for key, name in names.items():
            written.setdefault(key, Counter())[name] += 1
            documents.setdefault(key, set()).add(claim.document)
        members.update(names.keys())
        lead_ins.update({near_words(_clean(statement.lead_in))} & names.keys() if statement.lead_in else ())
    good = [
        key
        for key, count in members.items()
        if count >= SHARED * len(claims) and (lead_ins[key] >= SHARED * len(claims) or len(documents[key]) > 1)
    ]
    if not good:
        return None
    key = min(good, key=lambda k: (-members[k], -lead_ins[k], k))
    return min(written[key], key=lambda name: (-written[key][name], name))


def _names(statement: Statement) -> tuple[str, ...]:
    """What a statement is called: the nearest heading and its lead-in, which wins where both read nearly the same."""
    found = (*statement.headings[1:][-1:], statement.lead_in)
    return tuple(name for name in map(_clean, filter(None, found)) if name)


def _clean(name: str) -> str:
    return NUMBERING.sub("", EMPHASIS.sub("", " ".join(name.split()))).strip(" .:–—-")
