-- Old rows leave these tables a few thousand at a time, all at the same end. With the server's own rule a fifth of a
-- table would have to die before its space is taken back, and each look at the oldest rows would walk over the dead.
alter table run_logs set (autovacuum_vacuum_scale_factor = 0.02);
alter table run_pages set (autovacuum_vacuum_scale_factor = 0.02);
alter table memory_samples set (autovacuum_vacuum_scale_factor = 0.02);
alter table scrape_runs set (autovacuum_vacuum_scale_factor = 0.02);
