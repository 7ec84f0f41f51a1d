"""What a figure of a sentence counts: which market it is the size or growth of, if any."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trendnlp.read import cues
from trendnlp.read.figures import Figure
from trendnlp.read.lines import word_set
from trendnlp.types import FactKind

REACH = 260  # characters between a market and its figure
RATE_REACH = 110  # between "CAGR" and its percentage
SUBJECT_WORDS = 7
STOP = word_set(
    """
    the a an of in on at by for from to and or that which this its their our your is are was were be has have had with
    as says said will would when where while whose than into it these those about report study values puts sees expects
    estimates projects size worth how what why if but so overall entire whole total per current present projected future
    """
)
WORD = re.compile(r"[\w'’&/+-]+(?:\s\([\w-]{1,10}\))?\s$")
FOR_WHAT = re.compile(
    r"\s+for\s+((?:(?!(?:is|was|will|are|were|has|had|in|at|by|to|and|that|which|over|during|valued|worth|reached|from|can|could)\b)"
    r"[\w'’&/-]+\s{0,1}){1,6})",
    re.IGNORECASE,
)
RELATIVE = re.compile(r"\s*,?\s*(?:which|that)\b", re.IGNORECASE)
FOR_MARKET = re.compile(r"[^,;]{0,80}\b(?:for|in|of|by)\s+(?:the\s+)?(?:[\w&’'-]+\s+){0,6}$")
NOT_ONE = re.compile(
    r"\s{0,2}(?:of|share|points?|percentage|pp\b|more|less|higher|lower|stake|discount|tariff|margin|duty)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of growth whose words are ``text[start:end]``. ``yearly``: the words say that it is one of a year."""

    kind: FactKind
    start: int
    end: int
    yearly: bool
    subject: str | None


def market_of(text: str, figure: Figure, row: bool, told: bool) -> str | None:
    """The market whose size a sum of money is, in the words of the sentence ("" where these are a pronoun or a label).

    None where it is the size of none. ``row``: the sentence is a row of a table; ``told``: that before spoke of one.
    """
    found = cues.A_MARKET.match(text, figure.end)
    lead = text[max(0, figure.start - 40) : figure.start]
    if found and not cues.OTHER.search(found[0]) and not cues.OTHER.search(lead):
        return _name_before(text, found.end() - len(found[0].split()[-1]), figure.end) or ""
    left = _without_asides(text[: figure.start])
    subject = _governing(left, REACH)
    if subject is not None:
        return subject
    if row and cues.ROW.match(text):
        return ""
    if cues.OTHER.search(left):
        return None
    later = cues.MARKET.search(text, figure.end, figure.end + REACH)
    if later and cues.FRONTED.match(text) and not cues.OTHER.search(text, figure.end, later.start()):
        return _name(text, later) or ""
    return "" if told and cues.PRONOUN.match(text) else None


def rate_of(text: str, figure: Figure, since: int, row: bool, told: bool) -> Rate | None:
    """The growth of a market that a percentage says; ``since`` is where the figure before ends."""
    near = text[since : figure.start]
    compound = [m for m in cues.CAGR.finditer(near) if len(near) - m.end() <= RATE_REACH]
    after = cues.CAGR_AFTER.match(text, figure.end)
    if compound or after:
        subject = _rate_subject(text, figure, True)
        if subject is None:
            return None
        close = compound and len(near) - compound[-1].end() <= RATE_REACH // 2
        start = since + compound[-1].start() if close else figure.start
        return Rate(FactKind.CAGR, start, after.end() if after else figure.end, True, subject or None)
    if NOT_ONE.match(text, figure.end):
        return None
    after = cues.YEARLY_AFTER.match(text, figure.end)
    growing = cues.AT_RATE.search(near[-90:]) or cues.RATE_BEFORE.search(near)
    named = cues.GROWTH_AFTER.match(text, figure.end)
    if not (growing or named or cues.BY_SHARE.search(near[-70:])):
        return None
    subject = _rate_subject(text, figure, (told and bool(cues.PRONOUN.match(text))) or row)
    if subject is None:
        return None
    end = after.end() if after else figure.end
    return Rate(FactKind.GROWTH, figure.start, end, bool(after or growing), subject or None)


