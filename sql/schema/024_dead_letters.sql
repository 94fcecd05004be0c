-- Dead letters that say all they know, and are retried or discarded by whoever can run an UPDATE.

-- The scraper that a run was: a letter tells what died, not what the node has been made into since.
alter table scrape_runs add column scraper text;
-- Which runs retried a letter; nothing of it changes while a run is alive.
create index scrape_runs_dead_letter_idx on scrape_runs (dead_letter_id) where dead_letter_id is not null;

alter table dead_letters
    add column scraper text,
    add column last_at timestamptz not null default clock_timestamp(),  -- of its newest dead tick; created_at: of its first
    add column decided_at timestamptz,                                  -- when it was retried or discarded
    add column earlier jsonb not null default '[]',                     -- its dead ticks before the newest, newest first
    -- The letter whose retry died of these causes.
    add column again_of bigint constraint dead_letters_again_of_fkey references dead_letters on delete set null;
update dead_letters d
set scraper = (select n.scraper from nodes n where n.id = d.node_id), last_at = updated_at,
    decided_at = case when state <> 'open' then updated_at end;
alter table dead_letters
    -- Decided exactly when it has the time of it.
    add constraint dead_letters_decided_has_time check ((state = 'open') = (decided_at is null)),
    -- Only a retry has a run of its own.
    add constraint dead_letters_redriven_was_retried check (redriven_run_id is null or state = 'retried'),
    add constraint dead_letters_lists check (jsonb_typeof(earlier) = 'array' and jsonb_typeof(causes) = 'array'),
    -- People mend checkpoints by hand; a scraper is given an object or nothing.
    add constraint dead_letters_checkpoint_object check (jsonb_typeof(checkpoint) = 'object'),
    -- One row with an infinite time would make the whole table unreadable for every client with a calendar.
    add constraint dead_letters_times_readable check (
        least(tick, created_at, updated_at, last_at, decided_at) >= '1970-01-01 00:00:00+00'
        and greatest(tick, created_at, updated_at, last_at, decided_at) < '9000-01-01 00:00:00+00');
-- Retention deletes runs in thousands; for each the letters are asked.
create index dead_letters_redriven_run_idx on dead_letters (redriven_run_id) where redriven_run_id is not null;

-- Copies what is known of a tick into its node's open dead letter: how its newest run was set up, where it had got to,
-- and what every attempt died of. A letter that was open already keeps the ten dead ticks before in short.
create or replace function bury_tick(p_node_id bigint, p_tick timestamptz) returns void language plpgsql as $$
begin
    -- Who retries this letter at this moment holds its row and waits for the node's, which is held here. This side can
    -- be tried again; it gives way long before the server looks for a deadlock and chooses a victim.
    perform set_config('lock_timeout', '200ms', true);
    insert into dead_letters as d (node_id, source, scraper, tick, causes, params, checkpoint, again_of)
    select n.id, n.name, coalesce(last.scraper, case when n.config_version = last.config_version then n.scraper end),
           p_tick, all_of.causes, last.params, case when jsonb_typeof(c.state) = 'object' then c.state end,
           last.dead_letter_id
    from nodes n
    cross join lateral (
        select r.scraper, r.params, r.config_version, r.dead_letter_id from scrape_runs r
        where r.node_id = n.id and r.tick = p_tick and r.attempt > 0
        order by r.attempt desc, r.part desc limit 1) last
    cross join lateral (
        -- A crawl that was recycled a thousand times: the end of every attempt, and the fifty rows before the last.
        select jsonb_agg(jsonb_build_object(
                   'run_id', r.id, 'attempt', r.attempt, 'part', r.part, 'status', r.status, 'cause', r.cause,
                   'error', r.error, 'ended_by', r.ended_by, 'pages', r.pages_count, 'started_at', r.started_at,
                   'finished_at', r.finished_at) order by r.attempt, r.part) as causes
        from (select s.*, row_number() over (partition by s.attempt order by s.part desc) as back_in_attempt,
                     row_number() over (order by s.attempt desc, s.part desc) as back
              from scrape_runs s where s.node_id = n.id and s.tick = p_tick and s.attempt > 0) r
        where r.back_in_attempt = 1 or r.back <= 50) all_of
    left join checkpoints c on c.node_id = n.id and c.config_version = last.config_version
    where n.id = p_node_id
    on conflict (node_id) where state = 'open' do update
    set tick = excluded.tick, causes = excluded.causes, scraper = excluded.scraper, params = excluded.params,
        checkpoint = excluded.checkpoint, again_of = coalesce(excluded.again_of, d.again_of),
        count = d.count + 1, last_at = clock_timestamp(),
        earlier = (
            select jsonb_agg(e.value order by e.number)
            from jsonb_array_elements(jsonb_build_array(
                jsonb_build_object(
                    'tick', d.tick, 'at', d.last_at, 'run_id', d.causes -> -1 -> 'run_id',
                    'attempt', d.causes -> -1 -> 'attempt', 'cause', d.causes -> -1 -> 'cause',
                    'error', d.causes -> -1 -> 'error', 'checkpoint', d.checkpoint)
                || case when (d.scraper, d.params) is distinct from (excluded.scraper, excluded.params)
                        then jsonb_build_object('scraper', d.scraper, 'params', d.params) else '{}' end)
                || d.earlier) with ordinality as e (value, number)
            where e.number <= 10);
end
$$;

-- `update dead_letters set state = 'retried'` is the whole of a retry, whoever says it: the node is asked for a run that
-- goes on where the letter's tick had got to. A letter is decided once, so of ten at once one asks and nine are told.
create function dead_letters_before_update() returns trigger language plpgsql as $$
declare
    v_node nodes;
begin
    new.updated_at := clock_timestamp();
    if new.state = old.state then
        return new;
    end if;
    if old.state <> 'open' then
        raise exception 'dead letter % was % at % UTC, which is final: ask for a run with `supervisor run-now %`',
            old.id, old.state, to_char(old.decided_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), old.source
            using errcode = 'check_violation', constraint = 'dead_letters_state_is_final';
    end if;
    new.decided_at := clock_timestamp();
    if new.state <> 'retried' then
        return new;
    end if;
    select * into v_node from nodes where id = old.node_id for no key update;
    if not found then
        raise exception 'node % of dead letter % was removed, nobody can retry it: discard the letter',
            old.source, old.id
            using errcode = 'check_violation', constraint = 'dead_letters_node_is_there';
    end if;
    if v_node.redrive_id <> old.id then
        raise exception 'dead letter % of this node is waiting to be retried, letter % has to wait for it: '
                        'see `supervisor dead-letters show %`', v_node.redrive_id, old.id, v_node.redrive_id
            using errcode = 'check_violation', constraint = 'dead_letters_one_retry_at_a_time';
    end if;
    update nodes set run_requested = true, redrive_id = old.id where id = v_node.id;
    return new;
end
$$;
create trigger dead_letters_before_update before update on dead_letters
for each row execute function dead_letters_before_update();
