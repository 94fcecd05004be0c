-- What a scrape writes: each function is one statement for the child, so no lock is ever held across a client pause.

-- The fence. FOR SHARE waits for a take-over in progress; a plain read of the epoch would not.
create function hold_fence(p_source text, p_epoch bigint) returns void language plpgsql as $$
begin
    perform from scrape_leases where source = p_source and epoch = p_epoch for share;
    if not found then
        raise exception 'the lease of % has passed on from epoch %', p_source, p_epoch using errcode = 'SW001';
    end if;
end
$$;

-- Upserts cleaned postings; the caller has removed repeats within the page.
create function upsert_jobs(p_run_id bigint, p_source text, p_jobs jsonb, out inserted integer, out updated integer,
                            out unchanged integer)
language plpgsql
as $$
begin
    -- The anti-join comes first: an unchanged posting costs no search vector and no rewrite.
    with incoming as (
        select * from jsonb_to_recordset(p_jobs) as x (
            url text, external_id text, title text, company text, description text, location_raw text,
            locations jsonb, city text, region text, country text, countries text[], remote boolean, job_type text,
            salary_min double precision, salary_max double precision, salary_currency text, salary_period text,
            posted_at timestamptz, posted_precision text, valid_through timestamptz, content_hash text,
            fingerprint text)
    ), wanted as (
        select i.* from incoming i
        left join jobs j on j.url = i.url
        left join job_seen s on s.job_id = j.id
        where j.id is null
           or (j.source = p_source and j.content_hash <> i.content_hash and s.last_run_id is distinct from p_run_id)
        order by i.url collate "C"
    ), written as (
        insert into jobs as j (url, source, external_id, title, company, description, location_raw, locations, city,
                          region, country, countries, remote, job_type, salary_min, salary_max, salary_currency,
                          salary_period, posted_at, posted_precision, valid_through, content_hash, fingerprint)
        select url, p_source, external_id, title, company, description, location_raw, coalesce(locations, '[]'), city,
               region, country, coalesce(countries, '{}'), remote, job_type, salary_min, salary_max, salary_currency,
               salary_period, posted_at, posted_precision, valid_through, content_hash, fingerprint
        from wanted
        on conflict (url) do update
        set external_id = excluded.external_id, title = excluded.title, company = excluded.company,
            description = excluded.description, location_raw = excluded.location_raw,
            locations = excluded.locations, city = excluded.city, region = excluded.region,
            country = excluded.country, countries = excluded.countries, remote = excluded.remote,
            job_type = excluded.job_type, salary_min = excluded.salary_min, salary_max = excluded.salary_max,
            salary_currency = excluded.salary_currency, salary_period = excluded.salary_period,
            posted_at = excluded.posted_at, posted_precision = excluded.posted_precision,
            valid_through = excluded.valid_through, content_hash = excluded.content_hash,
            fingerprint = excluded.fingerprint
        where j.source = excluded.source and j.content_hash <> excluded.content_hash
        returning (j.xmax = 0) as is_new
    )
    select count(*) filter (where is_new), count(*) filter (where not is_new) into inserted, updated from written;
    unchanged := jsonb_array_length(p_jobs) - inserted - updated;

    insert into job_seen as s (job_id, last_seen_at, last_run_id)
    select j.id, clock_timestamp(), p_run_id
    from jsonb_to_recordset(p_jobs) as x (url text) join jobs j on j.url = x.url
    order by j.id
    on conflict (job_id) do update set last_seen_at = excluded.last_seen_at, last_run_id = excluded.last_run_id
    where s.last_run_id is distinct from excluded.last_run_id;
end
$$;

-- Commits page p_page_no of a run: postings, checkpoint, counts and fetched URLs, or nothing.
-- verdict: committed, or already (this page had been committed, only the answer was lost).
create function commit_page(
    p_run_id bigint, p_epoch bigint, p_page_no integer, p_jobs jsonb, p_repeats integer, p_rejected integer,
    p_checkpoint jsonb, p_stage text, p_done bigint, p_total bigint, p_rss_mb double precision, p_fetches jsonb,
    out verdict text, out inserted integer, out updated integer, out unchanged integer, out stop_requested boolean)
