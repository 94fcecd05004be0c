-- Statements on supervisors.

-- name: register
-- Says who this supervisor is; and asks since when the server is awake, so that a restart is noted.
insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, version)
values (%(id)s, %(host)s, %(boot_id)s, %(pid_ns)s, %(pid)s, %(start_ticks)s, %(version)s)
returning started_at, awake_since() as database_awake_since;

-- name: see
-- Says that it still lives, what memory it sees and what it takes itself; and asks, so that a restart of the server is
-- noted soon.
update supervisors
set seen_at = clock_timestamp(), memory_available_mb = %(available_mb)s, memory_limit_mb = %(limit_mb)s,
    memory_reserved_mb = %(reserved_mb)s, memory_source = %(source)s, fds = %(fds)s, threads = %(threads)s,
    rss_mb = %(rss_mb)s
where id = %(id)s and awake_since() is not null;

-- name: leave
-- Says that it ended in good order.
update supervisors set stopped_at = clock_timestamp(), seen_at = clock_timestamp() where id = %(id)s;

-- name: list_supervisors
-- Supervisors seen lately, newest first.
select *, extract(epoch from clock_timestamp() - seen_at)::double precision as seen_age_s
from supervisors where stopped_at is null and seen_at > clock_timestamp() - interval '1 day'
order by seen_at desc;

-- name: dead_candidates
-- Supervisors of this boot and namespace that have not said goodbye.
select id, pid, start_ticks from supervisors
where stopped_at is null and boot_id = %(boot_id)s and pid_ns = %(pid_ns)s and id <> %(id)s;

-- name: clock
-- The database's clock and version.
select clock_timestamp() as now_at, current_setting('server_version_num')::int as version_num,
       pg_postmaster_start_time() as started_at;
