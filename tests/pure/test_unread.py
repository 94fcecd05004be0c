"""What a run notes of dates that it could not read is bounded, whatever the site sends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workers.clean.postings import CleanJob, clean_posting
from workers.records import Posting
from workers.unread import Unread

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


def look(unread: Unread, **said: Any) -> None:
    """At a posting that says so."""
    posting = Posting(url="http://board.test/1", title="Job", **said)
    job = clean_posting(posting, base_url=None, fetched_at=NOW)
    assert isinstance(job, CleanJob)
    unread.look(posting, job)


def test_after_twenty_samples_of_a_field_the_others_are_only_counted() -> None:
    unread = Unread()
    for number in range(30):
        look(unread, posted=f"zorgel blorf {'x' * number}")
    assert unread.has_new
    taken = {row["sample"]: row["count"] for row in unread.take()}
    assert (len(taken), taken[""], sum(taken.values())) == (21, 10, 30)
    look(unread, posted="zorgel blorf")
    look(unread, posted="snark")
    look(unread, posted="snark")
    # Nothing that is worth a statement before the end of the run.
    assert (unread.has_new, unread.take()) == (
        False,
        [{"field": "posted", "sample": "zorgel blorf", "count": 1}, {"field": "posted", "sample": "", "count": 2}],
    )


def test_each_field_has_room_of_its_own() -> None:
    unread = Unread()
    for number in range(30):
        look(unread, posted=f"zorgel blorf {'x' * number}")
    unread.take()
    look(unread, valid_through="snark")
    assert (unread.has_new, [row["sample"] for row in unread.take()]) == (True, ["snark"])


def test_a_long_or_odd_value_is_a_short_line_of_text() -> None:
    unread = Unread()
    for value in (
        "zorgel " * 10**5,
        "zor\0gel\n\u200bblorf",
        ["snark", 7],
        {"name": "boojum"},
        10**5000,
        b"\xff\xfe",
        object(),
    ):
        look(unread, posted=value)
    samples = [row["sample"] for row in unread.take()]
    assert all(0 < len(sample) <= 200 and sample.isprintable() for sample in samples)
    assert {"zor gel blorf", "snark", "boojum"} & set(samples)


def test_what_is_read_or_says_nothing_is_not_noted() -> None:
    unread = Unread()
    values: list[Any] = ["2026-08-01", "3 days ago", None, "", "N/A", "-", float("nan"), [], {}]
    for value in values:
        look(unread, posted=value, valid_through=value)
    assert (unread.has_new, unread.take()) == (False, [])