language plpgsql
as $$
declare
    v_run scrape_runs;
begin
    select * into v_run from scrape_runs where id = p_run_id;
    select n.stop_requested into stop_requested from nodes n where n.id = v_run.node_id;
    if v_run.epoch = p_epoch and v_run.finished_at is null and v_run.pages_count >= p_page_no then
        verdict := 'already';
        return;
    end if;
    select u.inserted, u.updated, u.unchanged into inserted, updated, unchanged
    from upsert_jobs(p_run_id, v_run.source, p_jobs) u;
    unchanged := unchanged + p_repeats;

    -- Fence after the slow part: from here to the end of the statement are two short updates. The lock stops the
    -- renewal of this lease, so it is not held while somebody's open transaction keeps a row: the child tries again.
    perform set_config('lock_timeout', '1s', true);
    perform hold_fence(v_run.source, p_epoch);
    update scrape_runs
    set pages_count = p_page_no, inserted_count = inserted_count + inserted, updated_count = updated_count + updated,
        unchanged_count = unchanged_count + unchanged, rejected_count = rejected_count + p_rejected,
        stage = coalesce(p_stage, stage), progress_done = coalesce(p_done, progress_done),
        progress_total = coalesce(p_total, progress_total), progress_at = clock_timestamp(),
        measured_mb = coalesce(p_rss_mb, measured_mb), peak_rss_mb = greatest(peak_rss_mb, p_rss_mb)
    where id = p_run_id and epoch = p_epoch and finished_at is null and pages_count = p_page_no - 1;
    if not found then
        -- The first sending of this page may have been under way until now: what it stored was found unchanged here.
        perform from scrape_runs
        where id = p_run_id and epoch = p_epoch and finished_at is null and pages_count >= p_page_no;
        if not found then
            raise exception 'run % may not commit page % any more', p_run_id, p_page_no using errcode = 'SW001';
        end if;
        verdict := 'already';
        inserted := null;
        updated := null;
        unchanged := null;
        return;
    end if;
    insert into run_pages (run_id, page_no, url, status, http_status, elapsed_ms, bytes, postings, error)
    select p_run_id, p_page_no, x.url, x.status, x.http_status, x.elapsed_ms, x.bytes, x.postings, x.error
    from jsonb_to_recordset(p_fetches) as x (url text, status text, http_status integer, elapsed_ms integer,
                                             bytes bigint, postings integer, error text);
    if p_checkpoint is not null then
        insert into checkpoints as c (node_id, state, epoch, config_version)
        values (v_run.node_id, p_checkpoint, p_epoch, v_run.config_version)
        on conflict (node_id) do update
        set state = excluded.state, epoch = excluded.epoch, config_version = excluded.config_version,
            updated_at = clock_timestamp()
        where c.epoch <= excluded.epoch;
    end if;
    verdict := 'committed';
end
$$;

-- The child's last word, durable before its process ends, so that a death of anybody else cannot lose it.
-- The first word stands; answers whether this was it.
create function finish_run(p_run_id bigint, p_epoch bigint, p_outcome jsonb, p_fetches jsonb) returns boolean
language plpgsql
as $$
declare
    v_run scrape_runs;
begin
    select * into v_run from scrape_runs where id = p_run_id;
    perform set_config('lock_timeout', '1s', true);
    perform hold_fence(v_run.source, p_epoch);
    update scrape_runs set outcome = p_outcome
    where id = p_run_id and epoch = p_epoch and finished_at is null and outcome is null;
    if not found then
        perform from scrape_runs
        where id = p_run_id and epoch = p_epoch and finished_at is null and outcome is not null;
        if not found then
            raise exception 'run % is closed', p_run_id using errcode = 'SW001';
        end if;
        return false;  -- said before, only the answer was lost
    end if;
    insert into run_pages (run_id, page_no, url, status, http_status, elapsed_ms, bytes, postings, error)
    select p_run_id, v_run.pages_count, x.url, x.status, x.http_status, x.elapsed_ms, x.bytes, x.postings, x.error
    from jsonb_to_recordset(p_fetches) as x (url text, status text, http_status integer, elapsed_ms integer,
                                             bytes bigint, postings integer, error text);
    return true;
end
$$;
