"""The words by which a sentence says what a figure counts: a market, or something else that is not its size.

Nothing here knows of figures. Every pattern is a list of words, or has bounded repeats: linear in the text.
"""

from __future__ import annotations

import re

FLAGS = re.IGNORECASE

NOT_A_MARKET = (  # "market leader", "market share": what is said is said of something else
    r"(?!\s+(?:leaders?|leading|shares?|cap\b|capitali[sz]ation|entry|entrants?|players?|research|participants?|"
    r"access|"
    r"analysts?|makers?|intelligence|insights|watchers?|positions?|reports?|study|studies|power|prices?|observers?|"
    r"incumbents?|association|body|group)\b)"
)
NOT_OF_GOODS = ("stock", "bond", "equity", "capital", "money", "credit", "job", "labour", "labor", "debt", "exchange")
OTHER_MARKETS = "".join(rf"(?<!\b{name} )" for name in NOT_OF_GOODS)
MARKET = re.compile(
    rf"{OTHER_MARKETS}\b(?:sub-?market|market|markets(?=\s+for\b)|industry|sector|sub-?segment|segment)\b"
    rf"{NOT_A_MARKET}"
    r"|\b(?:(?:retail|total|global|worldwide|world|national|domestic|annual|overall|combined)\s+){0,2}sales\s+of\s+"
    r"(?!its\b|their\b|our\b|his\b|her\b|the company)(?=[\w-]+)",
    FLAGS,
)
# Of one figure all but the market itself, be it a subject or an object.
OTHER = re.compile(
    r"\b(?:invest\w*|acqui\w+|buyout|takeover|merger|deals?|funding|raised|raises|raising|loans?|grants?|subsid\w+|"
    r"budget\w*|spen[dt]\w*|funds?|contracts?(?=\s+(?:worth|of|for|valued)\b)|orders?|fin(?:es?|ed)|penalt\w+|"
    r"prices?|priced|costs?|costing|fees?|"
    r"savings?|saves?|saved|wages?|salar\w+|debts?|capex|capital expenditure|profits?|profitability|earnings|ebitda|"
    r"income|"
    r"margins?|imports?|imported|exports?|exported|shipments?|shipped|donat\w+|tariffs?|tax(?:es)?|deficit|"
    r"loss(?:es)?|lost|lose|"
    r"paid|pays?|payments?|charges?|capitali[sz]ation|assets|valuation|turnover|revenues?|sold|bought|"
    r"posted(?!\s+(?:an?\s+)?(?:\w+\s+){0,2}(?:growth|cagr))|announced|booked|secured|pledged|earmarked|allocated|"
    r"turned over|reported(?!\s+to\b)|opportunit\w+|increment\w*|"
    r"gains?|add(?:s|ing)?|additional|puts in|brings? in|programmes?|programs?|population|inflation|gdp|production|"
    r"output|volumes?|consumption|patients|users|"
    r"companies['’]?\s+\w+|compan(?:y|ies)(?=['’]?s?\s+(?:had|has|made|earn\w*|generat\w*|record\w*|grew|reach\w*))|"
    r"backlog|order book|"
    r"bill|price tag|damages?|compensation|bonus\w*|insured|premiums?(?=\s+of)|stake|ipo|listing|round|seed|"
    r"series [a-e])\b"
    r"|(?<!market)(?<!industry)(?<!sector)(?<!segment)['’]s\s+(?:annual |total |own |net )?sales\b|\b(?:its|their|"
    r"our|his)\s+(?:\w+\s+)?sales\b|\bsales\s+(?:at|by)\b",
    FLAGS,
)
# The market's own revenue: "it generated revenue of", "in terms of revenue". "Market revenue" is told by its place.
OWN_REVENUE = re.compile(
    r"\b(?:generat\w+|earn\w+|record\w+|register\w+|account\w* for|in terms of|produc\w+|sees?|with|in|by)\s+"
    r"(?:an?\s+)?(?:(?:estimated|total|annual|global)\s+){0,2}(?:revenues?|sales|turnover)$",
    FLAGS,
)
OWN = re.compile(r"(?:[’']s)?\s*(?:size|value)?\s*\(?$", FLAGS)
OWN_HEAD = re.compile(
    r"\b(?:revenues?|turnover|sales|size|value|worth|volume|growth|demand|expansion|growing)\b", FLAGS
)
POSSESSED = re.compile(
    r"(?:\b(?:compan\w+|firm|group|its|their|our|his|her)|(?<!market)(?<!industry)(?<!sector)(?<!year)[’']s)(?:\s+[\w-]+){0,2}\s+"
    r"(?:revenues?|turnover|sales|growth|demand)\b",
    FLAGS,
)
NAMED = re.compile(r"\s*,\s+[A-Z][\w’']+\s")  # "In the lift market, Acme sold …"
# From a preposition to the end, without a verb: "in the Portuguese" before "market".
WITHIN = re.compile(
    r"\b(?:of|in|into|to|on|from|for|within|across|throughout|entering|enter|entered)\s+(?:(?!(?:will|would|could|can|is|are|"
    r"was|were|has|have|had|to|push\w*|lift(?:s|ed)|driv\w+|help\w*|makes?|takes?|brings?|expects?|sees?|estimates?|says?|"
    r"puts?|values?)\b)[\w'’&/-]+\s+){0,8}$",
    FLAGS,
)
CUE = re.compile(
    r"\b(?:valu\w+|worth|estimat\w+|reach\w*|project\w+|expect\w+|anticipat\w+|forecast\w*|predict\w+|st(?:ood|"
    r"ands?)|"
    r"amount\w*|siz\w+|total\w*|generat\w+|earn\w+|exceed\w*|surpass\w*|cross\w*|hit|tops?|topped|approach\w*|"
    r"attain\w*|touch\w*|garner\w*|"
    r"was|is|were|are|be|been|gr[eo]w\w*|rise|rose|rising|climb\w*|expand\w*|increas\w*|account\w*|register\w*|"
    r"record\w*|"
    r"calculated|pegged|put|puts|at|of|to|from|represent\w*|comprise\w*|turns? over|turned over)\b|[:|\t(=–—-]",
    FLAGS,
)
FUTURE = re.compile(
    r"\b(?:will|shall|would|project\w*|expect\w*|anticipat\w*|forecast\w*|predict\w*|set to|slated|poised|likely|"
    r"on track|"
    r"could|may|might|should|going to|estimated to (?!be\b|have )|targets?|aims?|heading|headed|"
    r"to\s+(?:reach|hit|exceed|surpass|touch|attain|cross|grow|become|total|rise|approach|top|climb|"
    r"expand|increase|more than|nearly|double|triple|account))\b",
    FLAGS,
)
PAST = re.compile(
    r"\b(?:was|were|had|reached|stood|stands|totall?ed|amounted|generated|grew|rose|climbed|exceeded|crossed|hit|is|"
    r"are|"
    r"accounted|recorded|registered|earned)\b",
    FLAGS,
)
HISTORY = re.compile(r"\b(?:from|compared (?:with|to)|against|versus|vs\.?|than)\s+(?:\w+\s+){0,2}$", FLAGS)
INCREMENT = re.compile(
    r"\b(?:grow\w*|grew|ris\w+|rose|increas\w*|expand\w*|up|climb\w*|declin\w*|f[ae]ll\w*|drop\w*|shr[aiu]nk\w*|"
    r"higher|lower)"
    r"\s+(?:\w+\s+)?by\s+(?:\w+\s+){0,3}$|\b(?:increase|rise|growth|drop|decline)\s+of\s+(?:\w+\s+){0,2}$",
    FLAGS,
)
# What a figure is when these words follow it.
COUNTED = re.compile(
    r"\s{0,2}(?:per|an?\s+(?:unit|piece|tonne|ton|month|head|litre|kilo\w*|day|week)|each|apiece|/)\b"
    r"|\s{0,2}(?:in|of|worth of|as)?\s?(?:[\w-]+\s+){0,2}(?:invest\w+|acquisition|deals?|funding|loans?|grants?|"
    r"contracts?|plants?|factory|"
    r"funds?|programmes?|programs?|projects?|facilit(?:y|ies)|budgets?|rounds?|exports?|imports?|compan(?:y|ies)|"
    r"savings|debts?|"
    r"subsid\w+|packages?|schemes?|revenue(?=\s+(?:company|group|firm)))\b",
    FLAGS,
)
A_MARKET = re.compile(
    r"(?:[\s-]{1,2}(?!in\b|into\b|to\b|for\b|from\b|of\b|on\b|and\b|by\b|as\b|with\b|at\b|"
    r"over\b)[\w&’'-]+){0,6}?[\s-](?:market|industry|sector|business)\b" + NOT_A_MARKET,
    FLAGS,
)
FRONTED = re.compile(
    r"\s*(?:already |currently |now )?(?:valued|worth|estimated|pegged|with a (?:value|size|market size)|(?:up |"
    r"down )?from|at)\b",
    FLAGS,
)
# What speaks of the market of the sentence before.
PRONOUN = re.compile(
    r"\s*(?:(?:[A-Z][a-z]+\s)?(?:by|in|from|between|looking|going|moreover|furthermore|also|"
    r"further)\b[^,]{0,60},\s+)?(?:and |but )?"
    r"(?:it|this|that|the (?:figure|value|total|size|amount)|this (?:figure|value|amount)|its (?:value|size|worth)|"
    r"growth|"
    r"revenues?|up from|down from|an? (?:annual |)(?:growth|CAGR)|a compound|the (?:annual )?growth|the cagr|cagr)\b",
    FLAGS,
)
ASIDE = re.compile(
    r",?\s(?:driven|led|fuell?ed|supported|backed|boosted|propelled|buoyed|owing|due|thanks|amid|despite|because|"
    r"as)\b[^,]{0,200},",
    FLAGS,
)
ROW = re.compile(r"\W*(?:revenue|value|market|size|sales)?\s?(?:forecast|size|value|volume|revenue)\b", FLAGS)

