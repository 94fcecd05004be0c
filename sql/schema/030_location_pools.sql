-- Pools of places that a node's {location} walks through.
create function are_places(p_places text[]) returns boolean language sql immutable as $$
    select count(*) between 1 and 10000 and count(*) = cardinality(p_places)
           and bool_and(place is not null and place ~ '\S' and length(place) <= 200 and place !~ '[[:cntrl:]]')
    from unnest(p_places) place
$$;

create table location_pools (
    name text primary key
        constraint location_pools_name_printable check (name ~ '\S' and length(name) <= 200 and name !~ '[[:cntrl:]]'),
    country text
        constraint location_pools_country_iso check (country ~ '^[A-Z]{2}$'),
    -- 1 to 10,000 texts of at most 200 characters: a run carries them all.
    places text[] not null
        constraint location_pools_places_printable check (are_places(places)),
    -- For nodes that name no proxies of their own.
    proxy_pool text
        constraint location_pools_proxy_pool_printable check (
            proxy_pool ~ '\S' and length(proxy_pool) <= 200 and proxy_pool !~ '[[:cntrl:]]'),
    created_at timestamptz not null default clock_timestamp()
        constraint location_pools_created_readable check (
            created_at >= '1970-01-01 00:00:00+00' and created_at < '9000-01-01 00:00:00+00')
);

-- A pool that is not there is refused where the node is written; one that is in use cannot go.
alter table nodes
    add column location_pool text
        constraint nodes_location_pool_fkey references location_pools on update cascade;
create index nodes_location_pool_idx on nodes (location_pool) where location_pool is not null;

-- The trigger of 019: another pool is another crawl, so that its checkpoint does not count.
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
    if (new.scraper, new.params, new.location_pool) is distinct from (old.scraper, old.params, old.location_pool) then
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
        new.memory_mb, new.data_limit, new.max_attempts, new.gap_s, new.gap_jitter_s, new.proxy_pool, new.location_pool,
        new.pause_after, new.enabled, new.stop_requested)
        is distinct from
       (old.scraper, old.params, old.schedule, old.timezone, old.jitter_s, old.priority, old.timeout_s, old.stall_s,
        old.memory_mb, old.data_limit, old.max_attempts, old.gap_s, old.gap_jitter_s, old.proxy_pool, old.location_pool,
        old.pause_after, old.enabled, old.stop_requested) then
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
