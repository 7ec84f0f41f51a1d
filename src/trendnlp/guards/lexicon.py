"""The words that the guards know beside those of direction: negators, contrasts, causes. English business prose."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


# Of these, more is worse: a shortage that improves gets smaller.
ILLS = _words(
    "shortage shortages shortfall shortfalls scarcity bottleneck bottlenecks congestion delay delays backlog backlogs "
    "deficit deficits debt unemployment inflation pressure pressures constraint constraints disruption disruptions "
    "problem problems crisis threat threats risk risks losses vacancy vacancies default defaults insolvencies glut "
    "bankruptcies overcapacity oversupply pollution emissions crime fraud theft burden strain stress volatility waste "
    "uncertainty churn absenteeism drought droughts flooding corruption outage outages downtime waiting"
)
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
    "surpass supplant eclips outnumber outnumb oust dethron outrun outrank undercut undercutt outbid outbidd"
)
# What stands before one of these is set above, or in the place of, what stands after it; before one of BELOW, below.
ABOVE_PHRASES = (
    "instead of, in place of, at the expense of, ahead of, in front of, crowd out, crowds out, crowding out, "
    "crowded out, push out, pushes out, pushing out, pushed out, squeeze out, squeezes out, squeezing out, "
    "squeezed out, edge out, edges out, edging out, edged out, gain on, gains on, gaining on, gained on, ground on, "
    "take over from, takes over from, taking over from, taken over from"
)
BELOW_PHRASES = (
    "behind, in favour of, in favor of, give way to, gives way to, giving way to, gave way to, given way to, "
    "lose out to, loses out to, losing out to, lost out to, ground to"
)
ABOVE, BELOW = (frozenset(phrases.split(", ")) for phrases in (ABOVE_PHRASES, BELOW_PHRASES))
FIGURES = _words("half two three four five six seven eight nine ten twice double triple")
PLACING = _words("at in on by for from among because since as where")  # between "replace" and a "with" of its own
PASSIVE = _words("is are was were be been being gets get")  # before the participle of a pivot
SWAPPING = _words("replac supplant displac")  # the pivots of "… this with that"
PREFERRING = _words("pref preferr")  # stems of "prefer this to that"
CHOOSING = _words("favour favor choos chose chosen pick")  # stems of "choose this over that"
TAKING = _words(
    "take takes took taking taken win wins won winning gain gains gained gaining steal steals stole stealing stolen "
    "grab grabs grabbed grabbing capture captures captured capturing lure lures lured luring poach poaches poached "
    "poaching"
)
LOSING = _words("lose loses lost losing cede cedes ceded ceding")
MULTIPLIERS = _words("twice double triple half times")
PERCENT = _words("% percent pct per percentage")
MONTHS = _words(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
FORWARD = _words(
    "drives drive driving drove boosts boost boosting boosted lifts lift lifted raises raise raised fuels fuel "
    "fuelling fuelled fueling fueled spurs spur spurred causes cause causing caused pushes push pushed prompts prompt "
    "prompted forces force forced encourages encourage encouraged increases increase means brings supports "
    "support supported stimulates stimulated accelerates accelerate accelerated accelerating triggers trigger "
    "triggered triggering enables enable enabled enabling so therefore thus hence"
)
# How a word of these is told from a noun ("demand for lifts", "the labour force") or a verb without an object.
ADVERBS = _words("so therefore thus hence")
AUXILIARIES = _words("can could will would may might must should to do does did and that which they")
# Of FORWARD, what is hardly ever a noun.
PLAIN_VERBS = _words("drive drove raise encourage prompt spur accelerate enable")
PLURALS = _words("people men women children")  # without an "s"
OWNERS = PLURALS | _words("today yesterday tomorrow everyone government management")  # that are no names before an "'s"
# What every report speaks of, by one word or another.
ORDINARY = _words(
    "business trade industry labour labor manpower staff personnel demand appetite interest money cash capital work "
    "fuel freight cargo everybody somebody"
)
ABSTRACT = ("ing", "tion", "sion", "ment", "age", "ness", "ity", "ance", "ence", "ship", "ure", "cy")  # no names' ends
DETERMINERS = _words("a an the its their his her our this these those some any")
CLAUSE_LINKS = _words("as because while when since after before but which that if whereas although though so therefore")
BEFORE_NOUNS = _words("a an the of in on at for from with by its their this these no some any more")
NO_OBJECTS = _words(
    "is are was were be been due because thanks owing as and or but when while after before since by in on at from "
    "with for to of again further too"
)
FORWARD_PHRASES = (
    "leads to",
    "lead to",
    "leading to",
    "led to",
    "results in",
    "result in",
    "resulted in",
    "resulting in",
    "contributes to",
    "contribute to",
    "contributed to",
    "contributing to",
    "gives rise to",
    "gave rise to",
    "which is why",
)
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
    "results from",
    "result from",
    "resulted from",
    "resulting from",
    "triggered by",
    "prompted by",
    "enabled by",
    "supported by",
    "accelerated by",
    "because",
)
# "As" links two movements ("demand rises as prices fall") but in these.
BEFORE_AS = _words("such as well far long much soon same known used seen regarded just so act acts serve serves")
AFTER_AS = _words("a an well to of such part many much long far soon")
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
