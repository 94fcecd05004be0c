-- Leases: the right to run a node, or anything else a caller wants to do alone.
-- One sequence for all epochs, so that a removed and re-added node can never meet an old epoch again.
create sequence lease_epochs;

-- Rows are never deleted. Not indexed on lease_until, on purpose: renewals stay HOT updates.
create table scrape_leases (
    source text primary key,
    lease_owner uuid not null,
    -- Infinity, the obvious way to hold a lease for ever, is a time that many clients cannot read.
    lease_until timestamptz not null
        constraint scrape_leases_until_readable
        check (lease_until >= '1970-01-01 00:00:00+00' and lease_until < '9000-01-01 00:00:00+00'),
    updated_at timestamptz not null default clock_timestamp(),
    epoch bigint not null default nextval('lease_epochs')
) with (fillfactor = 70);

-- Judges by expiry alone. The present owner keeps its epoch; anyone else raises it by taking over.
-- clock_timestamp(), not now(): the answer must hold after a wait for the row lock.
create function try_acquire_scrape_lease(p_source text, p_owner uuid, p_ttl_seconds int)
returns boolean
language plpgsql
as $$
declare
    v_held boolean;
begin
    insert into scrape_leases as l (source, lease_owner, lease_until, updated_at)
    values (p_source, p_owner, clock_timestamp() + make_interval(secs => p_ttl_seconds), clock_timestamp())
    on conflict (source) do update
    set lease_owner = p_owner,
        lease_until = clock_timestamp() + make_interval(secs => p_ttl_seconds),
        updated_at = clock_timestamp(),
        epoch = case when l.lease_owner = p_owner then l.epoch else nextval('lease_epochs') end
    where l.lease_owner = p_owner or l.lease_until <= clock_timestamp()
    returning true into v_held;
    return coalesce(v_held, false);
end
$$;
