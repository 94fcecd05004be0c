"""The memory storm in a container: whether all that is healthy finishes where it cannot all run at once."""

from __future__ import annotations

import time

from benchmarks.storm_nodes import NODES, ticks
from tests.container.setup import SUPERVISOR, Setup, wait_for

OOM_KILLS = "cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null; true"
LEFT_OVER_S = 60.0  # what was started before the storm's end comes to its own
MARGIN_S = 5.0  # the command that ends it must not come behind the next tick


def storm(setup: Setup, seconds: float) -> str:
    """Six nodes of 150 MB, a leaker and a burster in 512 MB, Postgres outside: all healthy ticks finish."""
    setup.start()
    (before,) = setup.query("select id from supervisors where stopped_at is null order by started_at desc limit 1")
    setup.add(*(node.row for node in NODES))
    time.sleep(seconds - MARGIN_S)
    setup.query("update nodes set enabled = false")
    open_runs = "select source from scrape_runs where finished_at is null"
    wait_for(lambda: not setup.query(open_runs), LEFT_OVER_S, "the end of all runs")
    _same_supervisor(setup, before["id"])
    ended = setup.query("select source, cause, count(distinct tick) as n from scrape_runs group by 1, 2 order by 1, 2")
    healthy = [row for row in ended if row["source"].startswith("healthy-")]
    done = sum(row["n"] for row in healthy if row["cause"] == "done")
    assert done >= ticks("healthy", seconds), ended
    assert {row["cause"] for row in healthy} == {"done"}, ended
    assert [row["n"] for row in ended if (row["source"], row["cause"]) == ("leaker", "done")], ended
    kills = _kernel_kills(setup)
    return f"{done} of {ticks('healthy', seconds)} healthy ticks done in {seconds:.0f} s, {kills} kills by the kernel"


def _same_supervisor(setup: Setup, supervisor_id: str) -> None:
    state = setup.engine.inspect(SUPERVISOR, "{{.State.Running}} {{.RestartCount}}")
    assert state == "true 0", state
    alive = setup.query("select id from supervisors where stopped_at is null and seen_at > now() - interval '30 s'")
    assert [row["id"] for row in alive] == [supervisor_id], alive


def _kernel_kills(setup: Setup) -> int:
    """Of all processes in the container, by the counter of its memory group."""
    lines = setup.engine.inside(SUPERVISOR, "sh", "-c", OOM_KILLS).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
