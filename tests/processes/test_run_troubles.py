"""What a real supervisor notices in rows and in what runs found, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb

from tests.fix_alerts import Alert, Inbox
from tests.fix_site import WrittenSite
from tests.fix_supervisor import Nodes, Start


def test_a_run_that_finds_nothing_where_three_before_it_did_is_told_of(supervise: Start, nodes: Nodes) -> None:
    supervisor = supervise()
    nodes.add("n", "zoo:pages", {"pages": 2})
    for number in (1, 2, 3):
        nodes.wait_for_ends("n", number)
        nodes.update("n", run_requested=number < 3)
    nodes.update("n", params=Jsonb({"pages": 0}), run_requested=True)
    run = nodes.wait_for_ends("n", 4)[-1]
    event = supervisor.wait_for_event("suspiciously_empty")
    assert (event["node"], event["run_id"], event["average"], event["ticks"]) == ("n", run["id"], 10.0, 3)
    line = nodes.one("select level, message from run_logs where run_id = %s and event = %s", run["id"], event["event"])
    assert line is not None
    assert line["level"] == "warning"
    assert line["message"].startswith("found nothing; the 3 runs before it found 10 on average: ")
    assert len(supervisor.happened("suspiciously_empty")) == 1
    assert supervisor.terminate() == 0


def test_a_breaker_that_a_short_run_opened_and_a_node_that_it_paused_are_told_before_it_leaves(
    alerting: Alert, nodes: Nodes, inbox: Inbox, write_site: Callable[[dict[str, Any]], WrittenSite]
) -> None:
    site = write_site({"/": 503})
    nodes.add("down", "jobposting", {"start": site.url}, max_attempts=1, pause_after=1)
    supervisor = alerting(
        "--once",
        alerts__every_s=3600,
        alerts__webhook_url=f"http://{inbox.host}/",
        breaker__failures=1,
    )
    assert supervisor.wait() == 1
    assert sorted(inbox.kinds) == ["breaker_open", "dead_letter", "node_paused"], supervisor.text
    (opened,) = inbox.of_kind("breaker_open")
    assert opened["nodes"] == [site.url.removeprefix("http://")]
    assert "503" in opened["sentence"]
    (paused,) = inbox.of_kind("node_paused")
    assert paused["sentence"].startswith("down is paused, too many dead letters in a row; ")
