-- Supervisors: every instance that ever ran, with what proves whether it is still alive.
create table supervisors (
    id uuid primary key,
    host text not null,
    boot_id text not null,
    pid_ns text not null,
    pid integer not null,
    start_ticks bigint not null,
    version text,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    stopped_at timestamptz,
    memory_available_mb double precision,
    memory_limit_mb double precision,
    memory_reserved_mb double precision,
    memory_source text
) with (fillfactor = 70);

create index supervisors_seen_at_idx on supervisors (started_at desc);
