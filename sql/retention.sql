-- Statements that delete old rows, a batch at a time. Each looks at the next rows behind a key, so that rows which
-- have to stay do not stop it, and answers: how many rows it has seen, how many of them are old, how many it has
-- deleted, and the key of the last one. Rows that somebody holds are left for another day.

-- name: be_brief
-- Nothing in this transaction takes long or waits for anybody.
select set_config('lock_timeout', '200ms', true), set_config('statement_timeout', '3s', true);

-- name: delete_old_logs
-- Lines of logs, except of open runs.
with seen as materialized (
    select l.ctid, l.id, l.run_id, l.at < clock_timestamp() - make_interval(days => %(days)s) as old
    from run_logs l where l.id > %(after)s order by l.id limit %(most)s
), gone as (
    delete from run_logs
    where ctid = any(array(
        select l.ctid from run_logs l
        where l.ctid = any(array(
            select s.ctid from seen s
            where s.old and not exists (select from scrape_runs r where r.id = s.run_id and r.finished_at is null)))
        for update skip locked))
    returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted, max(id) as last_id
from seen;

-- name: delete_old_pages
-- Pages that runs fetched, except of open runs.
with seen as materialized (
    select p.ctid, p.id, p.run_id, p.at < clock_timestamp() - make_interval(days => %(days)s) as old
    from run_pages p where p.id > %(after)s order by p.id limit %(most)s
), gone as (
    delete from run_pages
    where ctid = any(array(
        select p.ctid from run_pages p
        where p.ctid = any(array(
            select s.ctid from seen s
            where s.old and not exists (select from scrape_runs r where r.id = s.run_id and r.finished_at is null)))
        for update skip locked))
    returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted, max(id) as last_id
from seen;

-- name: delete_old_samples
-- Samples of memory, except of open runs.
with seen as materialized (
    select m.ctid, m.run_id, m.at, m.at < clock_timestamp() - make_interval(days => %(days)s) as old
    from memory_samples m where (m.run_id, m.at) > (%(after)s, %(after_at)s::timestamptz)
    order by m.run_id, m.at limit %(most)s
), gone as (
    delete from memory_samples
    where ctid = any(array(
        select m.ctid from memory_samples m
        where m.ctid = any(array(
            select s.ctid from seen s
            where s.old and not exists (select from scrape_runs r where r.id = s.run_id and r.finished_at is null)))
        for update skip locked))
    returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted,
       (array_agg(run_id order by run_id desc, at desc))[1] as last_id,
       (array_agg(at order by run_id desc, at desc))[1] as last_at
from seen;

-- name: delete_old_runs
-- Runs that have ended, with all that hangs on them. What stays: the newest 20 ticks of each node, its newest 20 peaks
-- of memory, the tick that it has in hand, and what an open dead letter tells of. A run with more lines than can go at
-- once loses some of them now, and goes later: then the key stays where it was.
with seen as materialized (
    select r.id, r.node_id, r.source, r.tick, r.started_at, r.dead_letter_id,
           r.cause in ('done', 'requested', 'exception') and r.peak_rss_mb is not null as weighed,
           r.finished_at is not null and r.finished_at < clock_timestamp() - make_interval(days => %(days)s) as old
    from scrape_runs r where r.id > %(after)s order by r.id limit %(most)s
), kept as materialized (
    select n.node_id,
           (select r.tick from scrape_runs r where r.node_id = n.node_id order by r.tick desc offset 19 limit 1)
               as ticks_from,
           (select r.started_at from scrape_runs r
            where r.node_id = n.node_id and r.cause in ('done', 'requested', 'exception') and r.peak_rss_mb is not null
            order by r.started_at desc offset 19 limit 1) as peaks_from
    from (select distinct node_id from seen where old and node_id is not null) n
), doomed as materialized (
    select r.id from scrape_runs r
    where r.id = any(array(
        select s.id from seen s left join kept k on k.node_id = s.node_id
        where s.old
          and (s.node_id is null
               or (s.tick < k.ticks_from and (not s.weighed or s.started_at < k.peaks_from)))
          and not exists (select from nodes n where n.id = s.node_id and n.open_tick = s.tick)
          and not exists (select from dead_letters d where d.state = 'open' and d.source = s.source and d.tick = s.tick)
          and not exists (select from dead_letters d where d.state = 'open' and d.id = s.dead_letter_id)))
    for update skip locked
), logs_found as materialized (
    select x.ctid, x.run_id from doomed d cross join lateral (
        select l.ctid, l.run_id from run_logs l where l.run_id = d.id limit %(most)s) x
    limit %(most)s
), logs as (
    delete from run_logs where ctid = any(array(
        select l.ctid from run_logs l where l.ctid = any(array(select ctid from logs_found))
        for update skip locked))
    returning ctid
), pages_found as materialized (
    select x.ctid, x.run_id from doomed d cross join lateral (
        select p.ctid, p.run_id from run_pages p where p.run_id = d.id limit %(most)s) x
    limit %(most)s
), pages as (
    delete from run_pages where ctid = any(array(
        select p.ctid from run_pages p where p.ctid = any(array(select ctid from pages_found))
        for update skip locked))
    returning ctid
), samples_found as materialized (
    select x.ctid, x.run_id from doomed d cross join lateral (
        select m.ctid, m.run_id from memory_samples m where m.run_id = d.id limit %(most)s) x
    limit %(most)s
), samples as (
    delete from memory_samples where ctid = any(array(
        select m.ctid from memory_samples m where m.ctid = any(array(select ctid from samples_found))
        for update skip locked))
    returning ctid
), held as (
    select run_id from logs_found where ctid not in (select ctid from logs)
    union all select run_id from pages_found where ctid not in (select ctid from pages)
    union all select run_id from samples_found where ctid not in (select ctid from samples)
), bare as (
    select (select count(*) from logs_found) < %(most)s and (select count(*) from pages_found) < %(most)s
           and (select count(*) from samples_found) < %(most)s as all_of_them
), gone as (
    delete from scrape_runs
    where (select all_of_them from bare)
      and id = any(array(select id from doomed where id not in (select run_id from held)))
    returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted,
       (select count(*) from logs) + (select count(*) from pages) + (select count(*) from samples) as details,
       (select all_of_them from bare) as whole,
       case when (select all_of_them from bare) then max(id) else %(after)s end as last_id
from seen;

-- name: delete_old_jobs
-- Jobs that no run has seen for long.
with seen as materialized (
    select s.job_id, s.last_seen_at < clock_timestamp() - make_interval(days => %(days)s) as old
    from job_seen s where s.job_id > %(after)s order by s.job_id limit %(most)s
), doomed as materialized (
    -- Asked again under the lock: a run may see it at this very moment.
    select j.id from jobs j join job_seen s on s.job_id = j.id
    where j.id = any(array(select job_id from seen where old))
      and s.last_seen_at < clock_timestamp() - make_interval(days => %(days)s)
    for update skip locked
), gone as (
    delete from jobs where id = any(array(select id from doomed)) returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted,
       max(job_id) as last_id
from seen;

-- name: delete_old_kept_pages
-- Pages kept for conditional requests that nobody has asked for.
with seen as materialized (
    select k.ctid, k.node_id, k.url, k.used_at < clock_timestamp() - make_interval(days => %(days)s) as old
    from kept_pages k where (k.node_id, k.url) > (%(after)s, %(after_url)s)
    order by k.node_id, k.url limit %(most)s
), gone as (
    delete from kept_pages
    where ctid = any(array(
        select k.ctid from kept_pages k
        where k.ctid = any(array(select ctid from seen where old))
          and k.used_at < clock_timestamp() - make_interval(days => %(days)s)
        for update skip locked))
    returning 1
)
select count(*) as seen, count(*) filter (where old) as old, (select count(*) from gone) as deleted,
       (array_agg(node_id order by node_id desc, url desc))[1] as last_id,
       (array_agg(url order by node_id desc, url desc))[1] as last_url
from seen;

-- name: delete_old_supervisors
-- Supervisors that ended, or were not seen, for long and have no run open.
with gone as (
    delete from supervisors
    where id = any(array(
        select s.id from supervisors s
        where s.seen_at < clock_timestamp() - make_interval(days => %(days)s)
          and not exists (select from scrape_runs r where r.supervisor_id = s.id and r.finished_at is null)
        limit %(most)s for update skip locked))
    returning 1
)
select count(*) as deleted from gone;

-- name: delete_old_hosts
-- What is known of hosts that nobody has asked for long: turns, robots.txt, closed breakers. All is made anew when it
-- is needed.
with turns as (
    delete from politeness
    where host = any(array(
        select host from politeness
        where greatest(next_allowed_at, held_until) < clock_timestamp() - interval '1 day'
        limit %(most)s for update skip locked))
    returning 1
), rules as (
    delete from robots
    where origin = any(array(
        select origin from robots
        where coalesce(expires_at, fetching_until) < clock_timestamp() - interval '7 days'
        limit %(most)s for update skip locked))
    returning 1
), breakers as (
    delete from circuit_breakers
    where host = any(array(
        select host from circuit_breakers
        where state = 'closed' and updated_at < clock_timestamp() - interval '30 days'
        limit %(most)s for update skip locked))
    returning 1
)
select (select count(*) from turns) + (select count(*) from rules) + (select count(*) from breakers) as deleted;

-- name: delete_old_unread
-- Samples of dates that no run has met for long.
with gone as (
    delete from unread_values
    where ctid = any(array(
        select u.ctid from unread_values u
        where u.last_seen_at < clock_timestamp() - make_interval(days => %(days)s)
        limit %(most)s for update skip locked))
    returning 1
)
select count(*) as deleted from gone;
