"""Jobs with whatever may stand in a column: quotes, line ends, formulas, wide characters, lists, nulls, extremes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.fix_jobs import Jobs

PLACES = [
    {"city": "Köln", "region": None, "country": "DE"},
    {"city": 'San "José", CA', "region": "CA", "country": "US"},
]
FORMULAS = ('=HYPERLINK("https://evil.example")', "+1 more", "-2+3", "@SUM(A1)", "\uff1d1+1")
ODD: list[dict[str, Any]] = [
    {"title": 'He said "rust", then\r\nleft'},
    {"title": "line\nline", "description": "a\rb\x85c\u2028d\u2029e\x0bf\x1cg\tend "},
    {"title": "数据工程师 👩‍💻 \u202eright to left", "company": "Ōsaka & Söhne; GmbH", "external_id": ""},
    {"title": "null", "company": "NaN", "description": "\\N", "location_raw": "''"},
    {"title": "long", "description": "wörd, " * 20_000},
    {
        "title": "everything",
        "external_id": "0042",
        "locations": PLACES,
        "city": "Köln",
        "country": "DE",
        "countries": ["DE", "US"],
        "remote": True,
        "job_type": "Full-time",
        "salary_min": 60000,
        "salary_max": 1e300 / 3,
        "salary_currency": "EUR",
        "salary_period": "year",
        "posted_at": datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
        "posted_precision": "minute",
        "valid_through": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        "fingerprint": "f" * 64,
    },
    {"title": "old", "remote": False, "salary_min": 0.1, "posted_at": datetime(1, 1, 1, tzinfo=UTC)},
    *({"title": formula} for formula in FORMULAS),
]


def add_odd(jobs: Jobs) -> list[dict[str, Any]]:
    """All of them; answers what the table then says, the newest first."""
    for columns in ODD:
        jobs.add(**columns)
    return jobs.view()
