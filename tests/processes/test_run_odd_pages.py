"""Whatever a scraper yields instead of a good page costs its own run, with one sentence, or does no harm."""

from __future__ import annotations

from tests.fix_supervisor import Connection, Nodes, Start

REFUSED = {  # kind → what the row says
    "nothing": "must yield Page objects, got NoneType",
    "a generator": "must yield Page objects, got generator",
    "done as text": "done of a page should be int, got str",
    "done beyond bigint": "done of a page should be a count, got one of 71 bits",
    "total as truth": "total of a page should be int, got bool",
    "url as number": "url of a page should be str, got int",
    "postings as generator": "postings of a page should be list, got generator",
    "postings as text": "postings of a page should be list, got str",
    "postings as dicts": "must be Posting objects, got dict",
    "checkpoint as list": "checkpoint of a page should be dict, got list",
    "checkpoint twice in itself": "checkpoint of a page holds more than 100,000 values",
    "checkpoint of 2 MB": "checkpoint of a page is 2,000,012 characters long",
    "checkpoint without text": "no text",
    "unknown field": "unexpected keyword argument 'colour'",
}
TAKEN = {  # kind → postings taken, and rejected
    "checkpoint once in itself": (0, 0),
    "checkpoint of odd values": (0, 0),
    "stage of 10 MB": (0, 0),
    "stage of halves": (0, 0),
    "postings of halves": (1, 0),
    "postings of odd types": (2, 1),
    "100,000 postings without title": (0, 100_000),
    "20,000 times the same": (20_000, 0),
}


def test_odd_pages_cost_their_own_run_or_do_no_harm(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    kinds = {**REFUSED, **TAKEN}
    for kind in kinds:
        nodes.add(kind, "odd_pages:odd", {"kind": kind}, max_attempts=1)
    nodes.add("logs", "odd_pages:logs")
    nodes.add("healthy", "zoo:pages", {"pages": 40, "pause_s": 0.05})
    supervisor = supervise(scrapers__allow=["zoo", "odd_pages"])
    for kind, said in REFUSED.items():
        (run,) = nodes.wait_for_ends(kind, limit_s=40)
        assert (run["status"], run["cause"]) == ("error", "exception"), (kind, run["error"])
        assert said in run["error"]
        assert run["error"].isprintable()
        assert (run["pages_count"], run["fetched_count"]) == (0, 0)
        assert run["traceback"]
    for kind, (taken, rejected) in TAKEN.items():
        (run,) = nodes.wait_for_ends(kind, limit_s=40)
        assert (run["status"], run["cause"]) == ("ok", "done"), (kind, run["error"])
        assert (run["fetched_count"] - run["rejected_count"], run["rejected_count"]) == (taken, rejected)
        assert len(run["stage"] or "") <= 500
    (logs,) = nodes.wait_for_ends("logs")
    assert logs["cause"] == "done", logs["error"]
    (line,) = connection.execute(
        "select * from run_logs where run_id = %s and level = 'info'", (logs["id"],)
    ).fetchall()
    assert line["message"] == "nul  and a lone ? surrogate"
    (healthy,) = nodes.wait_for_ends("healthy", limit_s=40)
    assert (healthy["cause"], healthy["fetched_count"]) == ("done", 200)
    assert supervisor.happened("row_failed") == supervisor.happened("database_failed") == []
