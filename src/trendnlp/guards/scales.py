"""The words of direction, by scale. English business prose.

A direction has a scale on which its words are opposites: "rising" stands against "falling", "shortage" against "glut",
and never "rising" against "scarce".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

DOUBLING = re.compile(r"(?:qu|[^aeiou])+[aeiou][bdgmnprt]")  # of one short syllable: "dragged", "barring"
# Verbs by their base forms, whose regular inflections are made; all else is listed as it is written.
VERBS: Mapping[str, tuple[str, str]] = {
    "amount": (
        "rise climb grow increase gain jump soar surge expand strengthen recover rebound swell balloon boom multiply "
        "mushroom proliferate escalate advance thrive flourish pick_up double triple rally appreciate heighten "
        "intensify edge_up creep_up tick_up go_up move_up inch_up pile_up mount raise lift boost push_up drive_up "
        "ramp_up scale_up step_up flood_in shoot_up stimulate spur skyrocket hike spike bounce_back "
        "come_back regain recoup perk_up bolster buoy prop_up shore_up fatten outnumber outbid",
        "fall drop decline decrease shrink slump sink dwindle plunge tumble slide contract weaken recede ebb wane fade "
        "collapse retreat plummet shrivel dip dry_up erode diminish lessen halve depreciate slip fall_short "
        "edge_down creep_down go_down come_down move_down inch_down lower cut reduce depress push_down drive_down "
        "drag_down bring_down ease tail_off dampen wither stagnate evaporate scale_back scale_down trim curb curtail "
        "crash sag squeeze abate subside alleviate peter_out grind_to_a_halt undercut give_up "
        "eat_into dry drain thin_out crumble falter dent crimp flatten level_off",
    ),
    "price": ("undercut", ""),
    "state": ("improve", "worsen deteriorate aggravate exacerbate"),
    "stock": ("add install", "cut remove shed withdraw"),
    "speed": (
        "accelerate quicken speed_up hasten bring_forward expedite",
        "slow decelerate slow_down drag stall delay lag postpone defer put_off hold_off shelve",
    ),
    "presence": (
        "return come_back come_home bring_back flow flock arrive appear reappear reinstate restore rehire resume",
        "vanish disappear stay_away keep_away pull_out withdraw rip_out dismantle lay_off dismiss scrap abolish "
        "discontinue",
    ),
    "gap": ("widen broaden diverge lengthen", "narrow close converge shorten tighten"),
    "ease": (
        "simplify ease loosen relax facilitate cope manage",
        "complicate tighten toughen harden hinder hamper impede struggle",
    ),
    "supply": ("abound overflow", "run_short run_out run_dry dry_up"),
    "move": ("enter adopt embrace flock_to stay_on stay_put", "leave exit abandon shun desert quit flee"),
    "use": (
        "adopt embrace install take_up take_to turn_to return_to go_back_to come_back_to stick_to stick_with stay_with "
        "cling_to favour favor",
        "abandon give_up drop ditch forsake shun spurn avoid turn_away_from move_away_from do_away_with",
    ),
    "win": (
        "win gain attract keep draw lure woo",
        "lose forfeit deter scare_off scare_away drive_off drive_away put_off keep_away turn_away repel alienate",
    ),
    "hold": (
        "enable encourage support help benefit boost protect underpin bolster foster",
        "deter discourage dissuade hinder hamper impede harm hurt undermine put_off hold_back oppose resist thwart "
        "obstruct damage penalise choke stifle sap threaten erode cripple",
    ),
    "target": ("beat exceed surpass meet", "miss undershoot fall_short"),
    "rank": (
        "outpace outperform outrun keep_up keep_pace catch_up",
        "lag trail fall_behind drop_behind slip_behind lose_out",
    ),
    "open": ("open launch reopen", "close shut shutter mothball"),
    "allow": (
        "allow permit legalise legalize approve authorise authorize",
        "ban forbid prohibit outlaw bar reject deny",
    ),
    "accept": ("accept honour honor welcome", "refuse reject turn_down turn_away rebuff spurn"),
    "trade": ("acquire buy_up buy_back", "divest sell_off sell_back part_with"),
    "scope": ("include apply_to", "exclude exempt leave_out"),
    "run": ("resume restart revive continue go_on", "halt suspend freeze discontinue"),
    "fare": ("benefit profit succeed prosper thrive", "suffer flop founder collapse fizzle"),
    "fill": ("fill fill_up crowd", "empty thin_out drain"),
    "want": ("welcome prefer", "fear dread hesitate distrust mistrust doubt"),
    "calm": ("reassure stabilise stabilize", "unsettle unnerve"),
    "praise": ("praise", "criticise blame"),
    "turn": ("pay_off break_even", "go_bankrupt go_under"),
    "need": ("depend_on rely_on", "do_without dispense_with forgo"),
    "spread": ("diversify fragment disperse", "concentrate consolidate"),
    "grade": ("trade_up upgrade", "trade_down downgrade"),
    "house": ("insource bring_in_house", "outsource contract_out farm_out"),
    "state_owned": ("nationalise regulate", "privatise deregulate"),
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
    "come": "came",
    "bring": "brought",
    "take": "took taken",
    "give": "gave given",
    "keep": "kept",
    "draw": "drew drawn",
    "buy": "bought",
    "sell": "sold",
    "stick": "stuck",
    "cling": "clung",
    "grind": "ground",
    "deny": "denied denies",
    "forsake": "forsook forsaken",
    "beat": "beaten",
    "meet": "met",
    "undershoot": "undershot",
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
    "forbid": "forbade forbidden forbidding",
    "permit": "permitted permitting",
    "overflow": "overflowing",
    "creep": "crept",
    "undercut": "undercut",
    "outbid": "outbid outbidding",
    "outrun": "outran outrunning",
}
PAST = frozenset(form for forms in IRREGULAR.values() for form in forms.split() if not form.endswith(("s", "ing")))
WORDS: Mapping[str, tuple[str, str]] = {
    "amount": (
        "growth upturn uptick upswing gains growing upward upwards higher record boom recovery expansion increased "
        "rising more bigger larger stronger greater surging brisk brisker busier buoyant healthy robust strong firmed "
        "brightened",
        "decline downturn drop slump contraction shrinkage downward downwards lower downtrend fewer less smaller "
        "weaker recession falloff doldrums depressed sluggish weak anaemic anemic subdued tepid muted flagging "
        "stagnant stagnation unchanged softened darkened",
    ),
    "speed": (
        "faster fastest quicker quickly rapidly swiftly fast rapid swift speeds speeding",
        "slower slowest slowly slow sluggishly gradual",
    ),
    "gap": ("wider broader wide longer", "narrower tighter narrow shorter"),
    "ease": (
        "easier easy easily simpler simple effortless effortlessly straightforward smoothly without_trouble "
        "without_difficulty",
        "harder hard difficult tougher tough trickier trouble difficulty complex complicated cumbersome awkward",
    ),
    "supply": (
        "glut surplus oversupply overcapacity abundance abundant plentiful ample excess overstocked plenty idle "
        "sufficient adequate enough to_spare in_abundance",
        "insufficient inadequate shortage shortages scarcity scarce shortfall deficit dearth undersupply bottleneck "
        "bottlenecks lack lacks lacked tight rare too_few too_little",
    ),
    "price": (
        "cheaper cheap affordable inexpensive affordably cheaply low-cost",
        "dearer dear costlier costly expensive pricier pricey unaffordable high-cost exorbitant prohibitive",
    ),
    "rank": ("ahead leads leading above", "behind below"),
    "share": ("most many majority nearly_all almost_all", "few minority hardly_any almost_no barely_any"),
    "often": (
        "often frequently always routinely commonly usually regularly constantly invariably frequent common usual "
        "widespread commonplace",
        "rarely seldom never scarcely occasionally hardly_ever infrequently sporadically rare rarer infrequent "
        "uncommon unusual exceptional",
    ),
    "early": (
        "earlier early sooner premature on_time in_good_time promptly punctually",
        "later late belatedly overdue in_arrears",
    ),
    "manner": ("well", "badly poorly"),
    "quality": (
        "better best superior reliable safe safer",
        "worse worst inferior unreliable unsafe risky riskier dangerous hazardous",
    ),
    "want": ("eager keen willing enthusiastic welcome optimistic", "reluctant unwilling wary hesitant pessimistic"),
    "side": (
        "benefit boon tailwind advantage strength asset relief blessing windfall opportunity",
        "drawback burden headwind disadvantage weakness threat curse blow",
    ),
    "hold": ("incentive incentives", "obstacle obstacles barrier barriers hurdle hurdles deterrent impediment brake"),
    "lawful": ("legal lawful permitted allowed", "illegal unlawful banned forbidden prohibited outlawed"),
    "last": ("extended prolonged renewed", "ended expired lapsed terminated"),
    "calm": ("stable steady calm", "volatile unstable erratic turbulent"),
    "duty": ("mandatory compulsory obligatory", "voluntary optional"),
    "mood": ("bullish upbeat confident", "bearish downbeat gloomy"),
    "flow": ("inflow inflows", "outflow outflows"),
    "fill": (
        "full packed crowded overcrowded overbooked oversubscribed sold_out fully_booked",
        "empty deserted idle undersubscribed half_empty half-empty",
    ),
    "much": ("much a_lot_of lots_of plenty_of", "little next_to_no next_to_nothing"),
    "strict": ("strict stricter stringent", "lax laxer lenient loose looser"),
    "heavy": ("heavy heavier heavily", "light lighter lightly"),
    "wealth": ("rich richer affluent wealthy wealthier better-off", "poor poorer"),
    "trader": ("importer", "exporter"),
    "own": ("buy buys buying", "rent rented renting lease leased leasing"),
    "premium": ("premium at_a_premium", "discount at_a_discount"),
    "lasting": ("permanent permanently lasting", "short-lived fleeting temporarily"),
    "worth": ("overvalued overpriced overpaid overstaffed", "undervalued underpriced underpaid understaffed"),
    "cause": (
        "because thanks_to owing_to due_to",
        "despite in_spite_of notwithstanding although though even_though even_if even_when",
    ),
    "condition": ("if once only_if only_when provided", "unless even_if"),
    "level": ("high highest", "low lowest"),
    "turn": ("profitable profit profits", "unprofitable loss loss-making losses"),
}
LINKS = frozenset(("cause", "condition", "own"))  # scales of words that hardly say where something moves
# By prefix, the words that it turns into their opposites: each is a scale of its own.
PREFIXED = {
    "un": "available certain clear viable sustainable economic attractive competitive popular favourable favorable "
    "predictable successful suitable fair affected",
    "in": "accessible efficient effective complete compatible flexible",
    "im": "possible practical",
}
BY_FIGURE = frozenset(("up", "down", "up by", "down by"))  # directions where a percentage follows: "sales up 12%"
BOUND_PHRASES = (
    "at least, no less than, a minimum of, more than, over, in excess of, upwards of",
    "at most, no more than, a maximum of, not more than, less than, fewer than, under",
)
BOUNDS = frozenset(", ".join(BOUND_PHRASES).split(", "))
PHRASES: Mapping[str, tuple[str, str]] = {
    "amount": (
        "up from, up on, on the rise, on the increase, "
        "gaining ground, gains ground, gained ground, gain ground, taking off, "
        "takes off, taken off, through the roof, on the up, is up, are up, was up, were up, "
        "gathering pace, gathers pace, gathered pace, gathering momentum, gathers momentum, gathered momentum, "
        "in full swing, "
        "gaining traction, picking up, on an upward path, record high, going from strength to strength, in demand, "
        "in the ascendant, "
        "to new highs, filling up, booked solid, catching on, catches on",
        "down from, down on, on the wane, on the decline, in decline, "
        "losing ground, loses ground, lost ground, lose ground, in retreat, "
        "in free fall, drying up, in the doldrums, losing traction, loses traction, lost traction, "
        "running out of steam, runs out of steam, is down, are down, was down, were down, "
        "on the slide, out of favour, out of fashion, out of favor, falling off, bottoming out, "
        "record low, losing momentum, loses momentum, lost momentum, losing pace, loses pace, lost pace, in the red, "
        "to new lows, emptying out, "
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


@cache
def directions() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Every word and phrase (lower case, single spaces), with its scales and its sign on each."""
    found: dict[str, dict[str, int]] = {}
    for scale, sides in VERBS.items():
        for sign, side in zip((1, -1), sides, strict=True):
            for base in side.split():
                for form in _inflected(_tokenised(base)):
                    found.setdefault(form, {}).setdefault(scale, sign)
    for table, mark in ((WORDS, None), (PHRASES, ", ")):
        for scale, sides in table.items():
            for sign, side in zip((1, -1), sides, strict=True):
                for word in side.split(mark):
                    found.setdefault(_tokenised(word.strip()), {})[scale] = sign
    for prefix, stated in PREFIXED.items():
        for word in stated.split():
            found.setdefault(word, {})[word] = 1
            found.setdefault(prefix + word, {})[word] = -1
    for phrase in BY_FIGURE:
        found[phrase] = {"amount": 1 if phrase.startswith("up") else -1}
    for scales in found.values():
        if "speed" in scales:  # what slows stands against what steps up too
            scales.setdefault("amount", scales["speed"])
    return {word: tuple(scales.items()) for word, scales in found.items()}


def _tokenised(entry: str) -> str:
    """A listed word or phrase as its tokens stand in a statement: a hyphen is one of its own."""
    return entry.replace("_", " ").replace("-", " - ")


def _inflected(base: str) -> Iterable[str]:
    """``base`` and its regular and known irregular forms; of "pick up", those of the first word."""
    verb, _, rest = base.partition(" ")
    forms = [verb, *IRREGULAR.get(verb, "").split()]
    stem = verb[:-1] if verb.endswith("e") else verb
    last = verb + verb[-1] if DOUBLING.fullmatch(verb) else stem
    sibilant = verb.endswith(("s", "sh", "ch", "x"))
    forms += [verb + ("es" if sibilant else "s"), stem + "ed", stem + "ing", last + "ed", last + "ing"]
    return dict.fromkeys(f"{form} {rest}".strip() for form in forms)
