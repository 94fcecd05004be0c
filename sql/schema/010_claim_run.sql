-- A claim: lease, epoch and run row in one round trip, judged on what is true under the locks.
-- verdict: claimed, busy (someone is deciding about this node), not_due, stopped, lease_held, grace (the database
-- has just started), open_run, no_memory.
create function claim_run(
    p_node_id bigint, p_supervisor_id uuid, p_owner uuid, p_lease_s double precision,
    p_expected_tick timestamptz, p_next_run_at timestamptz, p_budget_mb integer, p_budget_source text,
    p_host text, p_boot_id text, p_pid_ns text, p_memory_domain text, p_room_mb double precision,
    p_max_attempts integer,
    out verdict text, out run_id bigint, out epoch bigint, out tick timestamptz, out attempt integer,
    out part integer, out scraper text, out params jsonb, out checkpoint jsonb, out now_at timestamptz)
language plpgsql
as $$
declare
    v_node nodes;
    v_lease scrape_leases;
    v_open scrape_runs;
    v_kind text;
    v_config bigint;
    v_others double precision;
begin
    -- The answer to this very claim was lost: say it again.
    select 'claimed', r.id, r.epoch, r.tick, r.attempt, r.part, n.scraper, r.params, r.start_checkpoint,
           clock_timestamp()
    into verdict, run_id, epoch, tick, attempt, part, scraper, params, checkpoint, now_at
    from scrape_runs r join nodes n on n.id = r.node_id
    where r.owner = p_owner and r.finished_at is null;
    if found then
        return;
    end if;

    perform from nodes where id = p_node_id for no key update skip locked;
    if not found then
        verdict := 'busy';
        return;
    end if;
    -- A new statement, so a new snapshot: SKIP LOCKED rechecks only the row it locks.
    select * into v_node from nodes where id = p_node_id;
    if v_node.stop_requested or v_node.kill_requested then
        verdict := 'stopped';
        return;
    end if;

    if not exists (select from scrape_leases l where l.source = v_node.name) then
        -- Somebody may be taking this very lease in a transaction that stays open: the loop does not wait for it.
        begin
            perform set_config('lock_timeout', '100ms', true);
            insert into scrape_leases (source, lease_owner, lease_until)
            values (v_node.name, p_owner, clock_timestamp()) on conflict (source) do nothing;
        exception when lock_not_available then
            verdict := 'lease_held';
            return;
        end;
    end if;
    perform from scrape_leases l where l.source = v_node.name for no key update skip locked;
    if not found then
        verdict := 'lease_held';
        return;
    end if;
    select * into v_lease from scrape_leases l where l.source = v_node.name;
    if v_lease.lease_until > clock_timestamp() then
        verdict := 'lease_held';
        return;
    end if;

    select * into v_open from scrape_runs r where r.node_id = p_node_id and r.finished_at is null;
    if found then
        -- Holders could not renew while the database was away: they come first.
        if clock_timestamp() < pg_postmaster_start_time() + make_interval(secs => p_lease_s) then
            verdict := 'grace';
            return;
        end if;
        if close_lost_run(v_open.id, p_max_attempts) <> 'closed' then
            verdict := 'open_run';
            return;
        end if;
        select * into v_node from nodes where id = p_node_id;
    end if;

    v_kind := case
        -- Without a time to wait for, and no run open, a tick in hand goes on at once.
        when v_node.open_tick is not null and coalesce(v_node.retry_at <= clock_timestamp(), true) then 'continued'
        when v_node.open_tick is not null then 'waiting'
        when v_node.run_requested then 'requested'
        when v_node.enabled and v_node.next_run_at <= clock_timestamp()
             and v_node.next_run_at is not distinct from p_expected_tick then 'scheduled'
        else 'not_due' end;
    if v_kind = 'scheduled' and exists (select from scrape_runs r where r.node_id = p_node_id
                                        and r.tick = v_node.next_run_at and r.attempt = 1 and r.part = 0) then
        -- Somebody set next_run_at back to a tick that has had its run.
        update nodes set next_run_at = p_next_run_at where id = p_node_id;
        v_kind := 'not_due';
    end if;
    if v_kind in ('waiting', 'not_due') then
        verdict := 'not_due';
        return;
    end if;

    -- Supervisors in one container see the same free memory: each counts what the others have promised away.
    perform pg_advisory_xact_lock(hashtextextended('scrapewarden memory ' || p_memory_domain, 0));
    select coalesce(sum(greatest(0, r.budget_mb - coalesce(r.measured_mb, 0))), 0) into v_others
    from scrape_runs r
    where r.finished_at is null and r.memory_domain = p_memory_domain and r.supervisor_id <> p_supervisor_id;
    if v_others > 0 and p_room_mb - v_others < p_budget_mb then
        verdict := 'no_memory';
        return;
    end if;

    tick := case v_kind when 'continued' then v_node.open_tick when 'requested' then clock_timestamp()
            else v_node.next_run_at end;
    attempt := case v_kind when 'continued' then v_node.open_attempt else 1 end;
    part := case v_kind when 'continued' then v_node.open_part else 0 end;
    v_config := v_node.config_version;
    select c.state into checkpoint from checkpoints c where c.node_id = p_node_id and c.config_version = v_config;

    update scrape_leases l
    set lease_owner = p_owner, epoch = nextval('lease_epochs'), updated_at = clock_timestamp(),
        lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
    where l.source = v_node.name
    returning l.epoch into epoch;
    insert into scrape_runs as r (node_id, source, supervisor_id, owner, epoch, tick, attempt, part, params, status,
                             budget_mb, budget_source, host, boot_id, pid_ns, timeout_s, config_version,
                             start_checkpoint, memory_domain)
    values (p_node_id, v_node.name, p_supervisor_id, p_owner, epoch, tick, attempt, part, v_node.params, 'starting',
            p_budget_mb, p_budget_source, p_host, p_boot_id, p_pid_ns, v_node.timeout_s, v_config, checkpoint,
            p_memory_domain)
    on conflict do nothing
    returning r.id into run_id;
    if run_id is null then
        raise exception 'tick % of node % has been claimed before', tick, v_node.name using errcode = 'SW002';
    end if;
    update nodes
    set status = 'starting', status_reason = null, retry_at = null, waiting_tick = null, waiting_cause = null,
        open_tick = claim_run.tick, open_attempt = claim_run.attempt, open_part = claim_run.part,
        idle_parts = case v_kind when 'continued' then idle_parts else 0 end,
        run_requested = case v_kind when 'requested' then false else run_requested end,
        next_run_at = case v_kind when 'scheduled' then p_next_run_at else next_run_at end
    where id = p_node_id;
    verdict := 'claimed';
    scraper := v_node.scraper;
    params := v_node.params;
    now_at := clock_timestamp();
