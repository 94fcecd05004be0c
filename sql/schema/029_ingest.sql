-- Storing postings: each keeps its row for as long as it says the same, and it shows which of them are still open and
-- which are the same job found elsewhere.

-- Upserts cleaned postings; the caller has removed repeats within the page. Addresses and hashes are compared first:
-- a search vector is computed before Postgres looks for a conflict, so an unchanged posting must not get as far as an
-- insert. Writers lock in one order: new rows by address, then changed rows by address, then sightings by id.
create or replace function upsert_jobs(p_run_id bigint, p_source text, p_jobs jsonb, out inserted integer,
                                       out updated integer, out unchanged integer)
language plpgsql
as $$
declare
    v_new text[];          -- addresses that are nowhere yet
    v_changed text[];      -- addresses of rows of this source that say something else now
    v_seen bigint[];       -- rows whose sighting by this run is not noted yet
    v_id bigint;
    v_row record;
begin
    inserted := 0;
    updated := 0;
    -- Laterals with a limit are look-ups by key whatever the planner thinks a jsonb holds.
    select array_agg(x.url) filter (where j.id is null),
           array_agg(x.url) filter (where t.changed),
           array_agg(j.id order by j.id) filter (where s.last_run_id is distinct from p_run_id and j.id is not null)
    into v_new, v_changed, v_seen
    from jsonb_to_recordset(p_jobs) as x (url text, content_hash text)
    left join lateral (select id, source, content_hash from jobs where url = x.url limit 1) j on true
    left join lateral (select last_run_id from job_seen where job_id = j.id limit 1) s on true
    cross join lateral (select j.source = p_source and j.content_hash <> x.content_hash
                               and s.last_run_id is distinct from p_run_id as changed) t;

    if v_new is not null then
        insert into jobs (url, source, external_id, title, company, description, location_raw, locations, city, region,
                          country, countries, remote, job_type, salary_min, salary_max, salary_currency, salary_period,
                          posted_at, posted_precision, valid_through, content_hash, fingerprint)
        select url, p_source, external_id, title, company, description, location_raw, coalesce(locations, '[]'), city,
               region, country, coalesce(countries, '{}'), remote, job_type, salary_min, salary_max, salary_currency,
               salary_period, posted_at, posted_precision, valid_through, content_hash, fingerprint
        from jsonb_to_recordset(p_jobs) as x (
            url text, external_id text, title text, company text, description text, location_raw text,
            locations jsonb, city text, region text, country text, countries text[], remote boolean, job_type text,
            salary_min double precision, salary_max double precision, salary_currency text, salary_period text,
            posted_at timestamptz, posted_precision text, valid_through timestamptz, content_hash text,
            fingerprint text)
        where url = any(v_new)
        order by url collate "C"
        on conflict (url) do nothing;  -- somebody else has stored it since
        get diagnostics inserted = row_count;
    end if;

    if v_changed is not null then
        -- One by one: by key and in order, and its search vector outweighs all the rest.
        for v_row in
            select * from jsonb_to_recordset(p_jobs) as x (
                url text, external_id text, title text, company text, description text, location_raw text,
                locations jsonb, city text, region text, country text, countries text[], remote boolean, job_type text,
                salary_min double precision, salary_max double precision, salary_currency text, salary_period text,
                posted_at timestamptz, posted_precision text, valid_through timestamptz, content_hash text,
                fingerprint text)
            where x.url = any(v_changed) order by x.url collate "C"
        loop
            update jobs
            set external_id = v_row.external_id, title = v_row.title, company = v_row.company,
                description = v_row.description, location_raw = v_row.location_raw,
                locations = coalesce(v_row.locations, '[]'), city = v_row.city, region = v_row.region,
                country = v_row.country, countries = coalesce(v_row.countries, '{}'), remote = v_row.remote,
                job_type = v_row.job_type, salary_min = v_row.salary_min, salary_max = v_row.salary_max,
                salary_currency = v_row.salary_currency, salary_period = v_row.salary_period,
                posted_at = v_row.posted_at, posted_precision = v_row.posted_precision,
                valid_through = v_row.valid_through, content_hash = v_row.content_hash,
                fingerprint = v_row.fingerprint
            where url = v_row.url and source = p_source and content_hash <> v_row.content_hash;
            updated := updated + found::integer;
        end loop;
    end if;
    unchanged := jsonb_array_length(p_jobs) - inserted - updated;

    if v_new is not null then
        insert into job_seen (job_id, last_run_id)
        select j.id, p_run_id
        from unnest(v_new) as u (url) cross join lateral (select id from jobs where url = u.url limit 1) j
        order by j.id
        on conflict (job_id) do nothing;
    end if;
    -- One by one: the order of locks is certain, and an update writes half the log of an insert that meets a conflict.
    foreach v_id in array coalesce(v_seen, '{}') loop
        update job_seen set last_seen_at = clock_timestamp(), last_run_id = p_run_id where job_id = v_id;
        if not found then
            insert into job_seen (job_id, last_run_id) values (v_id, p_run_id) on conflict (job_id) do nothing;
        end if;
    end loop;
