"""A raw text of pay made readable: folded, without markup of its own and without numbers that are never pay."""

from __future__ import annotations

import re

from workers.clean._pay.asides import without_noise
from workers.clean._pay.money_signs import wordy_words
from workers.clean._pay.number_words import digits_for_words
from workers.clean.text import fold

_PLAIN = str.maketrans({"\u2009": " ", "\u202f": " "})
_DIRHAM = "\u062f.\u0625"  # folded it would be the sign of the Jordanian dinar
_ESCAPES = re.compile(r"\\(?=[^\w\s])|\*+(?!\d)")  # of Markdown: "$90\-95", "**Pay**"
_DONG = re.compile(r"(?<=\d)\s?[\u0111\u0110](?![^\W\d_])")  # folded it would be a mere "d"
_SPLIT_CENTS = re.compile(r"(\d[.,]) (?=\d\d(?: ?(?:[^\W\d_]+|[^\w\s]))?\s*$)")  # "8. 94"
_FROM_NOTHING = re.compile(
    r"(?<![^\s(:])(?:[$€£₹]\s?0(?:[.,]0+)?k?\s?(?:-|–|—|to)\s?(?=\D{0,3}\d)|0(?:[.,]0+)?\s?(?:-|–|—|to)\s?(?=[$€£₹]))"
)
_HALVES = re.compile(r"(?<![\d/.,])(\d{2,3})\s?/\s?(?=\d{2,3}\s?k\b)")  # "40/45 K€"
_UNITS = (
    r"hours?|hrs?|h|days?|shifts?|nights?|times|x|stunden|std\.?|tage|heures?|jours?|horas?|dias?|ore|giorni|uur|uren|"
    r"dagen|hodin|godzin|timmar|timer"
)
_SPANS = (
    r"hour|day|week|wk|month|year|woche|tag|monat|semaine|jour|mois|semana|dia|mes|settimana|giorno|mese|dag|maand|"
    r"tyden|tydne|tydzien|tygodniu|vecka|uge|uke"
)
# how long or how often one works; its "per week" is no period of pay
_WORKED = re.compile(
    rf"(?<![\d.,$€£])\d{{1,3}}(?:[.,]\d+)?\+?(?:\s?(?:-|–|to|bis|a)\s?\d{{1,3}}(?:[.,]\d+)?)?[\s-]?(?:{_UNITS})\s?"
    rf"(?:/|\b(?:per|a|an|each|every|pro|par|por|a la|al|alla|na|in der|die|je|w|i|om)\b)\s?(?:{_SPANS})\b"
)


def readable(line: str) -> str:
    """The line as amounts and periods are looked for in it."""
    return without_noise(_WORKED.sub(" ", _HALVES.sub(r"\1-", _FROM_NOTHING.sub("up to ", folded(line)))))


def folded(line: str) -> str:
    """The line folded, with plain blanks, digits for number words, and signs that folding would lose kept."""
    plain = _ESCAPES.sub("", _DONG.sub("₫", line.translate(_PLAIN).replace(_DIRHAM, " AED ")))
    plain = wordy_words().sub("_", plain)
    return digits_for_words(_SPLIT_CENTS.sub(r"\1", fold(plain).replace("\u2044", "/")))
