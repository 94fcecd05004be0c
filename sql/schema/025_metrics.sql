-- Metrics: one view each, and the same with an interval as a function. Times are compared with statement_timestamp():
-- clock_timestamp() changes from row to row, so no index can be asked for it.

-- What ended lately, from this index alone. None of its columns changes while a run is alive, so heartbeats stay HOT.
create index scrape_runs_finished_idx on scrape_runs (finished_at) include (source, cause, started_at)
    where finished_at is not null;
-- The newest runs of a rare cause among a million others.
create index scrape_runs_cause_started_idx on scrape_runs (cause, started_at desc, id desc) where cause is not null;
-- The last errors of a source, however long it has been well since.
create index scrape_runs_errors_idx on scrape_runs (source, started_at desc)
    where cause in ('exception', 'blocked', 'timeout', 'stalled', 'stale', 'memory', 'oom', 'crashed', 'killed',
                    'boot_failed', 'lost', 'fenced');
-- The condition `peak_rss_mb is not null` made the peak an indexed column: each heartbeat that raised it wrote to every
-- index of the table.
drop index scrape_runs_peaks_idx;
create index scrape_runs_peaks_idx on scrape_runs (node_id, started_at desc)
    where cause in ('done', 'requested', 'exception');
-- Asked only for claims whose answer was lost, so only of open runs.
drop index scrape_runs_owner_idx;
create index scrape_runs_owner_idx on scrape_runs (owner) where finished_at is null;
-- Pages of a run are read a hundred at a time, each time from the id where the last hundred ended.
drop index run_pages_run_status_idx;
create index run_pages_run_status_idx on run_pages (run_id, status, id);
-- Every supervisor that ever was has a row; few have not said goodbye.
create index supervisors_living_idx on supervisors (boot_id, pid_ns) where stopped_at is null;

-- What a supervisor takes for itself.
alter table supervisors
    add column fds integer constraint supervisors_fds_not_negative check (fds >= 0),
    add column threads integer constraint supervisors_threads_not_negative check (threads >= 0),
    add column rss_mb double precision constraint supervisors_rss_not_negative check (rss_mb >= 0);

-- What an end means for the work: only `completed` and `failed` are results. `continued` parts go on in another part of
-- the same attempt, and say nothing about the scraper.
create function run_result(p_cause text) returns text language sql immutable parallel safe as $$
    select case
        when p_cause = 'done' then 'completed'
        when p_cause = 'requested' then 'stopped'
        when p_cause in ('recycled', 'lost', 'fenced', 'shutdown') then 'continued'
        when p_cause in ('lease_held', 'breaker_open', 'no_memory', 'no_slot', 'too_big', 'still_running', 'missed')
            then 'skipped'
        when p_cause is not null then 'failed'
        end
$$;

-- How things stand. queued: nodes that want to run and do not, retrying: those among them that wait for their next
-- attempt; oldest_wait_s: of the others, since when the first of them has waited.
create view metrics_now as
select n.*, b.breakers_open, d.dead_letters_open, s.supervisors_alive, statement_timestamp() as at
from (
    select count(*) as nodes, count(*) filter (where q.queued) as queued,
           count(*) filter (where q.queued and q.retrying) as retrying, count(q.run_id) as processing,
           count(*) filter (where q.status = 'paused') as nodes_paused,
           count(*) filter (where q.stop_requested and q.run_id is null) as nodes_stopped,
           count(*) filter (where not q.enabled) as nodes_disabled,
           extract(epoch from statement_timestamp() - min(q.waits_since) filter (where q.queued and not q.retrying))
               ::double precision as oldest_wait_s
    from (
        select n.status, n.stop_requested, n.enabled, r.id as run_id,
               r.id is null and not n.stop_requested and not n.kill_requested and (
                   n.open_tick is not null or n.run_requested
                   or (n.enabled and n.status <> 'paused' and n.next_run_at <= statement_timestamp())) as queued,
               coalesce(n.open_tick is not null and n.retry_at > statement_timestamp(), false) as retrying,
               case when n.status = 'waiting' then n.waiting_since
                    when n.next_run_at <= statement_timestamp() then n.next_run_at end as waits_since
        from nodes n left join scrape_runs r on r.node_id = n.id and r.finished_at is null) q) n
