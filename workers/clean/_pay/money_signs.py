"""The sign, code or word of a currency just before or behind a place in a folded text."""

from __future__ import annotations

import re
from functools import cache

from workers.clean._pay import money_words as words
from workers.clean.text import fold

_LONGEST_SIGN = 20  # characters
_CLOSING = " :.,="
_PREFIXES = {"k": 1e3, "t": 1e3, "m": 1e6}  # "KEUR", "T€", "MUSD"

_OTHER_DOLLARS = re.compile(r"[a-z]{1,4}\$")  # of some country that has no sign in the table
_RANDS = re.compile(r"\d{1,3}(?:[ ,.]\d{3})+|\d{3,}[.,]\d\d(?!\d)|(?!(?:19|20)\d\d(?!\d))\d{3,7}(?![\w.,])|\d{1,4}k\b")
_GROUPED = re.compile(r"(?:\d{1,3}(?:[ ,]\d{3})+|\d+[.,]\d\d)(?![\d%])")


@cache
def signs() -> dict[str, str]:
    """Folded sign, code or word -> ISO 4217, "" for what several countries share."""
    codes = {code.lower(): code for code in words.CODES.split()}
    return codes | {fold(sign): code for sign, code in words.SIGNS.items()}


@cache
def _after_only() -> frozenset[str]:
    return frozenset(map(fold, words.AFTER_ONLY.split()))


@cache
def wordy() -> frozenset[str]:
    """Codes that are words of English too, folded."""
    return frozenset(words.WORDY_CODES.lower().split())


@cache
def wordy_words() -> re.Pattern[str]:
    """Such words in a raw text where they are no codes, since not in capitals."""
    either = "|".join(f"{code[0]}{code[1:].lower()}|{code.lower()}" for code in words.WORDY_CODES.split())
    return re.compile(rf"\b(?:{either})\b(?!['\u2019])")  # "all'anno"


def sign_before(shown: str, start: int, least: int) -> tuple[str, float, int] | None:
    """The sign that ends where a number starts, its scale, and where it begins."""
    end = _end_of_sign(shown, start, least, " :,=")
    found = _sign_ending(shown, end, start, least)
    dotted = found is None and end > least and shown[end - 1] == "."
    return _sign_ending(shown, _end_of_sign(shown, end, least, _CLOSING), start, least) if dotted else found


def _end_of_sign(shown: str, start: int, least: int, closing: str) -> int:
    end = start
    while end > least and shown[end - 1] in closing and start - end < 4:
        end -= 1
    return end


def _sign_ending(shown: str, end: int, start: int, least: int) -> tuple[str, float, int] | None:
    for size in range(min(_LONGEST_SIGN, end - least), 0, -1):
        at = end - size
        word = shown[at:end]
        if shown[at].isspace() or (shown[at].isalpha() and at > 0 and _in_word(shown[at - 1])):
            continue
        if word in signs() and word not in _after_only() and _fits(shown, at, end, start):
            return word, 1.0, at
        if word[0] in _PREFIXES and word[1:] in _large_codes():
            return word[1:], _PREFIXES[word[0]], at
        if _OTHER_DOLLARS.fullmatch(word):
            return "$", 1.0, at
    return _rand(shown, start, least)


def _rand(shown: str, start: int, least: int) -> tuple[str, float, int] | None:
    """South Africa's sign is a letter: it counts right before an amount that is no year and no small number."""
    at = start - 1
    apart = at > least and shown[at] == " "
    at -= apart
    if at < least or shown[at] != "r" or (at > 0 and (shown[at - 1].isalnum() or shown[at - 1] in "_&/")):
        return None
    return ("zar", 1.0, at) if (_GROUPED if apart else _RANDS).match(shown, start) else None


def _fits(shown: str, at: int, end: int, start: int) -> bool:
    """Whether a short sign stands close enough: "A $4 billion" is an article, "A$4" Australia; "12.R$" is a list."""
    word = shown[at:end]
    if start > end and "," in shown[end:start]:
        return False
    return not (word in {"a $", "s $"} or (word == "r $" and at > 0))


@cache
def _large_codes() -> frozenset[str]:
    return frozenset(("usd", "eur", "gbp", "aud", "cad", "chf", "sek", "nok", "dkk", "inr", "€", "$", "£"))


def sign_after(shown: str, end: int, most: int) -> tuple[str, float, int] | None:
    """The sign that begins behind a number, its scale, and where it ends."""
    at = end
    while at < most and shown[at] in " (-" and at - end < 3:
        at += 1
    for size in range(min(_LONGEST_SIGN, most - at), 0, -1):
        stop = at + size
        word = shown[at:stop]
        if word[-1].isspace() or (word[-1].isalpha() and stop < len(shown) and _in_word(shown[stop])):
            continue
        if word in signs():
            return word, 1.0, stop
        if word[0] in _PREFIXES and word[1:] in _large_codes():
            return word[1:], _PREFIXES[word[0]], stop
        if _OTHER_DOLLARS.fullmatch(word):
            return "$", 1.0, stop
    return None


def _in_word(letter: str) -> bool:
    return (letter.isalpha() and letter.isascii()) or letter == "_" or (letter.isalpha() and letter < "\u2e80")


def code_of(sign: str) -> str:
    """ISO 4217 of a folded sign, code or word; empty when it names no certain country."""
    return signs().get(sign, "")
