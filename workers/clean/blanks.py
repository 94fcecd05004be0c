"""Values that only look like values."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from workers.clean.text import visible

_BLANKS = frozenset(
    (
        *("nan", "n/a", "n.a.", "n\\a", "#n/a", "na", "<na>", "nat", "null", "(null)", "none", "(none)", "nil"),
        *("undefined", "unknown", "unspecified", "not available", "not specified", "not provided", "not applicable"),
        *("no data", "keine angabe", "tbd", "tba", "-", "--", "---", "–", "—", ".", "..", "...", "?", "/"),
    )
)
_LONGEST = 64  # no blank word is longer; a long text is only asked whether it shows anything at all


def blank_to_none(value: Any) -> Any:
    """None for NaN, "N/A", "null", "-", empty, white or invisible text; everything else unchanged."""
    if isinstance(value, str):
        return None if _shows_nothing(value) else value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return None if isinstance(value, Decimal) and value.is_nan() else value


def _shows_nothing(text: str) -> bool:
    shown = visible(text[:_LONGEST]).strip()
    if not shown and len(text) > _LONGEST:
        shown = visible(text).strip()
    return not shown or (len(text) <= _LONGEST and shown.casefold() in _BLANKS)