cross join (select count(*) as breakers_open from circuit_breakers where state <> 'closed') b
cross join (select count(*) as dead_letters_open from dead_letters where state = 'open') d
cross join (select count(*) as supervisors_alive from supervisors
            where stopped_at is null and seen_at > statement_timestamp() - interval '30 seconds') s;

-- Supervisors seen within a minute: the memory they see and where its limit comes from, what they have promised to
-- running scrapes, how many these are, and what they take themselves.
create view metrics_supervisors as
select s.id, s.host, s.pid, s.version, s.started_at, s.seen_at,
       extract(epoch from statement_timestamp() - s.seen_at)::double precision as seen_age_s, s.memory_available_mb,
       s.memory_limit_mb, s.memory_reserved_mb, s.memory_source, s.fds, s.threads, s.rss_mb,
       (select count(*) from scrape_runs r where r.supervisor_id = s.id and r.finished_at is null) as running
from supervisors s
where s.stopped_at is null and s.seen_at > statement_timestamp() - interval '1 minute'
order by s.seen_at desc;

-- The seconds that an interval covers: fewer than asked for while the oldest run is younger than that.
create function metrics_window_s(p_since interval) returns double precision
language sql stable parallel safe as $$
    select least(extract(epoch from p_since),
                 greatest(60, extract(epoch from statement_timestamp() - min(started_at))))::double precision
    from scrape_runs
$$;

-- Durations in classes of one per cent, so that a million of them need not be sorted. A percentile is the longest
-- duration of the class that it falls into: never too small, at most one per cent too large.
create function duration_class(p_seconds double precision) returns integer language sql immutable parallel safe as $$
    select floor(ln(greatest(p_seconds, 0.001)) * 100)::integer
$$;

-- What ended within an interval: total = completed + failed + stopped + skipped + continued. per_minute counts results,
-- error_rate is failed / (completed + failed), durations are those of the results' processes.
create function metrics_overall(p_since interval default '24 hours') returns table (
    window_s double precision, total bigint, completed bigint, failed bigint, stopped bigint, skipped bigint,
    continued bigint, per_minute double precision, error_rate double precision, average_s double precision,
    p95_s double precision)
language sql stable parallel safe as $$
    with ended as (
        select run_result(r.cause) as result,
               duration_class(date_part('epoch', r.finished_at - r.started_at)) as class, count(*) as runs,
               sum(date_part('epoch', r.finished_at - r.started_at)) as seconds,
               max(date_part('epoch', r.finished_at - r.started_at)) as slowest
        from scrape_runs r where r.finished_at > statement_timestamp() - p_since
        group by 1, 2
    ), sums as (
        select coalesce(sum(runs), 0)::bigint as total,
               coalesce(sum(runs) filter (where result = 'completed'), 0)::bigint as completed,
               coalesce(sum(runs) filter (where result = 'failed'), 0)::bigint as failed,
               coalesce(sum(runs) filter (where result = 'stopped'), 0)::bigint as stopped,
               coalesce(sum(runs) filter (where result = 'skipped'), 0)::bigint as skipped,
               coalesce(sum(runs) filter (where result = 'continued'), 0)::bigint as continued,
               sum(seconds) filter (where result in ('completed', 'failed')) as seconds
        from ended
    ), ranked as (
        select slowest, sum(runs) over (order by class, result) as up_to, sum(runs) over () as all_of
        from ended where result in ('completed', 'failed')
    )
    select w.seconds, s.total, s.completed, s.failed, s.stopped, s.skipped, s.continued,
           (s.completed + s.failed) * 60 / w.seconds, s.failed / nullif(s.completed + s.failed, 0)::double precision,
           s.seconds / nullif(s.completed + s.failed, 0),
           (select min(slowest) from ranked where up_to >= 0.95 * all_of)
    from sums s cross join (select metrics_window_s(p_since) as seconds) w
$$;
create view metrics_24h as select * from metrics_overall('24 hours');

-- The same for each cause that occurred, the most frequent first; nodes: to how many it happened.
create function metrics_by_cause(p_since interval default '24 hours') returns table (
    result text, cause text, runs bigint, share double precision, nodes bigint, average_s double precision,
    p95_s double precision, last_at timestamptz)
