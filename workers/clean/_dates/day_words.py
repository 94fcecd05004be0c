"""Days of a month spelled out in French, Portuguese, Italian, German and Dutch, in digits: "vingt et un mai"."""

from __future__ import annotations

import re
from functools import cache

# by number from 1; words that mean something else beside a month ("un", "due", "six", "sept") are left out as "-"
_FRENCH = "premier deux trois quatre cinq - - huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"
_PORTUGUESE = (
    "primeiro dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito "
    "dezenove"
)
_ITALIAN = (
    "primo - tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette "
    "diciotto diciannove venti ventuno ventidue ventitre ventiquattro venticinque ventisei ventisette ventotto ventinove "
    "trenta trentuno"
)
_GERMAN = (
    "erst zweit dritt viert funft sechst siebt acht neunt zehnt elft zwolft dreizehnt vierzehnt funfzehnt sechzehnt "
    "siebzehnt achtzehnt neunzehnt zwanzigst"
)
_GERMAN_ONES = "ein zwei drei vier funf sechs sieben acht neun"
_DUTCH = (
    "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende vijftiende "
    "zestiende zeventiende achttiende negentiende twintigste"
)
_DUTCH_ONES = "een twee drie vier vijf zes zeven acht negen"
_JOINED = (  # what stands before the ones of 20 and 30, and between them
    ("vingt", "trente", r"(?: et |[ -])", "un deux trois quatre cinq six sept huit neuf"),
    ("vinte", "trinta", " e ", "um dois tres quatro cinco seis sete oito nove"),
)


@cache
def _days() -> dict[str, int]:
    known = {
        word: at
        for listed in (_FRENCH, _PORTUGUESE, _ITALIAN)
        for at, word in enumerate(listed.split(), 1)
        if word != "-"
    }
    for twenty, thirty, _, _ in _JOINED:
        known |= {twenty: 20, thirty: 30}
    stems = list(enumerate(_GERMAN.split(), 1))
    stems += [(20 + at, f"{ones}undzwanzigst") for at, ones in enumerate(_GERMAN_ONES.split(), 1)]
    stems += [(30, "dreissigst"), (31, "einunddreissigst"), (30, "dreißigst"), (31, "einunddreißigst")]
    known |= {stem + ending: at for at, stem in stems for ending in ("er", "en", "e")}
    known |= {word: at for at, word in enumerate(_DUTCH.split(), 1)}
    known |= {f"{ones}entwintigste": 20 + at for at, ones in enumerate(_DUTCH_ONES.split(), 1)}
    return known | {"dertigste": 30, "eenendertigste": 31}


@cache
def _said() -> re.Pattern[str]:
    joined = [rf"{tens}{between}(?:{'|'.join(ones.split())})" for *both, between, ones in _JOINED for tens in both]
    plain = sorted(_days(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join([*joined, *plain])})(?![\w-])")


def days_in_digits(folded: str) -> str:
    """A folded text with its spelled-out days in digits."""
    return _said().sub(_digits, folded)


def _digits(found: re.Match[str]) -> str:
    day = _days().get(found[0])
    return str(_joined(found[0]) if day is None else day)


def _joined(said: str) -> int:
    for twenty, thirty, _, listed in _JOINED:
        ones = next((at for at, word in enumerate(listed.split(), 1) if re.search(rf"[ -]{word}$", said)), 0)
        if said.startswith((twenty, thirty)):
            return ones + (20 if said.startswith(twenty) else 30)
    return 0
