"""How texts write dates and datelines, and which ISO 8601 dates exist."""

from __future__ import annotations

import re
from datetime import date

NAMES = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    "Nov(?:ember)?|Dec(?:ember)?"
)
MONTH = rf"(?:{NAMES})\.?"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = rf"(?:{MONTH} {DAY}(?:,? \d{{4}}|,\d{{4}})?|{DAY} {MONTH}(?:,? \d{{4}})?|\d{{4}}-\d\d-\d\d)"
AGENCY = r"(?:/[\w .-]{2,30}/|\([A-Z][\w .&/-]{1,40}\))"
DASH = r"(?:--?|[–—])"
OPENING_DATELINE = re.compile(  # of a paragraph: "PUNE, India, March 3, 2024 (Wire) -- The market grows."
    rf"(?:[^\W\d_][\w.’' -]{{1,40}}(?:, ?[^\W\d_][\w. ]{{1,30}}){{0,3}}"
    rf"(?:,? {DASH}? ?\(?{DATE}\)?,?(?: ?{AGENCY})?| {AGENCY})|{DATE} ?{AGENCY})\s*{DASH}+\s+(?=[^\W_a-z]|[\"“‘(])"
)
LINE_DATELINE = re.compile(  # a line of its own: "AUSTIN, Texas – May 14, 2024"
    rf"[^\W\d_][\w .’'&/-]{{1,40}}(?:, ?[\w .]{{2,30}}){{0,3}}(?:,| {DASH}| \() ?{DATE}\)?,?"
    rf"(?: ?\(?/?[A-Z][\w .]{{1,30}}(?:/|\)|,)?)?(?: ?/[\w .]{{1,30}}/)?(?: ?{DASH}| ?:)?(?=\s|$)"
)
YEAR = r"(?:19|20)\d\d"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH_NAME = rf"(?P<month>{NAMES})\.?"
ENGLISH_DATE = re.compile(
    rf"(?:{MONTH_NAME} (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? )?(?P<year>{YEAR})\b"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? {MONTH_NAME.replace('month', 'month2')},? (?P<year2>{YEAR})\b"
    rf"|(?P<iso>{YEAR}-\d\d(?:-\d\d)?)\b)"
)
ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def iso_date(text: str) -> str | None:
    """``text`` if it is an ISO 8601 date to the year, month or day that the calendar has, else None."""
    found = ISO.fullmatch(text)
    if not found:
        return None
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
    return text


def iso_of(found: re.Match[str]) -> str | None:
    """The date of a match of ``ENGLISH_DATE``, where the calendar has it."""
    if found["iso"]:
        return iso_date(found["iso"])
    name, year = found["month"] or found["month2"], found["year"] or found["year2"]
    day = found["day"] or found["day2"]
    month = MONTHS.index(name[:3].lower()) + 1
    return iso_date(f"{year}-{month:02}" + (f"-{int(day):02}" if day else ""))


def any_date(text: str) -> str | None:
    """The date at the start of ``text``, in ISO 8601 with or without a time, with slashes, or in English words."""
    words = ENGLISH_DATE.match(text)
    return iso_date(text[:10].replace("/", "-")) or (iso_of(words) if words else None)