language sql stable parallel safe as $$
    with ended as (
        select r.cause, duration_class(date_part('epoch', r.finished_at - r.started_at)) as class, count(*) as runs,
               sum(date_part('epoch', r.finished_at - r.started_at)) as seconds,
               max(date_part('epoch', r.finished_at - r.started_at)) as slowest, max(r.finished_at) as last_at
        from scrape_runs r where r.finished_at > statement_timestamp() - p_since
        group by 1, 2
    ), ranked as (
        select e.*, sum(e.runs) over (partition by e.cause order by e.class) as up_to,
               sum(e.runs) over (partition by e.cause) as all_of
        from ended e
    ), causes as (
        select c.cause, run_result(c.cause) as result, sum(c.runs)::bigint as runs, sum(c.seconds) as seconds,
               min(c.slowest) filter (where c.up_to >= 0.95 * c.all_of) as p95_s, max(c.last_at) as last_at
        from ranked c group by c.cause
    ), hit as (
        select h.cause, count(*) as nodes
        from (select distinct r.cause, r.source from scrape_runs r
              where r.finished_at > statement_timestamp() - p_since) h
        group by h.cause
    )
    select c.result, c.cause, c.runs, c.runs / sum(c.runs) over ()::double precision, h.nodes,
           case when c.result <> 'skipped' then c.seconds / c.runs end,
           case when c.result <> 'skipped' then c.p95_s end, c.last_at
    from causes c join hit h on h.cause = c.cause
    order by c.runs desc, c.cause
$$;
create view metrics_by_cause as select * from metrics_by_cause('24 hours');

-- The same for each node, those with most failures first; also those of which nothing ended, and removed ones of which
-- something did (status null). causes: cause → runs.
create function metrics_by_node(p_since interval default '24 hours') returns table (
    node text, status text, total bigint, completed bigint, failed bigint, stopped bigint, skipped bigint,
    continued bigint, per_minute double precision, error_rate double precision, average_s double precision,
    p95_s double precision, causes jsonb)
language sql stable parallel safe as $$
    with ended as (
        select r.source, r.cause, run_result(r.cause) as result, count(*) as runs,
               sum(date_part('epoch', r.finished_at - r.started_at)) as seconds
        from scrape_runs r where r.finished_at > statement_timestamp() - p_since
        group by 1, 2
    ), sums as (
        select e.source, sum(e.runs)::bigint as total,
               coalesce(sum(e.runs) filter (where e.result = 'completed'), 0)::bigint as completed,
               coalesce(sum(e.runs) filter (where e.result = 'failed'), 0)::bigint as failed,
               coalesce(sum(e.runs) filter (where e.result = 'stopped'), 0)::bigint as stopped,
               coalesce(sum(e.runs) filter (where e.result = 'skipped'), 0)::bigint as skipped,
               coalesce(sum(e.runs) filter (where e.result = 'continued'), 0)::bigint as continued,
               sum(e.seconds) filter (where e.result in ('completed', 'failed')) as seconds,
               jsonb_object_agg(e.cause, e.runs) as causes
        from ended e group by e.source
    ), classes as (
        select r.source, duration_class(date_part('epoch', r.finished_at - r.started_at)) as class, count(*) as runs,
               max(date_part('epoch', r.finished_at - r.started_at)) as slowest
        from scrape_runs r
        where r.finished_at > statement_timestamp() - p_since and run_result(r.cause) in ('completed', 'failed')
        group by 1, 2
    ), slow as (
        select c.source, min(c.slowest) as p95_s
        from (select k.*, sum(k.runs) over (partition by k.source order by k.class) as up_to,
                     sum(k.runs) over (partition by k.source) as all_of
              from classes k) c
        where c.up_to >= 0.95 * c.all_of
        group by c.source
    )
    select coalesce(n.name, s.source), n.status, coalesce(s.total, 0), coalesce(s.completed, 0),
           coalesce(s.failed, 0), coalesce(s.stopped, 0), coalesce(s.skipped, 0), coalesce(s.continued, 0),
           coalesce(s.completed + s.failed, 0) * 60 / w.seconds,
           s.failed / nullif(s.completed + s.failed, 0)::double precision,
           s.seconds / nullif(s.completed + s.failed, 0), p.p95_s, coalesce(s.causes, '{}')
    from (select metrics_window_s(p_since) as seconds) w
    cross join (nodes n full join sums s on s.source = n.name left join slow p on p.source = s.source)
    order by coalesce(s.failed, 0) desc, coalesce(s.total, 0) desc, 1
$$;
create view metrics_by_node as select * from metrics_by_node('24 hours');
