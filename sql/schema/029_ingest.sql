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
    v_changed_ids bigint[];
    v_seen bigint[];       -- rows whose sighting by this run is not noted yet
begin
    inserted := 0;
    updated := 0;
    -- Laterals with a limit are look-ups by key whatever the planner thinks a jsonb holds.
    select array_agg(x.url) filter (where j.id is null),
           array_agg(x.url) filter (where t.changed),
           array_agg(j.id) filter (where t.changed),
           array_agg(j.id) filter (where s.last_run_id is distinct from p_run_id and j.id is not null)
    into v_new, v_changed, v_changed_ids, v_seen
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
        perform from jobs where id = any(v_changed_ids) order by url collate "C" for no key update;
        update jobs j
        set external_id = x.external_id, title = x.title, company = x.company, description = x.description,
            location_raw = x.location_raw, locations = coalesce(x.locations, '[]'), city = x.city, region = x.region,
            country = x.country, countries = coalesce(x.countries, '{}'), remote = x.remote, job_type = x.job_type,
            salary_min = x.salary_min, salary_max = x.salary_max, salary_currency = x.salary_currency,
            salary_period = x.salary_period, posted_at = x.posted_at, posted_precision = x.posted_precision,
            valid_through = x.valid_through, content_hash = x.content_hash, fingerprint = x.fingerprint
        from jsonb_to_recordset(p_jobs) as x (
            url text, external_id text, title text, company text, description text, location_raw text,
            locations jsonb, city text, region text, country text, countries text[], remote boolean, job_type text,
            salary_min double precision, salary_max double precision, salary_currency text, salary_period text,
            posted_at timestamptz, posted_precision text, valid_through timestamptz, content_hash text,
            fingerprint text)
        where j.id = any(v_changed_ids) and x.url = any(v_changed) and j.url = x.url
          and j.source = p_source and j.content_hash <> x.content_hash;
        get diagnostics updated = row_count;
    end if;
    unchanged := jsonb_array_length(p_jobs) - inserted - updated;

    insert into job_seen as s (job_id, last_seen_at, last_run_id)
    select id, clock_timestamp(), p_run_id
    from (select unnest(v_seen) as id
          union all
          select j.id from unnest(v_new) as u (url)
          cross join lateral (select id from jobs where url = u.url limit 1) j) as sighted
    order by id
    on conflict (job_id) do update set last_seen_at = excluded.last_seen_at, last_run_id = excluded.last_run_id
    where s.last_run_id is distinct from excluded.last_run_id;
end
$$;
