"""A statement on one line of a list: its own words, without what links or leads to them, and cut where it can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from trendnlp.guards.lexicon import STOP
from trendnlp.tags.lexicon import IRREGULAR, VERBS, words_of
from trendnlp.terms import fold

TITLE_CHARACTERS = 90  # a title is one line of a list
LEAST = 3  # a clause that ends before a third of the title says too little
ELLIPSIS = "…"
EMPHASIS = re.compile(r"\*\*|__")  # Markdown's marks belong to the source, not to a title
CONNECTIVE = re.compile(
    r"(?:However|Moreover|Furthermore|Therefore|Thus|Hence|Consequently|Accordingly|Additionally|In addition|Also|"
    r"Besides|Nevertheless|Nonetheless|Meanwhile|As a result|As such|For example|For instance|In fact|Indeed|Overall|"
    r"On the other hand|By contrast|In contrast|At the same time|Similarly|Likewise|Finally|Lastly|"
    r"First(?:ly)?|Second(?:ly)?|Third(?:ly)?|To begin with|In conclusion|In summary|Notably|Importantly), +(?=\w)"
)
# What may stand before a sentence and be left out. Not "If", "Unless", "Without": they say when the rest is true.
ADVERBIAL = re.compile(
    r"(?:(?P<clausal>Although|Though|While|Whereas|Since|After|Before|Until|Given|By the time|As)|In|On|At|Over|By|"
    r"During|Between|Amid|With|According to|Owing to|Due to|Thanks to|Because of|Despite|From|Through|Throughout|"
    r"Across|Under|Within|Following|For|Prior to|Driven by|Supported by|Today|Currently|Recently)(?![\w’'-])"
    r"(?P<span>[^;:.!?()]*?), +(?=\w)"
)
# Those that say when or for whom the rest is true: without them it may be false.
RESTRICTING = re.compile(
    r"Under|Until|Before|Prior to|Between|From|Through(?!out)|At (?!present|the (?:moment|same time|end|start))|"
    r"For (?!now|the (?:first|last|past)|\w+ (?:years|months|decades)|(?:years|months|decades)\b)|"
    r"During (?!the (?:forecast|current|coming|next|last|past)|this)|As (?:long|soon|far|much) as|"
    r"With (?:the |few |some |rare )?exceptions?|On (?:paper|condition)|In (?:the (?:absence|case|event|past|unlikely)|"
    r"case|theory|principle|earlier|former|no|few|some|most|rare)\b"
)
CONDITIONS = re.compile(r"(?:As|With|Given|By|After)\b")  # with "would" after them
CONDITIONAL = re.compile(r"\b(?:would|could|might)\b")
AFTERWARDS = re.compile(r"\b(?:will|may|can)\b")  # what is to come after something hangs on it
# The adverbial goes on behind its first comma.
CONTINUED = re.compile(
    r"(?:and|or|but|so|yes|no|as|who|whom|whose|which|that|where|when|than|including|such|along|together|coupled|especially|"
    r"particularly|notably|mainly|mostly|not|even|among|of|in|on|at|to|from|for|with|by|due|owing|because|since|while|"
    r"although|though)\b|\d|[\w ]{1,30} of which|\w+ing (?:that|the|an?|its|their|to|from|by|in|on|at|with)\b|"
    r"(?:\w+ed|paid|taken|sold|made|built|held|led|driven|known) (?:to|from|by|in|on|at|with|out|as|for|after|since)\b"
)
RELATIVE = re.compile(r"\b(?:that|which|who|whom|whose|what|where|when|how|whether)\b")  # what follows is not main
PLACES = re.compile(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)*(?:,| and | or )")  # "In China, India and Japan, sales …"
LISTED = re.compile(r"[^,]*, (?:and|or|as well as) [^,]*,")  # "… , the weak yen, and the war, importers …"
AUXILIARIES = words_of(
    """is are was were has have had do does did will would can could may might must shall should cannot"""
)
CONTRACTED = re.compile(r".*(?:n['’]t|['’](?:re|ve|ll|m))|(?:it|there|that|he|she|what)['’]s")
PAST = words_of(IRREGULAR) - words_of("yet cut hit put run set spent paid led driven known left done lost given")
BASE = words_of(VERBS)
BEFORE_NOUNS = words_of("of to in on at by for from with without and or the a an its their his her our this that these")
SUBJECTS = words_of("they we you i it he she")
CLAUSE = re.compile(
    r"[,;:(](?!\d)| [–—-] |—|(?<! has)(?<! have)(?<! had)(?<! ever) since | (?:which|while|whereas|because|although|"
    r"owing to|due to|thanks to|driven by|such as|so that|according to|after|amid|despite|where|who) "
)
# From here on the contrary of what stands before may be said.
TURN = re.compile(
    r"(?:,? (?:and|but|yet|though))?,? (?:has|have|had) since |, (?:but|yet) (?!also\b)|"
    r" (?:but|yet) (?:has|have|had|is|are|was|were|did|does|do|now|then|later|recently|soon) |,? only to "
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


def shortened(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """``text`` on one line of at most ``limit`` characters.

    What links it to the sentence before goes. Where it is still too long, so does what stands before its subject, but
    for a condition or a time that is over, which stays or leaves an ellipsis; then it ends with its last clause that
    fits, or the last word that wants none after it, never inside a name, a figure or brackets, nor before it turns to
    the contrary.
    """
    line = _capital(CONNECTIVE.sub("", EMPHASIS.sub("", " ".join(text.split())), count=1))
    led = 0  # characters before the subject
    if len(line) > limit:
        line, led = _without_adverbial(line, limit)
    if len(line) <= limit:
        return _without_stop(line)
    room = limit - len(ELLIPSIS)
    turn = TURN.search(line, led, room)
    first = max(limit // LEAST, led + limit // (2 * LEAST) if led else 0, turn.end() + 1 if turn else 0)
    cuts = [m.start() for m in CLAUSE.finditer(line) if first <= m.start() <= room]
    for cut in reversed(cuts):
        kept = _trimmed(line[:cut])
        if len(kept) >= first and _closed(kept):
            return kept + ELLIPSIS
    kept = _cut_at_word(line, room)
    if turn and len(kept) <= turn.start():
        # words that want another one still say that the contrary follows
        kept = line[:room].rpartition(" ")[0].rstrip(" ,;:–—-")
    return kept + ELLIPSIS


def _without_stop(line: str) -> str:
    """Without its full stop, which an abbreviation keeps."""
    last = line.rpartition(" ")[2]
    return line[:-1] if line.endswith(".") and "." not in last[:-1] else line


def _without_adverbial(line: str, limit: int) -> tuple[str, int]:
    """``line`` without what stands before its subject, or with an ellipsis for it; and how many characters before the
    subject stay.
    """
    found = ADVERBIAL.match(line)
    if not found or not (found["clausal"] or not _has_verb(RELATIVE.split(found["span"])[0], of_its_own=True)):
        return line, 0
    rest = line[found.end() :]
    main = rest.split(",", 1)[0].rstrip(".")
    unsure = CONTINUED.match(rest) or PLACES.match(rest) or LISTED.match(rest)
    if unsure or len(rest.split()) <= LEAST or not _has_verb(main):
        return line, found.end()
    if not _restricts(line, main):
        return _capital(rest), 0
    return (line, found.end()) if found.end() <= limit // 2 else (ELLIPSIS + rest, 0)


def _restricts(line: str, main: str) -> bool:
    """Whether the adverbial that opens ``line`` says when or for whom its ``main`` clause is true."""
    if RESTRICTING.match(line) or (CONDITIONS.match(line) and CONDITIONAL.search(main)):
        return True
    return line.startswith("After ") and AFTERWARDS.search(main) is not None


def _has_verb(clause: str, of_its_own: bool = False) -> bool:
    """Whether ``clause`` surely has a verb after its subject, with ``of_its_own`` one that is no participle. Forms that
    may be nouns count only where the word before them is a subject by its number: "hospitals buy", not "a sharp rise".
    """
    words = [word.lower().strip("\"'“”‘’()") for word in clause.split()]
    if words and CONTRACTED.fullmatch(words[0]):
        return True
    return any(_is_verb(before, word, not of_its_own) for before, word in pairwise(words))


def _is_verb(before: str, word: str, participles: bool) -> bool:
    if word in AUXILIARIES or CONTRACTED.fullmatch(word):
        return True
    if before in BEFORE_NOUNS or before.endswith("ly"):
        return False
    if word.endswith("ed") or word in PAST:
        return participles
    plural = before in SUBJECTS or fold(before) != before
    return (word in BASE and plural) or (word not in BASE and fold(word) in BASE and not plural)


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
