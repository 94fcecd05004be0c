-- Statements on nodes.

-- name: read_due
-- Every node about which something has to be decided now: due, requested, continued, overdue or left behind. With each,
-- and alone in a row when there is none: the seconds until the next tick or retry, and whether anybody waits in vain.
select g.coming_s, g.waits_over,
       n.id, n.name, n.scraper, n.schedule, n.timezone, n.jitter_s, n.priority, n.timeout_s, n.stall_s, n.memory_mb,
       n.data_limit, n.max_attempts, n.gap_s, n.gap_jitter_s, n.enabled,
       coalesce(n.proxy_pool, (select p.proxy_pool from location_pools p where p.name = n.location_pool)) as proxy_pool,
       n.run_requested, n.status,
       n.status_reason, n.next_run_at, n.retry_at, n.created_at, n.updated_at, n.schedule_since, n.open_tick,
       n.open_attempt, n.open_part, n.waiting_tick, n.waiting_cause, n.waiting_since, clock_timestamp() as now_at,
       r.id as open_run_id, r.supervisor_id as open_run_supervisor,
       coalesce(l.lease_until > clock_timestamp(), false) as lease_live, l.lease_owner, l.lease_until,
       b.host as breaker_host, b.last_error as breaker_error, b.open_until as breaker_until,
       extract(epoch from b.open_until - clock_timestamp())::double precision as breaker_left_s,
       case when is_at_work(b.probe_run_id, b.probe_until) then b.probe_run_id end as breaker_probe,
       -- What its budget is learned from, as in read_budget_facts; of a thousand that wait for a slot nobody asks.
       case when n.memory_mb is null and n.status <> 'waiting' then array(
           select p.peak_rss_mb from scrape_runs p
           where p.node_id = n.id and p.cause in ('done', 'requested', 'exception') and p.peak_rss_mb is not null
           order by p.started_at desc limit %(peaks)s) end as peaks,
       case when n.memory_mb is null and n.status <> 'waiting' then (
           select count(*) from scrape_runs m
           where m.node_id = n.id and m.tick = n.open_tick and m.cause in ('memory', 'oom')) end as memory_ends
from (
    select extract(epoch from least(
               min(next_run_at) filter (where next_run_at > clock_timestamp() and enabled and not stop_requested),
               min(retry_at) filter (where retry_at > clock_timestamp() and not stop_requested))
               - clock_timestamp())::double precision as coming_s,
           coalesce(bool_or(case
               when stop_requested then status <> 'stopped' or kill_requested or open_tick is not null
               else open_tick is null and not run_requested and (status = 'stopped' or (status = 'waiting'
                    and (not enabled or schedule is null or next_run_at > clock_timestamp()))) end), false) as waits_over
    from nodes) g
left join (nodes n
    left join scrape_leases l on l.source = n.name
    left join scrape_runs r on r.node_id = n.id and r.finished_at is null
    left join circuit_breakers b on b.host = n.entry_host and b.state <> 'closed')
on not n.stop_requested and not n.kill_requested and (
    (n.open_tick is not null and r.id is null and coalesce(n.retry_at <= clock_timestamp(), true))
    or (n.open_tick is null and n.run_requested)
    or (n.enabled and n.schedule is not null and n.status <> 'paused'
        and (n.next_run_at is null or n.next_run_at <= clock_timestamp()))
    or (r.id is not null and l.lease_until <= clock_timestamp() and r.supervisor_id <> %(supervisor_id)s));

-- name: set_next_run
-- Writes the next tick of a node whose schedule has been read, unless it has changed meanwhile.
update nodes set next_run_at = %(next_run_at)s
where id in (select id from nodes where id = %(id)s for no key update skip locked)
  and next_run_at is null and updated_at = %(updated_at)s and enabled and not stop_requested;

-- name: pause_node
-- Sets a node aside whose row cannot be run, until the row changes.
update nodes
set status = 'paused', status_reason = %(reason)s, next_run_at = null, open_tick = null, open_attempt = null,
    open_part = null, retry_at = null, idle_parts = 0, waiting_tick = null, waiting_cause = null
where id in (select id from nodes where id = %(id)s for no key update skip locked)
  and updated_at = %(updated_at)s and status not in ('starting', 'running', 'stopping')
  and (status, status_reason) is distinct from ('paused', %(reason)s);

