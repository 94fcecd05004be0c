-- What failures leave at their node: letters in a row, the letter to try again, the host that it asks first.
alter table nodes
    -- Set aside after so many dead letters in a row; null: never.
    add column pause_after integer constraint nodes_pause_after_positive check (pause_after > 0),
    add column dead_in_a_row integer not null default 0
        constraint nodes_dead_in_a_row_not_negative check (dead_in_a_row >= 0),
    -- The dead letter that the next requested run tries again.
    add column redrive_id bigint
        constraint nodes_redrive_id_fkey references dead_letters on delete set null,
    -- The host that its runs ask first: while the breaker of that host is open, the node waits.
    add column entry_host text;

-- From a run to the letter that it tries again; the letter names its first run in redriven_run_id.
alter table scrape_runs
    add column dead_letter_id bigint
        constraint scrape_runs_dead_letter_id_fkey references dead_letters on delete set null;
