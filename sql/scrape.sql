-- Statements of a scrape child; each is one round trip.

-- name: begin_run
-- Writes the identity of the process into its row and says whether it may work; no row: end at once.
update scrape_runs r
set status = 'running', pid = %(pid)s, start_ticks = %(start_ticks)s, boot_id = %(boot_id)s, pid_ns = %(pid_ns)s,
    heartbeat_at = clock_timestamp(), progress_at = clock_timestamp()
from scrape_leases l
where r.id = %(run_id)s and r.epoch = %(epoch)s and r.finished_at is null
  and (r.status = 'starting' or r.pid = %(pid)s)
  and l.source = r.source and l.epoch = r.epoch and l.lease_until > clock_timestamp()
returning r.id;

-- name: beat
-- Says that the process lives, how heavy it is, and how long ago it last made progress.
update scrape_runs
set heartbeat_at = clock_timestamp(),
    progress_at = greatest(progress_at, clock_timestamp() - make_interval(secs => %(idle_s)s)),
    stage = coalesce(%(stage)s, stage), measured_mb = %(rss_mb)s, peak_rss_mb = greatest(peak_rss_mb, %(rss_mb)s)
where id = %(run_id)s and epoch = %(epoch)s and finished_at is null
returning id;

-- name: commit_page
-- Commits one page in one fenced statement.
select * from commit_page(%(run_id)s, %(epoch)s, %(page_no)s, %(jobs)s, %(repeats)s, %(rejected)s, %(checkpoint)s,
                          %(stage)s, %(done)s, %(total)s, %(rss_mb)s, %(fetches)s);

-- name: rehearse_run
-- Writes nothing; has a session look up what a run will need.
select rehearse_run();

-- name: finish_run
-- Leaves the scrape's own verdict in its row.
select finish_run(%(run_id)s, %(epoch)s, %(outcome)s, %(fetches)s);

-- name: write_logs
-- Appends lines to the log of a run.
insert into run_logs (run_id, at, level, event, message, facts)
select %(run_id)s, x.at, x.level, x.event, x.message, x.facts
from jsonb_to_recordset(%(lines)s) as x (at timestamptz, level text, event text, message text, facts jsonb);
