"""Words of new jobs are sorted into the index by the loop that runs anyway."""

from __future__ import annotations

from tests.fix_database import Connection
from tests.fix_supervisor import Start
from tests.snapshot_rows import NOON, job


def test_run_once_leaves_no_word_waiting(connection: Connection, supervise: Start) -> None:
    job(connection, "a", "n", NOON)
    assert supervise(once_wait_s=5).wait() == 0
    (row,) = connection.execute("select gin_clean_pending_list('jobs_search_idx'::regclass) as pages").fetchall()
    assert row["pages"] == 0
