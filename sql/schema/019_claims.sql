-- Claims and ends that know of breakers and dead letters. The functions of 009 and 010, and the trigger of 008, as they
-- are from here on.

create or replace function nodes_before_write() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.stop_requested := new.stop_requested or new.kill_requested;
        return new;
    end if;
    if new.name is distinct from old.name then
        raise exception 'node % cannot be renamed: its name is the key of its lease; add a new node instead', old.name
            using errcode = 'check_violation', constraint = 'nodes_name_immutable';
    end if;
    if new.kill_requested and not old.kill_requested then
        new.stop_requested := true;
    end if;
    if (new.scraper, new.params) is distinct from (old.scraper, old.params) then
        new.config_version := old.config_version + 1;
        new.entry_host := null;  -- whom it asks first from here on, nobody knows yet
        delete from checkpoints where node_id = old.id;
    end if;
    if old.status = 'paused' and new.status <> 'paused' then
        new.schedule_since := clock_timestamp();  -- the ticks of the pause are not owed
        new.next_run_at := null;
        if new.status not in ('starting', 'waiting') then
            new.dead_in_a_row := 0;  -- a person has looked at it; who only asked for one run has not let it go on
        end if;
    end if;
    -- A new schedule, or an end of silence, starts counting ticks afresh: none is owed for the time before.
    if (new.schedule, new.timezone, new.enabled, new.stop_requested)
        is distinct from (old.schedule, old.timezone, old.enabled, old.stop_requested) then
        new.schedule_since := clock_timestamp();
        new.next_run_at := null;
        new.waiting_tick := null;
        new.waiting_cause := null;
    end if;
    if (new.scraper, new.params, new.schedule, new.timezone, new.jitter_s, new.priority, new.timeout_s, new.stall_s,
        new.memory_mb, new.data_limit, new.max_attempts, new.gap_s, new.gap_jitter_s, new.proxy_pool, new.pause_after,
        new.enabled, new.stop_requested)
        is distinct from
       (old.scraper, old.params, old.schedule, old.timezone, old.jitter_s, old.priority, old.timeout_s, old.stall_s,
        old.memory_mb, old.data_limit, old.max_attempts, old.gap_s, old.gap_jitter_s, old.proxy_pool, old.pause_after,
        old.enabled, old.stop_requested) then
        new.updated_at := clock_timestamp();
        if new.status = 'paused' and old.status = 'paused' then
            -- Read again when the row changes; the ticks of the pause are not owed.
            new.status := 'idle';
            new.status_reason := null;
            new.dead_in_a_row := 0;
            new.schedule_since := clock_timestamp();
            new.next_run_at := null;
        end if;
    end if;
    return new;
end
$$;

