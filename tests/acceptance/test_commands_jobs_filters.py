"""Which jobs each filter of `supervisor jobs export` lets through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fix_command import Run
from tests.fix_jobs import Jobs

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
BERLIN = {"city": "Berlin", "region": "Berlin", "country": "DE"}
AUSTIN = {"city": "Austin", "region": "TX", "country": "US"}
BOARD: dict[str, dict[str, Any]] = {
    "berlin": {**BERLIN, "countries": ["DE"], "locations": [BERLIN], "remote": False, "posted_at": NOW - 2 * DAY},
    "both": {**BERLIN, "countries": ["DE", "US"], "locations": [BERLIN, AUSTIN], "posted_at": NOW - 9 * DAY},
    "austin": {**AUSTIN, "countries": ["US"], "locations": [AUSTIN], "remote": True, "source": "other"},
    "london": {
        "country": "GB",
        "city": "London",
        "description": "Rust on the back end",
        "first_seen_at": NOW - 30 * DAY,
    },
}
FILTERS = {
    "": "berlin both austin london",
    "--country US": "both austin",
    "--country usa --country UK": "both austin london",
    "--country Germany --city austin": "both",
    "--region tx": "both austin",
    "--region Berlin --remote": "",
    "--city BERLIN": "berlin both",
    "--remote": "austin",
    "--no-remote": "berlin",
    "--source other": "austin",
    "--source other --source board": "berlin both austin london",
    "--source nobody": "",
    "--since 7d": "berlin austin",
    "--since 10d --until 1d": "berlin both",
    f"--until {(NOW - 20 * DAY).date()}": "london",
    f"--until {(NOW - 9 * DAY).date()}": "both london",  # a date includes its day
    f"--since {(NOW - 20 * DAY).isoformat()}": "berlin both austin",
    "--query rust": "london",
    '--query "back.end"': "london",
    "--query rust.-end": "",
    "--limit 1": "london",
    "--limit 3 --no-remote": "berlin",
}


def test_every_filter_lets_through_what_it_says(good: Run, jobs: Jobs) -> None:
    for title, columns in BOARD.items():
        jobs.add(**columns, title=title)
    found = {}
    for words in FILTERS:
        arguments = [word.replace(".", " ") if "back" in word or "rust" in word else word for word in words.split()]
        rows = good("jobs", "export", "--format", "jsonl", "--columns", "title", *arguments).out.splitlines()
        found[words] = " ".join(json.loads(row)["title"] for row in reversed(rows))
    assert found == FILTERS
