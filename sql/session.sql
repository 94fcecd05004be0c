-- Statements about the connection itself.

-- name: limit_statements
-- No statement of this transaction takes longer; a setting of the session would not survive a pooler.
select set_config('statement_timeout', %(milliseconds)s, true);

-- name: limit_locks
-- No lock is waited for longer in this transaction.
select set_config('lock_timeout', %(milliseconds)s, true);

-- name: peer
-- Who answers, as the server sees it: its own process and the address it listens on; no address on a unix socket.
select pg_backend_pid() as pid, host(inet_server_addr()) as address, inet_server_port() as port;

-- name: limits
-- How many connections this user may have here, and the process that answers.
select least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                 - coalesce(current_setting('reserved_connections', true)::int, 0),
             (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
             (select nullif(datconnlimit, -1) from pg_database where datname = current_database())) as most,
       pg_backend_pid() as pid;

-- name: connections
-- The process that answers, how many more connections this user may have now, and how many of them the running scrapes
-- will still want: two each, and one for the process that waits ready. Each limit counts those whom it binds.
select pg_backend_pid() as pid,
       least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                 - coalesce(current_setting('reserved_connections', true)::int, 0)
                 - count(*) filter (where datid is not null),
             (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)
                 - count(*) filter (where usename = current_user),
             (select nullif(datconnlimit, -1) from pg_database where datname = current_database())
                 - count(*) filter (where datname = current_database())) as free,
       greatest(0, 2 * (select count(*) from scrape_runs where finished_at is null) + 1
                   - count(*) filter (where application_name in ('scrapewarden scrape', 'scrapewarden beat')
                                      and datname = current_database())) as owed
from pg_stat_activity;
