-- Dead letters: ticks that were given up, with every cause, for a person to judge.
create table dead_letters (
    id bigint generated always as identity primary key,
    node_id bigint constraint dead_letters_node_id_fkey references nodes on delete set null,
    source text not null,
    tick timestamptz not null,
    causes jsonb not null,
    params jsonb not null,
    checkpoint jsonb,
    state text not null default 'open'
        constraint dead_letters_state_known check (state in ('open', 'retried', 'discarded')),
    count integer not null default 1 constraint dead_letters_count_positive check (count > 0),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    redriven_run_id bigint constraint dead_letters_redriven_run_id_fkey references scrape_runs on delete set null
);
create unique index dead_letters_one_open_per_node on dead_letters (node_id) where state = 'open';
