-- Statements on scrape_runs.

-- name: claim_run
-- Lease, epoch and run row in one round trip.
select * from claim_run(%(node_id)s, %(supervisor_id)s, %(owner)s, %(lease_s)s, %(expected_tick)s, %(next_run_at)s,
                        %(budget_mb)s, %(budget_source)s, %(host)s, %(boot_id)s, %(pid_ns)s, %(memory_domain)s,
                        %(room_mb)s, %(max_attempts)s);

-- name: close_run
-- The end of a run, in one transaction: final state, node, next part or retry or dead letter, lease. And what a look at
-- its node's history needs: what it found, and what the runs before it weighed, newest first.
select close_run(%(run_id)s, %(epoch)s, %(status)s, %(cause)s, %(error)s, %(traceback)s, %(ended_by)s, %(exit_code)s,
                 %(exit_signal)s, %(peak_rss_mb)s, %(cpu_s)s, %(next)s, %(retry_s)s, %(max_attempts)s,
                 %(outcome_seen)s) as verdict,
       (select fetched_count from scrape_runs where id = %(run_id)s) as fetched_count,
       (select rejected_count from scrape_runs where id = %(run_id)s) as rejected_count,
       array(select p.peak_rss_mb from scrape_runs p
             where p.node_id = (select node_id from scrape_runs where id = %(run_id)s)
               and p.cause in ('done', 'requested', 'exception') and p.peak_rss_mb is not null and p.id <> %(run_id)s
             order by p.started_at desc limit 10) as earlier_peaks;

-- name: close_lost_run
-- Closes a run whose holder is gone.
select close_lost_run(%(run_id)s, %(max_attempts)s, %(sentence)s) as verdict;

-- name: pass_over_ticks
-- Rows for ticks that nobody will run, and the schedule moved on.
select pass_over_ticks(%(node_id)s, %(expected)s, %(next)s, %(rows)s) as done;

-- name: read_own_open
-- The open runs of one supervisor with their signs of life and their node's wishes.
select r.id, r.node_id, r.source, r.status, r.epoch, r.pages_count, r.stage, r.progress_done, r.progress_total,
       coalesce(n.stop_requested, false) as stop_requested, coalesce(n.kill_requested, false) as kill_requested,
       coalesce(n.run_requested, false) as run_requested,
       n.status as node_status, coalesce(n.stall_s, 1e9) as stall_s,
       extract(epoch from clock_timestamp() - r.heartbeat_at)::double precision as heartbeat_age_s,
       extract(epoch from clock_timestamp() - r.progress_at)::double precision as progress_age_s,
       extract(epoch from clock_timestamp() - r.started_at)::double precision as age_s
from scrape_runs r left join nodes n on n.id = r.node_id
where r.supervisor_id = %(supervisor_id)s and r.finished_at is null;

-- name: latch_stop
-- A stop request holds for the run that was running when it was seen.
update scrape_runs set stop_seen_at = clock_timestamp()
where id = %(run_id)s and stop_seen_at is null and finished_at is null;

-- name: write_measured
-- What the process trees of a supervisor weigh: for admission by others, and as samples over time.
with weighed as (
    update scrape_runs r
    set measured_mb = m.mb, peak_rss_mb = greatest(r.peak_rss_mb, m.mb)
    from unnest(%(ids)s::bigint[], %(mbs)s::double precision[]) as m (id, mb)
    where r.id = m.id and r.finished_at is null
    returning r.id, m.mb
)
insert into memory_samples (run_id, rss_mb) select id, mb from weighed on conflict do nothing;

-- name: read_budget_facts
-- What a learned budget is made of: the newest peaks that were not cut short, newest first, and how often the tick in
-- hand has ended for want of memory.
select n.id as node_id, p.peaks, t.memory_ends
from nodes n
cross join lateral (
    select coalesce(array_agg(r.peak_rss_mb order by r.started_at desc), '{}') as peaks
    from (
        select peak_rss_mb, started_at from scrape_runs
        where node_id = n.id and cause in ('done', 'requested', 'exception') and peak_rss_mb is not null
        order by started_at desc limit %(peaks)s) r) p
cross join lateral (
    select count(*) as memory_ends from scrape_runs r
    where r.node_id = n.id and r.tick = n.open_tick and r.cause in ('memory', 'oom')) t
where n.id = any(%(node_ids)s);

-- name: write_trend
-- Tells in the log of a run that its node's memory climbs.
insert into run_logs (run_id, level, event, message, facts)
values (%(run_id)s, 'warning', 'memory_trend', %(message)s, %(facts)s);

-- name: read_ending
-- What settling needs to know of a run that ended without a good word.
select status, pid, outcome, pages_count, progress_done, progress_total, stage, epoch, finished_at,
       extract(epoch from clock_timestamp() - heartbeat_at)::double precision as heartbeat_age_s,
       extract(epoch from clock_timestamp() - progress_at)::double precision as progress_age_s, peak_rss_mb
from scrape_runs where id = %(run_id)s;

-- name: read_expired
-- Open runs of other supervisors whose lease has run out, except within a lease's time of a database start.
select r.id, r.source, r.node_id, n.max_attempts
from scrape_runs r left join nodes n on n.id = r.node_id left join scrape_leases l on l.source = r.source
where r.finished_at is null and r.supervisor_id <> %(supervisor_id)s
  and (l.lease_until is null or l.lease_until <= clock_timestamp() or l.epoch <> r.epoch)
  and clock_timestamp() > (select awake_since()) + make_interval(secs => %(lease_s)s);