end
$$;

-- Closes a run whose holder is gone: expired lease, or an owner proven dead. The child's own verdict, if it left
-- one, counts; otherwise the run is lost, which spends no attempt.
create function close_lost_run(p_run_id bigint, p_max_attempts integer, p_sentence text default null)
returns text
language plpgsql
as $$
declare
    v_run scrape_runs;
    v_own jsonb;
    v_answer text;
begin
    select * into v_run from scrape_runs where id = p_run_id;
    if v_run.outcome is null then
        v_answer := close_run(p_run_id, v_run.epoch, 'error', 'lost',
            coalesce(p_sentence, format('lost after page %s: its supervisor or host is gone, lease expired',
                                        v_run.pages_count)),
            null, 'kill', null, null, null, null, 'part', 0, p_max_attempts, false);
        if v_answer <> 'outcome' then
            return v_answer;
        end if;
        -- The child's last word came in between; its row is locked by now.
        select * into v_run from scrape_runs where id = p_run_id;
    end if;
    v_own := v_run.outcome;
    -- A retry needs no delay of its own: finding out that nobody holds the run took long enough.
    return close_run(
        p_run_id, v_run.epoch, v_own ->> 'status', v_own ->> 'cause', v_own ->> 'error', v_own ->> 'traceback',
        case v_own ->> 'status' when 'stopped' then 'soft' else 'self' end, null, null,
        (v_own ->> 'peak_rss_mb')::double precision, (v_own ->> 'cpu_s')::double precision,
        case when v_own ->> 'cause' in ('recycled', 'shutdown', 'lost', 'fenced') then 'part'
             when v_own ->> 'cause' = 'requested' then 'stop'
             when v_own ->> 'status' = 'ok' then 'end'
             when v_run.attempt >= p_max_attempts or v_own ->> 'retriable' = 'false' then 'bury'
             else 'retry' end,
        0, p_max_attempts, true);
end
$$;
