"""Money and numbers in a posting that are no pay: bonuses, funding, phone numbers, dates, percentages."""

from __future__ import annotations

import re
from functools import cache

_EXTRAS = (
    r"bonus(?:es)?|sign[ -]on|stipends?|allowances?|reimbursements?|per ?diem|gift ?cards?|vouchers?|referrals?|"
    r"pramie|bonuszahlung|weihnachtsgeld|urlaubsgeld|zuschuss|premio|bono|odmena|premia|gratifikation"
)
# named before an amount only: behind one, "plus commission" and "with benefits" end a statement of pay
_NAMED = (
    r"(?:application|registration|processing|training|admin(?:istration)?) (?:fees?|costs?)|deposit of|deductible|copay|hsa|"
    r"insurance|insurance cover(?:age)?|(?:health|medical|life|accident|family|dental) cover(?:age)?|(?:hsa|employer|pension|company|retirement) contributions?|match(?:ing)?|"
    r"(?:shift|night|weekend|evening) (?:premium|differential)|differentials?|overtime premium|"
    r"prizes? of|grants? of|scholarships? of|quotas?|clos(?:e|ed|ing) deals|deal sizes?|contract values?|acv|tcv|p&l|"
    r"relocation (?:assistance|package|support|budget|help)|(?:lunch(?:es)?|meals?) worth|tickets? restaurants?|titres? restaurants?|primes?|"
    r"sachbezug|essenszuschuss|esops?|perks? worth|benefits? worth"
)
_SPENT = r"commissions?|tips|budgets?"  # counted only with a word of size: "commission up to", "budget of"
_SHARES = r"equity|stock|rsus?|options|shares|esops?"
_FUNDING = (
    r"raised|raising|funding|valuation|arr|mrr|gmv|aum|run ?rate|series [a-h]\b|seed round|annual recurring revenue|"
    r"assets under management"
)
# sums of this size beside such words are of the company: "$2M in savings"; pay of millions is stated without them
COMPANY_SIZED = 1e6
_OF_A_COMPANY = (
    r"revenues?|turnover|savings|portfolio|market|industry|compan(?:y|ies)|start-?ups?|business|firm|unicorn|fund|"
    r"umsatz|chiffre d'affaires|fatturato|transactions|p&l|quota|budgets?|book of business"
)
_CONNECTIVES = (
    r"(?:(?:of|to|up to|upto|is|are|worth|at|over|about|around|approximately|a|total|totaling|potential|range|value|targets?|"
    r"from|between|in|in the amount|bis zu|de|d'\w+|von|max(?:imum)?|min(?:imum)?|averages?|averaging|we pay|jusqu'a|hasta)[\s:=-]*)*"
)
_ADJECTIVES = (
    r"(?:(?:annual|yearly|quarterly|monthly|weekly|daily|one|time|sign|signing|on|retention|performance|referral|"
    r"relocation|welcome|joining|employee|employer|home|office|wfh|learning|education|development|tuition|remote|wellness|"
    r"travel|target|cash|company|training|meal|phone|internet|equipment|discretionary|new|hire|the|in|gym|fitness|car|fuel|"
    r"food|lunch|childcare|commuter|transport|transit|parking|health|mental|medical|dental|lifestyle|setup|housing|moving|"
    r"uniform|tool|book|conference|certification|professional|completion|attendance|holiday|christmas|clothing|mobile|cell|data)[\s-]+)*"
)
_EACH = r"(?:(?:/|per|an?|each|every)\s*(?:year|month|week|day|yr|mo|annum|mile|km)\s+)?"
_INSURED = r"(?:\w+[ -]paid )?(?:\w+ )?(?:life|health|medical|accident|disability|dental) (?:insurance|cover(?:age)?)"
_BENEFITS = r"(?:wellness|wellbeing|health|mental health|fitness|gym|commuter|lifestyle|learning|childcare|meal) (?:benefits?|credits?|fund)"
NOISE = re.compile(
    r"https?://\S+|\S+@\S+\.\w+"
    r"|\b\d{4}-\d\d-\d\d(?:t[\d:.z+-]*)?"  # a day
    r"|(?<![\d.,])\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)(?:19|20)?\d\d\b"  # one mark: "18.50-22" is no day
    r"|\b401\s?\(?k\)?|\b403\s?\(?b\)?"
    r"|(?<!\d)\+\d[\d ()/-]{7,}\d|(?<![\d.,])(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)"  # a phone number
    r"|(?:\b\d+(?:[.,]\d+)?\s?(?:-|to)\s?)?\b\d+(?:[.,]\d+)?\s?(?:%|percent\b|prozent\b|procent\b)"
    r"|(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{1,2})?(?![\d/])(?!\s*(?:hr|h)\b)"
    r"|\b24/7\b|,-|(?<=\d),?-{1,2}(?=\s*(?:[^\W\d_]|$))"
    r"|\b\d{1,2}:\d\d(?:\s?[ap]\.?m)?\b|\b\d{1,2}(?:st|nd|rd|th)\b"
)
_MARKS = re.compile(r"(?<=\d)\s?\*(?!\w)|\.[-–—]{1,2}(?=\s|$)")


