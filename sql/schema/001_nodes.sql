-- Nodes: the configured scrapers, one row each; people steer them with UPDATE.
create table nodes (
    id bigint generated always as identity primary key,
    name text not null
        constraint nodes_name_key unique
        constraint nodes_name_printable check (name ~ '\S' and length(name) <= 200 and name !~ '[[:cntrl:]]'),
    scraper text not null
        constraint nodes_scraper_printable check (scraper ~ '\S' and length(scraper) <= 500),
    params jsonb not null default '{}'
        constraint nodes_params_object check (jsonb_typeof(params) = 'object')
        constraint nodes_params_small check (octet_length(params::text) <= 1000000),
    schedule text,
    timezone text not null default 'UTC',
    jitter_s double precision not null default 0
        constraint nodes_jitter_not_negative check (jitter_s >= 0 and jitter_s <= 1e9),
    priority integer not null default 0,
    -- The upper bound also keeps out NaN and Infinity, which sort above every number.
    timeout_s double precision not null default 600
        constraint nodes_timeout_positive check (timeout_s > 0 and timeout_s <= 1e9),
    stall_s double precision not null default 300
        constraint nodes_stall_positive check (stall_s > 0 and stall_s <= 1e9),
    memory_mb integer
        constraint nodes_memory_positive check (memory_mb > 0),
    data_limit boolean not null default true,
    max_attempts integer
        constraint nodes_max_attempts_positive check (max_attempts > 0),
    gap_s double precision
        constraint nodes_gap_not_negative check (gap_s >= 0 and gap_s <= 1e9),
    gap_jitter_s double precision
        constraint nodes_gap_jitter_not_negative check (gap_jitter_s >= 0 and gap_jitter_s <= 1e9),
    proxy_pool text,
    enabled boolean not null default true,
    stop_requested boolean not null default false,
    kill_requested boolean not null default false,
    run_requested boolean not null default false,
    status text not null default 'idle'
        constraint nodes_status_known
        check (status in ('idle', 'waiting', 'starting', 'running', 'stopping', 'stopped', 'paused')),
    status_reason text,
    next_run_at timestamptz,
    retry_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- Below: the loop's own notes.
    schedule_since timestamptz,           -- ticks before this instant do not count; null: created_at
    config_version bigint not null default 1,  -- grows with every change of scraper or params
    open_tick timestamptz,                -- the tick in hand: running, or waiting for its next part or attempt
    open_attempt integer,
    open_part integer,
    idle_parts integer not null default 0,  -- uncharged parts in a row without a newly committed page
    waiting_tick timestamptz,             -- a due tick that could not start yet, and what it waits for
    waiting_cause text,
    constraint nodes_open_tick_whole
        check ((open_tick is null) = (open_attempt is null) and (open_tick is null) = (open_part is null)),
    -- One row with an infinite time would make the whole table unreadable for every client with a calendar.
    constraint nodes_times_readable check (
        least(created_at, updated_at, next_run_at, retry_at, schedule_since, open_tick, waiting_tick)
            >= '1970-01-01 00:00:00+00'
        and greatest(created_at, updated_at, next_run_at, retry_at, schedule_since, open_tick, waiting_tick)
            < '9000-01-01 00:00:00+00')
) with (fillfactor = 80);

create index nodes_next_run_at_idx on nodes (next_run_at) where next_run_at is not null;
create index nodes_retry_at_idx on nodes (retry_at) where retry_at is not null;
