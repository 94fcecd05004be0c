-- Statements on jobs.

-- name: count_jobs
-- How many jobs each source stored first.
select source, count(*) as jobs from jobs group by source order by source;

-- name: total_jobs
-- How many jobs there are.
select count(*) as jobs from jobs;

-- name: search_jobs
-- Jobs that match words and filters, a page at a time; since_s and until_s are seconds ago by the database's clock.
select * from search_jobs(
    p_query => %(words)s::text, p_countries => %(countries)s::text[], p_region => %(region)s::text,
    p_city => %(city)s::text, p_remote => %(remote)s::boolean, p_pay => %(pay)s::double precision,
    p_currency => %(currency)s::text, p_period => %(period)s::text, p_source => %(source)s::text,
    p_since => coalesce(%(since)s::timestamptz, clock_timestamp() - make_interval(secs => %(since_s)s)),
    p_until => coalesce(%(until)s::timestamptz, clock_timestamp() - make_interval(secs => %(until_s)s)),
    p_order => %(order)s::text, p_limit => %(limit)s::integer, p_after => %(after)s::text, p_snippets => true,
    p_open => %(still_open)s::boolean);

-- name: clean_search
-- Sort words of new jobs, which wait in a list that every search reads whole, into the index; its owner may.
select case when pg_has_role(relowner, 'usage') then gin_clean_pending_list(oid) end as pages
from pg_class where oid = 'jobs_search_idx'::regclass;
