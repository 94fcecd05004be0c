-- What a run fetched, said and weighed.
create table run_pages (
    id bigint generated always as identity primary key,
    run_id bigint not null constraint run_pages_run_id_fkey references scrape_runs on delete cascade,
    page_no integer not null,
    url text not null,
    status text not null
        constraint run_pages_status_known check (status in ('ok', 'unchanged', 'blocked', 'error')),
    http_status integer,
    elapsed_ms integer,
    bytes bigint,
    postings integer,
    error text,
    at timestamptz not null default clock_timestamp()
);
create index run_pages_run_status_idx on run_pages (run_id, status);

create table run_logs (
    id bigint generated always as identity primary key,
    run_id bigint not null constraint run_logs_run_id_fkey references scrape_runs on delete cascade,
    at timestamptz not null default clock_timestamp(),
    level text not null default 'info'
        constraint run_logs_level_known check (level in ('debug', 'info', 'warning', 'error')),
    event text not null,
    message text,
    facts jsonb not null default '{}'
);
create index run_logs_run_idx on run_logs (run_id, id);

create table memory_samples (
    run_id bigint not null constraint memory_samples_run_id_fkey references scrape_runs on delete cascade,
    at timestamptz not null default clock_timestamp(),
    rss_mb double precision not null,
    constraint memory_samples_pkey primary key (run_id, at)
);
