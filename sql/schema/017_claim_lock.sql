-- Two supervisors of one container that claim at once wait for each other's look at the memory. The short patience with
-- which a first lease is inserted is not meant for that: under load their turn takes longer.
do $$
begin
    execute replace(pg_get_functiondef('claim_run'::regproc), 'perform pg_advisory_xact_lock(',
                    E'perform set_config(''lock_timeout'', ''1s'', true);\n    perform pg_advisory_xact_lock(');
end
$$;
