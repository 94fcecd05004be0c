"""What `supervisor jobs stats` counts, compared with rows whose counts are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fix_command import Run
from tests.fix_database import Connection
from tests.fix_jobs import Jobs
from tests.fix_supervisor import Nodes

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FULL: dict[str, Any] = {
    "company": "Quill",
    "description": "Text",
    "city": "Leeds",
    "region": "England",
    "country": "GB",
    "countries": ["GB"],
    "locations": [{"city": "Leeds", "region": "England", "country": "GB"}],
    "location_raw": "Leeds",
    "remote": True,
    "job_type": "Full-time",
    "salary_max": 1.0,
    "posted_at": NOW,
    "posted_precision": "exact",
    "valid_through": NOW - DAY,
}


@pytest.fixture
def board(jobs: Jobs, connection: Connection) -> None:
    """Four jobs of two sources, and dates that could not be read."""
    jobs.add(**FULL)
    jobs.add(
        remote=False,
        country="US",
        location_raw="Austin?",
        posted_at=NOW,
        posted_precision="day",
        valid_through=NOW + DAY,
    )
    jobs.add(first_seen_at=NOW - 25 * HOUR, location_raw="2 Locations", country="GB")
    jobs.add(source="other", first_seen_at=NOW - 8 * DAY, location_raw="2 Locations")
    connection.execute(
        "insert into unread_values (source, field, sample, count) values ('board', 'posted', 'zorgel', 3),"
        " ('board', 'posted', '', 40), ('gone', 'valid_through', 'blorf', 2)"
    )


@pytest.mark.usefixtures("board")
def test_counts_and_coverage_are_those_of_the_rows(good: Run) -> None:
    whole, first, second, gone = good("jobs", "stats", "--json").json
    names = ("source", "jobs", "new_24h", "new_7d", "remote_yes", "remote_no", "remote_unknown", "expired")
    assert [tuple(one[name] for name in names) for one in (whole, first, second, gone)] == [
        (None, 4, 2, 3, 1, 1, 2, 1),
        ("board", 3, 2, 3, 1, 1, 1, 1),
        ("other", 1, 0, 0, 0, 0, 1, 0),
        ("gone", 0, 0, 0, 0, 0, 0, 0),
    ]
    assert (whole["countries"], second["countries"]) == ({"GB": 2, "US": 1}, {})
    assert whole["coverage"] == {
        **dict.fromkeys(("company", "description", "city", "region", "job_type", "pay"), 0.25),
        "country": 0.75,
        **dict.fromkeys(("remote", "posted_at", "valid_through"), 0.5),
    }
    assert set(gone["coverage"].values()) == {None}
    assert {name: count for name, count in whole["posted_precision"].items() if count} == {"exact": 1, "day": 1}


@pytest.mark.usefixtures("board")
def test_what_could_not_be_read_comes_with_samples(good: Run) -> None:
    whole, first, *_ = good("jobs", "stats", "--json").json
    assert whole["unread_places"] == 2
    said = [(row["source"], row["field"], row["sample"], row["count"]) for row in whole["unread"]]
    assert said == [
        ("board", "location", "2 Locations", 1),
        ("other", "location", "2 Locations", 1),
        ("board", "posted", "zorgel", 3),
        ("gone", "valid_through", "blorf", 2),
        ("board", "posted", "", 40),
    ]
    assert {row["source"] for row in first["unread"]} == {"board"}


@pytest.mark.usefixtures("board")
def test_one_source_alone_and_a_name_that_nobody_has(good: Run, command: Run, nodes: Nodes) -> None:
    nodes.add("idle", "feed")
    assert [one["source"] for one in good("jobs", "stats", "--source", "other", "--json").json] == ["other"]
    assert [one["jobs"] for one in good("jobs", "stats", "--source", "idle", "--json").json] == [0]
    done = command("jobs", "stats", "--source", "idel")
    assert (done.code, done.err) == (2, 'there is no node "idel": did you mean idle?\n')


@pytest.mark.usefixtures("board")
def test_a_person_is_shown_tables(good: Run) -> None:
    out = good("jobs", "stats").out
    lines = out.splitlines()
    assert lines[0].split() == "SOURCE JOBS NEW 24H NEW 7D REMOTE NOT UNKNOWN EXPIRED UNSEEN".split()
    assert lines[1].split() == ["(all)", "4", "2", "3", "1", "1", "2", "1", "0"]
    assert "countries  GB 2, US 1, unknown 1" in lines
    samples = out.split("Stated by the site and not understood:\n")[1].splitlines()
    assert samples[1].split()[:3] == ["board", "posted", "3"]
    assert samples[-1].split()[:3] + samples[-1].split()[-1:] == ["board", "posted", "40", "(others)"]


def test_many_sources_do_not_push_the_rest_off_the_screen(good: Run, jobs: Jobs) -> None:
    for number in range(30):
        jobs.add(source=f"board {number}")
    assert "and 5 smaller sources: see `supervisor jobs stats --json`" in good("jobs", "stats").out


def test_nothing_yet_is_a_sentence_and_zeros(good: Run) -> None:
    assert good("jobs", "stats").out.startswith("There are no jobs yet: see `supervisor runs`")
    (whole,) = good("jobs", "stats", "--json").json
    assert (whole["source"], whole["jobs"], whole["unread"]) == (None, 0, [])


def test_what_is_over_is_counted_by_the_rule_of_the_view(good: Run, jobs: Jobs, nodes: Nodes) -> None:
    jobs.looked_twice(nodes.add("board", "zoo:any"))
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    for through in (midnight, midnight - DAY, None, None):  # a date alone holds until its day is over
        jobs.add(valid_through=through)
    gone = jobs.add()
    jobs.connection.execute("update job_seen set last_seen_at = now() - interval '9 days' where job_id = %s", (gone,))
    (whole, *_) = good("jobs", "stats", "--json").json
    assert (whole["jobs"], whole["expired"], whole["unseen"]) == (5, 1, 1)
