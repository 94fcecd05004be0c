-- Statements of `supervisor chaos`, on its own throw-away database.

-- name: take_lease
-- Takes a lease that has run out, unless somebody is deciding about it: a claim without its run.
update scrape_leases
set lease_owner = gen_random_uuid(), epoch = nextval('lease_epochs'), updated_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where source in (select source from scrape_leases where source = %(source)s and lease_until <= clock_timestamp()
                 for no key update skip locked)
returning epoch;

-- name: open_lease
-- A lease that has run out already.
select try_acquire_scrape_lease(%(source)s, gen_random_uuid(), 0);

-- name: pass_fence
-- The fence of every page: an error of SQLSTATE SW001 when the lease has passed on.
select hold_fence(%(source)s, %(epoch)s);

-- name: open_register
-- A register in place of a checkpoint: it counts its writes, and those of an epoch below one that has written before.
insert into checkpoints (node_id, state, epoch, config_version)
values (%(node_id)s, '{"writes": 0, "stale": 0}', 0, 0);

-- name: write_register
-- One write; the row's lock puts the writes into an order.
update checkpoints
set epoch = %(epoch)s, state = jsonb_build_object(
    'writes', (state ->> 'writes')::integer + 1,
    'stale', (state ->> 'stale')::integer + (epoch > %(epoch)s)::integer)
where node_id = %(node_id)s;

-- name: read_register
-- Writes so far, and the stale ones among them.
select (state ->> 'writes')::integer as writes, (state ->> 'stale')::integer as stale
from checkpoints where node_id = %(node_id)s;

-- name: read_lease
-- When a lease ends.
select epoch, lease_until, clock_timestamp() as now_at from scrape_leases where source = %(source)s;

-- name: read_letters
-- Dead letters of a node, oldest first.
select * from dead_letters where source = %(source)s order by id;

-- name: list_urls
-- Addresses of the jobs that a source stored.
select url from jobs where source = %(source)s order by url;