end
$$;

-- A page of a board that is looked at again touches all rows of a block in one transaction, so half of each block has
-- to be free for their next versions. With the 30 % of before a fifth of the sightings went to other blocks, and wrote
-- index entries.
alter table job_seen set (fillfactor = 45);

-- What a source itself calls one posting, whatever its address is today.
create index jobs_external_id_idx on jobs (source, external_id) where external_id is not null;

-- The last complete looks of a source are found without reading its failures.
create index scrape_runs_done_idx on scrape_runs (source, started_at desc) where cause = 'done';

-- Of each node only its newest hundred complete ends are looked at: one that never begins at the start, or finds
-- nothing, would have all of its history read for each posting that is shown.
create view source_looks as
select n.name as source, l.looked_since
from nodes n cross join lateral (
    select case when count(*) = 2 then min(c.started_at) end as looked_since
    from (select t.started_at
          from (select d.node_id, d.tick, d.started_at from scrape_runs d
                where d.source = n.name and d.cause = 'done' order by d.started_at desc limit 100) r
          cross join lateral (
              select min(p.started_at) as started_at, sum(p.fetched_count - p.rejected_count) as found,
                     (array_agg(p.start_checkpoint order by p.attempt, p.part))[1] is null as whole
              from scrape_runs p where p.node_id = r.node_id and p.tick = r.tick and p.attempt > 0) t
          where t.whole and t.found > 0
          order by r.started_at desc limit 2) c) l;

-- Why a posting is closed: `expired` (its last day is over) or `unseen` (gone from its site); null: it is open.
-- A date alone comes as midnight UTC and holds until that day is over.
create function job_closed_reason(p_valid_through timestamptz, p_last_seen_at timestamptz, p_looked_since timestamptz)
returns text language sql stable
return case when p_valid_through + case (p_valid_through at time zone 'UTC')::time
                                   when '00:00' then interval '1 day' else interval '0' end <= statement_timestamp()
            then 'expired'
            when p_last_seen_at < p_looked_since then 'unseen' end;

-- The same job under other addresses, and how that is known: `external_id` (its source numbers it so) or `fingerprint`
-- (title, company and place say so). Two numbers at one source are two jobs, however alike they look. In no order, so
-- that who wants a few has not all of them read.
create function job_copies(p_job_id bigint, out job_id bigint, out source text, out url text, out known_by text)
returns setof record language sql stable
as $$
    select c.id, c.source, c.url, 'external_id'
    from jobs j join jobs c on c.source = j.source and c.external_id = j.external_id
    where j.id = p_job_id and c.id <> j.id and (c.company = j.company) is not false
    union all
    select c.id, c.source, c.url, 'fingerprint'
    from jobs j join jobs c on c.fingerprint = j.fingerprint
    where j.id = p_job_id and c.id <> j.id
      and (c.source <> j.source or c.external_id is null or j.external_id is null)
$$;

-- At most 100 copies are counted: where a node gives thousands of jobs one number, each would count all the others.
create or replace view jobs_view as
select j.id, j.url, j.source, j.external_id, j.title, j.company, j.description, j.location_raw, j.locations, j.city,
       j.region, j.country, j.countries, j.remote, j.job_type, j.salary_min, j.salary_max, j.salary_currency,
       j.salary_period, j.posted_at, j.posted_precision, j.valid_through, j.first_seen_at, j.content_hash,
       j.fingerprint, s.last_seen_at, s.last_run_id,
       job_closed_reason(j.valid_through, s.last_seen_at, l.looked_since) as closed_reason,
       (select count(*) from (select from job_copies(j.id) limit 100) c) as same_as_count
from jobs j
left join job_seen s on s.job_id = j.id
left join lateral (select looked_since from source_looks where source = j.source limit 1) l on true;
