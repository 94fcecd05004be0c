-- Statements of `supervisor jobs export`.

-- name: begin_export
-- Has the present transaction write times and numbers in the one form that an export reads, whatever the user's settings,
-- and says when it began.
select now() as began_at, set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('extra_float_digits', '1', true);

-- name: check_words
-- Refuses what a search would refuse, before anything is written.
select search_words(%(words)s::text) is not null as any_words;

-- name: export_jobs
-- Every column of jobs_view in the order of an export, newest first; a place counts wherever it stands among a job's
-- places, and a job without a date of posting counts from when it was first seen.
select j.id, j.url, j.source, j.external_id, j.title, j.company,
       case when 'description' = any(%(columns)s::text[]) then j.description end as description,
       j.location_raw, j.locations, j.city, j.region, j.country, j.countries, j.remote, j.job_type, j.salary_min,
       j.salary_max, j.salary_currency, j.salary_period, j.posted_at, j.posted_precision, j.valid_through,
       j.first_seen_at, j.content_hash, j.fingerprint, s.last_seen_at, s.last_run_id,
       job_closed_reason(j.valid_through, s.last_seen_at, l.looked_since) as closed_reason,
       case when 'same_as_count' = any(%(columns)s::text[]) then (select count(*) from (select from job_copies(j.id) limit 100) c) end
           as same_as_count
from jobs j
left join job_seen s on s.job_id = j.id
left join source_looks l on l.source = j.source
where (%(sources)s::text[] is null or j.source = any(%(sources)s::text[]))
  and (%(countries)s::text[] is null
       or j.country = any(%(countries)s::text[]) or j.countries && %(countries)s::text[])
  and (%(region)s::text is null
       or lower(j.region) = lower(%(region)s::text)
       or exists (select from jsonb_path_query(j.locations, '$[*].region') p
                  where lower(p #>> '{}') = lower(%(region)s::text)))
  and (%(city)s::text is null
       or lower(j.city) = lower(%(city)s::text)
       or exists (select from jsonb_path_query(j.locations, '$[*].city') p
                  where lower(p #>> '{}') = lower(%(city)s::text)))
  and (%(remote)s::boolean is null or j.remote = %(remote)s::boolean)
  and (%(since)s::timestamptz is null or coalesce(j.posted_at, j.first_seen_at) >= %(since)s::timestamptz)
  and (%(until)s::timestamptz is null or coalesce(j.posted_at, j.first_seen_at) <= %(until)s::timestamptz)
  and (%(query)s::text is null or j.search @@ search_words(%(query)s::text))
order by j.id desc
limit %(limit)s;
