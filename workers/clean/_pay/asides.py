"""Money and numbers in a posting that are no pay: bonuses, funding, phone numbers, dates, percentages."""

from __future__ import annotations

import re
from functools import cache

from workers.clean._pay import aside_words as words
from workers.clean.text import fold

COMPANY_SIZED = 1e6  # from here on a sum may be of a company
_CONNECTIVES = rf"(?:(?:{words.CONNECTIVES})[\s:=–—-]*)*"
_ADJECTIVES = rf"(?:(?:{'|'.join(words.ADJECTIVES.split())})[\s-]+)*"
_EACH = (
    r"(?:(?:/|per|an?|each|every)\s*(?:year|month|week|day|yr|mo|annum|mile|km)\s+)?"
    r"(?:(?:annually|yearly|monthly) )?(?:in )?"
)
_INSURED = r"(?:\w+[ -]paid )?(?:\w+ )?(?:life|health|medical|accident|disability|dental) (?:insurance|cover(?:age)?)"
NOISE = re.compile(
    r"https?://\S+|\S+@\S+\.\w+"
    r"|(?<![\w.,$€£])\d{1,6}(?:-\d{1,6}){2,}(?![\w.,])"  # of many
    r"|(?<![\d.,$€£])\d{5}-\d{4}(?![\d.,]|\s?[$€£k])"  # of an American address
    r"|\b\d{4}-\d\d-\d\d(?:t[\d:.z+-]*)?"  # a day
    r"|(?<![\d.,])\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)(?:19|20)?\d\d\b"  # one mark: "18.50-22" is no day
    r"|\b401\s?\(?k\)?|\b403\s?\(?b\)?"
    r"|(?<!\d)\+\d[\d ()/-]{7,}\d|(?<![\d.,])(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)"  # a phone number
    r"|(?:\b\d+(?:[.,]\d+)?\s?(?:-|to)\s?)?\b\d+(?:[.,]\d+)?\s?(?:%|percent\b|prozent\b|procent\b)"
    r"|(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{1,2})?(?![\d/])(?!\s*(?:hr|h)\b)"
    r"|\b24/7\b|,-|(?<=\d),?-{1,2}(?=\s*(?:[^\W\d_]|$))(?!\s?[a-z]{1,3}\$?\s?\d)"
    r"|\b\d{1,2}:\d\d(?:\s?[ap]\.?m)?\b|\b\d{1,2}(?:st|nd|rd|th)\b"
)
_MARKS = re.compile(r"(?<=\d)\s?\*(?!\w)|\.[-–—]{1,2}(?=\s|$)")


def without_noise(shown: str) -> str:
    """A folded text with numbers that are never pay blanked out."""
    return _MARKS.sub(" ", NOISE.sub(" ", shown)) if any(c.isdigit() for c in shown) else shown


@cache
def _said_before() -> re.Pattern[str]:
    named = rf"(?:{words.EXTRAS}|{words.FUNDING}|{words.NAMED})[\s:()=–—-]*{_CONNECTIVES}"
    spent = rf"(?:{words.SPENT})[\s,(]*(?:{words.SIZES})\s*{_CONNECTIVES}|budgets?: "
    shares = rf"(?:{words.SHARES})\s*(?:grant\s*)?(?::|of\b|worth\b|valued at\b|up to\b)[\s:]*{_CONNECTIVES}"
    covered = r"(?:we |company )(?:will )?(?:cover|reimburse|contribute|donate|match)s?(?: up to)? "
    eastern = "|".join(fold(word) for word in words.EASTERN.split())
    eastern = rf"(?:{eastern})(?:支給|지급)?[\s(:]*(?:月|月額|日額|{fold('월')}|{fold('연')})?(?:上限)?\s?"
    return re.compile(rf"(?:\b(?:{named}|{spent}|{shares}|{covered})|{eastern})$")


@cache
def _said_after() -> re.Pattern[str]:
    shares = rf"(?:worth )?(?:of|in) (?:{words.SHARES})"
    paid_by_time = rf"{_EACH}{_ADJECTIVES}(?:stipends?|allowances?|reimbursements?|budget|setup|sachbezug)"
    extras = rf"{_ADJECTIVES}(?:{words.EXTRAS}|{words.FUNDING}|{words.FOLLOWING})"
    insured = rf"(?:of |in )?(?:{_INSURED}|{_EACH}(?:annual |monthly )?(?:{words.BENEFITS}))"
    needed = rf"{_EACH}(?:(?!(?:{words.STOPS})\b)\w[\w-]* ){{0,4}}(?:{words.NEEDS})"
    counted = "(?:per|a|/) ?(?:mile|km|referral)"
    either = f"{extras}|{shares}|{paid_by_time}|{insured}|{_EACH}(?:{words.PURPOSES})|{needed}|{counted}"
    return re.compile(rf"\+?[\s-]*(?:{either})\b")


@cache
def _company_before() -> re.Pattern[str]:
    about = "over |about |more than |nearly |an? |a budget of "
    return re.compile(rf"(?<!\w)(?:{words.COMPANY_DID}|{words.COMPANY_HAD})\s+(?:{about})?$")


@cache
def _company_after() -> re.Pattern[str]:
    return re.compile(rf"\+?[\s-]*(?:(?:in|of) )?(?:\w+ )?(?:{words.OF_A_COMPANY})\b")


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
