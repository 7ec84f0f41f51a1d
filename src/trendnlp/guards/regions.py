"""Which countries and regions lie in which region: a whole does not exclude its parts."""

from __future__ import annotations

from functools import cache

GLOBAL = "Global"
ONE = 0.5  # share of the smaller region's countries that lie in another, from which the two are no contrast
# By the usual names of ``read.gazetteer``. A region named here stands for what is listed for it too.
REGIONS = {
    "Nordics": "Denmark, Finland, Iceland, Norway, Sweden",
    "Baltics": "Estonia, Latvia, Lithuania",
    "Benelux": "Belgium, Luxembourg, Netherlands",
    "Eastern Europe": "Baltics, Bulgaria, Croatia, Czech Republic, Hungary, Poland, Romania, Russia, Serbia, Slovakia, "
    "Slovenia, Ukraine",
    "Western Europe": "Austria, Benelux, France, Germany, Greece, Ireland, Italy, Malta, Nordics, Portugal, Spain, "
    "Switzerland, United Kingdom",
    "Europe": "Cyprus, Eastern Europe, Turkey, Western Europe",
    "GCC": "Bahrain, Kuwait, Oman, Qatar, Saudi Arabia, United Arab Emirates",
    "Middle East": "Egypt, GCC, Iran, Iraq, Israel, Lebanon, Turkey",
    "North Africa": "Egypt, Morocco, Tunisia",
    "West Africa": "Ghana, Ivory Coast, Nigeria, Senegal",
    "East Africa": "Ethiopia, Kenya, Rwanda, Tanzania, Uganda",
    "Sub-Saharan Africa": "Cameroon, East Africa, Mauritius, Mozambique, South Africa, West Africa, Zambia, Zimbabwe",
    "Africa": "North Africa, Sub-Saharan Africa",
    "Middle East and Africa": "Africa, Middle East",
    "South Asia": "Bangladesh, India, Nepal, Pakistan, Sri Lanka",
    "Central Asia": "Kazakhstan, Uzbekistan",
    "Southeast Asia": "Cambodia, Indonesia, Laos, Malaysia, Myanmar, Philippines, Singapore, Thailand, Vietnam",
    "Oceania": "Australia, New Zealand",
    "Asia": "Azerbaijan, Central Asia, China, Hong Kong, Japan, Middle East, Mongolia, South Asia, South Korea, "
    "Southeast Asia, Taiwan",
    "Asia-Pacific": "China, Hong Kong, Japan, Mongolia, Oceania, South Asia, South Korea, Southeast Asia, Taiwan",
    "North America": "Canada, Mexico, United States",
    "Central America": "Costa Rica, Guatemala, Honduras, Panama",
    "Caribbean": "Cuba, Dominican Republic",
    "South America": "Argentina, Bolivia, Brazil, Chile, Colombia, Ecuador, Paraguay, Peru, Uruguay, Venezuela",
    "Latin America": "Caribbean, Central America, Mexico, South America",
}


@cache
def parts_of(region: str) -> frozenset[str]:
    """All countries and regions that lie in ``region``; of a country none."""
    own = frozenset(REGIONS.get(region, "").split(", ")) - {""}
    return own.union(*(parts_of(part) for part in own))


@cache
def countries_of(place: str) -> frozenset[str]:
    """The countries of a region; a country itself."""
    return (parts_of(place) | {place}) - REGIONS.keys()


def exclude(a: str, b: str) -> bool:
    """Whether what is said of ``a`` is said of something else than ``b``: two places, of which neither lies in the
    other, nor most of it. That Egypt lies in Africa and the Middle East makes these no one region.
    """
    if a == b or GLOBAL in (a, b):
        return False
    one, other = countries_of(a), countries_of(b)
    return len(one & other) < ONE * min(len(one), len(other))


def part_of(a: str, b: str) -> bool:
    """Whether ``a`` lies in the region ``b``. All lies in the world: that tells nothing of a part."""
    return a in parts_of(b)
