"""Values as Postgres accepts them in jsonb: no NUL, no lone surrogate, no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, quote_plus

_MOST_DEPTH = 50
_MOST_VALUES = 10_000_000  # a page of 100,000 postings has a quarter of that
_MOST_BITS = 14_000  # of a whole number; longer ones Python refuses to print
_SHORTEST_SECRET = 4


def plain_json(value: Any, *, most: int = _MOST_VALUES) -> Any:
    """The value with everything that jsonb refuses replaced; unknown objects become their text.

    Raises ValueError for more than `most` values, as a structure that holds itself twice is without end.
    """
    return _plain(value, _MOST_DEPTH, _Budget(most))


class _Budget:
    """How many values may still come."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def spend(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise ValueError(f"holds more than {self._most:,} values: keep it smaller")


def _plain(value: Any, depth: int, budget: _Budget) -> Any:  # noqa: PLR0911 - one line a type
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else None
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (date,)):  # datetime is one too
        return value.isoformat()
    if depth <= 0:
        return None
    if isinstance(value, dict):
        budget.spend(len(value))
        return {plain_text(str(key)): _plain(item, depth - 1, budget) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        budget.spend(len(value))
        return [_plain(item, depth - 1, budget) for item in value]
    return plain_text(str(value))


def plain_text(text: str) -> str:
    """The text without NUL, with lone surrogates replaced, and with hidden values as the names they came by."""
    for value, name in _hidden.items():
        if value in text:
            text = text.replace(value, name)
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


# Values of ${NAME} in this process, also as they stand in URLs → the reference. Everything that is written passes here.
_hidden: dict[str, str] = {}


def hide(values: Mapping[str, str]) -> None:
    """From now on write `${NAME}` wherever the value of NAME would be written; very short values are no secrets."""
    for name, value in values.items():
        for form in {value, quote(value), quote(value, safe=""), quote_plus(value)}:
            if len(form) >= _SHORTEST_SECRET:
                _hidden[form] = f"${{{name}}}"


def shows_hidden(data: bytes) -> bool:
    """Whether a value that is to stay hidden stands in these bytes."""
    return any(value.encode("utf-8", "replace") in data for value in _hidden)


def reveal(value: Any) -> Any:
    """A value that was written with hidden values, as it was before."""
    if isinstance(value, str):
        for form, name in _hidden.items():
            value = value.replace(name, form)
        return value
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def to_jsonb(value: Any, *, most: int = _MOST_VALUES) -> str | None:
    """The value as JSON text for a jsonb parameter; None stays NULL. Raises ValueError like `plain_json`."""
    return None if value is None else json.dumps(plain_json(value, most=most), ensure_ascii=False)
