-- Daily snapshots: once a day nodes and jobs are written down as they are, for history that their own rows do not keep.

create table node_snapshots (
    snapshot_date date not null,
    node_id bigint not null,              -- no foreign key: history outlives its node
    node text not null,
    scraper text not null,
    schedule text,
    enabled boolean not null,
    status text not null,
    open_dead_letter boolean not null,
    counted_from timestamptz not null,    -- what follows counts runs that ended after this, and not after
    counted_until timestamptz not null,   -- that
    runs_count bigint not null,           -- rows that had a process: ok, error and stopped
    ok_count bigint not null,
    error_count bigint not null,
    stopped_count bigint not null,
    skipped_count bigint not null,        -- ticks that nobody ran
    fetched_count bigint not null,
    inserted_count bigint not null,
    updated_count bigint not null,
    pages_count bigint not null,
    average_s double precision,           -- null: no run ended
    longest_s double precision,
    peak_rss_mb double precision,
    created_at timestamptz not null default clock_timestamp(),
    constraint node_snapshots_pkey primary key (snapshot_date, node_id),
    -- A window that is empty or turned round would make rates of its counts nonsense.
    constraint node_snapshots_window_forward check (counted_from < counted_until),
    -- Every run is in one of three.
    constraint node_snapshots_runs_add_up check (runs_count = ok_count + error_count + stopped_count),
    -- Counts are of things.
    constraint node_snapshots_counts_not_negative check (
        least(ok_count, error_count, stopped_count, skipped_count, fetched_count, inserted_count, updated_count,
              pages_count) >= 0)
);
create index node_snapshots_node_idx on node_snapshots (node, snapshot_date);

create table job_snapshots (
    snapshot_date date not null,
    source text not null,                 -- '' is all of them: that row is there even when nothing else is
    timezone text not null,               -- whose date it is
    counted_from timestamptz not null,    -- new and seen: after this, and not after
    counted_until timestamptz not null,   -- that
    jobs_count bigint not null,
    new_count bigint not null,
    seen_count bigint not null,
    remote_count bigint not null,
    with_pay_count bigint not null,
    countries jsonb not null,             -- the ten with most jobs: {"DE": 1200, ...}
    created_at timestamptz not null default clock_timestamp(),
    constraint job_snapshots_pkey primary key (snapshot_date, source),
    -- As above.
    constraint job_snapshots_window_forward check (counted_from < counted_until),
    -- Nothing can be new, seen, remote or paid without being there.
    constraint job_snapshots_parts_of_all check (
        greatest(new_count, seen_count, remote_count, with_pay_count) <= jobs_count
        and least(new_count, seen_count, remote_count, with_pay_count) >= 0),
    -- Charts read names and numbers.
    constraint job_snapshots_countries_object check (jsonb_typeof(countries) = 'object')
);
create index job_snapshots_source_idx on job_snapshots (source, snapshot_date);

-- Everything that is counted of jobs, so that a snapshot reads no row of theirs.
create index jobs_counted_idx on jobs (source, country) include (id, first_seen_at, remote, salary_min, salary_max);

-- Whose day it is at an instant: the calendar date there.
create function snapshot_day(p_at timestamptz, p_timezone text) returns date language sql immutable
return (p_at at time zone p_timezone)::date;

-- When the next snapshot may be taken: today from p_from on, or tomorrow where today's is there. Not after p_at: it is due.
create function next_snapshot_at(p_at timestamptz, p_timezone text, p_from time) returns timestamptz
language sql stable
return (snapshot_day(p_at, p_timezone)
        + exists (select from job_snapshots
                  where snapshot_date = snapshot_day(p_at, p_timezone) and source = '')::integer
        + p_from) at time zone p_timezone;

-- A row for each node, with the runs that ended in the window; answers how many.
create function snapshot_nodes(p_day date, p_from timestamptz, p_until timestamptz) returns integer
language plpgsql
as $$
declare
    v_rows integer;
