-- Since when the server takes statements again. pg_postmaster_start_time() is too early for that: recovery may last
-- longer than a lease, and the crash of one backend restarts all others beneath the same postmaster. An unlogged table
-- is emptied by every recovery and by the promotion of a standby, and survives an orderly stop.
create unlogged table server_awake (
    postmaster_started_at timestamptz primary key,
    awake_at timestamptz not null default clock_timestamp()
);
comment on table server_awake is 'One row: when this server was first asked after its start or recovery.';

-- Supervisors ask at their start, with every renewal and every ten seconds, so that the first to ask is not late.
create function awake_since() returns timestamptz language plpgsql as $$
declare
    v_awake_at timestamptz;
begin
    select awake_at into v_awake_at from server_awake where postmaster_started_at = pg_postmaster_start_time();
    if v_awake_at is null then
        delete from server_awake where postmaster_started_at <> pg_postmaster_start_time();
        insert into server_awake (postmaster_started_at) values (pg_postmaster_start_time()) on conflict do nothing;
        select awake_at into v_awake_at from server_awake where postmaster_started_at = pg_postmaster_start_time();
    end if;
    return v_awake_at;
end
$$;
select awake_since();

-- In what judges leases only this word changes; and a renewal asks even where its leases have not run out.
do $$
begin
    execute replace(pg_get_functiondef('claim_run'::regproc), 'pg_postmaster_start_time()', 'awake_since()');
    execute replace(replace(pg_get_functiondef('renew_leases'::regproc), 'pg_postmaster_start_time()', 'awake_since()'),
                    E'begin\n    return query', E'begin\n    perform awake_since();\n    return query');
end
$$;
