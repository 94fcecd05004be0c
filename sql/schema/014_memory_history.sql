-- What budgets learn from, and how long a node has waited.

-- Peaks of runs that were not cut short, newest first, whatever lies between them.
create index scrape_runs_peaks_idx on scrape_runs (node_id, started_at desc)
    where cause in ('done', 'requested', 'exception') and peak_rss_mb is not null;

-- Since when a node waits; its due tick may be passed over meanwhile, and the wait goes on. It means something only
-- while the node's status is `waiting`.
alter table nodes
    add column waiting_since timestamptz
        constraint nodes_waiting_since_readable
        check (waiting_since >= '1970-01-01 00:00:00+00' and waiting_since < '9000-01-01 00:00:00+00');
