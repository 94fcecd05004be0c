-- Proxies: pools of them, what they are worth, and who used which.
create table proxies (
    id bigint generated always as identity primary key,
    pool text not null
        constraint proxies_pool_printable check (pool ~ '\S' and length(pool) <= 200 and pool !~ '[[:cntrl:]]'),
    -- With ${NAME} where a secret belongs: it is filled in by the process that needs it, and never stored.
    url text not null
        constraint proxies_url_http check (url ~ '^https?://[^[:space:]/?#]+/?$' and length(url) <= 2000),
    enabled boolean not null default true,
    quarantined_until timestamptz,
    failures integer not null default 0  -- quarantines in a row; a run that ends well ends the row
        constraint proxies_failures_not_negative check (failures >= 0),
    last_used_at timestamptz,
    checked_at timestamptz,              -- the last good check; null: checked before it is used again
    checked_host text,                   -- the machine that made it: only that one trusts it
    latency_ms integer,
    exit_address text,
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    constraint proxies_pool_url_key unique (pool, url),
    -- One row with an infinite time would make the whole table unreadable for every client with a calendar.
    constraint proxies_times_readable check (
        least(quarantined_until, last_used_at, checked_at, created_at) >= '1970-01-01 00:00:00+00'
        and greatest(quarantined_until, last_used_at, checked_at, created_at) < '9000-01-01 00:00:00+00')
) with (fillfactor = 70);

-- The proxy that a run went through.
alter table scrape_runs
    add column proxy_id bigint constraint scrape_runs_proxy_id_fkey references proxies on delete set null;
create index scrape_runs_proxy_idx on scrape_runs (proxy_id) where proxy_id is not null;

-- What the world sees of each machine without a proxy: none is asked more often than `proxies.recheck_s` says.
create table own_addresses (
    host text primary key,
    addresses text[] not null
        constraint own_addresses_not_empty check (cardinality(addresses) > 0),
    seen_at timestamptz not null default clock_timestamp()
);

-- Another address is another proxy: nothing that was found out about the old one counts.
create function proxies_before_update() returns trigger language plpgsql as $$
begin
    new.quarantined_until := null;
    new.failures := 0;
    new.checked_at := null;
    new.checked_host := null;
    new.latency_ms := null;
    new.exit_address := null;
    new.last_error := null;
    return new;
end
$$;
create trigger proxies_before_update before update of url on proxies
    for each row when (new.url is distinct from old.url) execute function proxies_before_update();

-- Hands the proxy of a pool that was used longest ago to a run: the next one for each run, and for each attempt.
-- No id: none may be used now; `known` are enabled, the first of them is free in wait_s seconds.
create function take_proxy(
    p_run_id bigint, p_epoch bigint, p_pool text, p_recheck_s double precision,
    out id bigint, out url text, out exit_address text, out is_fresh boolean, out own_addresses text[],
    out known integer, out wait_s double precision)
language plpgsql
as $$
#variable_conflict use_column
declare
    v_host text;
    v_proxy proxies;
