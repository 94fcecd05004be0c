-- Statements on proxies, for people.

-- name: list_proxies
-- Every proxy, or those of one pool, with what its columns mean now.
select id, pool, url,
       case
           when not enabled then 'disabled'
           when quarantined_until > clock_timestamp() then 'quarantined'
           when checked_at is null then 'unchecked'
           else 'ok' end as state,
       quarantined_until, failures, latency_ms, exit_address, last_used_at, checked_at, checked_host, last_error,
       enabled, created_at
from proxies
where %(pool)s::text is null or pool = %(pool)s
order by pool, id;

-- name: add_proxy
-- One more proxy of a pool; no row: it is there already.
insert into proxies (pool, url) values (%(pool)s, %(url)s) on conflict (pool, url) do nothing returning id;

-- name: note_proxy
-- Writes down what a check that a person asked for has shown.
select note_proxy(%(proxy_id)s, %(host)s, %(error)s, %(latency_ms)s, %(exit_address)s, %(own_addresses)s, true)
           as quarantined_until;

-- name: enable_proxy
-- Lets a proxy be taken again, at once.
update proxies set enabled = true, quarantined_until = null where id = %(id)s returning id;

-- name: disable_proxy
-- Takes a proxy out of use; what is known of it stays.
update proxies set enabled = false where id = %(id)s returning id;

-- name: remove_proxy
-- Forgets a proxy; its runs stay.
delete from proxies where id = %(id)s returning id;

-- name: nodes_of_pool
-- Names of the nodes that go through a pool.
select n.name from nodes n left join location_pools l on l.name = n.location_pool
where coalesce(n.proxy_pool, l.proxy_pool) = %(pool)s
order by n.name;

-- name: nodes_without_proxy
-- Names of nodes that go through a pool without a proxy that is enabled: they cannot run.
select n.name from nodes n left join location_pools l on l.name = n.location_pool
where n.enabled and coalesce(n.proxy_pool, l.proxy_pool) is not null
    and not exists (select from proxies p where p.pool = coalesce(n.proxy_pool, l.proxy_pool) and p.enabled)
order by n.name;
