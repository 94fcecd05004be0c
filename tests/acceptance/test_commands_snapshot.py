from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from supervisor.commands.snapshot import in_words
from tests.fix_command import Run
from tests.fix_database import Connection
from tests.snapshot_rows import DAY, take

KEYS = {"snapshot_date", "timezone", "taken_now", "created_at", "rows", "missing"}


def test_it_is_taken_once_and_both_calls_say_what_they_did(good: Run) -> None:
    first, second = good("snapshot").out, good("snapshot").out
    assert first.startswith("taken now: 20")
    assert first.endswith("(UTC), 1 row\n")
    assert second.startswith("already there since ")
    (row,) = good("snapshot", "--json").json
    assert set(row) == KEYS
    assert (row["taken_now"], row["rows"], row["missing"]) == (False, 1, [])
    assert datetime.fromisoformat(row["created_at"]).utcoffset() == timedelta(0)


def test_check_takes_none_and_its_exit_code_is_the_answer(command: Run, good: Run) -> None:
    for _ in range(2):
        done = command("snapshot", "--check")
        assert done.code == 1
        assert done.out.startswith("not there: ")
        assert "`supervisor snapshot` now" in done.out
    assert command("snapshot", "--check", "--json").json[0]["created_at"] is None
    good("snapshot")
    assert good("snapshot", "--check").out.startswith("already there since ")


def test_days_that_were_missed_are_named_and_stay_missing(good: Run, connection: Connection) -> None:
    today = datetime.now(UTC)
    for days in (7, 3):
        take(connection, today - days * DAY)
    missing = [str((today - days * DAY).date()) for days in (6, 5, 4, 2, 1)]
    for _ in range(2):
        assert good("snapshot", "--json").json[0]["missing"] == missing
    line = good("snapshot", "--check").out.splitlines()[1]
    assert line == (
        f"days without a snapshot: {missing[0]} to {missing[2]}, {missing[3]} to {missing[4]}; they stay without"
    )


def test_the_date_is_that_of_the_configured_zone(good: Run) -> None:
    now = datetime.now(UTC)
    zone = "Etc/GMT-14" if now.hour >= 12 else "Etc/GMT+12"  # where it is tomorrow, or yesterday
    expected = now.date() + (DAY if now.hour >= 12 else -DAY)
    row = good("snapshot", "--json", SCRAPEWARDEN_SNAPSHOTS_TIMEZONE=zone).json[0]
    assert (row["snapshot_date"], row["timezone"], row["taken_now"]) == (str(expected), zone, True)


def test_check_of_everything_warns_when_todays_is_overdue(good: Run, connection: Connection) -> None:
    at_once = {"SCRAPEWARDEN_SNAPSHOTS_AT": "00:00"}
    take(connection, datetime.now(UTC) - 2 * DAY)
    (found,) = [row for row in good("check", "--json", **at_once).json if row["check"] == "snapshots"]
    assert found["verdict"] == "warn"
    assert "days without one: 1" in found["found"]
    assert "supervisor snapshot" in found["advice"]
    good("snapshot")
    (found,) = [row for row in good("check", "--json", **at_once).json if row["check"] == "snapshots"]
    assert found["verdict"] == "ok"


def test_days_in_a_row_are_said_as_from_and_to() -> None:
    first = date(2026, 2, 27)
    assert in_words([]) == ""
    assert in_words([first]) == "2026-02-27"
    assert in_words([first + days * DAY for days in (0, 1, 2, 4)]) == "2026-02-27 to 2026-03-01, 2026-03-03"
