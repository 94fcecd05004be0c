-- The loop's own notes in nodes can only be such as the loop writes: a row with others could never be run, nor refused
-- with a reason, and failed at every look.
update nodes
set open_tick = null, open_attempt = null, open_part = null, retry_at = null
where open_attempt < 1 or open_part < 0;
update nodes set idle_parts = 0 where idle_parts < 0;
update nodes
set waiting_tick = null, waiting_cause = null
where waiting_cause not in ('lease_held', 'breaker_open', 'no_memory', 'no_slot', 'too_big', 'still_running', 'missed');

alter table nodes
    add constraint nodes_open_tick_counted check (open_attempt >= 1 and open_part >= 0),
    add constraint nodes_idle_parts_not_negative check (idle_parts >= 0),
    -- What a tick waited for becomes the cause of its skipped row: the same words as in scrape_runs_status_cause.
    add constraint nodes_waiting_cause_known check (
        waiting_cause in ('lease_held', 'breaker_open', 'no_memory', 'no_slot', 'too_big', 'still_running', 'missed'));
