"""How every statement of sql/*.sql is asked at a million runs, and what it may read there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from tests.fix_claims import PLACE
from tests.million import SOMEONE
from workers.states import CAUSES_OF, RunStatus

LARGE = {"scrape_runs", "run_pages", "run_logs", "memory_samples", "jobs", "job_seen", "supervisors"}
USUAL_MOST = 1_500  # rows of large tables that a statement may look at
DAY_S = 86_400.0
ERRORS = [str(cause) for cause in CAUSES_OF[RunStatus.ERROR]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a statement is asked here, and what it may read."""

    given: dict[str, Any] = field(default_factory=dict)  # beside the usual parameters
    before: str | None = None  # what has to be true first
    says: dict[str, Any] | None = None  # in its first row, so that it is known to have done its work
    most: int = USUAL_MOST  # rows of large tables
    whole: dict[str, str] = field(default_factory=dict)  # large table that is read whole → why that is right


ALL_RUNS_OF_A_NODE = 5_000
ONLY_FOR_PEOPLE = "asked by a person now and then; counts every row"


# What a parameter is where nothing else is said: of node-998, which runs, or of node-5, which does not.
def usual(world: dict[str, Any]) -> dict[str, Any]:
    now: datetime = world["now_at"]
    return {
        **PLACE, **world,
        "after": 0, "all": False, "after_at": now, "after_url": "", "available_mb": 1.0,
        "body": None, "bodies": [],
        "budget_mb": 100, "budget_source": "default", "cause": None, "causes": None, "changes": [], "checkpoint": None,
        "city": None, "columns": ["title"], "countries": None,
        "cpu_s": 1.0, "crawl_delay_s": None, "data_limit": None, "days": 90, "digests": [],
        "done": None, "earliest": "00:05", "enabled": None, "ended_by": "self", "error": "ended", "etags": [],
        "exit_address": None, "exit_code": 0, "exit_signal": None, "expected": None, "expected_tick": None,
        "facts": Jsonb({}), "failures": 5, "fds": 10, "fetches": Jsonb([]), "fresh": False, "gap_jitter_s": None,
        "gap_s": 1.0, "headers": [], "hold_s": 1.0, "hosts": None, "host": "host-7",
        "idle_s": 0.0, "ids": [world["run_id"]],
        "jitter_s": None, "jobs": Jsonb([]), "keep_s": 60.0, "key": 1, "last_modified": [], "latency_ms": 5,
        "lease_s": 30.0, "limit": 50, "limit_mb": 1.0, "lines": Jsonb([]), "max_attempts": 3,
        "mbs": [100.0], "memory_mb": None, "message": "said", "milliseconds": "5000", "most": 100, "most_held_s": 60.0,
        "most_queue_s": 60.0, "name": "node-5", "names": ["node-5"], "next": "end", "next_run_at": None, "node": None,
        "node_ids": [world["node_id"]], "open": None, "open_max_s": 1800.0, "open_s": 60.0,
        "origin": "https://example.org", "outcome": Jsonb({}), "outcome_seen": True, "own_addresses": ["10.0.0.1"],
        "owner": str(uuid.UUID(int=7)), "page_no": 1, "params": Jsonb({}), "patient": True, "pause_after": None,
        "peak_rss_mb": 100.0, "peaks": 20, "pid": 1, "pool": "pool", "priority": None, "probe_s": 60.0,
        "proxy_id": 1, "proxy_pool": None, "reason": "because", "recheck_s": 300.0, "rejected": 0, "repeats": 0,
        "reserved_mb": 1.0, "retry_s": 1.0, "robots_s": 60.0, "room_mb": 10_000.0, "rows": Jsonb([]), "rss_mb": 100.0,
        "schedule": None, "scraper": "feed", "sentence": None, "since": now - timedelta(hours=1), "since_s": DAY_S,
        "sizes": [], "snapshot_date": now.date(), "source": "node-998", "sources": ["node-998"], "stage": None,
        "stall_s": None, "start_ticks": 1, "state": None, "status": None, "statuses": ["ok", "blocked", "error"],
        "supervisor_id": SOMEONE, "threads": 4, "tick": now, "timeout_s": None, "timezone": "UTC", "total": None,
        "traceback": None, "updated_at": now, "url": "https://example.org/7", "urls": [], "version": 9_999,
        "wait_s": 900.0, "window_s": 600.0,
        "country": None, "places": ["Berlin"], "location_pool": None, "epochs": [world["epoch"]],
    }  # fmt: skip


