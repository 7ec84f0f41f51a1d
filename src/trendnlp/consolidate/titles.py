"""The title of a finding: what its members are called where they share a name, else the head's own words, shortened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from trendnlp.consolidate.compare import near_words
from trendnlp.guards.lexicon import STOP
from trendnlp.tags.lexicon import words_of
from trendnlp.terms import term_words
from trendnlp.types import Claim, Statement

TITLE_CHARACTERS = 90  # a title is one line of a list
SHARED = 0.5  # share of the members that must have a name for it to be the title
LEAST = 3  # a clause that ends before a third of the title says too little
ELLIPSIS = "…"
EMPHASIS = re.compile(r"\*\*|__")  # Markdown's marks belong to the source, not to a title
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
        "item section chapter part positive negative strength weakness opportunity swot pestle pest"
    )
)
CONNECTIVE = re.compile(
    r"(?:However|Moreover|Furthermore|Therefore|Thus|Hence|Consequently|Accordingly|Additionally|In addition|Also|"
    r"Besides|Nevertheless|Nonetheless|Meanwhile|As a result|As such|For example|For instance|In fact|Indeed|Overall|"
    r"On the other hand|By contrast|In contrast|At the same time|Similarly|Likewise|Finally|Lastly|"
    r"First(?:ly)?|Second(?:ly)?|Third(?:ly)?|To begin with|In conclusion|In summary|Notably|Importantly), +(?=\w)"
)
# What may stand before a sentence and be left out. Not "If", "Unless", "Without": they say when the rest is true.
ADVERBIAL = re.compile(
    r"(?:In|On|At|Over|By|During|Since|After|Before|Until|Between|Amid|With|As of|According to|Owing to|Due to|"
    r"Thanks to|Because of|Despite|Although|Though|While|Whereas|As|From|Through|Throughout|Across|Under|Within|"
    r"Following|Given|For|Driven by|Supported by|Across|Today|Currently|Recently)\b[^;:.!?()]*?, +(?=\w)"
)
CLAUSE = re.compile(
    r"[,;:(](?!\d)| [–—-] |—| (?:which|while|whereas|because|since|although|owing to|due to|thanks to|driven by|"
    r"such as|so that|according to|after|amid|despite|where|who) "
)
UNITS = words_of(
    """million billion trillion thousand hundred crore lakh bn mn tn percent per % pp usd eur gbp inr cny
        us$ $ € £ rs rs. no. nos. year years month months week weeks one two three four five six
        seven eight nine ten nearly about around over under almost roughly some approximately"""
)
# Words that want another one after them.
DANGLING = (
    STOP
    | UNITS
    | words_of(
        """onto upon toward towards within without against along despite amid amidst across behind beyond via
        than whether although though until unless owing due thanks according following driven led
        including such like both either neither few fewer less several cannot don't doesn't isn't
        aren't won't can't often usually increasingly rapidly mainly mostly largely partly newly
        highly most whereas during before after above below & + - – — /"""
    )
)

NAME_LINKS = words_of("of and the for &")  # "Ministry of Health and Family Welfare"


def title_of(claims: Sequence[Claim], head: int) -> str:
    """At most 90 characters on one line.

    The name (a lead-in, or the heading above) that at least half of the members and, for a heading, two documents
    share; else the head's lead-in; else the head's words. Names that any report has ("Key Trends") are none.
    """
    shared = _shared_name(claims)
    if shared:
        return shortened(shared)
    statement = claims[head].labelled.statement
    lead_in = _clean(statement.lead_in or "")
    return shortened(lead_in if lead_in and not is_generic(lead_in, claims[head].market) else statement.text)


def is_generic(name: str, market: str | None = None) -> bool:
    """Whether a heading or lead-in says nothing beyond the part of a report that it opens."""
    words = [w for w in term_words(name) if w not in STOP and w not in GENERIC and not w.isdecimal()]
    return not words or ("market" in term_words(name) and set(words) <= set(term_words(market or "")))


def _shared_name(claims: Sequence[Claim]) -> str | None:
    written: dict[str, Counter[str]] = {}
    members: Counter[str] = Counter()
    lead_ins: Counter[str] = Counter()
    documents: dict[str, set[str]] = {}
    for claim in claims:
        statement = claim.labelled.statement
        names = {near_words(name): name for name in _names(statement) if not is_generic(name, claim.market)}
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


def shortened(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """``text`` on one line of at most ``limit`` characters.

    What links it to the sentence before goes. Where it is still too long, so does what stands before its subject; then
    it ends with its last clause that fits, or the last word that wants none after it, never inside a name, a figure or
    brackets.
    """
    line = _capital(CONNECTIVE.sub("", EMPHASIS.sub("", " ".join(text.split())), count=1))
    if len(line) > limit:
        line = _without_adverbial(line)
    if len(line) <= limit:
        return _without_stop(line)
    room = limit - len(ELLIPSIS)
    cuts = [m.start() for m in CLAUSE.finditer(line) if limit // LEAST <= m.start() <= room]
    for cut in reversed(cuts):
        kept = _trimmed(line[:cut])
        if len(kept) >= limit // LEAST and _closed(kept):
            return kept + ELLIPSIS
    return _cut_at_word(line, room) + ELLIPSIS


def _without_stop(line: str) -> str:
    """Without its full stop, which an abbreviation keeps."""
    last = line.rpartition(" ")[2]
    return line[:-1] if line.endswith(".") and "." not in last[:-1] else line


def _without_adverbial(line: str) -> str:
    found = ADVERBIAL.match(line)
    rest = line[found.end() :] if found else ""
    # "In China, India and Japan, sales …", "… an act, most of which …": the first comma ends no adverbial
    lists = re.match(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)*(?:,| and | or )|(?:and|or|but) |\d|[\w ]{1,30} of which", rest)
    return _capital(rest) if len(rest.split()) > LEAST and not lists else line


def _capital(line: str) -> str:
    first = line.split(" ", 1)[0]
    return line[:1].upper() + line[1:] if first.islower() else line


def _cut_at_word(line: str, room: int) -> str:
    """The longest part of at most ``room`` characters that ends with a whole word and lacks nothing."""
    words = line.split(" ")
    count, length = 0, -1
    while count < len(words) and length + 1 + len(words[count]) <= room:
        length += 1 + len(words[count])
        count += 1
    for end in range(count, 0, -1):
        kept = " ".join(words[:end])
        if _inside(words, end) or _trimmed(kept) != kept or not _closed(kept):
            continue
        if len(kept) >= room // (2 * LEAST):
            return kept
        break
    return _trimmed(" ".join(words[:count])) or line[:room].rstrip()


def _inside(words: Sequence[str], end: int) -> bool:
    """Whether the words before and after ``end`` belong to one name or figure."""
    before = words[end - 1]
    after = next((word for word in words[end:] if word not in NAME_LINKS), "")
    return any(c.isdigit() for c in before) or (before[:1].isupper() and after[:1].isupper())


def _trimmed(text: str) -> str:
    """``text`` without words and marks at its end that want another word."""
    words = text.rstrip(" ,;:–—-").split(" ")
    while words and (words[-1].lower().strip(",;:\"'“”‘’") in DANGLING or not words[-1]):
        words.pop()
    return " ".join(words).rstrip(" ,;:–—-")


def _closed(text: str) -> bool:
    """Whether every bracket and quotation mark that ``text`` opens is closed."""
    pairs = all(text.count(opening) <= text.count(closing) for opening, closing in ("()", "[]", "“”", "«»"))
    return pairs and text.count('"') % 2 == 0
