"""What one setting may be: its kind, its range, its shape, and the words that tell a person so."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

Value = str | int | float | bool | tuple[str, ...]
Number = TypeVar("Number", int, float)

KINDS: dict[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list of texts",
}
MOST_BITS = 64  # of a whole number: more than any setting needs, less than Python refuses to print
SHOWN = 60  # characters of a wrong value that are repeated in its complaint
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # would break headers, lines and environments


class Complaint(ValueError):
    """A value is not what it should be; its text begins with "should be"."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text should look like: the words for a person, and the test."""

    words: str
    fits: Callable[[str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The limits of one setting besides its kind."""

    within: tuple[float, float] | None = None  # smallest and largest number; every number has them
    choices: tuple[str, ...] = ()
    shape: Shape | None = None  # of a text, or of each text in a list
    secret: bool = False  # its value is never repeated


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or ports that make no sense
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_timezone(text: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; outside the zone folder; a folder of zones
        return False
    return True


def _is_database(text: str) -> bool:
    return text.startswith(("postgresql://", "postgres://")) or bool(re.match(r"\s*\w+\s*=", text))


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _or_empty(fits: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: text == "" or fits(text)


NOT_EMPTY = Shape("a text that is not empty", lambda text: text.strip() != "")
DATABASE = Shape("empty or begin with postgresql://", _or_empty(_is_database))
WEB_ADDRESS = Shape("empty or an address that begins with http:// or https://", _or_empty(_is_url))
IP_ADDRESS = Shape("empty or an IP address", _or_empty(_is_address))
HEADER = Shape("printable ASCII and not empty", _matches(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?"))
HEADER_OR_EMPTY = Shape("printable ASCII", _matches(r"[\x20-\x7e]*"))
VARIABLE = Shape("the name of an environment variable", _matches(r"[A-Za-z_][A-Za-z0-9_]*"))
PACKAGE = Shape("the name of a package", _matches(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"))
TIMEZONE = Shape('a time zone such as "Europe/Berlin"', _is_timezone)
CLOCK = Shape('a time of day such as "00:05"', _matches(r"([01][0-9]|2[0-3]):[0-5][0-9]"))


def judge(value: object, kind: type, rules: Rules) -> Value:
    """The value as the program uses it; raises Complaint when it is not of the kind or breaks a rule."""
    known = _of_kind(value, kind)
    if isinstance(known, bool):
        return known
    if isinstance(known, int | float):
        return _in_range(known, rules)
    for text in (known,) if isinstance(known, str) else known:
        _in_shape(text, rules)
    return known


def _of_kind(value: object, kind: type) -> Value:
    if kind is float and type(value) is int and value.bit_length() <= MOST_BITS:
        return float(value)
    if kind is tuple and isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if type(value) is kind and isinstance(value, str | int | float):
        return value
    raise Complaint(f"should be {KINDS[kind]}")


def _in_range(number: Number, rules: Rules) -> Number:
    low, high = rules.within or (-math.inf, math.inf)
    if low <= number <= high:  # never true of nan
        return number
    raise Complaint(f"should be between {low:g} and {high:.15g}")


def _in_shape(text: str, rules: Rules) -> None:
    if CONTROL.search(text):
        raise Complaint("should be text without control characters")
    if rules.choices and text not in rules.choices:
        raise Complaint("should be " + " or ".join(f'"{choice}"' for choice in rules.choices))
    if rules.shape and not rules.shape.fits(text):
        raise Complaint(f"should be {rules.shape.words}")


def from_text(text: str, kind: type) -> object:
    """What an environment variable's text means for a setting of this kind; the text itself where it means nothing."""
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind is bool:
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        return words.get(text.strip().lower(), text)
    try:
        return text if kind is str else kind(text)
    except ValueError:
        return text


def shown(value: object) -> str:
    """A wrong value as a complaint repeats it: as TOML writes it, short, on one line."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
        return "a list of other things"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "a huge number"
    if isinstance(value, str | list | tuple | bool):
        return shortened(json.dumps(value))
    return shortened(str(value))


def shortened(text: str) -> str:
    """At most SHOWN characters of it."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
