-- Statements of a scrape child; each is one round trip.

-- name: begin_run
-- Writes the identity of the process into its row, shows it at its node, unless somebody holds that row, and says whether
-- it may work; no row: end at once. With it comes what is known of kept pages, where they are few, and
-- the places of its pool.
with begun as (
    update scrape_runs r
    set status = 'running', pid = %(pid)s, start_ticks = %(start_ticks)s, boot_id = %(boot_id)s, pid_ns = %(pid_ns)s,
        heartbeat_at = clock_timestamp(), progress_at = clock_timestamp()
    from scrape_leases l
    where r.id = %(run_id)s and r.epoch = %(epoch)s and r.finished_at is null
      and (r.status = 'starting' or r.pid = %(pid)s)
      and l.source = r.source and l.epoch = r.epoch and l.lease_until > clock_timestamp()
    returning r.id, r.node_id
), shown as (
    update nodes set status = 'running', status_reason = null
    where id in (select n.id from nodes n join begun b on b.node_id = n.id for no key update of n skip locked)
      and status = 'starting'
)
select id, case when exists (select from kept_pages k where k.node_id = begun.node_id)
                then kept_validators(node_id, 50) end as kept,
       (select p.places from nodes n join location_pools p on p.name = n.location_pool
        where n.id = begun.node_id) as places
from begun;

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

-- name: read_kept
-- What is known of the kept pages of a node without reading them.
select kept_validators(%(node_id)s, %(most)s) as kept;

-- name: use_kept_page
-- A kept page that its host calls unchanged; that it was of use is noted once a day, unless somebody holds its row.
with used as (
    update kept_pages set used_at = clock_timestamp(), changes = 0
    where (node_id, url) in (
        select node_id, url from kept_pages
        where node_id = %(node_id)s and url = %(url)s
          and (changes > 0 or used_at < clock_timestamp() - interval '1 day')
        for no key update skip locked)
)
select headers, body as packed_body, size, digest from kept_pages
where node_id = %(node_id)s and url = %(url)s and body is not null;

-- name: keep_pages
-- Keeps pages that came whole.
select keep_pages(%(node_id)s, %(urls)s, %(etags)s, %(last_modified)s, %(headers)s, %(bodies)s, %(sizes)s,
                  %(digests)s, %(changes)s);

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

-- name: note_unread
-- Adds dates that the run could not read to the samples of its source.
select note_unread(%(run_id)s, %(epoch)s, %(values)s);

-- name: take_proxy
-- Takes the next proxy of a pool for this run, or says why there is none.
select * from take_proxy(%(run_id)s, %(epoch)s, %(pool)s, %(recheck_s)s);

-- name: note_run_proxy
-- Writes down what this run has found out about a proxy.
select note_proxy(%(proxy_id)s, r.host, %(error)s, %(latency_ms)s, %(exit_address)s, %(own_addresses)s, false)
from scrape_runs r where r.id = %(run_id)s and r.epoch = %(epoch)s;

-- name: ask_host
-- Asks whether a host may be asked and when, takes that turn, and brings its robots.txt along where it is not known.
select * from ask_host(%(run_id)s, %(host)s, %(origin)s, %(gap_s)s, %(probe_s)s, %(robots_s)s, %(most_held_s)s,
                       %(most_queue_s)s);

-- name: note_host_failure
-- Counts a failure of a host, and says whether that opened its circuit breaker.
select * from note_host_failure(%(run_id)s, %(host)s, %(error)s, %(failures)s, %(window_s)s, %(open_s)s,
                                %(open_max_s)s);

-- name: note_host_success
-- Says that a host on trial has answered, and whether that closed its circuit breaker.
select note_host_success(%(run_id)s, %(host)s) as closed;

-- name: hold_host
-- Has everybody leave a host alone for as long as it asked for.
select hold_host(%(host)s, %(hold_s)s);

-- name: keep_robots
-- Keeps the robots.txt of an origin for all processes, or gives up reading it.
select keep_robots(%(run_id)s, %(origin)s, %(status)s, %(body)s, %(crawl_delay_s)s, %(keep_s)s);