begin
    perform set_config('lock_timeout', '1s', true);
    -- The run before the proxy, as in the trigger at its end.
    select r.host into v_host from scrape_runs r
    where r.id = p_run_id and r.epoch = p_epoch and r.finished_at is null
    for no key update;
    if not found then
        raise exception 'run % may not take a proxy any more', p_run_id using errcode = 'SW001';
    end if;
    -- One at a time: whoever waits for a row that another has just taken would get it too, as the oldest it once was.
    perform pg_advisory_xact_lock(hashtextextended('scrapewarden proxies ' || p_pool, 0));
    select * into v_proxy from proxies p
    where p.pool = p_pool and p.enabled and coalesce(p.quarantined_until, '-infinity') <= clock_timestamp()
    order by p.last_used_at nulls first, p.id
    limit 1
    for no key update skip locked;
    if not found then  -- the only one may be held for a moment by somebody who notes something about it
        select * into v_proxy from proxies p
        where p.pool = p_pool and p.enabled and coalesce(p.quarantined_until, '-infinity') <= clock_timestamp()
        order by p.last_used_at nulls first, p.id
        limit 1
        for no key update;
    end if;
    select count(*), extract(epoch from min(p.quarantined_until) - clock_timestamp()) into known, wait_s
    from proxies p where p.pool = p_pool and p.enabled;
    if v_proxy.id is null then
        return;
    end if;
    id := v_proxy.id;
    url := v_proxy.url;
    exit_address := v_proxy.exit_address;
    is_fresh := coalesce(v_proxy.checked_at > clock_timestamp() - make_interval(secs => p_recheck_s)
                         and v_proxy.checked_host = v_host, false);
    select o.addresses into own_addresses from own_addresses o
    where o.host = v_host and o.seen_at > clock_timestamp() - make_interval(secs => p_recheck_s);
    update scrape_runs r set proxy_id = v_proxy.id where r.id = p_run_id;
    update proxies p set last_used_at = clock_timestamp() where p.id = v_proxy.id;
end
$$;

-- Sets a proxy aside for 60 s, 120 s and so on up to 30 min. One that is aside already stays so for as long as it was to.
create function quarantine_proxy(p_proxy_id bigint, p_error text) returns timestamptz language sql as $$
    update proxies
    set last_error = left(p_error, 1000),
        failures = failures + case when quarantined_until > clock_timestamp() then 0 else 1 end,
        quarantined_until = case
            when quarantined_until > clock_timestamp() then quarantined_until
            else clock_timestamp() + make_interval(secs => least(60 * 2 ^ least(failures, 10), 1800)) end
    where id = p_proxy_id
    returning quarantined_until
$$;

-- Writes down what a check or a use of a proxy has shown. No error: it is good; only a person's check ends its
-- quarantine, too, since a site that refuses its address is not what a check asks.
create function note_proxy(
    p_proxy_id bigint, p_host text, p_error text, p_latency_ms integer, p_exit_address text, p_own_addresses text[],
    p_forgive boolean) returns timestamptz
language plpgsql
as $$
begin
    perform set_config('lock_timeout', '1s', true);
    if p_own_addresses is not null then
        insert into own_addresses as o (host, addresses) values (p_host, p_own_addresses)
        on conflict (host) do update set addresses = excluded.addresses, seen_at = clock_timestamp();
    end if;
    if p_error is not null then
        update proxies set checked_at = null where id = p_proxy_id;
        return quarantine_proxy(p_proxy_id, p_error);
    end if;
    update proxies
    set checked_at = clock_timestamp(), checked_host = p_host, latency_ms = p_latency_ms,
        exit_address = p_exit_address,
        failures = case when p_forgive then 0 else failures end,
        quarantined_until = case when p_forgive then null else quarantined_until end,
        last_error = case when p_forgive or failures = 0 then null else last_error end
    where id = p_proxy_id;
    return null;
end
$$;

-- What the end of a run says about its proxy, whoever closes it: a site that refused it refused the proxy's address.
-- (Refusals of robots.txt and of breakers have no status.) A row that somebody holds is passed over: no run stays open
-- for its sake.
create function note_proxy_of_run() returns trigger language plpgsql as $$
begin
    perform from proxies where id = new.proxy_id for no key update skip locked;
    if not found then
        return null;
    end if;
    if new.status = 'ok' then
        update proxies set failures = 0, last_error = null
        where id = new.proxy_id and failures > 0 and coalesce(quarantined_until, '-infinity') <= clock_timestamp();
    elsif exists (select from run_pages where run_id = new.id and status = 'blocked' and http_status is not null) then
        perform quarantine_proxy(new.proxy_id, format('run %s was blocked: %s', new.id, new.error));
    end if;
    return null;
end
$$;
create trigger scrape_runs_note_proxy after update of finished_at on scrape_runs
    for each row when (new.proxy_id is not null and (new.cause = 'blocked' or new.status = 'ok'))
    execute function note_proxy_of_run();
