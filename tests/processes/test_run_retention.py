"""Old rows are deleted by the loop that runs anyway."""

from __future__ import annotations

from tests.fix_old_rows import OldRows
from tests.fix_supervisor import Nodes, Start

_BACKDATE = """
update run_logs set at = at - interval '30 days' where run_id = %(run)s;
update memory_samples set at = at - interval '30 days' where run_id = %(run)s;
update run_pages set at = at - interval '30 days' where run_id = %(run)s;
update scrape_runs set started_at = started_at - interval '200 days' where id = %(run)s
"""


def test_run_once_deletes_what_is_old_and_touches_nothing_of_a_run_that_is_under_way(
    nodes: Nodes, supervise: Start, old_rows: OldRows
) -> None:
    nodes.add("live", "zoo:chatty", {"pages": 1_000, "pause_s": 0.05})
    first = supervise(heartbeat__every_s=0.1)
    live = nodes.wait_for_pages("live", 3)["id"]
    lines = "select count(*) as lines from run_logs where run_id = %s"
    old_rows.details(live, 30, 4)
    for statement in _BACKDATE.split(";"):
        old_rows.connection.execute(statement.encode(), {"run": live})
    held = old_rows.one(lines, live)["lines"]
    for _ in range(3):
        old_rows.details(old_rows.run(20), 20, 5)

    once = supervise(once_wait_s=5)
    assert once.wait() == 0
    (deleted,) = once.happened("old_rows_deleted")
    assert deleted["count"] == 15  # one batch of one table: the next call comes to another one
    old_rows.sweep()
    assert old_rows.ids("run_pages", "run_id") == [live] * 4
    assert old_rows.one(lines, live)["lines"] >= held
    pages = nodes.last("live")["pages_count"]
    nodes.wait_for_pages("live", pages + 2)
    assert first.terminate() == 0
