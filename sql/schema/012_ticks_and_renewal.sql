-- Ticks that are passed over, and leases that are kept.

-- Writes the rows of ticks that nobody will run and moves the schedule on, if nobody else has done so.
-- p_rows: [{tick, cause, error, tick_count}].
create function pass_over_ticks(p_node_id bigint, p_expected timestamptz, p_next timestamptz, p_rows jsonb)
returns boolean
language plpgsql
as $$
declare
    v_node nodes;
begin
    perform from nodes where id = p_node_id for no key update skip locked;
    if not found then
        return false;
    end if;
    select * into v_node from nodes where id = p_node_id;
    if v_node.next_run_at is distinct from p_expected or not v_node.enabled or v_node.stop_requested then
        return false;
    end if;
    insert into scrape_runs (node_id, source, tick, attempt, part, params, status, cause, error, finished_at,
                             tick_count)
    select v_node.id, v_node.name, x.tick, 0, 0, '{}', 'skipped', x.cause, x.error, clock_timestamp(),
           x.tick_count
    from jsonb_to_recordset(p_rows) as x (tick timestamptz, cause text, error text, tick_count integer)
    on conflict on constraint scrape_runs_tick_key do nothing;
    update nodes set next_run_at = p_next where id = p_node_id;
    return true;
end
$$;

-- Renews the leases of runs that this caller watches, in one statement for all. A row that a slow page holds is
-- skipped, not waited for. verdict: renewed, skipped, expired (too late, nobody has taken it), passed_on.
create function renew_leases(p_sources text[], p_epochs bigint[], p_lease_s double precision)
returns table (source text, verdict text)
language plpgsql
as $$
begin
    return query
    with mine as (
        select * from unnest(p_sources, p_epochs) as m (source, epoch)
    ), free as (
        select l.source, l.epoch from scrape_leases l join mine m on m.source = l.source and m.epoch = l.epoch
        where l.lease_until > clock_timestamp()
           or clock_timestamp() < pg_postmaster_start_time() + make_interval(secs => p_lease_s)
        for no key update of l skip locked
    ), renewed as (
        update scrape_leases l
        set lease_until = clock_timestamp() + make_interval(secs => p_lease_s), updated_at = clock_timestamp()
        from free f
        where l.source = f.source and l.epoch = f.epoch
        returning l.source
    )
    select m.source,
           case when r.source is not null then 'renewed'
                when l.epoch is distinct from m.epoch then 'passed_on'
                when l.lease_until <= clock_timestamp() then 'expired'
                else 'skipped' end
    from mine m left join renewed r on r.source = m.source left join scrape_leases l on l.source = m.source;
end
$$;
