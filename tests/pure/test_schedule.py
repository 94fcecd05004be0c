"""Ticks: the grid of `every`, cron on the wall clocks of two continents, and counting what fell due."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.schedule import CronSchedule, EverySchedule, Schedule, jitter_offset, parse_schedule
from workers.errors import ConfigError

ANCHOR = datetime(2025, 1, 1, 10, 0, 7, 123456, tzinfo=UTC)
# Not Australia/Lord_Howe: on the day of its half-hour shift cronsim's answer depends on where the search begins.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Havana", "Antarctica/Troll"]
CRONS = [
    "* * * * *",
    "*/7 * * * *",
    "0 * * * *",
    "30 2 * * *",
    "0,30 1-3 * * *",
    "15 0 * * 0",
    "*/20 2 * * *",
    "0 3 13 * 5",
    "59 23 L * *",
    "0 0 29 2 *",
]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (zone given)
# Where clocks change, and the days around it: random moments would seldom meet them.
CHANGES = st.builds(
    lambda day, shift: day + shift,
    st.sampled_from(
        [datetime(2025, month, day, tzinfo=UTC) for month, day in [(3, 9), (3, 30), (4, 6), (4, 25), (10, 26), (11, 2)]]
    ),
    st.timedeltas(timedelta(days=-1), timedelta(days=1)),
)


def _at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _walk(schedule: Schedule, first: datetime, until: datetime, anchor: datetime) -> list[datetime]:
    ticks = []
    tick = schedule.first_at_or_after(first, anchor)
    while tick <= until:
        ticks.append(tick)
        tick = schedule.after(tick, anchor)
    return [*ticks, tick]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("every 15m", 900), ("EVERY 2H", 7200), ("  every   10 s ", 10), ("every3d", 259200), ("every\t007m", 420)],
)
def test_a_period_is_read_with_any_case_and_spaces(text: str, seconds: int) -> None:
    assert parse_schedule(text) == EverySchedule(period=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hourly",
        "@daily",
        "every",
        "every 0m",
        "every -5m",
        "every 1.5h",
        "every 5",
        "every 5 minutes",
        "every 99999999999d",
        "every 999999999d",
        "every \uff15m",
        "15m",
        "15\nm",
        "* * * *",
        "0 * * * * *",
        "61 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "a b c d e",
        "0 0 30 2 *",
        "0 0 31 2,4,6 *",
        "*/0 * * * *",
        "5-1 * * * *",
        f"{'9' * 5000} * * * *",
        "0 0 * * " + ",".join("1" * 500),
    ],
)
def test_anything_else_is_refused_in_one_sentence_with_examples(text: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_schedule(text)
    message = str(refusal.value)
    assert '"every 15m"' in message
    assert '"30 6 * * 1-5"' in message
    assert message.endswith(".")
    assert "\n" not in message


@settings(max_examples=200)
@given(st.text(alphabet="0123456789*/,-#LWevrysmhd MONJAN ", max_size=30))
def test_random_text_is_a_schedule_or_refused_and_nothing_else(text: str) -> None:
    try:
        schedule = parse_schedule(text, "Europe/Berlin")
    except ConfigError:
        return
    assert schedule.after(ANCHOR, ANCHOR) > ANCHOR


@pytest.mark.parametrize("name", ["Mars/Base", "", "../../etc/passwd", "/etc/localtime", "America", "a\x00b", "Zürich"])
@pytest.mark.parametrize("text", ["0 6 * * *", "every 5m"])
def test_an_unknown_time_zone_is_refused(text: str, name: str) -> None:
    with pytest.raises(ConfigError, match="time zone"):
        parse_schedule(text, name)


def test_a_cron_that_never_fires_is_refused_at_once() -> None:
    started = time.process_time()
    with pytest.raises(ConfigError):
        parse_schedule("0 0 30 2 *", "America/New_York")
    assert time.process_time() - started < 0.5


def test_a_leap_day_is_found_years_ahead() -> None:
    assert parse_schedule("0 0 29 2 *").after(ANCHOR, ANCHOR) == _at("2028-02-29")


def test_the_first_tick_of_a_period_is_the_anchor_itself() -> None:
    schedule = parse_schedule("every 1h")
    assert schedule.first_at_or_after(ANCHOR, ANCHOR) == ANCHOR
    assert schedule.first_at_or_after(ANCHOR - timedelta(days=9), ANCHOR) == ANCHOR
    assert schedule.after(ANCHOR, ANCHOR) == ANCHOR + timedelta(hours=1)


def test_a_cron_does_not_fire_before_the_anchor() -> None:
    assert parse_schedule("0 * * * *").first_at_or_after(ANCHOR - timedelta(days=9), ANCHOR) == _at("2025-01-01T11:00")


def test_ticks_come_in_utc_whatever_zone_the_arguments_have() -> None:
    anchor = ANCHOR.astimezone(timezone(timedelta(hours=5, minutes=30)))
    for text in ("every 7m", "0 6 * * *"):
        assert parse_schedule(text, "Europe/Berlin").after(anchor, anchor).tzinfo is UTC


@pytest.mark.parametrize("text", ["every 7m", "0 6 * * *"])
def test_a_moment_without_a_time_zone_is_a_mistake_of_the_caller(text: str) -> None:
    naive = ANCHOR.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        parse_schedule(text).first_at_or_after(naive, naive)


@given(moment=MOMENTS, anchor=MOMENTS, seconds=st.integers(1, 10**7))
def test_ticks_of_a_period_lie_on_its_grid_and_none_is_left_out(
    moment: datetime, anchor: datetime, seconds: int
) -> None:
    period = timedelta(seconds=seconds)
    schedule = EverySchedule(period=period)
    tick = schedule.first_at_or_after(moment, anchor)
    assert (tick - anchor) % period == timedelta(0)
    assert tick >= max(moment, anchor)
    assert tick == anchor or tick - period < moment
    assert schedule.after(tick, anchor) == tick + period


@given(first=MOMENTS, length=st.timedeltas(timedelta(0), timedelta(hours=3)), seconds=st.integers(30, 9000))
def test_due_ticks_of_a_period_agree_with_walking(first: datetime, length: timedelta, seconds: int) -> None:
    _assert_counted(EverySchedule(period=timedelta(seconds=seconds)), first, first + length)


@settings(max_examples=150, deadline=None)
@given(
    cron=st.sampled_from(CRONS),
    zone=st.sampled_from(ZONES),
    first=st.one_of(MOMENTS, CHANGES),
    length=st.timedeltas(timedelta(hours=-1), timedelta(days=3)),
)
def test_due_ticks_of_a_cron_agree_with_walking(cron: str, zone: str, first: datetime, length: timedelta) -> None:
    _assert_counted(parse_schedule(cron, zone), first, first + length)


def _assert_counted(schedule: Schedule, first: datetime, now: datetime) -> None:
    *ticks, following = _walk(schedule, first, now, ANCHOR)
    assert all(early < late for early, late in pairwise([*ticks, following]))
    due = schedule.due_ticks(first, now, ANCHOR)
    ends = (ticks[0], ticks[-1]) if ticks else (None, None)
    assert (due.count, due.oldest, due.newest, due.next) == (len(ticks), *ends, following)


@settings(max_examples=100, deadline=None)
@given(cron=st.sampled_from(CRONS), zone=st.sampled_from(ZONES), start=CHANGES, step=st.integers(1, 90))
def test_ticks_do_not_depend_on_where_the_search_began(cron: str, zone: str, start: datetime, step: int) -> None:
    schedule = parse_schedule(cron, zone)
    tick = schedule.after(start, ANCHOR)
    between = start + timedelta(minutes=step)
    if between < tick:
        assert schedule.after(between, ANCHOR) == tick


@pytest.mark.parametrize(
    ("zone", "gap_end", "day_after"),
    [
        ("Europe/Berlin", "2025-03-30T03:00", "2025-03-31T02:30"),
        ("America/New_York", "2025-03-09T03:00", "2025-03-10T02:30"),
    ],
)
def test_a_time_that_the_clock_skips_runs_once_right_after_the_gap(zone: str, gap_end: str, day_after: str) -> None:
    midnight = _at(gap_end[:11] + "00:00", zone)
    for cron in ("30 2 * * *", "0,30 2 * * *"):
        schedule = parse_schedule(cron, zone)
        tick = schedule.after(midnight, ANCHOR)
        assert tick == _at(gap_end, zone)
        assert schedule.after(tick, ANCHOR).date() == _at(day_after, zone).date()


@pytest.mark.parametrize(
    ("zone", "text"), [("Europe/Berlin", "2025-10-26T02:30"), ("America/New_York", "2025-11-02T01:30")]
)
def test_a_fixed_time_in_a_repeated_hour_runs_once_and_a_starred_minute_in_both(zone: str, text: str) -> None:
    once = _at(text, zone)
    hour = datetime.fromisoformat(text).hour
    fixed = parse_schedule(f"30 {hour} * * *", zone)
    assert fixed.due_ticks(once, once + timedelta(hours=3), ANCHOR).count == 1
    assert fixed.after(once + timedelta(minutes=40), ANCHOR) == once + timedelta(hours=25)
    starred = parse_schedule(f"*/30 {hour} * * *", zone)
    assert starred.due_ticks(once - timedelta(minutes=30), once + timedelta(hours=3), ANCHOR).count == 4


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("cron", ["0,30 2 * * *", "*/20 2 * * *", "0 * * * *", "30 1-3 * * *"])
@pytest.mark.parametrize("month", [3, 10])
def test_whole_days_with_a_change_of_the_clock_are_counted_as_walked(zone: str, cron: str, month: int) -> None:
    start = _at(f"2025-{month:02}-08", zone)
    _assert_counted(parse_schedule(cron, zone), start, start + timedelta(days=27))


def test_within_the_second_pass_of_an_hour_the_newest_tick_is_that_of_the_first() -> None:
    first_pass = _at("2025-11-02T01:30", "America/New_York")
    due = parse_schedule("30 1 * * *", "America/New_York").due_ticks(
        first_pass - timedelta(days=1), first_pass + timedelta(minutes=45), ANCHOR
    )
    assert (due.count, due.newest, due.next) == (2, first_pass, first_pass + timedelta(hours=25))


@pytest.mark.parametrize(("zone", "count"), [("Europe/Berlin", 365), ("America/New_York", 365), ("UTC", 365)])
def test_a_daily_job_falls_due_once_a_day_in_a_whole_year(zone: str, count: int) -> None:
    schedule = parse_schedule("30 2 * * *", zone)
    start = _at("2025-02-01", zone)
    assert schedule.due_ticks(start, _at("2026-01-31T23:59", zone), ANCHOR).count == count


def test_a_year_of_downtime_is_counted_exactly_and_at_once() -> None:
    now = ANCHOR + timedelta(days=365)
    started = time.process_time()
    assert parse_schedule("every 1s").due_ticks(ANCHOR, now, ANCHOR).count == 365 * 86400 + 1
    assert parse_schedule("* * * * *").due_ticks(ANCHOR, now, ANCHOR).count == 365 * 1440
    assert parse_schedule("* * * * *", "Europe/Berlin").due_ticks(ANCHOR, now, ANCHOR).count == 365 * 1440
    assert time.process_time() - started < 2  # 40 ms when measured; walking takes over 5 s


def test_ticks_at_both_ends_of_the_span_are_due() -> None:
    schedule = parse_schedule("0 * * * *")
    due = schedule.due_ticks(_at("2025-05-01T10:00"), _at("2025-05-01T12:00"), ANCHOR)
    assert (due.count, due.oldest, due.newest, due.next) == (
        3,
        _at("2025-05-01T10:00"),
        _at("2025-05-01T12:00"),
        _at("2025-05-01T13:00"),
    )


def test_nothing_is_due_before_the_first_tick_and_the_next_is_told() -> None:
    first = ANCHOR + timedelta(hours=5)
    due = parse_schedule("every 1h").due_ticks(first, ANCHOR, ANCHOR)
    assert (due.count, due.oldest, due.newest, due.next) == (0, None, None, first)


def test_a_schedule_equals_another_of_the_same_text_and_no_other() -> None:
    assert parse_schedule("0  6 * * *", "Europe/Berlin") == parse_schedule("0 6 * * *", "Europe/Berlin")
    assert parse_schedule("0 6 * * *", "Europe/Berlin") != parse_schedule("0 6 * * *")
    assert isinstance(parse_schedule("0 6 * * *"), CronSchedule)


@given(node=st.text("abz-_. 19ß", max_size=20), tick=MOMENTS, jitter=st.floats(0.001, 1e6))
def test_jitter_lies_within_its_bounds_and_is_the_same_each_time(node: str, tick: datetime, jitter: float) -> None:
    offset = jitter_offset(node, tick, jitter)
    assert 0 <= offset < jitter
    assert jitter_offset(node, tick.astimezone(ZoneInfo("Asia/Tokyo")), jitter) == offset


def test_jitter_is_spread_evenly_over_nodes_and_ticks() -> None:
    offsets = [jitter_offset(f"n{n % 20}", ANCHOR + timedelta(minutes=n), 10) for n in range(2000)]
    tenths = [sum(tenth <= offset < tenth + 1 for offset in offsets) for tenth in range(10)]
    assert all(140 <= share <= 260 for share in tenths)


def test_jitter_is_the_same_in_every_process() -> None:
    # A written-down number: the interpreter's own hash() would change it from one run of the tests to the next.
    assert jitter_offset("board", ANCHOR, 60) == pytest.approx(23.429632028245, abs=1e-9)


def test_no_jitter_means_no_delay() -> None:
    assert jitter_offset("board", ANCHOR, 0) == 0
