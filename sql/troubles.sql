-- Statements on what only rows tell: breakers that opened, nodes that wait for long, runs that found nothing.

-- name: take_opened_breakers
-- Breakers that opened and that nobody has told of: by the supervisor whose run did it, after a minute by any. Of a host
-- that stays away only the first opening is told, and then one an hour.
with opened as (
    select b.host, b.opened_at, b.failures, b.last_error, b.opened_by_run_id as run_id, r.source as node,
           extract(epoch from b.open_until - b.opened_at)::double precision as open_s
    from circuit_breakers b left join scrape_runs r on r.id = b.opened_by_run_id
    where b.opened_by_run_id is not null and b.opened_at > clock_timestamp() - interval '1 hour'
      and (r.supervisor_id = %(supervisor_id)s or b.opened_at < clock_timestamp() - interval '1 minute')
      and (b.openings <= 1
           or not exists (select from alerts_told t where t.kind = 'breaker_opened' and t.subject = b.host
                            and t.told_at > clock_timestamp() - interval '1 hour'))),
told as (
    insert into alerts_told (kind, subject, happened_at) select 'breaker_opened', host, opened_at from opened
    on conflict do nothing returning subject)
select opened.* from opened join told on told.subject = opened.host;

-- name: take_long_waits
-- Nodes that have waited for memory too long, and that nobody has told of; each wait once.
with waiting as (
    select n.name, n.status_reason, n.waiting_since,
           extract(epoch from clock_timestamp() - n.waiting_since)::double precision as waited_s
    from nodes n
    where n.status = 'waiting' and n.waiting_cause = 'no_memory'
      and n.waiting_since < clock_timestamp() - make_interval(secs => %(wait_s)s)),
told as (
    insert into alerts_told (kind, subject, happened_at) select 'memory_awaited', name, waiting_since from waiting
    on conflict do nothing returning subject)
select waiting.* from waiting join told on told.subject = waiting.name;

-- name: forget_told
-- Drops what was told long ago.
delete from alerts_told where told_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: read_finds
-- What the tick of a run found over all its parts, where it began, and what the ticks of its node before it that were
-- done found, newest first. Postings that were rejected were not found.
with judged as (select node_id, tick from scrape_runs where id = %(run_id)s),
newest as (
    select r.tick, r.attempt, r.part, r.cause, r.start_checkpoint, r.fetched_count - r.rejected_count as found
    from scrape_runs r, judged
    where r.node_id = judged.node_id and r.tick <= judged.tick
    order by r.tick desc limit 500),
ticks as (
    select n.tick, sum(n.found)::bigint as found, bool_or(n.cause = 'done') as done,
           (array_agg(n.start_checkpoint order by n.attempt, n.part))[1] as start_checkpoint
    from newest n where n.attempt > 0 group by n.tick)
select t.found, t.start_checkpoint,
       array(select e.found from ticks e where e.done and e.tick < t.tick order by e.tick desc limit %(most)s) as earlier
from ticks t, judged where t.tick = judged.tick;

-- name: write_emptiness
-- Tells in the log of a run that it should have found something.
insert into run_logs (run_id, level, event, message, facts)
values (%(run_id)s, 'warning', 'suspiciously_empty', %(message)s, %(facts)s);
