"""The words that the guards know: directions, negations, contrasts, causes. English business prose.

A direction has a scale on which its words are opposites: "rising" stands against "falling", "shortage" against "glut",
and never "rising" against "scarce".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache


def _words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


# Verbs by their base forms, whose regular inflections are made; all else is listed as it is written.
VERBS: Mapping[str, tuple[str, str]] = {
    "amount": (
        "rise climb grow increase gain jump soar surge expand strengthen recover rebound swell balloon boom multiply "
        "mushroom proliferate escalate advance thrive flourish pick_up double triple improve rally appreciate heighten "
        "intensify edge_up creep_up tick_up go_up pile_up mount raise lift boost push_up drive_up ramp_up scale_up "
        "step_up swell flood_in shoot_up stimulate spur",
        "fall drop decline decrease shrink slump sink dwindle plunge tumble slide contract weaken recede ebb wane fade "
        "collapse retreat plummet shrivel dip dry_up erode diminish lessen halve worsen deteriorate depreciate slip "
        "edge_down creep_down go_down lower cut reduce depress push_down drive_down drag_down ease tail_off dampen "
        "wither stagnate evaporate scale_back scale_down trim curb curtail crash sag",
    ),
    "speed": (
        "accelerate quicken speed_up hasten",
        "slow decelerate slow_down drag stall delay lag",
    ),
    "presence": (
        "return come_back flow appear reappear reinstate restore rehire resume",
        "vanish disappear rip_out dismantle lay_off scrap abolish discontinue",
    ),
    "gap": ("widen broaden diverge lengthen", "narrow close converge shorten tighten"),
    "ease": ("simplify ease loosen relax facilitate", "complicate tighten toughen harden hinder hamper impede"),
    "supply": ("abound overflow", "run_short run_out run_dry dry_up"),
    "move": ("enter adopt embrace flock_to", "leave exit abandon shun desert quit"),
    "win": ("win gain attract", "lose forfeit deter"),
    "hold": (
        "enable encourage support help",
        "deter discourage dissuade hinder hamper impede harm hurt undermine put_off hold_back",
    ),
    "open": ("open launch reopen", "close shut shutter mothball"),
    "allow": ("allow permit legalise legalize approve authorise authorize", "ban forbid prohibit outlaw bar reject"),
}
IRREGULAR = {
    "rise": "rose risen",
    "grow": "grew grown",
    "fall": "fell fallen",
    "shrink": "shrank shrunk shrunken",
    "sink": "sank sunk",
    "slide": "slid",
    "cut": "cut",
    "shoot": "shot",
    "go": "went gone goes",
    "drive": "drove driven",
    "run": "ran",
    "dry": "dried dries",
    "multiply": "multiplied multiplies",
    "simplify": "simplified simplifies",
    "intensify": "intensified intensifies",
    "win": "won",
    "deter": "deterred deterring",
    "hold": "held",
    "put": "putting",
    "lose": "lost",
    "leave": "left",
    "shut": "shut",
    "quit": "quit",
    "forbid": "forbade forbidden",
    "overflow": "overflowing",
    "creep": "crept",
}
WORDS: Mapping[str, tuple[str, str]] = {
    "amount": (
        "growth upturn uptick upswing gains growing upward upwards higher record boom recovery expansion increased "
        "rising more bigger larger stronger greater surging brisk buoyant healthy robust strong",
        "decline downturn drop slump contraction shrinkage downward downwards lower downtrend fewer less smaller "
        "weaker recession falloff doldrums depressed sluggish weak anaemic anemic subdued tepid muted flagging",
    ),
    "speed": ("faster quicker quickly rapidly swiftly fast rapid swift", "slower slowly slow sluggishly gradual"),
    "gap": ("wider broader wide longer", "narrower tighter narrow shorter"),
    "ease": ("easier easy simpler simple effortless straightforward", "harder hard difficult tougher tough trickier"),
    "supply": (
        "glut surplus oversupply overcapacity abundance abundant plentiful ample excess overstocked plenty idle "
        "sufficient adequate",
        "insufficient inadequate shortage shortages scarcity scarce shortfall deficit dearth undersupply bottleneck "
        "bottlenecks lack tight",
    ),
    "price": (
        "cheaper cheap affordable inexpensive affordably cheaply low-cost",
        "dearer dear costlier costly expensive pricier pricey unaffordable high-cost exorbitant prohibitive",
    ),
    "rank": ("ahead outpaces outpacing outperforms outpace leads leading above", "behind lags lagging trails below"),
    "share": ("most many majority nearly_all almost_all", "few minority hardly_any almost_no barely_any"),
    "often": ("often frequently always routinely commonly", "rarely seldom never scarcely occasionally"),
    "early": ("earlier early sooner premature", "later late belatedly overdue"),
    "quality": ("better best superior reliable safe safer", "worse worst inferior unreliable unsafe riskier"),
    "want": ("eager keen willing enthusiastic welcome optimistic", "reluctant unwilling wary hesitant pessimistic"),
    "side": ("benefit boon tailwind advantage strength asset", "drawback burden headwind disadvantage weakness threat"),
    "hold": ("incentive incentives", "obstacle obstacles barrier barriers hurdle hurdles deterrent impediment brake"),
    "lawful": ("legal lawful permitted allowed", "illegal unlawful banned forbidden prohibited outlawed"),
    "calm": ("stable steady calm", "volatile unstable erratic turbulent"),
    "duty": ("mandatory compulsory obligatory", "voluntary optional"),
    "mood": ("bullish upbeat confident", "bearish downbeat gloomy"),
    "fill": ("full packed", "empty deserted"),
    "level": ("high highest", "low lowest"),
    "turn": ("profitable profit profits", "unprofitable loss loss-making losses"),
}
BOUND_PHRASES = (
    "at least, no less than, a minimum of, more than, over, in excess of, upwards of",
    "at most, no more than, a maximum of, not more than, less than, fewer than, under",
)
BOUNDS = frozenset(", ".join(BOUND_PHRASES).split(", "))
PHRASES: Mapping[str, tuple[str, str]] = {
    "amount": (
        "on the rise, on the increase, gaining ground, gains ground, gained ground, gain ground, taking off, "
        "takes off, taken off, through the roof, on the up, is up, are up, was up, were up, "
        "gathering pace, gathers pace, gathering momentum, "
        "gathers momentum, in full swing, "
        "gaining traction, picking up, on an upward path, record high, going from strength to strength, in demand, "
        "in the ascendant, "
        "to new highs, filling up, booked solid, catching on, catches on",
        "on the wane, on the decline, in decline, losing ground, loses ground, lost ground, lose ground, in retreat, "
        "in free fall, drying up, in the doldrums, losing traction, loses traction, lost traction, "
        "running out of steam, runs out of steam, is down, are down, was down, were down, "
        "on the slide, out of favour, out of fashion, out of favor, falling off, bottoming out, "
        "record low, losing momentum, loses momentum, lost momentum, losing pace, loses pace, in the red, to "
        "new lows, emptying out, "
        "going out of use, petering out, on the back foot",
    ),
    "speed": (
        "at a faster pace, in no time, ahead of schedule",
        "at a slower pace, behind schedule, grinding to a halt",
    ),
    "supply": (
        "awash with, awash in, in plentiful supply, in good supply, in abundant supply, easy to find, easy to get, "
        "easy to come by, "
        "flooded with, spoilt for choice, swimming in",
        "in short supply, thin on the ground, hard to find, hard to come by, running dry, runs dry, run dry, "
        "running short, runs short, short of, starved of, bereft of, running out of, hard to get",
    ),
    "price": (
        "within reach, for a song, cost less",
        "out of reach, beyond the means, costs a fortune, cost more",
    ),
    "rank": ("in front of, has overtaken, ahead of", "in the rear, has fallen behind, behind the"),
    "bound": BOUND_PHRASES,
    "duty": ("subject to, liable to", "exempt from, relieved of"),
    "share": ("the bulk of, most of, nearly all, almost all, the majority of", "only a few, hardly any, almost no"),
}
# What turns a word that follows within a few words round.
NEGATORS = _words(
    "not n't no never neither nor none nobody nothing without cannot hardly scarcely barely unlikely stopped stops "
    "stop ceased ceases cease fail fails failed failing halted unable doubtful absence lacking "
    "non-existent absent missing avoid avoids prevent prevents prevented stopping refuses refused"
)
NEGATING_PHRASES = (
    "no longer",
    "yet to",
    "refuse to",
    "refuses to",
    "refused to",
    "refusing to",
    "far from",
    "anything but",
    "short of being",
    "by no means",
    "free of",
    "too early to",
    "little sign of",
    "little evidence",
    "no sign of",
    "has run its course",
    "have run their course",
    "is over",
    "are over",
    "has ended",
    "have ended",
    "came to an end",
    "has come to an end",
    "a thing of the past",
)
ENDINGS = frozenset(("is over", "are over"))  # a negation where no figure follows
# Negators of whole clauses that state no contrary: "not only", "no doubt" and the like.
HARMLESS = (
    "not only",
    "not just",
    "not least",
    "no doubt",
    "no matter",
    "nothing less than",
    "no fewer than",
    "no less",
    "no more than",
    "not more than",
)
# Words of one set exclude each other.
CONTRASTS = tuple(
    frozenset(line.split())
    for line in """
    urban rural suburban
    residential commercial industrial institutional
    public private
    online offline in-store
    new used second-hand refurbished
    domestic foreign overseas imported
    import export
    imports exports
    exporters importers
    buyers sellers
    wholesale retail
    premium budget entry-level
    large small mid-sized medium-sized
    young older elderly
    men women
    male female
    inpatient outpatient
    passenger freight cargo
    primary secondary
    northern southern eastern western
    north south east west
    onshore offshore
    indoor outdoor
    adults children infants
    winter summer spring autumn
    diesel petrol electric hybrid
    gas coal oil hydrogen
    steel aluminium copper
    organic conventional
    frozen chilled fresh
    hardware software
    upstream downstream midstream
    """.strip().splitlines()
)
WHOLES = _words("overall total entire whole all across worldwide industry-wide nationwide market-wide")
# Stems of the words that set what stands before them above, or in the place of, what stands after them.
PIVOTS = _words(
    "than displac replac outsell outsold outstrip overtak overtaken overtook outpac outgrow exc exceed beat outperform "
    "surpass supplant eclips outnumber"
)
FIGURES = _words("half two three four five six seven eight nine ten twice double triple")
PLACING = _words("at in on by for from among because since as where")  # between "replace" and a "with" of its own
PASSIVE = _words("is are was were be been being gets get")  # before the participle of a pivot
SWAPPING = _words("replac supplant displac")  # the pivots of "… this with that"
PREFERRING = _words("pref preferr")  # stems of "prefer this to that"
MONTHS = _words(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
FORWARD = _words(
    "drives drive driving boosts boost boosting lifts lift raises raise fuels fuel fuelling spurs spur causes cause "
    "causing pushes push prompts prompt forces force encourages encourage increases increase means brings brings "
    "supports support stimulates so therefore thus hence"
)
# How a word of these is told from a noun ("demand for lifts", "the labour force") or a verb without an object.
ADVERBS = _words("so therefore thus hence")
AUXILIARIES = _words("can could will would may might must should to do does did and that which they")
PLAIN_VERBS = _words("drive raise encourage prompt spur")  # of FORWARD, what is hardly ever a noun
PLURALS = _words("people men women children")  # without an "s"
BEFORE_NOUNS = _words("a an the of in on at for from with by its their this these no some any more")
NO_OBJECTS = _words(
    "is are was were be been due because thanks owing as and or but when while after before since by in on at from "
    "with for to of again further too"
)
FORWARD_PHRASES = ("leads to", "lead to", "leading to", "led to", "results in", "resulting in", "which is why")
BACKWARD_PHRASES = (
    "because of",
    "owing to",
    "due to",
    "thanks to",
    "driven by",
    "caused by",
    "fuelled by",
    "fueled by",
    "boosted by",
    "spurred by",
    "as a result of",
    "on the back of",
    "stems from",
    "result of",
    "because",
)
# By-names of countries, and cities and states that stand for theirs. Further names are in the gazetteer of ``read``.
BY_NAMES = {
    "America": "United States",
    "American": "United States",
    "Washington": "United States",
    "People's Republic": "China",
}
CITIES = {
    "New York": "United States",
    "California": "United States",
    "Texas": "United States",
    "Beijing": "China",
    "Shanghai": "China",
    "Seoul": "South Korea",
    "Tokyo": "Japan",
    "Delhi": "India",
    "Mumbai": "India",
    "London": "United Kingdom",
    "Berlin": "Germany",
    "Munich": "Germany",
    "Paris": "France",
    "Madrid": "Spain",
    "Rome": "Italy",
    "Milan": "Italy",
    "Warsaw": "Poland",
    "Vienna": "Austria",
    "Lisbon": "Portugal",
    "Ankara": "Turkey",
    "Istanbul": "Turkey",
    "Riyadh": "Saudi Arabia",
    "Dubai": "United Arab Emirates",
    "Jakarta": "Indonesia",
    "Manila": "Philippines",
    "Hanoi": "Vietnam",
    "Nairobi": "Kenya",
    "Lagos": "Nigeria",
    "Sao Paulo": "Brazil",
    "São Paulo": "Brazil",
}
STOP = _words(
    "a an the of to in on at by for from with and or but as is are was were be been being has have had do does did "
    "will would can could may might must shall should it its their his her this that these those which who whom whose "
    "what when where while than then there here so such also very much more most many some any each every other into "
    "over under up down out off about between among through per not no nor only just even still yet already now we our "
    "they them he she you i s 's ’s if because since one ones"
)


@cache
def directions() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Every word and phrase (lower case, single spaces), with its scales and its sign on each."""
    found: dict[str, dict[str, int]] = {}
    for scale, sides in VERBS.items():
        for sign, side in zip((1, -1), sides, strict=True):
            for base in side.split():
                for form in _inflected(base.replace("_", " ")):
                    found.setdefault(form, {}).setdefault(scale, sign)
    for table, mark in ((WORDS, None), (PHRASES, ", ")):
        for scale, sides in table.items():
            for sign, side in zip((1, -1), sides, strict=True):
                for word in side.split(mark):
                    found.setdefault(word.replace("_", " ").strip(), {})[scale] = sign
    for scales in found.values():
        if "speed" in scales:  # what slows stands against what steps up too
            scales.setdefault("amount", scales["speed"])
    return {word: tuple(scales.items()) for word, scales in found.items()}


def _inflected(base: str) -> Iterable[str]:
    """``base`` and its regular and known irregular forms; of "pick up", those of the first word."""
    verb, _, rest = base.partition(" ")
    forms = [verb, *IRREGULAR.get(verb, "").split()]
    stem = verb[:-1] if verb.endswith("e") else verb
    last = verb + verb[-1] if len(verb) <= 4 and verb[-1] in "pbtmn" and verb[-2] in "aeiou" else stem
    sibilant = verb.endswith(("s", "sh", "ch", "x"))
    forms += [verb + ("es" if sibilant else "s"), stem + "ed", stem + "ing", last + "ed", last + "ing"]
    return dict.fromkeys(f"{form} {rest}".strip() for form in forms)
