"""Old rows go, a batch at a time; what anybody still needs stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from supervisor import retention
from tests.fix_database import connect
from tests.fix_old_rows import OldRows, chore_of
from workers import database

DETAILS = ("run_logs", "run_pages", "memory_samples")


def test_each_table_loses_exactly_what_is_older_than_its_setting(old_rows: OldRows) -> None:
    runs = {days: old_rows.run(days) for days in (91, 89, 20, 5)}
    for days in (89, 20, 5):
        old_rows.details(runs[days], days)
    old_rows.details(runs[89], 6)
    old_rows.sweep()
    assert old_rows.ids() == [runs[89], runs[20], runs[5]]
    for table in DETAILS:
        assert old_rows.ids(table, "run_id") == [runs[89], runs[5]]
        assert old_rows.deleted_from(table) == [2]
    assert old_rows.deleted_from("scrape_runs") == [1]


def test_each_setting_counts_for_its_own_table_and_0_keeps_for_ever(old_rows: OldRows) -> None:
    run_id = old_rows.run(500)
    old_rows.details(run_id, 500)
    old_rows.sweep(runs_days=0, logs_days=0, pages_days=0, samples_days=0)
    assert [old_rows.count(table) for table in ("scrape_runs", *DETAILS)] == [1] * 4
    for at, setting in enumerate(("logs_days", "pages_days", "samples_days")):
        days = {"runs_days": 0, "logs_days": 0, "pages_days": 0, "samples_days": 0, setting: 400}
        old_rows.sweep(**days)
        assert [old_rows.count(table) for table in DETAILS] == [0] * (at + 1) + [1] * (2 - at)
    assert old_rows.count("scrape_runs") == 1


def test_what_belongs_to_a_run_goes_with_it(old_rows: OldRows) -> None:
    old_rows.details(old_rows.run(100), 100, 3)
    old_rows.sweep(logs_days=0, pages_days=0, samples_days=0)
    assert [old_rows.count(table) for table in ("scrape_runs", *DETAILS)] == [0] * 4


def test_nothing_of_a_run_that_is_under_way_is_touched(old_rows: OldRows) -> None:
    node = old_rows.nodes.add("slow", "zoo:any")
    run_id = old_rows.run(200, node, status="running", cause=None)
    old_rows.details(run_id, 200, 3)
    old_rows.sweep()
    assert [old_rows.count(table) for table in ("scrape_runs", *DETAILS)] == [1, 3, 3, 3]


def test_of_each_node_the_newest_twenty_ticks_stay_with_all_their_attempts(old_rows: OldRows) -> None:
    nodes = [old_rows.nodes.add(name, "zoo:any") for name in ("often", "seldom")]
    often = [old_rows.run(200 - number, nodes[0], peak=None) for number in range(30)]
    first_tick = old_rows.one("select tick from scrape_runs where id = %s", often[10])["tick"]
    again = old_rows.run(150, nodes[0], attempt=2, peak=None)
    old_rows.connection.execute("update scrape_runs set tick = %s where id = %s", (first_tick, again))
    seldom = [old_rows.run(300, nodes[1], peak=None)]
    old_rows.sweep()
    assert old_rows.ids() == sorted([*often[10:], again, *seldom])


def test_the_newest_twenty_peaks_of_memory_stay_behind_however_many_skipped_ticks(old_rows: OldRows) -> None:
    node = old_rows.nodes.add("starved", "zoo:any")
    weighed = [old_rows.run(300 - number, node) for number in range(25)]
    for number in range(30):
        old_rows.run(200 - number, node, status="skipped", cause="no_memory", attempt=0, peak=None)
    old_rows.sweep()
    left = old_rows.ids()
    assert left[:20] == weighed[5:]
    assert len(left) == 40


def test_the_tick_that_a_node_has_in_hand_stays(old_rows: OldRows) -> None:
    node = old_rows.nodes.add("patient", "zoo:any")
    (held, *_), newer = [old_rows.run(200, node, peak=None), 0], [old_rows.run(100, node, peak=None) for _ in range(20)]
    query = "update nodes set open_tick = r.tick, open_attempt = 2, open_part = 0 from scrape_runs r where r.id = %s"
    old_rows.connection.execute(query, (held,))
    old_rows.sweep()
    assert old_rows.ids() == [held, *newer]


@pytest.mark.parametrize(("state", "left"), [("open", 2), ("retried", 0), ("discarded", 0)])
def test_the_runs_of_an_open_dead_letter_stay(state: str, left: int, old_rows: OldRows) -> None:
    buried, retried = old_rows.run(200, status="error", cause="exception"), old_rows.run(199)
    insert = """insert into dead_letters (source, tick, causes, params, state, decided_at)
                select source, tick, '[]', '{}', %s, case when %s then now() end
                from scrape_runs where id = %s returning id"""
    letter = old_rows.one(insert, state, state != "open", buried)["id"]
    old_rows.connection.execute("update scrape_runs set dead_letter_id = %s where id = %s", (letter, retried))
    old_rows.run(198)
    old_rows.sweep()
    assert old_rows.ids() == [buried, retried][:left]


def test_rows_that_have_to_stay_do_not_stop_the_sweep(old_rows: OldRows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_MOST", 4)
    monkeypatch.setattr(retention, "_MOST_RUNS", 4)
    node = old_rows.nodes.add("slow", "zoo:any")
    slow = old_rows.run(200, node, status="running", cause=None)
    kept = [old_rows.run(200, node, peak=None) for _ in range(10)]
    old_rows.details(slow, 200, 13)
    old_rows.details(old_rows.run(150), 150, 9)
    old_rows.details(young := old_rows.run(1), 1, 13)
    old_rows.sweep(runs_days=0)
    for table in DETAILS:
        assert old_rows.ids(table, "run_id") == [slow] * 13 + [young] * 13
        assert sum(old_rows.deleted_from(table)) == 9
    old_rows.sweep()
    assert old_rows.ids() == [slow, *kept, young]


def test_one_call_deletes_one_batch_and_comes_to_every_table_in_turn(
    old_rows: OldRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST", 10)
    monkeypatch.setattr(retention, "_MOST_RUNS", 10)
    old_rows.details(old_rows.run(50), 50, 35)
    chore = chore_of()
    tables: list[str] = []
    while not tables or chore._sweeps:
        before = len(old_rows.deleted)
        chore.tend(old_rows.connection)
        batches = old_rows.deleted[before:]
        assert [batch["count"] for batch in batches] in ([10], [5], [])
        tables += [batch["table"] for batch in batches]
    assert {tuple(sorted(tables[at : at + 3])) for at in range(0, 12, 3)} == {tuple(sorted(DETAILS))}
    chore.tend(old_rows.connection)
    assert not chore._sweeps  # the next time is in an hour


def test_supervisors_that_live_for_one_call_each_come_to_every_table(
    old_rows: OldRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST", 3)
    old_rows.details(old_rows.run(20), 20, 300)
    for _ in range(100):
        chore_of().tend(old_rows.connection)
    assert {facts["table"] for facts in old_rows.deleted} == set(DETAILS)


def test_a_run_with_more_lines_than_can_go_at_once_goes_step_by_step(
    old_rows: OldRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST_RUNS", 5)
    for _ in range(3):
        old_rows.details(old_rows.run(100), 100, 11)
    chore = chore_of(logs_days=0, pages_days=0, samples_days=0)
    left: list[tuple[int, int]] = []
    while not left or chore._sweeps:
        chore.tend(old_rows.connection)
        left.append((old_rows.count("scrape_runs"), old_rows.count("run_logs")))
    most_at_once = max(before - after for (_, before), (_, after) in zip([(3, 33), *left], left, strict=False))
    assert most_at_once <= 5
    assert left[-1] == (0, 0)


def test_the_chores_of_two_supervisors_neither_fight_nor_count_twice(old_rows: OldRows, database_url: str) -> None:
    for _ in range(20):
        old_rows.details(old_rows.run(100), 100, 500)

    def sweep(_: int) -> None:
        with database.connect(database_url) as connection:
            old_rows.sweep(connection)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sweep, range(2)))
    for table in DETAILS:
        assert old_rows.count(table) == 0
        assert sum(old_rows.deleted_from(table)) <= 10_000
    assert sum(old_rows.deleted_from("run_pages")) > 0
    assert sum(old_rows.deleted_from("scrape_runs")) == 20


def test_a_row_that_a_person_holds_is_left_for_another_day(old_rows: OldRows, database_url: str) -> None:
    runs = [old_rows.run(100) for _ in range(3)]
    for run_id in runs:
        old_rows.details(run_id, 100)
    with connect(database_url) as person, person.transaction():
        person.execute("select from scrape_runs where id = %s for update", (runs[1],))
        person.execute("select from run_logs where run_id = %s for update", (runs[0],))
        old_rows.sweep()
        assert old_rows.ids() == runs[:2]
        assert old_rows.ids("run_logs", "run_id") == [runs[0]]
    old_rows.sweep()
    assert old_rows.ids() == []


def test_what_fails_stops_no_other_table_and_is_tried_again_later(
    old_rows: OldRows, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_LOOKS_S", 60.0)
    old_rows.details(old_rows.run(100), 100)
    chore = chore_of(runs_days=0)
    with connect(database_url) as person, person.transaction():
        person.execute("lock table run_pages")
        failures = 0
        while failures == 0 or chore._sweeps:
            try:
                chore.tend(old_rows.connection)
            except psycopg.errors.LockNotAvailable:
                failures += 1
        assert failures == 1
    assert [old_rows.count(table) for table in DETAILS] == [0, 1, 0]


def test_jobs_that_nobody_has_seen_for_long_go_and_no_others(old_rows: OldRows, database_url: str) -> None:
    ages = {"http://x/old": 40, "http://x/held": 40, "http://x/young": 20}
    for url, days in ages.items():
        old_rows.connection.execute(
            """with job as (insert into jobs (url, source, title, content_hash) values (%s, 's', 't', 'h') returning id)
               insert into job_seen select id, clock_timestamp() - %s::interval from job""",
            (url, f"{days} days"),
        )
    old_rows.sweep()
    assert old_rows.count("jobs") == 3  # by default jobs are kept
    with connect(database_url) as run, run.transaction():
        run.execute(  # a run that sees it at this very moment
            "update job_seen set last_seen_at = clock_timestamp() "
            "where job_id = (select id from jobs where url = 'http://x/held')"
        )
        old_rows.sweep(jobs_days=30)
    old_rows.sweep(jobs_days=30)
    assert sorted(old_rows.ids("jobs", "url")) == ["http://x/held", "http://x/young"]
    assert old_rows.count("job_seen") == 2


def test_kept_pages_that_were_of_no_use_go(old_rows: OldRows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_MOST", 2)
    node = old_rows.nodes.add("visitor", "zoo:any")
    for number, days in enumerate((1, 20, 1, 1, 20, 20, 1)):
        old_rows.connection.execute(
            "insert into kept_pages (node_id, url, used_at) values (%s, %s, clock_timestamp() - %s::interval)",
            (node, f"http://x/{number}", f"{days} days"),
        )
    old_rows.sweep()
    assert old_rows.ids("kept_pages", "url") == [f"http://x/{number}" for number in (0, 2, 3, 6)]


def test_supervisors_and_hosts_that_are_long_gone_are_forgotten(old_rows: OldRows) -> None:
    holder = old_rows.run(200, old_rows.nodes.add("slow", "zoo:any"), status="running", cause=None)
    insert = """insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, seen_at)
                values (coalesce(%s, gen_random_uuid()), %s, 'b', 'n', 1, 1, clock_timestamp() - %s::interval)"""
    owner = old_rows.one("select supervisor_id from scrape_runs where id = %s", holder)["supervisor_id"]
    for uuid, host, days in ((owner, "holder", 200), (None, "old", 91), (None, "young", 89)):
        old_rows.connection.execute(insert, (uuid, host, f"{days} days"))
    old_rows.connection.execute(
        """insert into politeness (host, next_allowed_at, held_until) values
             ('old', now() - interval '2 days', null), ('held', now() - interval '2 days', now() + interval '1 hour'),
             ('young', now(), null);
           insert into robots (origin, expires_at, fetching_until) values
             ('http://old', now() - interval '8 days', null), ('http://never', null, now() - interval '8 days'),
             ('http://young', now() - interval '6 days', null);
           alter table circuit_breakers disable trigger user;
           insert into circuit_breakers (host, state, updated_at) values
             ('old', 'closed', now() - interval '31 days'), ('open', 'open', now() - interval '31 days'),
             ('young', 'closed', now() - interval '29 days')"""
    )
    old_rows.sweep()
    assert sorted(old_rows.ids("supervisors", "host")) == ["holder", "young"]
    assert old_rows.ids("politeness", "host") == ["held", "young"]
    assert old_rows.ids("robots", "origin") == ["http://young"]
    assert old_rows.ids("circuit_breakers", "host") == ["open", "young"]
