-- Statements on run_pages.

-- name: list_pages
-- Pages of a run behind an id, in the order in which they were written. Of each status the next are looked up by
-- themselves, as the index holds them; asked for `status =` and `id >`, the planner may walk the whole table by id.
select p.id, p.page_no, p.url, p.status, p.http_status, p.elapsed_ms, p.bytes, p.postings, p.error, p.at
from unnest(%(statuses)s::text[]) wanted (status)
cross join lateral (
    select * from run_pages r
    where r.run_id = %(run_id)s and (r.status, r.id) > (wanted.status, %(after)s::bigint) and r.status <= wanted.status
    order by r.status, r.id limit %(limit)s) p
order by p.id limit %(limit)s;