def _rate_subject(text: str, figure: Figure, alone: bool) -> str | None:
    """The market that grows; ``alone``: the words need not name one, as long as they name nothing else."""
    left = _without_asides(text[: figure.start])
    subject = _governing(left, REACH, cue=False)
    if subject is not None:
        return subject
    if cues.OTHER.search(left):
        return None
    later = cues.MARKET.search(text, figure.end, figure.end + REACH)
    if (
        later
        and FOR_MARKET.match(text[figure.end : later.start()])
        and not cues.OTHER.search(text, figure.end, later.start())
    ):
        return _name(text, later) or ""
    return "" if alone else None


def _without_asides(left: str) -> str:
    """``left`` with what only gives a reason ("…, driven by investments in clinics, …") blanked, at the same length."""
    return cues.ASIDE.sub(lambda m: "," + " " * (len(m[0]) - 2) + ",", left)


def _governing(left: str, reach: int, *, cue: bool = True) -> str | None:
    """The market that the end of ``left`` speaks of; None where something else stands nearer, or nothing links them."""
    markets = list(cues.MARKET.finditer(left, max(0, len(left) - reach)))
    for market in reversed(markets):
        between = left[market.end() :]
        others = [m for m in cues.OTHER.finditer(between) if not _own(between, m)]
        if others:
            return None
        if _is_place(left[: market.start()], between):
            return None
        if not cue or cues.CUE.search(between):
            return _name(left, market) or ""
    return None


def _is_place(head: str, between: str) -> bool:
    """Whether a market between the two is but where something else happens: "jobs in the industry", "imports of the
    sector", "in the lift market, Acme sold". Its sales, its size and the like are its own.
    """
    inside = cues.WITHIN.search(head)
    if inside is None:
        return False
    if cues.NAMED.match(between):
        return True
    clause = re.split(r"[,;:—]", head[: inside.start()])[-1]
    if not clause.strip() or RELATIVE.match(between):
        return False
    return not cues.OWN_HEAD.search(clause) or bool(cues.POSSESSED.search(clause))


def _own(between: str, other: re.Match[str]) -> bool:
    """Whether the revenue, volume or turnover that follows a market is the market's own."""
    word = other[0].lower()
    if not word.startswith(("revenue", "turnover", "turned over", "volume")):
        return False
    lead = between[: other.end()]
    if word == "turned over":
        return "," not in lead
    return bool(cues.OWN.fullmatch(between[: other.start()]) or ("," not in lead and cues.OWN_REVENUE.search(lead)))


def _name(text: str, market: re.Match[str]) -> str | None:
    """The words of a market: "global patient lift market", "market for patient lifts"."""
    if " " in market[0].strip():  # "sales of …"
        found = re.match(
            r"(?:(?!(?:in|at|by|to|will|was|were|is|are|reached|rose|grew|totall?ed)\b)[\w'’&/-]+\s?){1,5}",
            text[market.end() :],
        )
        return " ".join((market[0] + (found[0] if found else "")).split()) or None
    return _name_before(text, market.start(), 0, market.end())


def _name_before(text: str, at: int, least: int, end: int | None = None) -> str | None:
    words: list[str] = []
    start = at
    while len(words) < SUBJECT_WORDS and start > least:
        found = WORD.search(text, max(least, start - 40), start)
        if not found or found[0].strip().casefold() in STOP or found[0][0].isdigit():
            break
        words.append(found[0])
        start = found.start()
    noun = re.match(r"[\w-]+", text[at:])
    end = at + (noun.end() if noun else 0)
    after = FOR_WHAT.match(text, end)
    name = " ".join(text[start : after.end() if after else end].split())
    return name if len(name.split()) > 1 else None
