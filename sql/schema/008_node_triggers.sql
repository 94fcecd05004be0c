-- What must follow when anyone changes a node row, whoever it is.
create function nodes_before_write() returns trigger language plpgsql as $$
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
        delete from checkpoints where node_id = old.id;
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
        new.memory_mb, new.data_limit, new.max_attempts, new.gap_s, new.gap_jitter_s, new.proxy_pool, new.enabled,
        new.stop_requested)
        is distinct from
       (old.scraper, old.params, old.schedule, old.timezone, old.jitter_s, old.priority, old.timeout_s, old.stall_s,
        old.memory_mb, old.data_limit, old.max_attempts, old.gap_s, old.gap_jitter_s, old.proxy_pool, old.enabled,
        old.stop_requested) then
        new.updated_at := clock_timestamp();
        if new.status = 'paused' and old.status = 'paused' then
            -- Read again when the row changes; the ticks of the pause are not owed.
            new.status := 'idle';
            new.status_reason := null;
            new.schedule_since := clock_timestamp();
            new.next_run_at := null;
        end if;
    end if;
    return new;
end
$$;
create trigger nodes_before_write before insert or update on nodes
for each row execute function nodes_before_write();

create function nodes_before_delete() returns trigger language plpgsql as $$
begin
    if exists (select from scrape_runs where node_id = old.id and finished_at is null) then
        raise exception 'node % is running: set stop_requested and delete it when it has stopped', old.name
            using errcode = 'check_violation', constraint = 'nodes_not_running_when_deleted';
    end if;
    return old;
end
$$;
create trigger nodes_before_delete before delete on nodes
for each row execute function nodes_before_delete();

-- NOTIFY serialises commits, so only what a person changes raises it; it is a hint, the poll is the backstop.
create function nodes_notify() returns trigger language plpgsql as $$
begin
    perform pg_notify('scrapewarden', new.name);
    return null;
end
$$;
create trigger nodes_notify_insert after insert on nodes
for each row execute function nodes_notify();
create trigger nodes_notify_update after update on nodes
for each row when (
    (new.stop_requested, new.kill_requested, new.enabled, new.schedule, new.timezone, new.scraper, new.params)
        is distinct from
    (old.stop_requested, old.kill_requested, old.enabled, old.schedule, old.timezone, old.scraper, old.params)
    or (new.run_requested and not old.run_requested))
execute function nodes_notify();
