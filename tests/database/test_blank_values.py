"""The nastiest values of a site, cleaned and committed: Postgres holds nulls and plain text."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.fix_claims import Hand
from workers.clean.postings import CleanJob, clean_posting
from workers.plain import to_jsonb
from workers.records import Posting

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
NASTY: tuple[Any, ...] = (
    *(
        "NaN",
        "N/A",
        "null",
        "\x00",
        "\u200b\ufeff",
        "\ud800",
        "\\u0000",
        "-",
        "\u2028",
        "undefined",
        "NaT",
        "#N/A",
        "Infinity",
    ),
    *(
        math.nan,
        math.inf,
        -math.inf,
        Decimal("NaN"),
        Decimal("sNaN"),
        [math.nan],
        {"name": None},
        {"min": math.inf},
        b"\x00",
    ),
    *(
        {"value": {"minValue": math.nan, "maxValue": "1e999"}},
        [[]],
        [{}],
        object(),
        10**400,
        "-1",
        {"min": 0, "max": -3},
    ),
)
FIELDS = (
    *("external_id", "company", "description", "location", "locations", "remote", "job_type", "salary", "posted"),
    "valid_through",
)


def cleaned(value: Any, number: int) -> CleanJob:
    fields: dict[str, Any] = dict.fromkeys(FIELDS, value)
    posting = Posting(url=f"https://board.test/{number}", title="Baker", **fields)
    job = clean_posting(posting, base_url=None, fetched_at=NOW)
    assert isinstance(job, CleanJob)
    return job


def test_nasty_values_become_nulls_in_the_table(hand: Hand) -> None:
    jobs = [cleaned(value, number) for number, value in enumerate(NASTY)]
    claim = hand.start("n")
    page = hand.page(claim, 1, json.loads(to_jsonb([asdict(job) for job in jobs]) or "[]"))
    assert page["inserted"] == len(NASTY)
    rows = {row["url"]: row for row in hand.connection.execute("select * from jobs").fetchall()}
    for number, value in enumerate(NASTY):
        row = rows[f"https://board.test/{number}"]
        assert (row["salary_min"], row["salary_max"], row["salary_currency"]) == (None, None, None), value
        assert (row["country"], row["posted_at"], row["valid_through"]) == (None, None, None), value
        texts = {row[name] for name in ("company", "city", "location_raw", "description", "job_type")}
        assert texts <= {None, "-1", "\\u0000"}, value  # the last is six characters of text


def test_a_nul_a_half_of_a_pair_and_invisible_characters_within_a_text_are_left_out(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, json.loads(to_jsonb([asdict(cleaned("B\x00a\u200bk\ud800er\x1b", 1))]) or "[]"))
    (row,) = hand.connection.execute("select * from jobs").fetchall()
    assert (row["company"], row["description"], row["job_type"], row["location_raw"]) == ("Baker",) * 4
