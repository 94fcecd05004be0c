-- What failures leave at their node: letters in a row, the letter to try again, the host that it asks first.
alter table nodes
    -- Set aside after so many dead letters in a row; null: never.
    add column pause_after integer constraint nodes_pause_after_positive check (pause_after > 0),
    add column dead_in_a_row integer not null default 0
        constraint nodes_dead_in_a_row_not_negative check (dead_in_a_row >= 0),
    -- The dead letter that the next requested run tries again.
    add column redrive_id bigint
        constraint nodes_redrive_id_fkey references dead_letters on delete set null,
    -- The host that its runs ask first: while the breaker of that host is open, the node waits.
    add column entry_host text;

-- From a run to the letter that it tries again; the letter names its first run in redriven_run_id.
alter table scrape_runs
    add column dead_letter_id bigint
        constraint scrape_runs_dead_letter_id_fkey references dead_letters on delete set null;

-- One row for each host that has failed lately; shared by all processes and machines.
create table circuit_breakers (
    -- As in a Host header: the name in lower case, with ":port" unless it is the scheme's own.
    host text primary key
        constraint circuit_breakers_host_printable check (host ~ '\S' and length(host) <= 300),
    state text not null default 'closed'
        constraint circuit_breakers_state_known check (state in ('closed', 'open', 'half_open')),
    failures integer not null default 0
        constraint circuit_breakers_failures_not_negative check (failures >= 0),
    window_started_at timestamptz,        -- since when these failures are counted
    opened_at timestamptz,
    open_until timestamptz,
    openings integer not null default 0   -- in a row, without a good answer in between: each doubles the time
        constraint circuit_breakers_openings_not_negative check (openings >= 0),
    last_error text,
    last_failure_at timestamptz,
    probe_run_id bigint,                  -- half open: the run that tries the host, alone
    probe_until timestamptz,              -- after that it is taken for dead
    opened_by_run_id bigint,
    updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 70);