-- name: read_open_of_others
-- Open runs of other supervisors, with what proves whether their owner lives.
select r.id, r.source, r.node_id, r.epoch, r.boot_id, r.pid_ns, r.pid, r.start_ticks, n.max_attempts,
       s.id as supervisor_id, s.host as supervisor_host, s.boot_id as supervisor_boot_id, s.pid_ns as supervisor_pid_ns,
       s.pid as supervisor_pid, s.start_ticks as supervisor_start_ticks
from scrape_runs r join supervisors s on s.id = r.supervisor_id left join nodes n on n.id = r.node_id
where r.finished_at is null and r.supervisor_id <> %(supervisor_id)s;

-- name: list_runs
-- Runs, newest first: all, those of some causes, or open ones of a status. Of each cause the newest are looked up by
-- themselves, so that a rare one is not searched for among a million others.
select r.*, extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::double precision as duration_s
from (
    (select a.id from scrape_runs a
     where %(causes)s::text[] is null and %(open)s::text is null and (%(source)s::text is null or a.source = %(source)s)
     order by a.started_at desc, a.id desc limit %(limit)s)
    union all
    (select e.id from unnest(%(causes)s::text[]) wanted (cause)
     cross join lateral (
         select c.id, c.started_at from scrape_runs c
         where c.cause = wanted.cause and (%(source)s::text is null or c.source = %(source)s)
         order by c.started_at desc, c.id desc limit %(limit)s) e
     order by e.started_at desc, e.id desc limit %(limit)s)
    union all
    (select o.id from scrape_runs o
     where o.finished_at is null and o.status = %(open)s::text and (%(source)s::text is null or o.source = %(source)s)
     order by o.started_at desc, o.id desc limit %(limit)s)) found
join scrape_runs r on r.id = found.id
order by r.started_at desc, r.id desc;

-- name: get_run
-- One run.
select * from scrape_runs where id = %(run_id)s;

-- name: newest_run_of
-- The newest run of a source that had a process.
select * from scrape_runs where source = %(source)s and attempt > 0 order by started_at desc limit 1;

-- name: runs_by_source
-- Per source, or of one: the last run, the last ten errors, and how many of its newest thousand runs were skipped or
-- failed in a row. Parts that go on elsewhere neither make a streak nor end one. Sources are found by jumping from one to
-- the next in the index.
with recursive sources (source) as (
    (select r.source from scrape_runs r where %(source)s::text is null or r.source = %(source)s
     order by r.source limit 1)
    union all
    select (select r.source from scrape_runs r where r.source > s.source order by r.source limit 1)
    from sources s where s.source is not null and %(source)s::text is null
)
select s.source, last.id as last_run_id, last.status as last_status, last.cause as last_cause,
       last.started_at as last_started_at, last.finished_at as last_finished_at,
       last.fetched_count as last_fetched_count, last.upserted_count as last_upserted_count, last.error as last_error,
       skipped.streak as skipped_streak, failed.streak as failed_streak, errors.newest as last_errors
from sources s
cross join lateral (
    select * from scrape_runs r where r.source = s.source order by r.started_at desc, r.id desc limit 1) last
cross join lateral (
    select count(*) filter (where t.status = 'skipped') as streak
    from (select r.status from scrape_runs r
          where r.source = s.source and r.started_at > coalesce((
              select b.started_at
              from (select * from scrape_runs r where r.source = s.source order by r.started_at desc limit 1000) b
              where b.finished_at is not null and b.status <> 'skipped'
              order by b.started_at desc limit 1), '-infinity')
          order by r.started_at desc limit 1000) t) skipped
cross join lateral (
    select count(*) filter (where run_result(t.cause) = 'failed') as streak
    from (select r.cause from scrape_runs r
          where r.source = s.source and r.started_at > coalesce((
              select b.started_at
              from (select * from scrape_runs r where r.source = s.source order by r.started_at desc limit 1000) b
              where b.cause = 'done'
              order by b.started_at desc limit 1), '-infinity')
          order by r.started_at desc limit 1000) t) failed
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
               'run_id', e.id, 'at', to_char(e.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
               'cause', e.cause, 'error', e.error) order by e.started_at desc), '[]') as newest
    from (select * from scrape_runs r
          where r.source = s.source
            and r.cause in ('exception', 'blocked', 'timeout', 'stalled', 'stale', 'memory', 'oom', 'crashed', 'killed',
                            'boot_failed', 'lost', 'fenced')
          order by r.started_at desc limit 10) e) errors
where s.source is not null
order by s.source;

-- name: newest_run_id
-- The highest run id of a node so far; 0: it has none.
select coalesce(max(id), 0) as id from scrape_runs where node_id = %(node_id)s;

-- name: open_run_of
-- The run of a node that is under way.
select * from scrape_runs where node_id = %(node_id)s and finished_at is null;

-- name: requested_run
-- The newest row of the first tick that a node got after an instant, as its schedule would not have given it.
select * from scrape_runs r
where r.node_id = %(node_id)s and r.tick = (
    select min(f.tick) from scrape_runs f
    where f.node_id = %(node_id)s and f.id > %(after)s and f.tick >= %(since)s
      and f.cause is distinct from 'still_running' and f.cause is distinct from 'missed')
order by r.id desc limit 1;
