"""Names and adjectives of countries and regions, for telling which geography a report is about.

One line an entry: ``canonical name: other names and adjectives``. Names that are also everyday words or common personal
names (Chad, Jordan, Georgia, Guinea) are left out: no geography is better than a wrong one.
"""

from __future__ import annotations

from functools import cache

ENTRIES = """
Global: Worldwide, World
Europe: European, EU, European Union, EMEA
Western Europe: West European
Eastern Europe: East European, Central and Eastern Europe, CEE
Asia: Asian
Asia-Pacific: Asia Pacific, APAC, Asia-Pacific region
Southeast Asia: South-East Asia, South East Asia, Southeast Asian, South-East Asian, South East Asian, ASEAN
South Asia: South Asian
Central Asia: Central Asian
Middle East: Middle Eastern
Middle East and Africa: MEA, Middle East & Africa
GCC: Gulf states, Gulf
Gulf of Mexico:
Africa: African
Sub-Saharan Africa: Sub-Saharan
East Africa: East African
West Africa: West African
North Africa: North African
North America: North American
Latin America: Latin American, LATAM
South America: South American
Central America: Central American
Caribbean: The Caribbean
Nordics: Nordic, Nordic countries, Scandinavia, Scandinavian
Baltics: Baltic, Baltic states
Benelux:
Oceania:
Argentina: Argentine, Argentinian
Australia: Australian
Austria: Austrian
Azerbaijan: Azerbaijani
Bahrain: Bahraini
Bangladesh: Bangladeshi
Belgium: Belgian
Bolivia: Bolivian
Brazil: Brazilian
Bulgaria: Bulgarian
Cambodia: Cambodian
Cameroon: Cameroonian
Canada: Canadian
Chile: Chilean
China: Chinese
Colombia: Colombian
Costa Rica: Costa Rican
Croatia: Croatian
Cuba: Cuban
Cyprus: Cypriot
Czech Republic: Czech, Czechia
Denmark: Danish
Dominican Republic:
Ecuador: Ecuadorian
Egypt: Egyptian
Estonia: Estonian
Ethiopia: Ethiopian
Finland: Finnish
France: French
Germany: German
Ghana: Ghanaian
Greece: Greek
Guatemala: Guatemalan
Honduras: Honduran
Hong Kong:
Hungary: Hungarian
Iceland: Icelandic
India: Indian
Indonesia: Indonesian
Iran: Iranian
Iraq: Iraqi
Ireland: Irish
Israel: Israeli
Italy: Italian
Ivory Coast: Ivorian, Côte d'Ivoire
Japan: Japanese
Kazakhstan: Kazakh
Kenya: Kenyan
Kuwait: Kuwaiti
Laos:
Latvia: Latvian
Lebanon: Lebanese
Lithuania: Lithuanian
Luxembourg:
Malaysia: Malaysian
Malta: Maltese
Mauritius: Mauritian
Mexico: Mexican
Mongolia: Mongolian
Morocco: Moroccan
Mozambique:
Myanmar: Burmese
Nepal: Nepali, Nepalese
Netherlands: The Netherlands, Dutch
New Zealand:
Nigeria: Nigerian
Norway: Norwegian
Oman: Omani
Pakistan: Pakistani
Panama: Panamanian
Paraguay: Paraguayan
Peru: Peruvian
Philippines: The Philippines, Philippine
Poland: Polish
Portugal: Portuguese
Qatar: Qatari
Romania: Romanian
Russia: Russian
Rwanda: Rwandan
Saudi Arabia: Saudi, KSA
Senegal: Senegalese
Serbia: Serbian
Singapore: Singaporean
Slovakia: Slovak
Slovenia: Slovenian
South Africa: South African
North Korea: North Korean
South Korea: Korea, Korean, South Korean, Republic of Korea
Spain: Spanish
Sri Lanka: Sri Lankan
Sweden: Swedish
Switzerland: Swiss
Taiwan: Taiwanese
Tanzania: Tanzanian
Thailand: Thai
Tunisia: Tunisian
Turkey: Turkish, Türkiye
Uganda: Ugandan
Ukraine: Ukrainian
United Arab Emirates: UAE, Emirati, Emirates
United Kingdom: UK, U.K., Britain, British, Great Britain, Northern Ireland
United States: US, U.S., USA, U.S.A., United States of America, New Mexico
Uruguay: Uruguayan
Uzbekistan: Uzbek
Venezuela: Venezuelan
Vietnam: Vietnamese, Viet Nam
Zambia: Zambian
Zimbabwe: Zimbabwean
"""


@cache
def names() -> dict[str, str]:
    """Every name and adjective, with its canonical name."""
    found: dict[str, str] = {}
    for line in ENTRIES.strip().splitlines():
        canonical, _, others = line.partition(":")
        for name in (canonical, *others.split(",")):
            if name.strip():
                found[name.strip()] = canonical
    return found
