"""Values as Postgres accepts them in jsonb: no NUL, no lone surrogate, no NaN."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

_MOST_DEPTH = 50


def plain_json(value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one line a type
    """The value with everything that jsonb refuses replaced; unknown objects become their text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (date,)):  # datetime is one too
        return value.isoformat()
    if depth >= _MOST_DEPTH:
        return None
    if isinstance(value, dict):
        return {plain_text(str(key)): plain_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_json(item, depth + 1) for item in value]
    return plain_text(str(value))


def plain_text(text: str) -> str:
    """The text without NUL, with lone surrogates replaced."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def to_jsonb(value: Any) -> str | None:
    """The value as JSON text for a jsonb parameter; None stays NULL."""
    return None if value is None else json.dumps(plain_json(value), ensure_ascii=False)
