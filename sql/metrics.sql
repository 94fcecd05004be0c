-- The metrics views, and the same for another interval than a day; what their columns mean stands in docs/metrics.md.

-- name: read_now
-- How things stand: nodes, queue depth, what is being done, what waits for a person.
select * from metrics_now;

-- name: read_overall
-- What ended within the last so many seconds.
select * from metrics_overall(make_interval(secs => %(since_s)s));

-- name: read_by_node
-- The same for each node, or one of them; those with most failures first.
select * from metrics_by_node(make_interval(secs => %(since_s)s))
where %(node)s::text is null or node = %(node)s;

-- name: read_by_cause
-- The same for each cause, the most frequent first.
select * from metrics_by_cause(make_interval(secs => %(since_s)s));

-- name: read_supervisors
-- What each living supervisor sees, has promised and takes itself.
select * from metrics_supervisors;
