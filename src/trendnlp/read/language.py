"""Which language a text is in, by py3langid's model of character sequences; no network, one model of 5 MB."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING

from trendnlp.errors import ForeignLanguage
from trendnlp.read.parsed import Parsed
from trendnlp.types import BlockKind

ENGLISH = "en"
MIN_WORDS = 20  # below, the model takes one line of names in ten for another language; from 20 on none of 1,850
SAMPLES = 24  # parts of a long text that are looked at, spread evenly
SAMPLE_LENGTH = 500  # characters, some 80 words
ENGLISH_SHARE = 0.5  # of the parts looked at: a report in English may quote a law or give a summary in another language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Those in which market reports are written, by their ISO 639-1 codes. Of the model's other languages some (Pidgin,
# Esperanto, Latin) are taken for English or come out of lists of names.
NAMES = dict(
    line.split(" ", 1)
    for line in """
ar Arabic
az Azerbaijani
be Belarusian
bg Bulgarian
bn Bengali
bs Bosnian
ca Catalan
cs Czech
da Danish
de German
el Greek
en English
es Spanish
et Estonian
eu Basque
fa Persian
fi Finnish
fr French
gl Galician
gu Gujarati
he Hebrew
hi Hindi
hr Croatian
hu Hungarian
hy Armenian
id Indonesian
is Icelandic
it Italian
ja Japanese
ka Georgian
kk Kazakh
kn Kannada
ko Korean
lt Lithuanian
lv Latvian
mk Macedonian
ml Malayalam
mr Marathi
ms Malay
nl Dutch
no Norwegian
pl Polish
pt Portuguese
ro Romanian
ru Russian
sk Slovak
sl Slovenian
sq Albanian
sr Serbian
sv Swedish
ta Tamil
te Telugu
th Thai
tr Turkish
uk Ukrainian
ur Urdu
uz Uzbek
vi Vietnamese
zh Chinese""".strip().splitlines()
)
# Chinese, Japanese and Thai do not set words apart: there a character counts as a word.
UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}]+")
PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)


def language_of(parsed: Parsed) -> str | None:
    """The ISO 639-1 code of the language that most of the prose is in, English where it makes up half.

    None for fewer than MIN_WORDS words of prose: headings and tables may be lists of names.
    """
    samples = _samples("\n".join(parsed.text[b.start : b.end] for b in parsed.blocks if b.kind in PROSE))
    return _most_common(samples) if samples else None


def check_language(source: str, given: str | None, found: str | None) -> tuple[str, ...]:
    """Raises ForeignLanguage for a text that is not in English; what the caller says wins over what was found.

    Returns a warning where the two differ.
    """
    language = given or found
    if language is not None and language != ENGLISH:
        remedy = (
            "To read it all the same: language=en in a row, in JSON or with POST /v1/documents, or --force-language on "
            "the command line."
        )
        raise ForeignLanguage(source, f"written in {_named(language)}, only English is read", remedy)
    if given is not None and found not in (None, ENGLISH):
        return (f"read as English, as was asked for; it seems to be in {_named(str(found))}",)
    return ()


def _named(language: str) -> str:
    return f"{NAMES[language]} ({language})" if language in NAMES else f"another language ({language})"


def _most_common(samples: list[str]) -> str:
    with _LOADING:
        identifier = _identifier()
    languages: Counter[str] = Counter(identifier.classify(sample)[0] for sample in samples)
    if languages[ENGLISH] >= ENGLISH_SHARE * len(samples):
        return ENGLISH
    return min(languages, key=lambda code: (-languages[code], code))


def _samples(text: str) -> list[str]:
    """Parts of ``text`` from its beginning to its end that hold MIN_WORDS words or more each."""
    step = max(SAMPLE_LENGTH, len(text) / SAMPLES)
    starts = [int(i * step) for i in range(ceil(len(text) / step))]
    parts = [text[start : start + SAMPLE_LENGTH] for start in starts]
    return [part for part in parts if len(WORD.findall(part)) >= MIN_WORDS]


_LOADING = Lock()  # many requests may come before it is there, and it takes a second to load


@cache
def _identifier() -> LanguageIdentifier:
    # Not for the processes that read hostile formats, which count their memory: it brings numpy along. Of a text of
    # any length it takes SAMPLES short parts.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(NAMES))
    return identifier