begin
    insert into node_snapshots (snapshot_date, node_id, node, scraper, schedule, enabled, status, open_dead_letter,
                                counted_from, counted_until, runs_count, ok_count, error_count, stopped_count,
                                skipped_count, fetched_count, inserted_count, updated_count, pages_count, average_s,
                                longest_s, peak_rss_mb)
    select p_day, n.id, n.name, n.scraper, n.schedule, n.enabled, n.status,
           exists (select from dead_letters d where d.node_id = n.id and d.state = 'open'),
           p_from, p_until, coalesce(r.ok + r.error + r.stopped, 0), coalesce(r.ok, 0), coalesce(r.error, 0),
           coalesce(r.stopped, 0), coalesce(r.skipped, 0), coalesce(r.fetched, 0), coalesce(r.inserted, 0),
           coalesce(r.updated, 0), coalesce(r.pages, 0), r.average_s, r.longest_s, r.peak_rss_mb
    from nodes n
    left join (
        select node_id,
               count(*) filter (where status = 'ok') as ok,
               count(*) filter (where status = 'error') as error,
               count(*) filter (where status = 'stopped') as stopped,
               sum(tick_count) filter (where status = 'skipped') as skipped,
               sum(fetched_count) as fetched, sum(inserted_count) as inserted, sum(updated_count) as updated,
               sum(pages_count) as pages,
               avg(extract(epoch from finished_at - started_at)) filter (where status <> 'skipped') as average_s,
               max(extract(epoch from finished_at - started_at)) filter (where status <> 'skipped') as longest_s,
               max(peak_rss_mb) as peak_rss_mb
        from scrape_runs
        where finished_at > p_from and finished_at <= p_until
        group by node_id) r on r.node_id = n.id
    on conflict do nothing;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

-- A row for each source, nodes without jobs among them, and the figures of all into the row that is there already;
-- answers how many rows these are.
create function snapshot_jobs(p_day date, p_timezone text, p_from timestamptz, p_until timestamptz) returns integer
language plpgsql
as $$
declare
    v_rows integer;
begin
    with counted as materialized (
        select j.source, j.country, count(*) as jobs,
               count(*) filter (where j.first_seen_at > p_from and j.first_seen_at <= p_until) as new,
               count(s.job_id) as seen,
               count(*) filter (where j.remote) as remote,
               count(*) filter (where j.salary_min is not null or j.salary_max is not null) as with_pay
        from jobs j
        left join job_seen s on s.job_id = j.id and s.last_seen_at > p_from and s.last_seen_at <= p_until
        group by j.source, j.country
    ), every as materialized (
        select source, country, jobs, new, seen, remote, with_pay from counted where source <> ''
        union all
        select '', country, sum(jobs), sum(new), sum(seen), sum(remote), sum(with_pay) from counted group by country
        union all
        select name, null, 0, 0, 0, 0, 0 from nodes
        union all
        select '', null, 0, 0, 0, 0, 0
    ), placed as (
        select source, country, jobs, row_number() over (partition by source order by jobs desc, country) as place
        from every
        where country is not null
    ), tops as (
        select source, jsonb_object_agg(country, jobs) as countries from placed where place <= 10 group by source
    ), sums as (
        select source, sum(jobs) as jobs, sum(new) as new, sum(seen) as seen, sum(remote) as remote,
               sum(with_pay) as with_pay
        from every
        group by source
    )
    insert into job_snapshots as s (snapshot_date, source, timezone, counted_from, counted_until, jobs_count, new_count,
                                    seen_count, remote_count, with_pay_count, countries)
    select p_day, f.source, p_timezone, p_from, p_until, f.jobs, f.new, f.seen, f.remote, f.with_pay,
           coalesce(t.countries, '{}')
    from sums f left join tops t on t.source = f.source
    on conflict (snapshot_date, source) do update
    set jobs_count = excluded.jobs_count, new_count = excluded.new_count, seen_count = excluded.seen_count,
        remote_count = excluded.remote_count, with_pay_count = excluded.with_pay_count, countries = excluded.countries;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

-- The snapshot of the day of p_at, unless it is there; answers the rows inserted. Of two at once the second waits for
-- the first and inserts nothing.
create function take_snapshots_at(p_at timestamptz, p_timezone text) returns integer
language plpgsql
as $$
declare
    v_day date := snapshot_day(p_at, p_timezone);
    v_from timestamptz;
begin
    -- Days that follow each other count everything once, however late one of them was; else it is the last 24 hours.
    select counted_until into v_from
    from job_snapshots
    where snapshot_date = v_day - 1 and source = '' and counted_until < p_at;
    v_from := coalesce(v_from, p_at - interval '24 hours');

    -- The row of all sources is the latch of the day.
    insert into job_snapshots (snapshot_date, source, timezone, counted_from, counted_until, jobs_count, new_count,
                               seen_count, remote_count, with_pay_count, countries)
    values (v_day, '', p_timezone, v_from, p_at, 0, 0, 0, 0, 0, '{}')
    on conflict do nothing;
    if not found then
        return 0;
    end if;
    return snapshot_nodes(v_day, v_from, p_at) + snapshot_jobs(v_day, p_timezone, v_from, p_at);
end
$$;

-- Today's, by the database's clock.
create function take_daily_snapshots(p_timezone text default 'UTC') returns integer
language sql
as $$
    select take_snapshots_at(clock_timestamp(), p_timezone);
$$;
