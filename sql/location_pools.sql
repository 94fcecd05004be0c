-- Statements on pools of places.

-- name: list_location_pools
-- Every pool with the names of the nodes that walk it.
select p.name, p.country, p.places, p.proxy_pool, p.created_at,
       array(select n.name from nodes n where n.location_pool = p.name order by n.name) as nodes
from location_pools p
order by p.name;

-- name: get_location_pool
-- One pool.
select * from location_pools where name = %(pool)s;

-- name: add_location_pool
-- A new pool, or other places for one that is there; what is not named stays.
insert into location_pools as p (name, country, places, proxy_pool)
values (%(pool)s, %(country)s, %(places)s, %(proxy_pool)s)
on conflict (name) do update
set places = excluded.places, country = coalesce(excluded.country, p.country),
    proxy_pool = coalesce(excluded.proxy_pool, p.proxy_pool)
returning (xmax = 0) as is_new;

-- name: remove_location_pool
-- Forgets a pool that no node walks.
delete from location_pools p
where p.name = %(pool)s and not exists (select from nodes n where n.location_pool = p.name)
returning p.name;