CAGR = re.compile(
    r"\bCAGR\b|\bcompound(?:ed)?\s+(?:average\s+)?annual\s+(?:growth\s+)?rates?(?:\s+of\s+growth)?(?:\s*\(CAGR\))?|"
    r"\bcompound(?:ed)?\s+annual\s+growth\b|\bcompound\s+growth(?:\s+rate)?\b|\bcompounded\s+annually\b",
    FLAGS,
)
CAGR_AFTER = re.compile(
    r"\s{0,2}[(,]?\s?(?:annual\s|yearly\s|growth\s)?(?:CAGR\b|compound\w*\s+(?:annual\w*|"
    r"growth)(?:\s+growth)?(?:\s+rate)?)",
    FLAGS,
)
YEARLY_AFTER = re.compile(
    r"\s{0,2}(?:\(\s?)?(?:(?:growth\s+)?(?:a|per|each|every)\s+(?:year|annum)\b|annually\b|yearly\b|p\.\s?a\.|"
    r"year[- ](?:on|over)[- ]year|"
    r"y-?o-?y\b|(?:annual|yearly)\s+(?:growth|rate|increase|expansion|pace)|growth\s+(?:per|a)\s+year)",
    FLAGS,
)
GROWTH_AFTER = re.compile(r"\s{0,2}(?:growth|expansion|increase|rise|decline|contraction|drop|decrease)\b", FLAGS)
RATE_BEFORE = re.compile(
    r"\b(?:(?:annual(?:i[sz]ed|ly)?|yearly|average)\s+(?:average\s+)?(?:growth|rate|pace|expansion|"
    r"increase)(?:\s+rate)?|growth\s+rates?|year[- ]on[- ]year growth)"
    r"[^%.;]{0,70}$",
    FLAGS,
)
QUALIFIER = (
    r"(?:(?:about|around|approximately|roughly|nearly|almost|over|above|more than|at least|some|up to|just|only|"
    r"close to|an estimated|a|an|another|less than|under|between|from)\s+){0,3}"
)
GROWING = (
    r"\b(?:grow(?:s|n|ing|th)?|grew|expand(?:s|ed|ing)?|expansion|ris(?:es?|en|ing)|rose|increas(?:es?|ed|ing)|"
    r"advanc(?:es?|ed|ing)|climb(?:s|ed|ing)?|"
    r"declin(?:es?|ed|ing)|shrink(?:s|ing)?|shrank|shrunk|contract(?:s|ed|ing)|contraction|f[ae]ll(?:s|en|ing)?|"
    r"fell|drop(?:s|ped|ping)?|decreas(?:es?|ed|ing))"
)
AT_RATE = re.compile(
    rf"{GROWING}(?:\s+(?:annually|yearly|further|steadily|strongly|modestly|slightly|each year|every year|"
    rf"globally))?\s+(?:at|of)\s+"
    rf"(?:an?\s+)?(?:[a-z-]+\s+){{0,3}}?(?:(?:rate|pace)\s+of\s+)?{QUALIFIER}$",
    FLAGS,
)
BY_SHARE = re.compile(
    rf"{GROWING}(?:\s+(?:further|again|slightly|sharply|"
    rf"strongly))?\s+(?:by\s+)?{QUALIFIER}$",
    FLAGS,
)
SHRINKING = re.compile(
    r"\b(?:declin\w*|shr[iau]nk\w*|contract(?:s|ed|ing|ion)|f[ae]ll\w*|drop\w*|decreas\w*|negative)\b", FLAGS
)
BASE_YEAR = re.compile(
    r"\bbase[ -]year(?:\s+(?:for|of)\s+(?:the\s+)?\w+|\s+considered|\s+taken)?[\s:|(\t]{0,6}(?:is|was|"
    r"being)?\s?(?:set at\s)?(?P<year>(?:19|20)\d\d)(?!\s?[-–/]\s?\d)\b"
    r"|\b(?P<year2>(?:19|20)\d\d)\s+(?:(?:is|was|serves|served)\s)?(?:taken |considered |used |set )?"
    r"(?:as|is|was)\s+(?:the\s+)?base[ -]year\b",
    FLAGS,
)
