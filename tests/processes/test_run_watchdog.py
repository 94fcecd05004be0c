"""How soon a scrape that has fallen silent is gone, however seldom the loop would look by itself."""

from __future__ import annotations

from tests.fix_supervisor import Nodes, Start

SLOW = {"supervisor__poll_s": 10}
PROMISED_S = 1.5  # after its limit


def test_a_stale_and_a_stalled_scrape_are_gone_soon_after_their_limit(supervise: Start, nodes: Nodes) -> None:
    nodes.add("stalled", "zoo:sleeps", stall_s=2, max_attempts=1)
    nodes.add("stale", "zoo:holds_the_gil", max_attempts=1)
    supervise(heartbeat__every_s=0.5, heartbeat__stale_after_s=3, **SLOW)
    (stalled,) = nodes.wait_for_ends("stalled")
    assert stalled["cause"] == "stalled"
    assert (stalled["finished_at"] - stalled["progress_at"]).total_seconds() < 2 + PROMISED_S
    (stale,) = nodes.wait_for_ends("stale")
    assert stale["cause"] == "stale"
    assert (stale["finished_at"] - stale["heartbeat_at"]).total_seconds() < 3 + PROMISED_S
