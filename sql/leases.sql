-- Statements on scrape_leases.

-- name: renew_leases
-- One statement for all runs of a supervisor.
select * from renew_leases(%(sources)s, %(epochs)s, %(lease_s)s);
