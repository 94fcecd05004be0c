-- Statements on dead letters.

-- name: list_dead_letters
-- Letters of a state, or all, the newest dead tick first; with what they died of last.
select d.*, d.causes -> -1 ->> 'cause' as last_cause, d.causes -> -1 ->> 'error' as last_error,
       (d.causes -> -1 ->> 'attempt')::integer as attempts
from dead_letters d
where (%(state)s::text is null or d.state = %(state)s) and (%(source)s::text is null or d.source = %(source)s)
order by d.last_at desc, d.id desc limit %(limit)s;

-- name: get_dead_letter
-- One letter, how its node stands, and what became of its retry: the newest run of it, and the letter if it died again.
select d.*, n.status as node_status, coalesce(n.stop_requested, false) as node_stop_requested,
       coalesce(n.redrive_id = d.id, false) as retry_waits, r.id as retry_run_id, r.attempt as retry_attempt,
       r.part as retry_part, r.status as retry_status, r.cause as retry_cause, r.error as retry_error,
       coalesce(r.finished_at is null or n.open_tick = r.tick, false) as retry_open,
       (select a.id from dead_letters a where a.again_of = d.id order by a.id desc limit 1) as again_as
from dead_letters d
left join nodes n on n.id = d.node_id
left join lateral (
    select * from scrape_runs s where s.dead_letter_id = d.id
    order by s.tick desc, s.attempt desc, s.part desc limit 1) r on true
where d.id = %(id)s;

-- name: open_dead_letters
-- The open letters, or the open one of a node; oldest first.
select id, source from dead_letters
where state = 'open' and (%(source)s::text is null or source = %(source)s) order by id;

-- name: retry_dead_letter
-- Asks for a run of the letter's node that goes on from the letter's checkpoint, or from the beginning. No row: it is not
-- open any more.
update dead_letters
set state = 'retried', checkpoint = case when %(fresh)s then null else checkpoint end
where id = %(id)s and state = 'open'
returning *;

-- name: discard_dead_letter
-- Nobody will retry this letter. No row: it is not open any more.
update dead_letters set state = 'discarded' where id = %(id)s and state = 'open' returning *;
