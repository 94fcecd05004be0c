-- Statements on jobs.

-- name: count_jobs
-- How many jobs each source stored first.
select source, count(*) as jobs from jobs group by source order by source;

-- name: total_jobs
-- How many jobs there are.
select count(*) as jobs from jobs;