-- name: set_waiting
-- Says what a due node waits for; only where nobody runs it. The node's own status is asked too: somebody may claim
-- it while this statement runs, and of a row that changed meanwhile only that row is looked at again.
update nodes
set status = 'waiting', status_reason = %(reason)s, waiting_tick = %(tick)s, waiting_cause = %(cause)s,
    waiting_since = case when status = 'waiting' then coalesce(waiting_since, %(since)s) else %(since)s end
where id in (select id from nodes where id = %(id)s for no key update skip locked)
  and not stop_requested and status not in ('starting', 'running', 'stopping')
  and (status, status_reason, waiting_tick, waiting_cause)
      is distinct from ('waiting', %(reason)s, %(tick)s, %(cause)s)
  and not exists (select from scrape_runs r where r.node_id = nodes.id and r.finished_at is null);

-- name: set_run_status
-- Shows a run of this supervisor at its node.
update nodes n set status = %(status)s, status_reason = %(reason)s
from scrape_runs r
where r.id = %(run_id)s and r.finished_at is null and n.id = r.node_id
  and n.id in (select id from nodes where id = r.node_id for no key update skip locked)
  and (n.status, n.status_reason) is distinct from (%(status)s, %(reason)s);

-- name: halt_stopped
-- Ends waits and back-offs of nodes that were asked to stop: the tick is closed without a row.
update nodes
set status = 'stopped', status_reason = 'stopped on request', kill_requested = false, open_tick = null,
    open_attempt = null, open_part = null, retry_at = null, idle_parts = 0, waiting_tick = null, waiting_cause = null
where id in (
    select n.id from nodes n
    where n.stop_requested and (n.status <> 'stopped' or n.kill_requested or n.open_tick is not null)
      and not exists (select from scrape_runs r where r.node_id = n.id and r.finished_at is null)
    for no key update skip locked)
returning name;

-- name: wake_started
-- Nodes that are no longer stopped, or wait for nothing any more, are idle.
update nodes set status = 'idle', status_reason = null, waiting_tick = null, waiting_cause = null
where id in (
    select n.id from nodes n
    where not n.stop_requested and n.open_tick is null and not n.run_requested
      and (n.status = 'stopped'
           or (n.status = 'waiting' and (not n.enabled or n.schedule is null or n.next_run_at > clock_timestamp())))
      and not exists (select from scrape_runs r where r.node_id = n.id and r.finished_at is null)
    for no key update skip locked)
returning name;

-- name: count_ready
-- How many nodes there are, for the loop's first words.
select count(*) as nodes, count(*) filter (where enabled and not stop_requested) as ready from nodes;

-- name: list_nodes
-- Every node with its open run, newest figures and next tick.
select n.*, r.id as run_id, r.attempt, r.part, r.pid, r.stage, r.progress_done, r.progress_total, r.budget_mb,
       r.measured_mb, r.started_at, r.fetched_count, r.inserted_count, r.updated_count, r.unchanged_count,
       r.rejected_count, r.pages_count,
       extract(epoch from clock_timestamp() - r.heartbeat_at)::double precision as heartbeat_age_s,
       extract(epoch from clock_timestamp() - r.started_at)::double precision as running_s,
       p.id as last_run_id, p.status as last_status, p.cause as last_cause, p.error as last_error,
       p.finished_at as last_finished_at, p.inserted_count as last_inserted_count,
       p.upserted_count as last_upserted_count, p.fetched_count as last_fetched_count,
       p.pages_count as last_pages_count
from nodes n
left join scrape_runs r on r.node_id = n.id and r.finished_at is null
left join lateral (
    select * from scrape_runs f where f.source = n.name and f.finished_at is not null
    order by f.started_at desc limit 1) p on true
order by n.name;

-- name: get_node
-- One node by name.
select * from nodes where name = %(name)s;

-- name: add_node
-- A new node; columns not named keep their defaults.
insert into nodes (name, scraper, params, schedule, timezone, jitter_s, priority, timeout_s, stall_s, memory_mb,
                   data_limit, max_attempts, gap_s, gap_jitter_s, proxy_pool, location_pool, pause_after, enabled)
values (%(name)s, %(scraper)s, %(params)s, %(schedule)s, coalesce(%(timezone)s, 'UTC'), coalesce(%(jitter_s)s, 0),
        coalesce(%(priority)s, 0), coalesce(%(timeout_s)s, 600), coalesce(%(stall_s)s, 300), %(memory_mb)s,
        coalesce(%(data_limit)s, true), %(max_attempts)s, %(gap_s)s, %(gap_jitter_s)s, %(proxy_pool)s,
        %(location_pool)s, %(pause_after)s, coalesce(%(enabled)s, true))
