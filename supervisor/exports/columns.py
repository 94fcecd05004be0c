"""The columns of an export, in their fixed order, and what each holds."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

Row = tuple[Any, ...]


class Kind(StrEnum):
    """What the values of a column are, where they are not null."""

    WHOLE = "whole number"
    NUMBER = "number"
    TEXT = "text"
    SWITCH = "true or false"
    TIME = "time"  # as text in ISO 8601, UTC
    WORDS = "list of texts"
    PLACES = "list of places"  # as JSON text


COLUMNS = {
    "id": Kind.WHOLE,
    "url": Kind.TEXT,
    "source": Kind.TEXT,
    "external_id": Kind.TEXT,
    "title": Kind.TEXT,
    "company": Kind.TEXT,
    "description": Kind.TEXT,
    "location_raw": Kind.TEXT,
    "locations": Kind.PLACES,
    "city": Kind.TEXT,
    "region": Kind.TEXT,
    "country": Kind.TEXT,
    "countries": Kind.WORDS,
    "remote": Kind.SWITCH,
    "job_type": Kind.TEXT,
    "salary_min": Kind.NUMBER,
    "salary_max": Kind.NUMBER,
    "salary_currency": Kind.TEXT,
    "salary_period": Kind.TEXT,
    "posted_at": Kind.TIME,
    "posted_precision": Kind.TEXT,
    "valid_through": Kind.TIME,
    "first_seen_at": Kind.TIME,
    "content_hash": Kind.TEXT,
    "fingerprint": Kind.TEXT,
    "last_seen_at": Kind.TIME,
    "last_run_id": Kind.WHOLE,
    "closed_reason": Kind.TEXT,
    "same_as_count": Kind.WHOLE,
}
PLACE = ("city", "region", "country")


def places(text: str | None) -> list[dict[str, str | None]]:
    """A value of `locations` as a list of places; whatever else somebody has written there is no place."""
    if not text or text == "[]":
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [_place(place) for place in found if isinstance(place, dict)] if isinstance(found, list) else []


def _place(place: dict[str, Any]) -> dict[str, str | None]:
    return {key: value if isinstance(value := place.get(key), str) else None for key in PLACE}
