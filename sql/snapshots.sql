-- Statements on node_snapshots and job_snapshots. "Taken" is a day with a row for all sources (source '').

-- name: take_daily_snapshots
-- Today's snapshot unless it is there, and whose day that was: one look at the clock for both.
with clock as materialized (select clock_timestamp() as at)
select snapshot_day(at, %(timezone)s) as snapshot_date, take_snapshots_at(at, %(timezone)s) as rows from clock;

-- name: read_today
-- Today, when its snapshot was taken (null: not yet), and the seconds until one is due (0 or less: now).
with clock as materialized (select clock_timestamp() as at)
select snapshot_day(at, %(timezone)s) as snapshot_date, s.created_at,
       extract(epoch from next_snapshot_at(at, %(timezone)s, %(earliest)s::time) - at)::double precision as due_in_s
from clock
left join job_snapshots s on s.snapshot_date = snapshot_day(at, %(timezone)s) and s.source = '';

-- name: read_day
-- How many rows a day's snapshot has, and since when.
select s.created_at, (select count(*) from node_snapshots n where n.snapshot_date = s.snapshot_date)
                     + (select count(*) from job_snapshots j where j.snapshot_date = s.snapshot_date) as rows
from job_snapshots s
where s.snapshot_date = %(snapshot_date)s and s.source = '';

-- name: missing_days
-- Days without a snapshot between the first one and today; days that a zone left out have no noon, and are not missed.
select d.day
from (select min(snapshot_date) as first from job_snapshots where source = '') f
cross join lateral (
    select f.first + n as day
    from generate_series(1, snapshot_day(clock_timestamp(), %(timezone)s) - f.first - 1) n) d
where snapshot_day((d.day + time '12:00') at time zone %(timezone)s, %(timezone)s) = d.day
    and not exists (select from job_snapshots s where s.snapshot_date = d.day and s.source = '')
order by d.day;

-- name: last_snapshot
-- The newest day with a snapshot.
select snapshot_date, created_at from job_snapshots where source = '' order by snapshot_date desc limit 1;

-- name: node_history
-- A node over the last days up to today, a row a day: a day that was not taken says so, and has no figures.
select d.day as snapshot_date, s.created_at is not null as taken, n.scraper, n.schedule, n.enabled, n.status,
       n.open_dead_letter, n.counted_from, n.counted_until, n.runs_count, n.ok_count, n.error_count, n.stopped_count,
       n.skipped_count, n.fetched_count, n.inserted_count, n.updated_count, n.pages_count, n.average_s, n.longest_s,
       n.peak_rss_mb
from (select snapshot_day(clock_timestamp(), %(timezone)s) - n as day from generate_series(0, %(days)s::integer - 1) n) d
left join job_snapshots s on s.snapshot_date = d.day and s.source = ''
left join node_snapshots n on n.snapshot_date = d.day and n.node = %(node)s
order by d.day;

-- name: job_history
-- The jobs of a source ('': of all) over the last days up to today, with gaps as above.
select d.day as snapshot_date, s.created_at is not null as taken, j.counted_from, j.counted_until, j.jobs_count,
       j.new_count, j.seen_count, j.remote_count, j.with_pay_count, j.countries
from (select snapshot_day(clock_timestamp(), %(timezone)s) - n as day from generate_series(0, %(days)s::integer - 1) n) d
left join job_snapshots s on s.snapshot_date = d.day and s.source = ''
left join job_snapshots j on j.snapshot_date = d.day and j.source = %(source)s
order by d.day;
