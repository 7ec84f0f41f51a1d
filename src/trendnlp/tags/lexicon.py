"""Words that no theme is made of. Verbs stand in their base form; their other forms are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

VERBS = """
accelerate accept accommodate achieve acquire add address adopt afford aid aim allow announce anticipate appear apply
approach arrive assemble attract avoid become begin believe bolster boost borrow bring broaden build burn buy call
carry catch cause choose climb combine come command commit compete comply constitute constrain construct continue
contribute create curb cut decide decline decrease delay deliver depend deploy deter develop diminish discourage
dominate draw drive drop earn ease embed embrace emerge employ enable encourage enhance ensure enter entail erode
establish evolve exceed expand expect expire extend face facilitate fall favour favor fear feel fetch fill find fit
fix flow follow force foresee forecast foster fuel fulfil gain generate get give go grow hamper happen help hinder
hire hit hold identify impede improve include increase integrate introduce invest involve join keep know lack launch
lead leave lend let lie like limit live look lose lower maintain make migrate modernise modernize move need negotiate
observe obtain occur offer offset open operate opt outpace overcome own pay persist plan pose postpone prefer prepare
present prevent procure project prolong prompt propel prove provide publish pursue push put raise reach read recognise
recognize recover recruit reduce refuse remain remember remove renew rent replace report represent request require
reshape resist respond restrain restrict result retain retire rise roll run save say secure see seek sell send serve
shape shift shorten show shrink sign slow speak spend spread spur stand start stay stem stimulate stop strengthen
struggle submit suffer suggest supply support surge sustain switch take talk teach tell tend think threaten tie
tighten trigger turn undergo undermine understand unlock upgrade urge use vary wait want watch weaken weigh widen win
withdraw witness work worry write yield
"""
IRREGULAR = """
arisen arose became been began begun bought bring brought built came caught chose chosen did done drawn drew driven
drove fallen fell felt found gave given gone got gotten grew grown had heard held hit kept knew known laid led left
lent lost made meant met paid put ran read risen rose said sat saw seen sent set shown sold sought spent stood stuck
taken taught thought told took understood went won wore written wrote yet
"""
# Nouns that look like a form of a verb above.
NOUNS = """
supplies supply support supported building buildings financing funding lending spending holding holdings mover opening
openings planning reading readings shifts upgrades working yields
"""
STOP = """
a an the this that these those some any each every either neither both all half such same own other another others i
you he she it we they me him her us them my your his its our their whose who whom which what when where why how and or
but nor so yet if unless until till while whereas although though because since as than then once whether of in on at
by for from with without within into onto upon over under above below between among across through throughout during
before after behind beyond against toward towards to up down out off about around along amid amidst despite per via
like unlike near versus be am is are was were been being have has had having do does did doing done will would can
could may might must shall should cannot not no never ever n't don't doesn't isn't aren't won't can't very much many
more most less least few fewer several too also just only even still already again almost enough quite rather here
there now today soon later often always sometimes usually ahead away back together apart well yet thus hence therefore
however moreover furthermore meanwhile instead otherwise nevertheless due owing thanks according following including
regarding concerning depending based driven led compared able unable likely unlikely expected set key main major
important significant substantial considerable strong weak high higher highest low lower lowest large larger largest
small smaller smallest big bigger biggest good better best bad worse worst new newer latest old older recent current
former next last first second third early earlier late long longer short shorter rapid steady fast faster slow slower
quick strict stricter cheap cheaper expensive costly dear scarce rising growing falling increasing decreasing
declining expanding emerging ongoing continued continuing leading various numerous different certain particular
overall total general whole entire main additional further potential myself yourself himself herself itself ourselves
themselves forth else krw myr thb vnd zar brl chf aud cad sgd hkd twd idr php ngn kes aed sar sek nok dkk pln try rub
rs rm one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen twenty
dozen dozens hundred hundreds thousand thousands million billion trillion bn mn percent percentage pp year years month
months week weeks day days quarter quarters decade decades time times period periods usd eur gbp inr cny jpy us$ cent
cents ago nobody nothing something anything everybody somebody anybody none twice outside inside ask asks asked hour
hours minute minutes night morning evening today tomorrow yesterday fifth fourth tenth half mid winter summer spring
autumn yoy y-o-y year-on-year year-over-year year-to-date qoq q-o-q quarter-on-quarter quarter-over-quarter
month-on-month month-over-month week-on-week week-over-week day-to-day dollar dollars euro euros rupee rupees yuan
pound pounds tonne tonnes metre metres kilometre kilometres kg km mw gw lot lots bit deal deals closed available
possible necessary needed ready clear sure true way ways thing things number numbers amount amounts kind kinds type
types part parts level levels rate rates share shares range ranges end start side sides case cases
example
"""
# A phrase of these words alone says nothing about a finding: every report has them.
GENERIC = """
market markets industry industries sector sectors segment segments business businesses company companies firm firms
player players vendor vendors maker makers manufacturer manufacturers producer producers supplier suppliers buyer
buyers customer customers consumer consumers user users operator operators participant participants people person
country countries region regions area areas place places city cities province provinces demand growth revenue revenues
sale sales product products service services solution solutions system systems price prices cost costs value volume
volumes size report reports analyst analysts research study survey trend trends driver drivers challenge challenges
opportunity opportunities restraint restraints factor factors outlook forecast period adoption application
applications use uses need needs interest development developments technology technologies investment investments
expansion rise increase decline shift change changes impact effect effects result results reason reasons problem
problems issue issues benefit benefits advantage advantages order orders project projects programme programmes program
programs plan plans share half majority global worldwide domestic local national regional international annual average
"""
# What an authority or association is called: "Food and Drug Administration", "Ministry of Health".
INSTITUTIONS = """
Academy Administration Agency Association Authority Bank Board Bureau Centre Center Chamber Commission Committee
Confederation Corporation Council Department Federation Foundation Fund Institute Ministry Office Organisation
Organization Secretariat Society Union University
"""
NOT_ADVERBS = """
supply family assembly monopoly anomaly early daily weekly monthly quarterly elderly butterfly belly jelly reply rely
ally rally bully fly july italy sicily poly polly ply apply imply comply multiply
"""

# Plural nouns that other nouns follow: "sales channels". After another plural stands a verb: "retailers complain".
PLURALS = """
sales sports goods savings customs arms news gas glass business access process premises telecommunications
communications systems operations claims
"""
NOT_PAST = "seed seeds feed bed weed speed breed shed need hundred"  # words in -ed that are no past forms
ADJECTIVES = ("al", "ous", "ive", "able", "ible", "ful", "less", "ier", "est", "ish", "ed", "wide")
NOT_ADJECTIVES = """
hospital capital material chemical metal terminal rental retail festival animal mineral cereal coal goal deal meal
renewal removal disposal approval arrival proposal referral cable table vegetable variable incentive automotive
locomotive adhesive archive forest interest harvest seed feed bed weed speed breed shed
"""


def words_of(*lists: str) -> frozenset[str]:
    """The words of the lists above."""
    return frozenset(word for text in lists for word in text.split())


@cache
def breaks() -> frozenset[str]:
    """The words (small letters) that stand in no theme."""
    verbs = {form for base in VERBS.split() for form in _forms(base)}
    return (words_of(STOP, IRREGULAR) | verbs) - words_of(NOUNS)


@cache
def generic() -> frozenset[str]:
    """The words (small letters) that do not make a theme by themselves."""
    return words_of(GENERIC)


@cache
def before_nouns() -> frozenset[str]:
    """The plurals (small letters) that other nouns follow."""
    return words_of(PLURALS)


@cache
def not_past() -> frozenset[str]:
    """The words in -ed that are no past forms."""
    return words_of(NOT_PAST)


@cache
def not_adjectives() -> frozenset[str]:
    """The nouns that end as adjectives do."""
    return words_of(NOT_ADJECTIVES)


@cache
def not_adverbs() -> frozenset[str]:
    """The words in -ly that are no adverbs."""
    return words_of(NOT_ADVERBS)


def _forms(base: str) -> Iterator[str]:
    """``base`` in the present, the past and with -ing; with and without a doubled consonant, as either may be right."""
    yield base
    if base.endswith("e"):
        yield from (base + "s", base + "d", base[:-1] + "ing")
    elif base.endswith("y") and base[-2] not in "aeiou":
        yield from (base[:-1] + "ies", base[:-1] + "ied", base + "ing")
    else:
        es = "es" if base.endswith(("s", "sh", "ch", "x", "o")) else "s"
        yield from (base + es, base + "ed", base + "ing", base + base[-1] + "ed", base + base[-1] + "ing")
