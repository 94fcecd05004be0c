-- Statements on circuit_breakers.

-- name: list_breakers
-- Hosts that have failed lately, those left alone first; with the nodes that wait for each.
select b.host, b.state, b.failures, b.openings, b.open_until,
       greatest(0, extract(epoch from b.open_until - clock_timestamp()))::double precision as open_s, b.last_error,
       b.last_failure_at, b.window_started_at, b.opened_at, b.opened_by_run_id, b.probe_run_id, b.probe_until,
       array(select n.name from nodes n
             where n.entry_host = b.host and n.status = 'waiting' and n.waiting_cause = 'breaker_open'
             order by n.name) as waiting_nodes,
       b.updated_at
from circuit_breakers b
where %(all)s or b.state <> 'closed'
order by b.state = 'closed', b.host;

-- name: close_breakers
-- Lets hosts be asked again, by their key or their name alone, and forgets their failures; null: all that are not closed.
with wanted as (
    select b.host, b.state as was from circuit_breakers b
    where case when %(hosts)s::text[] is null then b.state <> 'closed'
               else b.host = any(%(hosts)s::text[]) or regexp_replace(b.host, ':\d+$', '') = any(%(hosts)s::text[]) end
    for no key update
)
update circuit_breakers b
set state = 'closed', failures = 0, failure_times = '{}', window_started_at = null, openings = 0, open_until = null,
    probe_run_id = null, probe_until = null
from wanted w
where b.host = w.host
returning b.host, w.was;

-- name: breaker_hosts
-- Every host that has a row.
select host from circuit_breakers order by host;