returning *;

-- name: edit_node
-- Changes only what is named in a JSON object of columns.
update nodes n
set scraper = coalesce(c.changes ->> 'scraper', n.scraper),
    params = coalesce(c.changes -> 'params', n.params),
    schedule = case when c.changes ? 'schedule' then c.changes ->> 'schedule' else n.schedule end,
    timezone = coalesce(c.changes ->> 'timezone', n.timezone),
    jitter_s = coalesce((c.changes ->> 'jitter_s')::double precision, n.jitter_s),
    priority = coalesce((c.changes ->> 'priority')::integer, n.priority),
    timeout_s = coalesce((c.changes ->> 'timeout_s')::double precision, n.timeout_s),
    stall_s = coalesce((c.changes ->> 'stall_s')::double precision, n.stall_s),
    memory_mb = case when c.changes ? 'memory_mb' then (c.changes ->> 'memory_mb')::integer else n.memory_mb end,
    data_limit = coalesce((c.changes ->> 'data_limit')::boolean, n.data_limit),
    max_attempts = case when c.changes ? 'max_attempts' then (c.changes ->> 'max_attempts')::integer
                        else n.max_attempts end,
    gap_s = case when c.changes ? 'gap_s' then (c.changes ->> 'gap_s')::double precision else n.gap_s end,
    gap_jitter_s = case when c.changes ? 'gap_jitter_s' then (c.changes ->> 'gap_jitter_s')::double precision
                        else n.gap_jitter_s end,
    proxy_pool = case when c.changes ? 'proxy_pool' then c.changes ->> 'proxy_pool' else n.proxy_pool end,
    location_pool = case when c.changes ? 'location_pool' then c.changes ->> 'location_pool' else n.location_pool end,
    pause_after = case when c.changes ? 'pause_after' then (c.changes ->> 'pause_after')::integer
                       else n.pause_after end,
    enabled = coalesce((c.changes ->> 'enabled')::boolean, n.enabled)
from (select %(changes)s::jsonb as changes) c
where n.name = %(name)s
returning n.*;

-- name: remove_node
-- Removes a node; its runs and jobs stay.
delete from nodes where name = %(name)s returning name;

-- name: request_start
-- Clears stop and pause and enables.
update nodes
set stop_requested = false, kill_requested = false, enabled = true,
    status = case when status = 'paused' then 'idle' else status end,
    status_reason = case when status = 'paused' then null else status_reason end
where name = %(name)s returning *;

-- name: request_stop
-- Asks for a soft stop.
update nodes set stop_requested = true where name = %(name)s returning *;

-- name: request_kill
-- Asks for the end of the whole process tree, at once.
update nodes set kill_requested = true, stop_requested = true where name = %(name)s returning *;

-- name: request_run
-- Asks for a run now.
update nodes set run_requested = true where name = %(name)s returning *;

-- name: drop_checkpoint
-- Forgets where a node would go on from.
delete from checkpoints where node_id = (select id from nodes where name = %(name)s);

-- name: get_checkpoint
-- Where a node would go on from.
select c.* from checkpoints c join nodes n on n.id = c.node_id where n.name = %(name)s;

-- name: set_note
-- Leaves a sentence at an idle node; one that was set aside is not let go on by a run that was refused.
update nodes
set status = case when status = 'paused' or dead_in_a_row >= pause_after then 'paused' else 'idle' end,
    status_reason = %(reason)s
where id in (select id from nodes where id = %(id)s for no key update skip locked)
  and not stop_requested and status not in ('starting', 'running', 'stopping');

-- name: skip_request
-- Answers a requested run with a skipped row.
with asked as (
    update nodes set run_requested = false
    where id in (select id from nodes where id = %(id)s for no key update skip locked) and run_requested
    returning id, name, params
)
insert into scrape_runs (node_id, source, tick, attempt, part, params, status, cause, error, finished_at)
select id, name, clock_timestamp(), 0, 0, params, 'skipped', %(cause)s, %(error)s, clock_timestamp() from asked;

-- name: read_open_ticks
-- Which of these nodes have a tick in hand, running or waiting for its next part or attempt.
select id from nodes
where id = any(%(ids)s) and open_tick is not null and (%(patient)s or waiting_cause is null);

-- name: all_nodes
-- Every node's row.
select * from nodes order by name;

-- name: lock_nodes
-- The nodes of these names, held until the end of the transaction.
select * from nodes where name = any(%(names)s) order by name for no key update;

-- name: node_names
-- Every node's name.
select name from nodes order by name;
