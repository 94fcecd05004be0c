-- What people have been told of the things that only rows tell: each happening once, by whichever supervisor is first.
create table alerts_told (
    kind text not null,
    subject text not null,                -- a host, or the name of a node
    happened_at timestamptz not null,     -- when the breaker opened, since when the node waits
    told_at timestamptz not null default clock_timestamp(),
    constraint alerts_told_pkey primary key (kind, subject, happened_at)
);
