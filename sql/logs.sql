-- Statements on run_logs.

-- name: read_logs
-- Lines of the runs of a node (or all), after an id, oldest first.
select * from (
    select l.id, l.run_id, r.source, l.at, l.level, l.event, l.message, l.facts
    from run_logs l join scrape_runs r on r.id = l.run_id
    where l.id > %(after)s and (%(source)s::text is null or r.source = %(source)s)
      and (%(run_id)s::bigint is null or l.run_id = %(run_id)s)
    order by l.id desc limit %(limit)s) newest
order by id;

-- name: follow_logs
-- Lines after an id, oldest first.
select l.id, l.run_id, r.source, l.at, l.level, l.event, l.message, l.facts
from run_logs l join scrape_runs r on r.id = l.run_id
where l.id > %(after)s and (%(source)s::text is null or r.source = %(source)s)
  and (%(run_id)s::bigint is null or l.run_id = %(run_id)s)
order by l.id limit %(limit)s;
