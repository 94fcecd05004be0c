-- Runs: one row per process, and one per tick that was passed over.
create table scrape_runs (
    id bigint generated always as identity primary key,
    node_id bigint constraint scrape_runs_node_id_fkey references nodes on delete set null,
    source text not null,
    supervisor_id uuid,
    owner uuid,
    epoch bigint,
    tick timestamptz not null,
    attempt integer not null,
    part integer not null default 0,
    params jsonb not null default '{}',
    status text not null default 'starting',
    cause text,
    error text,
    traceback text,
    ended_by text
        constraint scrape_runs_ended_by_known check (ended_by in ('self', 'soft', 'term', 'kill')),
    stage text,
    progress_done bigint,
    progress_total bigint,
    budget_mb integer,
    budget_source text,
    host text,
    boot_id text,
    pid_ns text,
    pid integer,
    start_ticks bigint,
    started_at timestamptz not null default clock_timestamp(),
    heartbeat_at timestamptz,
    progress_at timestamptz,
    finished_at timestamptz,
    fetched_count integer not null generated always as
        (inserted_count + updated_count + unchanged_count + rejected_count) stored,
    inserted_count integer not null default 0,
    updated_count integer not null default 0,
    unchanged_count integer not null default 0,
    rejected_count integer not null default 0,
    upserted_count integer not null generated always as (inserted_count + updated_count) stored,
    pages_count integer not null default 0,
    peak_rss_mb double precision,
    cpu_s double precision,
    exit_code integer,
    exit_signal integer,
    -- Below: what settling, guards and admission need.
    timeout_s double precision,           -- of the node at the claim
    config_version bigint,                -- of the node at the claim
    start_checkpoint jsonb,               -- where this part started from
    outcome jsonb,                        -- the child's own verdict, written before it ends
    stop_seen_at timestamptz,             -- a stop request is a level: once seen it holds for this run
    measured_mb double precision,         -- memory of the process tree when last looked at
    memory_domain text,                   -- boot id and limiting cgroup: who shares memory with whom
    tick_count integer not null default 1,  -- ticks this row accounts for (missed rows)
    constraint scrape_runs_tick_key unique (node_id, tick, attempt, part),
    constraint scrape_runs_status_cause check (
        (status in ('starting', 'running') and cause is null)
        or (status = 'ok' and cause in ('done', 'recycled'))
        or (status = 'error' and cause in ('exception', 'blocked', 'timeout', 'stalled', 'stale', 'memory', 'oom',
                                           'crashed', 'killed', 'boot_failed', 'lost', 'fenced'))
        or (status = 'stopped' and cause in ('requested', 'shutdown'))
        or (status = 'skipped' and cause in ('lease_held', 'breaker_open', 'no_memory', 'no_slot', 'too_big',
                                             'still_running', 'missed'))),
    constraint scrape_runs_cause_is_stated check (cause is not null or status in ('starting', 'running')),
    constraint scrape_runs_finished_has_time check ((status in ('starting', 'running')) = (finished_at is null)),
    constraint scrape_runs_running_has_identity
        check (status <> 'running' or num_nulls(pid, start_ticks, boot_id, pid_ns, heartbeat_at, progress_at) = 0),
    constraint scrape_runs_skipped_had_no_process
        check ((status = 'skipped') = (attempt = 0) and (status <> 'skipped' or pid is null)),
    constraint scrape_runs_claimed_has_owner
        check (status = 'skipped' or (owner is not null and epoch is not null and supervisor_id is not null)),
    constraint scrape_runs_counts_not_negative
        check (least(attempt, part, inserted_count, updated_count, unchanged_count, rejected_count, pages_count) >= 0),
    constraint scrape_runs_tick_count_positive check (tick_count > 0)
) with (fillfactor = 70);

create unique index scrape_runs_one_open_per_node on scrape_runs (node_id) where finished_at is null;
create index scrape_runs_open_of_supervisor_idx on scrape_runs (supervisor_id) where finished_at is null;
create index scrape_runs_source_started_idx on scrape_runs (source, started_at desc);
create index scrape_runs_started_idx on scrape_runs (started_at desc);
create index scrape_runs_owner_idx on scrape_runs (owner);

-- Where to go on from, one per node; tick-independent, but worth nothing after a change of scraper or params.
create table checkpoints (
    node_id bigint primary key constraint checkpoints_node_id_fkey references nodes on delete cascade,
    state jsonb not null,
    epoch bigint not null,
    config_version bigint not null,
    updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 70);
