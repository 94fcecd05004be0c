"""A history to judge plans on: 1,000 nodes, a million runs over thirty days, and what belongs to them."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg

from tests.fix_database import Connection, connect

NODES = 1_000
RUNS = 1_000_000
SOMEONE = "00000000-0000-0000-0000-000000000001"
HANDS = 2  # connections at a time

_NODES = b"""
insert into nodes (name, scraper, schedule, next_run_at, entry_host)
select 'node-' || n, 'feed', 'every 43m', clock_timestamp() + interval '1 hour' + n * interval '2.5 s', 'host-' || n
from generate_series(1, 1000) n
"""
# Of a thousand runs 880 are done, 30 recycled, 65 errors, 5 stopped and 20 skipped; one of the whole million is `oom`.
_RUNS = b"""
insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, status, cause, error, started_at,
                         finished_at, inserted_count, unchanged_count, pages_count, peak_rss_mb, budget_mb)
select n.id, n.name, %(someone)s::uuid, %(someone)s::uuid, i, at, (y.status <> 'skipped')::integer, y.status, y.cause,
       case when y.status <> 'ok' then 'ended by ' || y.cause || '; last page 4 of 12' end, at,
       at + interval '1 s' * (1 + dice * 0.06), mod(i, 7), 40, 4, 80 + mod(i, 50), 256
from generate_series(%(first)s::integer, %(last)s::integer) i
cross join lateral (
    select mod(hashint4(i)::bigint + 2147483648, 1000) as dice,
           clock_timestamp() - interval '70 s' - interval '2.592 s' * (1000000 - i) as at) x
join lateral (
    select case when i = 500 then 'error' when dice < 910 then 'ok' when dice < 975 then 'error'
                when dice < 980 then 'stopped' else 'skipped' end as status,
           case when i = 500 then 'oom' when dice < 880 then 'done' when dice < 910 then 'recycled'
                when dice < 950 then 'exception' when dice < 965 then 'blocked' when dice < 974 then 'timeout'
                when dice < 975 then 'lost' when dice < 980 then 'requested' when dice < 998 then 'still_running'
                else 'missed' end as cause) y on true
join nodes n on n.id = mod(i, 1000) + 1
"""
# Two nodes are running; the newest five hundred runs have pages, the newest five thousand lines and samples.
_REST = (
    b"""
    insert into scrape_leases (source, lease_owner, lease_until)
    select name, gen_random_uuid(), clock_timestamp() + interval '1 hour' * (name in ('node-998', 'node-999'))::integer
    from nodes
    """,
    b"""
    insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, status, pid, start_ticks,
                             boot_id, pid_ns, heartbeat_at, progress_at)
    select n.id, n.name, '00000000-0000-0000-0000-000000000001', l.lease_owner, l.epoch, clock_timestamp(), 1,
           'running', 1, 1, 'boot', 'ns', clock_timestamp(), clock_timestamp()
    from nodes n join scrape_leases l on l.source = n.name where n.name in ('node-998', 'node-999')
    """,
    b"""
    update nodes n set status = 'running', open_tick = r.tick, open_attempt = 1, open_part = 0
    from scrape_runs r where r.node_id = n.id and r.finished_at is null
    """,
    b"""
    insert into run_pages (run_id, page_no, url, status)
    select r.id, p / 10 + 1, 'https://example.org/' || p, case mod(p, 100) when 7 then 'blocked' else 'ok' end
    from (select id from scrape_runs where finished_at is not null order by id desc limit 500) r,
         generate_series(1, 100) p
    """,
    b"""
    insert into run_logs (run_id, event, message)
    select r.id, 'page', 'page ' || l from (select id from scrape_runs order by id desc limit 5000) r,
         generate_series(1, 10) l
    """,
    b"""
    insert into memory_samples (run_id, at, rss_mb)
    select r.id, clock_timestamp() + s * interval '10 s', 100
    from (select id from scrape_runs order by id desc limit 5000) r, generate_series(1, 10) s
    """,
    b"""
    insert into jobs (url, source, title, content_hash)
    select 'https://example.org/job/' || j, 'node-' || mod(j, 1000), 'nurse', 'h' from generate_series(1, 60000) j
    """,
    b"insert into job_seen (job_id) select id from jobs",
    b"""
    insert into dead_letters (node_id, source, tick, causes, params)
    select id, name, clock_timestamp(), '[]', '{}' from nodes where mod(id, 20) = 0
    """,
    b"""
    insert into circuit_breakers (host, state)
    select 'host-' || h, case mod(h, 50) when 0 then 'open' else 'closed' end from generate_series(1, 2000) h
    """,
    b"""
    insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, stopped_at)
    select case s when 20000 then '00000000-0000-0000-0000-000000000001' else gen_random_uuid() end, 'host', 'boot',
           'ns', 1, 1, case when s < 19998 then clock_timestamp() end
    from generate_series(1, 20000) s
    """,
)
_LOOSE = b"""
select 'drop index ' || indexname as dropped, indexdef as added from pg_indexes i
where tablename = 'scrape_runs' and not exists (select from pg_constraint c where c.conname = i.indexname)
"""
_CHECKS = b"""
select 'alter table scrape_runs drop constraint ' || conname as dropped,
       format('alter table scrape_runs add constraint %s %s not valid', conname, pg_get_constraintdef(oid)) as added
from pg_constraint where conrelid = 'scrape_runs'::regclass and contype = 'c'
union all
select 'alter table scrape_runs drop constraint scrape_runs_tick_key',
       'alter table scrape_runs add constraint scrape_runs_tick_key unique (node_id, tick, attempt, part)'
"""


def write_history(url: str) -> None:
    """Fill an empty database; some fifteen seconds on two idle cores."""
    with connect(url) as connection, ThreadPoolExecutor(HANDS) as hands:
        _trust(connection)
        connection.execute(_NODES)
        # Indexes of rows that are there are built in a quarter of the time, and that the rows keep the rules is known.
        loose = connection.execute(_LOOSE).fetchall()
        checks = connection.execute(_CHECKS).fetchall()
        for row in [*loose, *checks]:
            connection.execute(row["dropped"].encode())
        share = RUNS // HANDS
        list(hands.map(partial(_write_runs, url, share), range(1, RUNS + 1, share)))
        list(hands.map(partial(_build, url), [row["added"] for row in loose]))
        for row in checks:
            connection.execute(row["added"].encode())
        for statement in _REST:
            connection.execute(statement)
        connection.execute(b"vacuum analyze")


def _write_runs(url: str, count: int, first: int) -> None:
    with connect(url) as connection:
        _trust(connection)
        connection.execute(_RUNS, {"someone": SOMEONE, "first": first, "last": first + count - 1})


def _build(url: str, definition: str) -> None:
    with connect(url) as connection:
        connection.execute("set maintenance_work_mem = '128MB'")
        connection.execute(definition.encode())


def _trust(connection: Connection) -> None:
    """Have no foreign key asked: that they hold is known. Only an administrator may, the others wait longer."""
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute("set session_replication_role = replica")
