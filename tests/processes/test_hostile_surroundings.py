"""What a hostile scraper can take from everybody: shared memory, process numbers, descriptors; and what it is left."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import pytest

from tests.fix_supervisor import Nodes, Start, alive
from tests.wait import wait_for

ROOM = 150
# A full folder of 64 kB in the place of /dev/shm, for one process and those it starts; a server of the tests may have
# its socket there.
FULL_SHM = """
mount -t tmpfs -o size=64k tmpfs "$1"
for folder in /dev/shm/sw-*/; do
    [ -d "$folder" ] && mkdir "$1/$(basename "$folder")" && mount --bind "$folder" "$1/$(basename "$folder")"
done
head -c 100000 /dev/zero > "$1/full" 2>/dev/null
mount --rbind "$1" /dev/shm
shift
exec "$@"
"""
_MB = 2**20


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_scrapes_are_launched_though_somebody_has_filled_the_folder_of_shared_memory(
    supervise: Start, nodes: Nodes, tmp_path: Path, method: str
) -> None:
    """The standard library's locks are files there, and what fills it may have outlived its process."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare for a /dev/shm of its own")
    nodes.add("fine", "zoo:pages")
    through = ("unshare", "-m", "sh", "-c", FULL_SHM, "sh", str(tmp_path))
    supervisor = supervise(through=through, launcher__start_method=method)
    (run,) = nodes.wait_for_ends("fine")
    assert (run["cause"], run["inserted_count"]) == ("done", 15), run["error"]
    assert Path(f"/proc/{supervisor.pid}/root/dev/shm/full").stat().st_size < 100_000


@pytest.mark.parametrize("scraper", ["hogs:threads", "hogs:processes"])
def test_a_scraper_that_takes_every_process_number_costs_neither_supervisor_nor_forkserver_nor_neighbour(
    pids_group: Path, supervise: Start, nodes: Nodes, tmp_path: Path, scraper: str
) -> None:
    until = tmp_path / "until"
    nodes.add("neighbour", "hostile:neighbour", {"until": str(until)})
    supervisor = supervise()
    neighbour = nodes.wait_for_pages("neighbour")
    helpers = [pid for pid in supervisor.tree() if pid != neighbour["pid"]]
    for pid in [supervisor.pid, *supervisor.tree()]:
        (pids_group / "cgroup.procs").write_text(str(pid), encoding="ascii")
    limit = int((pids_group / "pids.current").read_text(encoding="ascii")) + ROOM
    (pids_group / "pids.max").write_text(str(limit), encoding="ascii")
    nodes.add(
        "hog", scraper, {"count": 10_000, "hold": True}, data_limit=False, memory_mb=3_000, timeout_s=4, max_attempts=1
    )
    wait_for(lambda: (nodes.runs("hog") or [{"stage": None}])[-1]["stage"] == "no more", 15, "the hog, full")
    nodes.add("next", "zoo:pages", {"pages": 1})
    assert nodes.wait_for_status("next", "waiting")["status_reason"].endswith("are kept free")
    (hog,) = nodes.wait_for_ends("hog")
    assert (hog["cause"], hog["ended_by"]) == ("timeout", "kill"), hog["error"]
    (following,) = nodes.wait_for_ends("next")
    assert following["cause"] == "done"
    assert (following["started_at"] - hog["finished_at"]).total_seconds() < 2
    until.touch()
    (run,) = nodes.wait_for_ends("neighbour")
    assert (run["cause"], run["pid"]) == ("done", neighbour["pid"])
    assert alive(helpers) == helpers
    assert supervisor.terminate() == 0


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_a_scrape_has_soft_limits_of_its_own_under_the_systems_hard_ones(
    supervise: Start, nodes: Nodes, method: str
) -> None:
    """Soft, so that a browser or a program that it starts may raise them again."""
    nodes.add("limited", "meddlers:tells_limits", memory_mb=100)
    nodes.add("unlimited", "meddlers:tells_limits", memory_mb=100, data_limit=False)
    supervise(launcher__start_method=method)
    told = {}
    for name in ("limited", "unlimited"):
        (run,) = nodes.wait_for_ends(name)
        line = nodes.one("select facts from run_logs where run_id = %s and event = 'limits'", run["id"])
        assert line is not None
        told[name] = line["facts"]
    ours = {name: resource.getrlimit(getattr(resource, name)) for name in ("RLIMIT_DATA", "RLIMIT_NOFILE")}
    soft, hard = told["limited"]["RLIMIT_DATA"]
    assert 0 <= told["limited"]["data_mb"] + 200 - soft / _MB < 20  # what it has taken since its start counts too
    assert hard == told["unlimited"]["RLIMIT_DATA"][1] == ours["RLIMIT_DATA"][1]
    assert told["unlimited"]["RLIMIT_DATA"][0] == ours["RLIMIT_DATA"][0]
    assert told["limited"]["RLIMIT_NOFILE"] == [min(4_096, ours["RLIMIT_NOFILE"][1]), ours["RLIMIT_NOFILE"][1]]
    # Ten threads that sleep: with the system's stacks of 8 MB they alone would take 80 MB of it.
    assert told["limited"]["ten_threads_mb"] < 10