create or replace function claim_run(
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
    v_letter dead_letters;
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
        if clock_timestamp() < awake_since() + make_interval(secs => p_lease_s) then
            verdict := 'grace';
            return;
        end if;
        if close_lost_run(v_open.id, p_max_attempts) not in ('closed', 'buried', 'paused') then
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
    perform set_config('lock_timeout', '1s', true);
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
    if v_kind = 'requested' and v_node.redrive_id is not null then
        -- Its letter's retry: from where the letter's tick had got to, if that still means the same.
        select * into v_letter from dead_letters d where d.id = v_node.redrive_id for no key update skip locked;
        if not found and exists (select from dead_letters d where d.id = v_node.redrive_id) then
            verdict := 'busy';  -- a person holds it, and its first run will be noted in it
            return;
        end if;
        if v_letter.id is not null then
            delete from checkpoints c where c.node_id = p_node_id;
        end if;
        if (v_letter.scraper, v_letter.params) = (v_node.scraper, v_node.params) then
            checkpoint := v_letter.checkpoint;
        end if;
    else
        select c.state into checkpoint from checkpoints c where c.node_id = p_node_id and c.config_version = v_config;
        if v_kind = 'continued' then
            v_letter.id := (select r.dead_letter_id from scrape_runs r
                            where r.node_id = p_node_id and r.tick = v_node.open_tick limit 1);
        end if;
    end if;

    update scrape_leases l
    set lease_owner = p_owner, epoch = nextval('lease_epochs'), updated_at = clock_timestamp(),
        lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
    where l.source = v_node.name
    returning l.epoch into epoch;
    insert into scrape_runs as r (node_id, source, supervisor_id, owner, epoch, tick, attempt, part, params, status,
                             budget_mb, budget_source, host, boot_id, pid_ns, timeout_s, config_version,
                             start_checkpoint, memory_domain, dead_letter_id, scraper)
    values (p_node_id, v_node.name, p_supervisor_id, p_owner, epoch, tick, attempt, part, v_node.params, 'starting',
            p_budget_mb, p_budget_source, p_host, p_boot_id, p_pid_ns, v_node.timeout_s, v_config, checkpoint,
            p_memory_domain, v_letter.id, v_node.scraper)
    on conflict do nothing
    returning r.id into run_id;
    if run_id is null then
        raise exception 'tick % of node % has been claimed before', tick, v_node.name using errcode = 'SW002';
    end if;
    if v_kind = 'requested' and v_letter.id is not null then
        update dead_letters d set redriven_run_id = run_id, updated_at = clock_timestamp() where d.id = v_letter.id;
        -- For a part that is recycled before it has set a checkpoint of its own.
        insert into checkpoints (node_id, state, epoch, config_version)
        select p_node_id, claim_run.checkpoint, claim_run.epoch, v_config where claim_run.checkpoint is not null;
    end if;
    update nodes
    set status = 'starting', status_reason = null, retry_at = null, waiting_tick = null, waiting_cause = null,
        waiting_since = null,
        open_tick = claim_run.tick, open_attempt = claim_run.attempt, open_part = claim_run.part,
        idle_parts = case v_kind when 'continued' then idle_parts else 0 end,
        run_requested = case v_kind when 'requested' then false else run_requested end,
        redrive_id = case v_kind when 'requested' then null else redrive_id end,
        next_run_at = case v_kind when 'scheduled' then p_next_run_at else next_run_at end
    where id = p_node_id;
    verdict := 'claimed';
    scraper := v_node.scraper;
    params := v_node.params;
    now_at := clock_timestamp();
end
$$;

-- p_next says what follows: end (the tick is over), part, retry, bury, stop.
-- Answers: closed; buried (closed, and its tick is a dead letter now); paused (buried, and its node was set aside); already
-- (by the same end); outcome (the child left a verdict that the caller has not seen); gone (no open run with that epoch).
create or replace function close_run(
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
    v_dead integer;
    v_pause boolean;
begin
    -- A person may hold the node's row in an open transaction: settling is tried again every second, and in between the
    -- loop goes on. We ourselves hold it for milliseconds.
    perform set_config('lock_timeout', '200ms', true);
    select * into v_run from scrape_runs where id = p_run_id;
    if not found then
        return 'gone';
    end if;
    select * into v_node from nodes where id = v_run.node_id for no key update;
    perform set_config('lock_timeout', '1s', true);
    -- Waits for a page of this run that is being committed; then nothing can change under us.
    perform from scrape_leases where source = v_run.source for update;
    select * into v_run from scrape_runs where id = p_run_id for no key update;
    if v_run.finished_at is not null then
        return case
            when v_run.epoch is distinct from p_epoch or v_run.cause is distinct from p_cause then 'gone'
            -- The answer was lost, and with it that somebody has to be told.
            when exists (select from dead_letters d where d.node_id = v_run.node_id and d.tick = v_run.tick
                         and d.state = 'open' and (d.causes -> -1 ->> 'run_id')::bigint = p_run_id)
                then case v_node.status when 'paused' then 'paused' else 'buried' end
            else 'already' end;
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
    v_dead := case when v_next = 'bury' then v_node.dead_in_a_row + 1
                   when p_status = 'ok' and p_cause = 'done' then 0
                   else v_node.dead_in_a_row end;
    v_pause := v_next = 'bury' and coalesce(v_dead >= v_node.pause_after, false)
               and not (v_node.stop_requested or v_node.kill_requested);
    if v_next = 'bury' or (p_status = 'ok' and p_cause = 'done') then
        delete from checkpoints where node_id = v_node.id;
    end if;

    update nodes
    set open_tick = case when v_next in ('part', 'retry') then v_run.tick end,
        open_attempt = case v_next when 'part' then v_run.attempt when 'retry' then v_run.attempt + 1 end,
        open_part = case v_next when 'part' then v_run.part + 1 when 'retry' then 0 end,
        idle_parts = case v_next when 'part' then v_idle else 0 end,
        dead_in_a_row = v_dead,
        -- Where it will meet an open breaker first, or where it has just met one.
        entry_host = case when v_run.config_version = config_version
            then coalesce(v_run.outcome ->> 'breaker_host', v_run.outcome ->> 'host', entry_host) else entry_host end,
        retry_at = case v_next
            when 'part' then clock_timestamp()
            when 'retry' then clock_timestamp() + make_interval(secs => p_retry_s) end,
        next_run_at = case when v_pause then null else next_run_at end,
        stop_requested = stop_requested or kill_requested,
        kill_requested = false,
        status = case
            when stop_requested or kill_requested then 'stopped'
            when v_pause then 'paused'
            when v_next in ('part', 'retry') then 'waiting'
            else 'idle' end,
        status_reason = case
            when stop_requested or kill_requested then 'stopped on request'
            when v_pause then format('paused after %s dead letters in a row, the last: %s; mend it, then '
                                     '`supervisor start %s`', v_dead, p_error, v_node.name)
            when v_next = 'retry' then format('attempt %s of %s at %s', v_run.attempt + 1, p_max_attempts,
                to_char((clock_timestamp() + make_interval(secs => p_retry_s)) at time zone 'UTC', 'HH24:MI:SS'))
            when v_next = 'part' then format('part %s of attempt %s follows (%s)', v_run.part + 1, v_run.attempt,
                                             p_cause)
            when v_next = 'bury' then format('dead letter after attempt %s: %s', v_run.attempt, p_error)
            end
    where id = v_node.id;
    return case when v_pause then 'paused' when v_next = 'bury' then 'buried' else 'closed' end;
end
$$;

-- Closes a run whose holder is gone: expired lease, or an owner proven dead. The child's own verdict, if it left
-- one, counts; otherwise the run is lost, which spends no attempt.
create or replace function close_lost_run(p_run_id bigint, p_max_attempts integer, p_sentence text default null)
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
    -- A retry needs no delay of its own: finding out that nobody holds the run took long enough. A host that asked to
    -- be left alone is.
    return close_run(
        p_run_id, v_run.epoch, v_own ->> 'status', v_own ->> 'cause', v_own ->> 'error', v_own ->> 'traceback',
        case v_own ->> 'status' when 'stopped' then 'soft' else 'self' end, null, null,
        (v_own ->> 'peak_rss_mb')::double precision, (v_own ->> 'cpu_s')::double precision,
        case when v_own ->> 'cause' in ('recycled', 'shutdown', 'lost', 'fenced')
                  or (v_own ->> 'cause' = 'blocked' and v_own ->> 'breaker_host' is not null) then 'part'
             when v_own ->> 'cause' = 'requested' then 'stop'
             when v_own ->> 'status' = 'ok' then 'end'
             when v_run.attempt >= p_max_attempts or v_own ->> 'retriable' = 'false' then 'bury'
             else 'retry' end,
        least(coalesce((v_own ->> 'wait_s')::double precision, 0), 1800), p_max_attempts, true);
end
$$;

-- A session that waits for its run looks up ahead what its first statements need, in one statement.
create or replace function rehearse_run() returns void language plpgsql as $$
begin
    update scrape_runs r set status = r.status from scrape_leases l, nodes n
    where r.id = -1 and l.source = r.source and n.id = r.node_id;
    perform to_tsvector('english', 'rehearsal');
    perform ask_host(-1, '', null, 0, 0, 0, 0, 0);
    begin
        perform commit_page(-1, -1, 1, '[]', 0, 0, null, null, null, null, null, '[]');
    exception when sqlstate 'SW001' then
        null;
    end;
    begin
        perform finish_run(-1, -1, '{}', '[]');
    exception when sqlstate 'SW001' then
        null;
    end;
end
$$;
