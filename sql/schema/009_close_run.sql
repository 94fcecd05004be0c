-- The end of a run, and what it means for its node. Lock order everywhere:
-- jobs and job_seen (sorted) < node < lease < run < checkpoint.

-- Copies what is known of a tick into its node's open dead letter.
create function bury_tick(p_node_id bigint, p_tick timestamptz) returns void language plpgsql as $$
declare
    v_causes jsonb;
begin
    select coalesce(jsonb_agg(jsonb_build_object(
               'run_id', r.id, 'attempt', r.attempt, 'part', r.part, 'status', r.status, 'cause', r.cause,
               'error', r.error, 'finished_at', r.finished_at) order by r.attempt, r.part), '[]')
    into v_causes
    from scrape_runs r
    where r.node_id = p_node_id and r.tick = p_tick and r.attempt > 0;

    insert into dead_letters as d (node_id, source, tick, causes, params, checkpoint)
    select n.id, n.name, p_tick, v_causes, n.params, c.state
    from nodes n left join checkpoints c on c.node_id = n.id and c.config_version = n.config_version
    where n.id = p_node_id
    on conflict (node_id) where state = 'open' do update
    set tick = excluded.tick, causes = excluded.causes, params = excluded.params, checkpoint = excluded.checkpoint,
        count = d.count + 1, updated_at = clock_timestamp();
end
$$;

-- p_next says what follows: end (the tick is over), part, retry, bury, stop.
-- Answers: closed; already (by the same end); outcome (the child left a verdict that the caller has not seen);
-- or gone (no open run with that epoch).
create function close_run(
    p_run_id bigint, p_epoch bigint, p_status text, p_cause text, p_error text, p_traceback text, p_ended_by text,
    p_exit_code integer, p_exit_signal integer, p_peak_rss_mb double precision, p_cpu_s double precision,
    p_next text, p_retry_s double precision, p_max_attempts integer, p_outcome_seen boolean)
returns text
language plpgsql
as $$
declare
    v_run scrape_runs;
    v_node nodes;
    v_next text := p_next;
    v_idle integer;
begin
    -- A person may hold the node's row in an open transaction: settling is tried again, the loop goes on.
    perform set_config('lock_timeout', '1s', true);
    select * into v_run from scrape_runs where id = p_run_id;
    if not found then
        return 'gone';
    end if;
    select * into v_node from nodes where id = v_run.node_id for no key update;
    -- Waits for a page of this run that is being committed; then nothing can change under us.
    perform from scrape_leases where source = v_run.source for update;
    select * into v_run from scrape_runs where id = p_run_id for no key update;
    if v_run.finished_at is not null then
        return case when v_run.epoch = p_epoch and v_run.cause = p_cause then 'already' else 'gone' end;
    end if;
    if v_run.epoch is distinct from p_epoch then
        return 'gone';
    end if;
    if v_run.outcome is not null and not p_outcome_seen then
        return 'outcome';
    end if;

    -- Raising the epoch shuts the door: a statement of a dead child that still runs in the server fails its fence.
    update scrape_leases
    set epoch = nextval('lease_epochs'), lease_until = clock_timestamp(), updated_at = clock_timestamp()
    where source = v_run.source and epoch = p_epoch;
    update scrape_runs
    set status = p_status, cause = p_cause, error = p_error, traceback = p_traceback, ended_by = p_ended_by,
        exit_code = p_exit_code, exit_signal = p_exit_signal, cpu_s = p_cpu_s, finished_at = clock_timestamp(),
        peak_rss_mb = greatest(peak_rss_mb, p_peak_rss_mb)
    where id = p_run_id;

    if v_node.id is null then
        return 'closed';
    end if;

    v_idle := case when v_run.pages_count > 0 then 0 else v_node.idle_parts + 1 end;
    if v_next in ('part', 'retry')
        and (v_node.stop_requested or v_node.kill_requested or v_run.stop_seen_at is not null) then
        v_next := 'stop';
    elsif v_next = 'part' and v_idle >= 10 then
        v_next := 'bury';
    end if;

    if v_next = 'bury' then
        perform bury_tick(v_node.id, v_run.tick);
    end if;
    if v_next = 'bury' or (p_status = 'ok' and p_cause = 'done') then
        delete from checkpoints where node_id = v_node.id;
    end if;

    update nodes
    set open_tick = case when v_next in ('part', 'retry') then v_run.tick end,
        open_attempt = case v_next when 'part' then v_run.attempt when 'retry' then v_run.attempt + 1 end,
        open_part = case v_next when 'part' then v_run.part + 1 when 'retry' then 0 end,
        idle_parts = case v_next when 'part' then v_idle else 0 end,
        retry_at = case v_next
            when 'part' then clock_timestamp()
            when 'retry' then clock_timestamp() + make_interval(secs => p_retry_s) end,
        stop_requested = stop_requested or kill_requested,
        kill_requested = false,
        status = case
            when stop_requested or kill_requested then 'stopped'
            when v_next in ('part', 'retry') then 'waiting'
            else 'idle' end,
        status_reason = case
            when stop_requested or kill_requested then 'stopped on request'
            when v_next = 'retry' then format('attempt %s of %s at %s', v_run.attempt + 1, p_max_attempts,
                to_char((clock_timestamp() + make_interval(secs => p_retry_s)) at time zone 'UTC', 'HH24:MI:SS'))
            when v_next = 'part' then format('part %s of attempt %s follows (%s)', v_run.part + 1, v_run.attempt,
                                             p_cause)
            when v_next = 'bury' then format('dead letter after attempt %s: %s', v_run.attempt, p_error)
            end
    where id = v_node.id;
    return 'closed';
end
$$;