SEARCHED = dict.fromkeys(
    "countries region city remote pay currency period source since since_s until until_s after still_open".split()
) | {"order": "newest"}

# Every statement of sql/*.sql. A new one needs a line here: how it is asked, and what it may read.
STATEMENTS: dict[str, Asked] = {
    "chaos.take_lease": Asked(given={"source": "node-5"}),
    "chaos.open_lease": Asked(given={"source": "new"}),
    "chaos.pass_fence": Asked(),
    "chaos.open_register": Asked(),
    "chaos.write_register": Asked(),
    "chaos.read_register": Asked(),
    "chaos.read_lease": Asked(),
    "chaos.read_letters": Asked(),
    "chaos.list_urls": Asked(whole={"jobs": "its own throw-away database"}),
    "dead_letters.list_dead_letters": Asked(),
    "dead_letters.get_dead_letter": Asked(given={"id": 1}),
    "dead_letters.open_dead_letters": Asked(given={"source": None}),
    "dead_letters.retry_dead_letter": Asked(given={"id": 1}),
    "dead_letters.discard_dead_letter": Asked(given={"id": 1}),
    "hosts.breaker_hosts": Asked(),
    "hosts.close_breakers": Asked(),
    "hosts.list_breakers": Asked(),
    "job_exports.begin_export": Asked(),
    "job_exports.check_words": Asked(given={"words": "nurse"}),
    "job_statistics.count_jobs_by_country": Asked(
        given={"source": None}, most=200_000, whole={"jobs": ONLY_FOR_PEOPLE, "job_seen": ONLY_FOR_PEOPLE}
    ),
    "job_statistics.list_unread_places": Asked(given={"source": None}, most=60_000, whole={"jobs": ONLY_FOR_PEOPLE}),
    "job_statistics.list_unread_values": Asked(),
    "job_exports.export_jobs": Asked(
        given=dict.fromkeys(("sources", "region", "remote", "since", "until", "query", "limit")),
        most=200_000,
        whole={"jobs": "all of them are asked for", "job_seen": "the same"},
    ),
    "jobs.count_jobs": Asked(most=60_000, whole={"jobs": ONLY_FOR_PEOPLE}),
    "jobs.search_jobs": Asked(given=SEARCHED | {"words": "nurse"}, most=1_100),
    "jobs.clean_search": Asked(),
    "jobs.total_jobs": Asked(most=60_000, whole={"jobs": ONLY_FOR_PEOPLE}),
    "leases.renew_leases": Asked(says={"verdict": "renewed"}),
    "logs.read_logs": Asked(given={"run_id": None, "source": None}),
    "logs.follow_logs": Asked(given={"run_id": None, "source": None}),
    "metrics.read_now": Asked(says={"processing": 2}),
    "metrics.read_overall": Asked(most=40_000),  # a day's runs are 33,333: they are what is counted
    "metrics.read_by_node": Asked(most=80_000),
    "metrics.read_by_cause": Asked(most=80_000),
    "metrics.read_supervisors": Asked(),
    "nodes.read_due": Asked(),
    "nodes.set_next_run": Asked(given={"next_run_at": datetime.fromisoformat("2030-01-01T00:00Z")}),
    "nodes.pause_node": Asked(),
    "nodes.set_waiting": Asked(given={"cause": "no_slot"}),
    "nodes.set_run_status": Asked(given={"status": "running"}),
    "nodes.halt_stopped": Asked(before="update nodes set stop_requested = true where name = 'node-5'"),
    "nodes.wake_started": Asked(before="update nodes set status = 'stopped' where name = 'node-5'"),
    "nodes.count_ready": Asked(says={"nodes": 1_000}),
    "nodes.list_nodes": Asked(most=5_000),
    "nodes.get_node": Asked(),
    "nodes.add_node": Asked(given={"name": "new"}),
    "nodes.edit_node": Asked(given={"changes": Jsonb({"priority": 1})}),
    "nodes.remove_node": Asked(most=ALL_RUNS_OF_A_NODE),
    "nodes.request_start": Asked(),
    "nodes.request_stop": Asked(),
    "nodes.request_kill": Asked(),
    "nodes.request_run": Asked(),
    "nodes.drop_checkpoint": Asked(),
    "nodes.get_checkpoint": Asked(),
    "nodes.set_note": Asked(),
    "nodes.skip_request": Asked(given={"cause": "too_big"}),
    "nodes.read_open_ticks": Asked(),
    "nodes.all_nodes": Asked(),
    "nodes.lock_nodes": Asked(),
    "nodes.node_names": Asked(),
    "pages.list_pages": Asked(given={"run_id": 1_000_000, "limit": 100}, says={"page_no": 1}),
    "location_pools.list_location_pools": Asked(),
    "location_pools.get_location_pool": Asked(),
    "location_pools.add_location_pool": Asked(),
    "location_pools.remove_location_pool": Asked(),
    "proxies.list_proxies": Asked(),
    "proxies.add_proxy": Asked(given={"url": "http://10.0.0.1:8080"}),
    "proxies.note_proxy": Asked(),
    "proxies.enable_proxy": Asked(),
    "proxies.disable_proxy": Asked(),
    "proxies.remove_proxy": Asked(),
    "proxies.nodes_of_pool": Asked(),
    "proxies.nodes_without_proxy": Asked(),
    "retention.be_brief": Asked(),
    "retention.delete_old_logs": Asked(given={"days": 0}),
    "retention.delete_old_pages": Asked(given={"days": 0}),
    "retention.delete_old_samples": Asked(given={"days": 0, "after_at": datetime.fromisoformat("2020-01-01T00:00Z")}),
    "retention.delete_old_runs": Asked(given={"days": 7}, says={"deleted": 100}, most=10_000),
    "retention.delete_old_jobs": Asked(given={"days": 0}),
    "retention.delete_old_kept_pages": Asked(),
    "retention.delete_old_supervisors": Asked(
        whole={"supervisors": "a heartbeat's time has no index; seldom asked, and of what this leaves there is little"},
        most=20_000,
    ),
    "retention.delete_old_hosts": Asked(),
    "retention.delete_old_unread": Asked(),
    "runs.claim_run": Asked(
        given={"node_id": 5}, before="update nodes set run_requested = true where id = 5", says={"verdict": "claimed"}
    ),
    "runs.close_run": Asked(given={"status": "ok", "cause": "done"}, says={"verdict": "closed"}),
    "runs.close_lost_run": Asked(says={"verdict": "closed"}),
    "runs.pass_over_ticks": Asked(given={"node_id": 5, "next": datetime.fromisoformat("2030-01-01T00:00Z")}),
    "runs.read_own_open": Asked(says={"status": "running"}),
    "runs.latch_stop": Asked(),
    "runs.write_measured": Asked(),
    "runs.read_budget_facts": Asked(),
    "runs.write_trend": Asked(),
    "runs.read_ending": Asked(),
    "runs.read_expired": Asked(),
    "runs.read_open_of_others": Asked(given={"supervisor_id": str(uuid.UUID(int=9))}),
    "runs.list_runs": Asked(given={"source": None}, says={"status": "running"}),
    "runs.get_run": Asked(),
    "runs.newest_run_of": Asked(),
    "runs.runs_by_source": Asked(given={"source": None}, most=60_000),  # some forty rows of each of 1,000 sources
    "runs.newest_run_id": Asked(most=ALL_RUNS_OF_A_NODE),
    "runs.open_run_of": Asked(says={"status": "running"}),
    "runs.requested_run": Asked(most=ALL_RUNS_OF_A_NODE),
    "schema_versions.lock_schema": Asked(),
    "schema_versions.create_versions": Asked(),
    "schema_versions.has_versions": Asked(),
    "schema_versions.newest_version": Asked(),
    "schema_versions.note_version": Asked(),
    "scrape.begin_run": Asked(says={"id": ...}),
    "scrape.beat": Asked(says={"id": ...}),
    "scrape.commit_page": Asked(says={"verdict": "committed"}),
    "scrape.read_kept": Asked(),
    "scrape.use_kept_page": Asked(),
    "scrape.keep_pages": Asked(),
    "scrape.rehearse_run": Asked(),
    "scrape.finish_run": Asked(says={"finish_run": True}),
    "scrape.write_logs": Asked(),
    "scrape.note_unread": Asked(given={"values": Jsonb([{"field": "posted", "sample": "x", "count": 1}])}),
    "scrape.take_proxy": Asked(),
    "scrape.note_run_proxy": Asked(before="update scrape_runs set host = 'here' where source = 'node-998'"),
    "scrape.ask_host": Asked(),
    "scrape.note_host_failure": Asked(),
    "scrape.note_host_success": Asked(),
    "scrape.hold_host": Asked(),
    "scrape.keep_robots": Asked(given={"status": 200}),
    "session.limit_locks": Asked(),
    "session.limit_statements": Asked(),
    "session.peer": Asked(),
    "session.limits": Asked(),
    "session.connections": Asked(),
    "snapshots.take_daily_snapshots": Asked(most=100_000, whole={"jobs": "once a day", "job_seen": "once a day"}),
    "snapshots.read_today": Asked(),
    "snapshots.read_day": Asked(),
    "snapshots.missing_days": Asked(),
    "snapshots.last_snapshot": Asked(),
    "snapshots.node_history": Asked(),
    "snapshots.job_history": Asked(),
    "supervisors.register": Asked(given={"id": str(uuid.UUID(int=8))}),
    "supervisors.see": Asked(given={"id": SOMEONE}),
    "supervisors.leave": Asked(given={"id": SOMEONE}),
    "supervisors.list_supervisors": Asked(),
    "supervisors.dead_candidates": Asked(given={"id": SOMEONE}),
    "supervisors.clock": Asked(),
    "troubles.take_opened_breakers": Asked(),
    "troubles.take_long_waits": Asked(),
    "troubles.forget_told": Asked(),
    "troubles.read_finds": Asked(most=5_000),
    "troubles.write_emptiness": Asked(),
}
# The same statements, asked in other ways.
VARIANTS: list[tuple[str, Asked]] = [
    ("dead_letters.list_dead_letters", Asked(given={"state": "open", "source": None})),
    ("jobs.search_jobs", Asked(given=SEARCHED | {"words": "nurse", "still_open": True}, most=1_100)),
    ("logs.read_logs", Asked()),
    ("logs.read_logs", Asked(given={"run_id": None})),
    ("logs.follow_logs", Asked(given={"run_id": None, "after": 49_900})),
    ("metrics.read_by_node", Asked(given={"node": "node-5"}, most=80_000)),
    ("pages.list_pages", Asked(given={"run_id": 1_000_000, "statuses": ["blocked"]}, says={"status": "blocked"})),
    (
        "runs.close_run",
        Asked(given={"status": "error", "cause": "exception", "next": "bury"}, says={"verdict": "buried"}),
    ),
    ("runs.close_run", Asked(given={"status": "error", "cause": "lost", "next": "part"}, says={"verdict": "closed"})),
    ("runs.list_runs", Asked()),
    ("runs.list_runs", Asked(given={"source": None, "causes": ["oom"]}, says={"cause": "oom"})),
    ("runs.list_runs", Asked(given={"source": None, "causes": ERRORS}, says={"status": "error"})),
    ("runs.list_runs", Asked(given={"causes": ["oom"]})),
    ("runs.list_runs", Asked(given={"source": None, "open": "running"}, says={"status": "running"})),
    ("runs.runs_by_source", Asked(says={"source": "node-998"})),
]
