-- Statements on run_logs.

-- name: read_logs
-- The newest lines after an id, oldest first: of all runs, of one, or of those of a node, the newest run first.
select * from (
    (select l.id, l.run_id, r.source, l.at, l.level, l.event, l.message, l.facts
     from run_logs l join scrape_runs r on r.id = l.run_id
     where %(source)s::text is null and l.id > %(after)s and (%(run_id)s::bigint is null or l.run_id = %(run_id)s)
     order by l.id desc limit %(limit)s)
    union all
    (select l.id, l.run_id, r.source, l.at, l.level, l.event, l.message, l.facts
     from scrape_runs r cross join lateral (
         select * from run_logs l where l.run_id = r.id and l.id > %(after)s order by l.id desc limit %(limit)s) l
     where r.source = %(source)s::text and (%(run_id)s::bigint is null or r.id = %(run_id)s)
     order by r.started_at desc, l.id desc limit %(limit)s)) newest
order by id;

-- name: follow_logs
-- Lines after an id, oldest first.
select l.id, l.run_id, r.source, l.at, l.level, l.event, l.message, l.facts
from run_logs l join scrape_runs r on r.id = l.run_id
where l.id > %(after)s and (%(source)s::text is null or r.source = %(source)s)
  and (%(run_id)s::bigint is null or l.run_id = %(run_id)s)
order by l.id limit %(limit)s;