def without_noise(shown: str) -> str:
    """A folded text with numbers that are never pay blanked out."""
    return _MARKS.sub(" ", NOISE.sub(" ", shown)) if any(c.isdigit() for c in shown) else shown


@cache
def _said_before() -> re.Pattern[str]:
    named = rf"(?:{_EXTRAS}|{_FUNDING}|{_NAMED})[\s:()=-]*{_CONNECTIVES}"
    spent = rf"(?:{_SPENT})[\s,(]*(?:of|up to|averag\w+|worth|over|around|about|between|from|bis zu)\s*{_CONNECTIVES}|budgets?: "
    shares = rf"(?:{_SHARES})\s*(?:grant\s*)?(?::|of\b|worth\b|valued at\b|up to\b)[\s:]*{_CONNECTIVES}"
    covered = r"(?:we |company )(?:will )?(?:cover|reimburse|contribute|donate|match)s?(?: up to)? "
    return re.compile(rf"\b(?:{named}|{spent}|{shares}|{covered})$")


@cache
def _said_after() -> re.Pattern[str]:
    shares = rf"(?:worth )?(?:of|in) (?:{_SHARES})"
    paid_by_time = rf"{_EACH}{_ADJECTIVES}(?:stipends?|allowances?|reimbursements?|budget|setup|sachbezug)"
    moving = "relocation(?! (?:available|provided|offered|possible|support|assistance|assisted|help))"
    extras = rf"{_ADJECTIVES}(?:{_EXTRAS}|{_FUNDING}|{moving}|seed|budget|deposit|(?:application|processing|registration|setup) fee|acv|tcv)"
    insured = rf"(?:of |in )?(?:{_INSURED})|(?:of |in )?{_EACH}(?:annual |monthly )?{_BENEFITS}"
    others = r"(?:in |of )?(?:grants?|prizes?|donations?)(?: pool| money)?|(?:for|towards?) (?:learning|training|education|relocation|your (?:home )?office)"
    return re.compile(rf"\+?[\s-]*(?:{extras}|{shares}|{paid_by_time}|{insured}|{others}|(?:per|a|/) ?(?:mile|km|referral))\b")


@cache
def _company_before() -> re.Pattern[str]:
    did = r"process(?:es|ing)?|(?:^|\b(?:we|to|team|platform|customers|clients) )(?:manag|handl|mov|sav|generat)(?:e|es|ed|ing)(?: clients| customers| companies)?"
    had = r"backed by|backing of|portfolio of|profitable with|(?:^|we are |we're |company )valued at|(?:^|our |with )annual revenues? of|crossed|surpassed|quota of"
    return re.compile(rf"(?<!\w)(?:{did}|{had})\s+(?:over |about |more than |nearly |a |an |a budget of )?$")


@cache
def _company_after() -> re.Pattern[str]:
    return re.compile(rf"\+?[\s-]*(?:(?:in|of) )?(?:\w+ )?(?:{_OF_A_COMPANY})\b")


def is_of_a_company(shown: str, start: int, end: int) -> bool:
    """Whether the neighbours of a large sum from `start` to `end` call it what a company has, earns or is worth."""
    before = shown[max(0, start - 48) : start]
    return _company_before().search(before) is not None or _company_after().match(shown, end, end + 48) is not None


_GRADE = re.compile(r"\b(?:levels?|bands?|grades?|scale|tier|step|class|zone|group|category|gs|ic|point|spine)[ -]?$")


def is_grade(shown: str, start: int) -> bool:
    """Whether the number that begins at `start` is that of a grade or level."""
    return _GRADE.search(shown[max(0, start - 12) : start]) is not None


_WEIGHTS = re.compile(r"\b(?:lift|carry|weigh|push|pull|mov)\w*(?: and \w+| or \w+)? (?:up to |at least |over |of )*$")


def is_aside(shown: str, start: int, end: int) -> bool:
    """Whether the neighbours of the amount from `start` to `end` call it a bonus, an allowance, funding or a weight."""
    before = shown[max(0, start - 48) : start]
    return (
        _WEIGHTS.search(before) is not None
        or _said_before().search(before) is not None
        or _said_after().match(shown, end, end + 64) is not None
    )
