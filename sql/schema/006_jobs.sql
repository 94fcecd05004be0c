-- Jobs: one table, one key. Sightings live in a narrow table beside it, because touching a jobs row
-- rewrites its search vector, its TOAST and its index entries.
create table jobs (
    id bigint generated always as identity primary key,
    url text not null
        constraint jobs_url_key unique
        constraint jobs_url_http check (url ~ '^https?://' and length(url) <= 2000),
    source text not null,
    external_id text,
    title text not null constraint jobs_title_not_blank check (title ~ '\S'),
    company text,
    description text,
    location_raw text,
    locations jsonb not null default '[]',
    city text,
    region text,
    country text,
    countries text[] not null default '{}',
    remote boolean,
    job_type text,
    salary_min double precision,
    salary_max double precision,
    salary_currency text,
    salary_period text,
    posted_at timestamptz,
    posted_precision text,
    valid_through timestamptz,
    first_seen_at timestamptz not null default clock_timestamp(),
    content_hash text not null,
    fingerprint text,
    search tsvector generated always as (
        setweight(to_tsvector('english', coalesce(title, '')), 'A')
        || setweight(to_tsvector('english', coalesce(company, '')), 'B')
        || setweight(to_tsvector('english', coalesce(left(description, 60000), '')), 'C')) stored
);
create index jobs_search_idx on jobs using gin (search);
create index jobs_country_posted_idx on jobs (country, posted_at desc);
create index jobs_first_seen_idx on jobs (first_seen_at desc);
create index jobs_fingerprint_idx on jobs (fingerprint);

create table job_seen (
    job_id bigint primary key constraint job_seen_job_id_fkey references jobs on delete cascade,
    last_seen_at timestamptz not null default clock_timestamp(),
    last_run_id bigint
) with (fillfactor = 70);

create view jobs_view as
select j.id, j.url, j.source, j.external_id, j.title, j.company, j.description, j.location_raw, j.locations, j.city,
       j.region, j.country, j.countries, j.remote, j.job_type, j.salary_min, j.salary_max, j.salary_currency,
       j.salary_period, j.posted_at, j.posted_precision, j.valid_through, j.first_seen_at, j.content_hash,
       j.fingerprint, s.last_seen_at, s.last_run_id
from jobs j left join job_seen s on s.job_id = j.id;
