-- Statements of `supervisor jobs stats`.

-- name: count_jobs_by_country
-- Of each source and country: how many jobs there are, are new and are over, and how many have each field.
select j.source, j.country, count(*) as jobs,
       count(*) filter (where j.first_seen_at > now() - interval '24 hours') as new_24h,
       count(*) filter (where j.first_seen_at > now() - interval '7 days') as new_7d,
       count(*) filter (where j.remote) as remote_yes, count(*) filter (where not j.remote) as remote_no,
       count(*) filter (where c.closed_reason = 'expired') as expired,
       count(*) filter (where c.closed_reason = 'unseen') as unseen,
       count(j.company) as company, count(j.description) as description, count(j.city) as city,
       count(j.region) as region, count(j.country) as has_country, count(j.remote) as remote,
       count(j.job_type) as job_type, count(coalesce(j.salary_min, j.salary_max)) as pay, count(j.posted_at) as posted_at,
       count(j.valid_through) as valid_through,
       count(*) filter (where j.location_raw is not null and j.locations = '[]' and j.remote is null) as unread_places,
       count(*) filter (where j.posted_precision = 'exact') as exact,
       count(*) filter (where j.posted_precision = 'minute') as minute,
       count(*) filter (where j.posted_precision = 'hour') as hour,
       count(*) filter (where j.posted_precision = 'day') as day,
       count(*) filter (where j.posted_precision = 'week') as week,
       count(*) filter (where j.posted_precision = 'month') as month,
       count(*) filter (where j.posted_precision = 'at_least') as at_least
from jobs j
left join job_seen s on s.job_id = j.id
left join source_looks l on l.source = j.source
cross join lateral (select job_closed_reason(j.valid_through, s.last_seen_at, l.looked_since) as closed_reason) c
where %(source)s::text is null or j.source = %(source)s::text
group by j.source, j.country;

-- name: list_unread_places
-- Of each source the most frequent places that nobody could read: they name no place, and not whether it is remote.
select source, sample, count from (
    select j.source, left(j.location_raw, 200) as sample, count(*) as count,
           row_number() over (partition by j.source order by count(*) desc, left(j.location_raw, 200)) as place
    from jobs j
    where j.location_raw is not null and j.locations = '[]' and j.remote is null
      and (%(source)s::text is null or j.source = %(source)s::text)
    group by j.source, left(j.location_raw, 200)) ranked
where place <= %(most)s
order by count desc, source, sample;

-- name: list_unread_values
-- Dates that nobody could read, the most frequent first; those that are not among the samples come last.
select source, field, sample, count, last_seen_at from unread_values
where %(source)s::text is null or source = %(source)s::text
order by sample = '', count desc, source, field, sample;
