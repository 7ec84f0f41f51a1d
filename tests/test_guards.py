"""Guards: what each sees in pairs that sound alike, and that paraphrases pass them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.consolidate import Pair
from trendnlp.consolidate.compare import band_of
from trendnlp.guards import Reading, fired, overruled
from trendnlp.guards.direction import directions_of
from trendnlp.guards.figures import figures
from trendnlp.guards.words import Words
from trendnlp.relations import Band, Relation

DEMAND = "Demand for patient lifts in Spanish care homes is {}."

CAUGHT = [
    ("direction", "Young buyers shun diesel vans.", "Young buyers have taken to diesel vans."),
    ("direction", "Owners are selling off their lorry parks.", "Owners are buying up lorry parks."),
    ("direction", "Every post on the night shift is filled.", "Posts on the night shift stand empty."),
    ("direction", "Sales rise because prices were raised.", "Sales rise although prices were raised."),
    ("comparative", "Chains undercut independent bakers on bread.", "Independent bakers undercut chains on bread."),
    ("comparative", "Mills now burn gas instead of coal.", "Mills now burn coal instead of gas."),
    ("comparative", "Lidl took customers from Tesco in bread.", "Tesco took customers from Lidl in bread."),
    ("comparative", "Nurses check the doctors' notes first.", "Doctors check the nurses' notes first."),
    # direction
    ("direction", DEMAND.format("rising"), DEMAND.format("falling")),
    ("direction", DEMAND.format("picking up"), DEMAND.format("drying up")),
    ("direction", DEMAND.format("gaining ground"), DEMAND.format("losing ground")),
    ("direction", DEMAND.format("on the rise"), DEMAND.format("on the wane")),
    ("direction", DEMAND.format("accelerating"), DEMAND.format("slowing")),
    ("direction", "The gap to street prices is widening.", "The gap to street prices is narrowing."),
    ("direction", "A glut of panels weighs on makers.", "A shortage of panels weighs on makers."),
    ("direction", "Foundries are awash with scrap metal.", "Foundries are running short of scrap metal."),
    ("direction", "Permits for wind parks are easier to get.", "Permits for wind parks are harder to get."),
    ("direction", "Most dentists scan jaws digitally.", "Few dentists scan jaws digitally."),
    ("direction", "Old granulate is cheaper than virgin resin.", "Old granulate is dearer than virgin resin."),
    ("direction", "Steel demand keeps climbing.", "The demand for steel slumps, traders report."),
    ("direction", "Battery prices are still falling.", "Battery prices are no longer falling."),
    ("direction", "High prices are deterring hospitals.", "Prices are no longer an obstacle for hospitals."),
    ("direction", "Heat lengthens the season and raises yields.", "Heat shortens the season and cuts yields."),
    ("direction", "Sales of raw milk are legal.", "Sales of raw milk are illegal."),
    ("direction", "Yards order at least 40% of their steel abroad.", "Yards order at most 40% of their steel abroad."),
    ("direction", "Heat pumps are less expensive than boilers.", "Heat pumps are dearer than boilers."),
    ("direction", "High prices deter buyers of lifts.", "Low prices deter buyers of lifts."),
    ("direction", "Demand for cots is up in Spain.", "Demand for cots is down in Spain."),
    ("direction", "Over 60 percent of the farms use drones.", "Under 60 percent of the farms use drones."),
    ("direction", "Subsidies help growers of hops.", "Subsidies harm growers of hops."),
    ("direction", "The law supports makers of lifts.", "The law hampers makers of lifts."),
    ("direction", "Crews are called in less often.", "Crews are called in more often."),
    ("direction", "Buyers pay more under new rules.", "Buyers pay less under new rules."),
    ("direction", "Port congestion is worsening.", "Port congestion is easing."),
    ("direction", "Labour shortages are improving.", "Labour shortages are rising."),
    ("direction", "Margins improved at mills.", "Margins shrank at mills."),
    ("direction", "Resin prices came down.", "Resin prices went up."),
    ("direction", "Resin prices moved up.", "Resin prices moved down."),
    ("direction", "Sales of cots up 12% in May.", "Sales of cots down 12% in May."),
    ("direction", "Freight rates skyrocketed.", "Freight rates plummeted."),
    ("direction", "Banks hiked lending rates.", "Banks cut lending rates."),
    ("direction", "A spike in gas prices hits mills.", "A fall in gas prices hits mills."),
    ("direction", "Sales of cots beat expectations.", "Sales of cots missed expectations."),
    ("direction", "Cots are the fastest-growing segment.", "Cots are the slowest-growing segment."),
    ("direction", "Carriers are adding capacity.", "Carriers are cutting capacity."),
    ("direction", "Funds report inflows from savers.", "Funds report outflows from savers."),
    ("direction", "Spare parts are available.", "Spare parts are unavailable."),
    ("direction", "Exports of hops lagged forecasts.", "Exports of hops outpaced forecasts."),
    ("direction", "Demand for hops sagged.", "Demand for hops surged."),
    ("direction", "The tax on sugar was scrapped.", "The tax on sugar was reinstated."),
    ("direction", "Courts barred imports of resin.", "Courts permitted imports of resin."),
    ("direction", "States are permitting wind parks.", "States are banning wind parks."),
    ("direction", "Low-cost cots sell well.", "High-cost cots sell well."),
    ("direction", "Oil prices fall while gas prices rise.", "Oil prices rise while gas prices fall."),
    ("direction", "Falling interest rates boost home sales.", "Rising interest rates reduce home sales."),
    # negation
    ("negation", "Insurers reimburse hearing aids.", "Insurers do not reimburse hearing aids."),
    ("negation", "Dealers have begun to stock electric vans.", "Dealers have yet to stock electric vans."),
    ("negation", "The code covers heat pumps in flats.", "The code no longer covers heat pumps in flats."),
    ("negation", "Robots have mastered soft fruit.", "Robots are far from having mastered soft fruit."),
    ("negation", "Dealers sell vans with a warranty.", "Dealers sell vans without a warranty."),
    ("negation", "Insurers cover floods.", "Insurers do not cover floods any longer."),
    ("negation", "Insurers cover floods.", "Insurers refuse to cover floods."),
    # comparative
    ("comparative", "Leased trucks are cheaper than bought trucks.", "Bought trucks are cheaper than leased trucks."),
    ("comparative", "Tubes replace buckets at makers with sheds.", "Buckets replace tubes at makers with sheds."),
    ("comparative", "Exports exceed imports.", "Imports exceed exports."),
    ("comparative", "More than half of buyers prefer leasing to buying.", "More than half prefer buying to leasing."),
    ("comparative", "Makers replace tin with glass.", "Makers replace glass with tin."),
    ("comparative", "Ports move from coal to steel.", "Ports move from steel to coal."),
    ("comparative", "Growers prefer clay to sand.", "Growers prefer sand to clay."),
    ("comparative", "Young buyers prefer kiosks over brand shops.", "Young buyers prefer brand shops over kiosks."),
    ("comparative", "Chains choose tin over glass.", "Chains choose glass over tin."),
    ("comparative", "The yen strengthened against the peso.", "The peso strengthened against the yen."),
    ("comparative", "Surgery moves to clinics from hospitals.", "Surgery moves to hospitals from clinics."),
    ("comparative", "Kiosks take share from brand shops.", "Brand shops take share from kiosks."),
    ("comparative", "Kiosks lose customers to brand shops.", "Brand shops lose customers to kiosks."),
    ("comparative", "Rents in Spain are twice those in Italy.", "Rents in Italy are twice those in Spain."),
    ("comparative", "Tin costs half as much as glass.", "Glass costs half as much as tin."),
    # quantities
    ("number", "Sales of cots fell by 12% last winter.", "Sales of cots fell by 21% last winter."),
    ("number", "Prices change by -5 % a year.", "Prices change by 5 % a year."),
    ("number", "Prices change by −5 % a year.", "Prices change by +5 % a year."),
    ("number", "Prices change by –5 % a year.", "Prices change by 5 % a year."),
    ("number", "Units of this kind cost $2000.", "Units of this kind cost $3000."),
    ("number", "The plant employs 2000 people.", "The plant employs 3000 people."),
    ("number", "Lines of 2000 km are planned.", "Lines of 3000 km are planned."),
    ("number", "Yards need 50 000 welders.", "Yards need 60 000 welders."),
    ("number", "Exports reached USD5 billion.", "Exports reached USD9 billion."),
    ("number", "One in five farms uses drones.", "One in four farms uses drones."),
    ("number", "One in 12,000 patients reacts.", "One in 12 patients reacts."),
    ("number", "Parks wait two and a half years.", "Parks wait 18 months."),
    ("number", "Two-thirds of the fleets lease tyres.", "Half of the fleets lease tyres."),
    ("number", "Makers spent $4.2 billion on plants.", "Makers spent $2.4 billion on plants."),
    ("number", "Repairs take three weeks at most ports.", "Repairs take 40 days at most ports."),
    ("number", "A fifth of the farms use drones.", "16 percent of the farms use drones."),
    ("number", "Half of the fleets lease tyres.", "A third of the fleets lease tyres."),
    ("number", "Sales of cots doubled last winter.", "Sales of cots rose by 30% last winter."),
    ("number", "Ports invested 30 million in cranes.", "Ports invested $60 million in cranes."),
    ("number", "Growth is put at 5 million lifts.", "Growth is put at 5 per cent."),
    ("number", "Coated fries stay crisp for half an hour.", "Coated fries stay crisp for two hours."),
    ("number", "Growth of 9.5% a year is expected.", "Growth of 9.6% a year is expected."),
    ("number", "95% of the fleets lease tyres.", "96% of the fleets lease tyres."),
    ("number", "Makers spent $184.2 billion.", "Makers spent $186.1 billion."),
    ("number", "Plants worth $100 bn are planned.", "Plants worth $101 bn are planned."),
    ("number", "The plant employs 900 people.", "The plant employs 909 people."),
    ("number", "Growth is put at 5%.", "Growth is put at 5.4%."),
    ("number", "Halls cover 5,000 m2.", "Halls cover 6,000 m²."),
    ("unit", "The share of trams rose by 5 percent.", "The share of trams rose by 5 percentage points."),
    ("number", "Ports invested €30 million in cranes.", "Ports invested €30 billion in cranes."),
    ("unit", "Ports invested €30 million in cranes.", "Ports invested $30 million in cranes."),
    ("year", "In 2024 vehicles became cheaper.", "In 2023 vehicles became cheaper."),
    ("year", "In 2024 dollar strength hurt exporters.", "In 2023 dollar strength hurt exporters."),
    ("cause_effect", "Income and demand drive prices.", "Prices drive income and demand."),
    ("year", "The ban on boilers starts in 2026.", "The ban on boilers starts in 2028."),
    ("year", "Orders peaked in the first quarter.", "Orders peaked in the third quarter."),
    ("year", "In the short term demand for cement is strong.", "In the long run demand for cement is strong."),
    ("direction", "The subsidy for heat pumps was extended.", "The subsidy for heat pumps ended."),
    # names
    ("place", "Italian wineries switch to screw caps.", "Portuguese wineries switch to screw caps."),
    ("place", "Ferry traffic in the UK recovers.", "Ferry traffic in the US recovers."),
    ("place", "Hotels in Germany hire staff.", "Hotels in Asia hire staff."),
    ("place", "Hotels in North America hire staff.", "Hotels in Latin America hire staff."),
    ("subject", "Growers buy sprayers from Kelvar every spring.", "Growers buy sprayers from Ortano every spring."),
    ("subject", "Hospitals buy robots from Kelvar.", "Hospitals buy robots from Ortano."),
    ("subject", "Owners in Berlin raise rents.", "Owners in Munich raise rents."),
    ("subject", "LFP batteries gain in buses.", "NMC batteries gain in buses."),
    ("subject", "BYD cut the price of vans.", "VW cut the price of vans."),
    ("subject", "Kelvar's robots fill most wards.", "Ortano's robots fill most wards."),
    ("subject", "Kelvar cut prices of robots.", "Ortano cut prices of robots."),
    ("subject", "Kelvar has left the market for lifts.", "Ortano has left the market for lifts."),
    ("subject", "Kelvar sells more lifts than others.", "Ortano sells more lifts than others."),
    # scopes
    ("segment", "Rural clinics rent scanners by the day.", "Urban clinics rent scanners by the day."),
    ("part", "Overall ticket sales for ferries rise.", "Freight ticket sales for ferries rise."),
    ("cause_effect", "Rate cuts result in housing booms.", "Housing booms result in rate cuts."),
    ("cause_effect", "A rail strike resulted in port delays.", "Port delays resulted in a rail strike."),
    ("cause_effect", "Robots contribute to wage pressure.", "Wage pressure contributes to robots."),
    ("cause_effect", "Ageing accelerates the use of robots.", "The use of robots accelerates ageing."),
    ("cause_effect", "Labour scarcity triggers automation.", "Automation triggers labour scarcity."),
    ("cause_effect", "Cloud storage enables remote work.", "Remote work enables cloud storage."),
    ("cause_effect", "Subsidies boosted demand for vans.", "Demand for vans boosted subsidies."),
    ("cause_effect", "Demand rises as prices fall.", "Prices fall as demand rises."),
    ("cause_effect", "As prices fall, demand rises.", "As demand rises, prices fall."),
    (
        "cause_effect",
        "Cheap imports push domestic mills into bankruptcy.",
        "Bankruptcy of domestic mills pushes cheap imports.",
    ),
]  # fmt: skip

SAME = [
    ("Spending is over $5 billion a year.", "Spending exceeds $5 billion a year."),
    ("There are over 200 chargers.", "There are more than 200 chargers."),
    ("Prices have not moved for more than a decade.", "Prices have stayed the same for over a decade."),
    ("The boom in panels is over.", "The boom in panels has ended."),
    ("Discounts are up to 50 percent.", "Discounts are down to 50 percent."),
    ("Batteries are less expensive than in the past.", "Batteries are cheaper than in the past."),
    ("Demand for panels increases due to tourism.", "Tourism boosts demand for panels."),
    ("Demand for lifts is driven by ageing.", "Ageing drives demand for lifts."),
    ("The labour force shrinks because of ageing.", "Ageing leads to a shrinking labour force."),
    ("The rise in fuel prices is caused by the war.", "The war causes the rise in fuel prices."),
    ("More buyers choose EVs.", "More buyers choose an EV."),
    ("Wind farms of 2,000 MW are planned.", "Wind farms of 2 GW are planned."),
    ("Sales of EUR 5 million are expected.", "Sales of 5 million Euro are expected."),
    ("COVID-19 lifted demand for masks.", "The pandemic lifted demand for masks by 40%."),
    ("CO2 levies make coal plants unprofitable.", "Carbon levies make 40 coal plants unprofitable."),
    ("Insurers refuse to cover floods.", "Insurers do not cover floods any longer."),
    ("Hotels across the Gulf hire staff.", "Hotels in Dubai and Saudi Arabia hire staff."),
    ("Owners in Berlin raise rents.", "German owners raise rents."),
    ("Sales rose in Q3.", "Sales rose in 2024."),
    ("Yards need 50 000 welders.", "Yards need fifty thousand welders."),
    ("Demand for lifts is rising.", "Lifts are wanted more and more."),
    ("Permits are hard to get.", "Permits are not easy to get."),
    ("Recycled resin is cheaper than virgin resin.", "Virgin resin is dearer than recycled resin."),
    ("Falling steel prices lift demand for sheds.", "Demand for sheds rises because steel gets cheaper."),
    ("A third of the farms use drones.", "33 percent of the farms use drones."),
    ("One farm in five uses drones.", "Nearly 19 percent of the farms use drones."),
    ("Clearance takes twenty-one days.", "Clearance takes three weeks."),
    ("Spares arrive after ninety days.", "Spares take three months to arrive."),
    ("A year passes before spares arrive.", "Spares take twelve months to arrive."),
    ("Trains run every thirty minutes.", "Trains run every half an hour."),
    ("Queues last at least a day at ports.", "At most ports queues last a day or longer."),
    ("Acme opened two plants in three states.", "Acme opened plants in three states."),
    ("Costs more than doubled at mines.", "Mines are cheaper to run."),
    ("Parks wait two and a half years.", "Parks wait 30 months."),
    ("Prices rose by half a percentage point.", "Prices rose by 0.5 percentage points."),
    ("Yards doubled their staff.", "Yards raised their staff by 100%."),
    ("First-half sales rose.", "Sales rose in H1."),
    ("Ships lie 50 miles off the coast.", "Ships lie 80 km off the coast."),
    ("Double-digit growth is expected.", "Growth of 12% is expected."),
    ("Repairs take six weeks.", "Repairs take a month and a half."),
    ("Shops of 40,000 square feet give way.", "Shops of 40,000 sq ft give way."),
    ("Tea is being overtaken as the main export by cut flowers.", "Cut flowers are overtaking tea as the main export."),
    ("Two farms in three use drones.", "Two thirds of the farms use drones."),
    ("Plants make 90,000 tonnes.", "Plants make 90 million kilograms."),
    ("Meters in half a million flats are old.", "Meters in 500,000 flats are old."),
    ("Yards charge a quarter less.", "Yards charge 25% less."),
    # figures of other things contest nothing
    (
        "A levy of 1.5% drove buyers back to cash.",
        "Buyers pay cash since the levy. Two years passed before they returned.",
    ),
    ("Kelvar leads with 2,100 robots.", "Kelvar has passed another maker, which led for twelve years."),
    ("Makers sold 20500 tonnes of steel.", "Makers sold 20,500 tonnes of steel."),
    ("Plants worth $4.2 billion are planned.", "Plants worth 4,200 million dollars are planned."),
    ("Wards in the UK are short of nurses.", "British wards are short of nurses."),
    ("Nurses are scarce.", "Nurses are scarce, which is not only a matter of pay, says a hospital in Lyon."),
    ("Cheap loans push sales.", "Sales grow because of cheap loans."),
    ("Half a decade passes before a park is connected.", "It takes five years before a park is connected."),
    ("Subsidies: the US pays for heat pumps.", "Washington pays for heat pumps."),
    ("Artificial intelligence reads the scans.", "Scans are read by AI."),
    ("Makers are moving from tin to glass.", "Glass is replacing tin at most makers."),
    ("Screw caps replace natural cork.", "Natural cork is replaced by screw caps."),
    ("Makers are replacing buckets with tubes.", "Tubes are replacing buckets at most makers."),
    ("Cork is cheaper than screw caps.", "Screw caps cost more than cork."),
    ("Orders peaked in the third quarter.", "Orders peaked in Q3."),
    ("The field has shrunk to three apps.", "Price wars have left no more than three apps in the field."),
    # written figures agree as far as the coarser goes; in words, rounded or converted ones nearly
    ("Plants worth $1.2 billion are planned.", "Plants worth $1,184 million are planned."),
    ("Prices rose by 12%.", "Prices rose by 12.4%."),
    ("Prices rose by 13%.", "Prices rose by 12.5%."),
    ("About 95% of the fleets lease tyres.", "96% of the fleets lease tyres."),
    ("Growth of 10%–15% is expected.", "Growth of 10% to 15% is expected."),
    ("Growth of 30 %–50 % is expected.", "Growth of 30 to 50 % is expected."),
    ("Fees of 5 €–8 € are asked.", "Fees of €5 to €8 are asked."),
    ("Cables are 100 m long.", "Cables are 100 metres long."),
    ("Halls cover 5,000 m2.", "Halls cover 5,000 square metres."),
    ("Output reached 10 Mt.", "Output reached 10 million tonnes."),
    ("Output reached 20,000 MT.", "Output reached 20,000 tonnes."),
    ("Nine of ten buyers compare prices.", "90% of buyers compare prices."),
    # an ill that gets better gets smaller
    ("Labour shortages are improving.", "Labour shortages are easing."),
    ("Bottlenecks at ports worsened.", "Bottlenecks at ports increased."),
    # a cause told first and told last
    ("Rising energy prices reduce margins of makers.", "Makers' margins decline because energy prices are increasing."),
    ("Rising resin costs squeeze margins.", "Margins shrink as resin costs rise."),
    ("Growing online sales erode store revenue.", "Store revenue declines as online sales grow."),
    ("Falling interest rates boost home sales.", "Home sales increase as interest rates fall."),
    ("As prices fall, demand rises.", "Demand rises as prices fall."),
    # one shift, told by who wins and by who loses
    ("Kiosks win share from brand shops.", "Brand shops lose share to kiosks."),
    ("The yen strengthened against the peso.", "The peso weakened against the yen."),
    # openings that are no names
    ("Big employers want cheap lifts.", "Large employers want cheap lifts."),
    ("Buyers want cheap lifts.", "Customers want cheap lifts."),
    ("Renting is spreading among farms.", "Leasing is spreading among farms."),
    ("Lifts of BNetzA are old.", "Lifts of the Bundesnetzagentur are old."),
    ("Demand for lifts grows in Asia.", "Demand for lifts grows in Asia-Pacific."),
    # what is added by "without" denies nothing of the other statement
    (
        "Remote reading of scans spreads, giving villages expert care.",
        "Remote reading of scans spreads, giving villages expert care without long trips.",
    ),
    # lead-ins
    (
        "Cold Storage: Sharing of chilled depots is growing among fruit growers.",
        "Shared Depots: Sharing chilled depots is growing among fruit growers.",
    ),
    ("Over the medium to long term demand is sound.", "Over the medium term demand is sound."),
    ("In the short and medium term costs weigh on mills.", "In the near term costs weigh on mills."),
    ("Long-term contracts secure the supply.", "Multi-year contracts secure the supply in the near term."),
]

PIECES = ("no", "more", "cheaper", "than", "5", "%", "2026", "Spain", "rises", "falls", "because", "of", "Kelvar", ",")
SPEAKS_FOR = {
    "direction": Relation.CONTRADICTS,
    "negation": Relation.CONTRADICTS,
    "comparative": Relation.CONTRADICTS,
    "part": Relation.DISTINCT,
    "cause_effect": Relation.DISTINCT,
}


@pytest.mark.parametrize(("name", "a", "b"), CAUGHT)
def test_a_guard_sees_what_differs(name: str, a: str, b: str) -> None:
    found = fired(Reading(a), Reading(b))
    assert found and found[0].name == name
    assert found[0].relation is SPEAKS_FOR.get(name, Relation.DIFFERS_IN)


@pytest.mark.parametrize(("a", "b"), SAME)
def test_what_says_the_same_passes(a: str, b: str) -> None:
    assert fired(Reading(a), Reading(b)) == ()


@pytest.mark.parametrize(
    ("a", "b", "fires"),
    [
        ("driver", "trend", False),
        ("driver", "challenge", True),
        ("risk", "risk", False),
        ("risk", "driver", True),
        (None, "driver", False),
    ],
)
def test_kinds_that_do_not_mix(a: str | None, b: str | None, fires: bool) -> None:
    text = "Nurses are scarce."
    assert [g.name for g in fired(Reading(text, a), Reading(text, b))] == (["kind"] if fires else [])


@pytest.mark.parametrize(("name", "a", "b"), CAUGHT)
def test_of_the_turned_pair_the_same_guards_fire(name: str, a: str, b: str) -> None:
    forth, back = fired(Reading(a), Reading(b)), fired(Reading(b), Reading(a))
    assert [(g.name, g.a, g.b) for g in forth] == [(g.name, g.b, g.a) for g in back]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_a_statement_and_itself_pass(words: list[str]) -> None:
    text = " ".join(words)
    assert fired(Reading(text), Reading(text)) == ()


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_looked_at(a: str, b: str) -> None:
    assert [g.name for g in fired(Reading(a), Reading(b))] == [g.name for g in fired(Reading(b), Reading(a))]


@pytest.mark.parametrize(
    ("a", "b", "judge_decides"),
    [
        ("Old halls are unsuitable for high-bay systems.", "High-bay systems do not fit into old halls.", True),
        ("Insurers reimburse hearing aids.", "Insurers do not reimburse hearing aids.", False),
        ("Demand for lifts is rising.", "Demand for lifts is falling.", False),
        ("Nurses are scarce.", "Wards lack staff.", True),
        ("Insurers do not cover floods.", "Insurers cover floods and storms.", False),
        ("Italian wineries switch to screw caps.", "Portuguese wineries switch to screw caps.", False),
        ("Rents climb in Spain.", "Housing costs soar in Italy.", False),
        ("Feed is 60 percent of what raising bass costs.", "All but feed comes to 40% of the cost of bass.", True),
        ("A new hotel costs twice as much as a refit.", "Refits can be had at half the price of new hotels.", True),
        ("Nearly a third of the farms lease drones.", "30% of growers rent their drones.", True),
        ("A third of the farms lease drones.", "Half of the growers rent their drones.", False),
        ("A mill returns 60% of its water.", "A mill returns 40% of its water.", False),
    ],
)
def test_a_sure_judge_overrules_negators_and_figures_that_may_be_one_where_the_words_differ_too(
    a: str, b: str, judge_decides: bool
) -> None:
    one, two = Reading(a), Reading(b)
    assert overruled(one, two, fired(one, two)) == judge_decides


def test_quantities_are_read_with_their_units() -> None:
    found = figures("In 2024–27 sales of €1.5bn rise by 5 percentage points, twice as fast; a quarter of 12 tonnes, Q3")
    assert sorted((round(q.value, 2), q.unit) for q in found.quantities) == [
        (5.0, "points"),
        (12.0, "tonne"),
        (25, "percent"),
        (100, "percent"),
        (1500000000.0, "eur"),
    ]
    assert (found.years, found.periods) == ({"2024", "2027"}, {"q3"})


def test_a_negator_turns_a_direction() -> None:
    found = directions_of(Words("Prices are no longer rising, and costs fall"))
    assert [(d.words, dict(d.signs)["amount"]) for d in found] == [("rising", -1), ("fall", -1)]


def test_a_dash_after_a_unit_is_no_minus() -> None:
    spaced, tight = Reading("Growth of 10% – 15% is expected."), Reading("Growth of 10%–15% is expected.")
    assert band_of(Pair(spaced, tight, 0.9), 0.5) is Band.HIGH
