"""Memory readings over fake trees of /sys/fs/cgroup and /proc: every layout that hosts and containers show."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.cgroups import pids_room
from supervisor.memory import MB, MemoryReading, read_memory, reserve_mb, tree_memory_mb

V1_NO_LIMIT = 9223372036854771712
GARBAGE = ["", "lots", "-1", "12 MB", "1e9", "\x00\x01", "\uff19"]


class Machine:
    """A fake machine: `cgroup` and `proc` folders that a reading takes for the real ones."""

    def __init__(self, folder: Path) -> None:
        """Lay out a host with 16 GB, half of it available, and no control groups."""
        self.cgroup = folder / "cgroup"
        self.proc = folder / "proc"
        self.cgroup.mkdir()
        self.put(self.proc / "meminfo", "MemTotal: 16777216 kB\nMemFree: 1048576 kB\nMemAvailable: 8388608 kB\n")
        self.put(self.proc / "sys/kernel/random/boot_id", "boot-1\n")
        self.put(self.proc / "vmstat", "oom_kill 7\n")

    @staticmethod
    def put(path: Path, text: str) -> None:
        """Write a file with its folders."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def member_of(self, *lines: str) -> None:
        """Fill /proc/self/cgroup."""
        self.put(self.proc / "self/cgroup", "".join(f"{line}\n" for line in lines))

    def v2(self, group: str, **files: str | int) -> None:
        """Add a v2 group; keywords are file names with "_" for the dot."""
        self.put(self.cgroup / "cgroup.controllers", "memory pids\n")
        for name, value in files.items():
            self.put(self.cgroup / group / name.replace("_", ".", 1), f"{value}\n")

    def v1(self, group: str, *, limit: int, usage: int, stat: str = "", mount: str = "memory") -> None:
        """Add a v1 memory group; sizes in bytes."""
        folder = self.cgroup / mount / group
        self.put(folder / "memory.limit_in_bytes", f"{limit}\n")
        self.put(folder / "memory.usage_in_bytes", f"{usage}\n")
        self.put(folder / "memory.stat", stat)

    def read(self) -> MemoryReading:
        """Take a reading of this machine."""
        return read_memory(self.cgroup, self.proc)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A host with 16 GB, half of it available, and no control groups."""
    return Machine(tmp_path)


def _cache(inactive_mb: int, active_mb: int, prefix: str = "") -> str:
    return f"anon 5\n{prefix}inactive_file {inactive_mb * MB}\n{prefix}active_file {active_mb * MB}"


def test_a_host_without_control_groups_is_read_from_meminfo(machine: Machine) -> None:
    reading = machine.read()
    assert (reading.available_mb, reading.limit_mb) == (8192, 16384)
    assert reading.source == "host memory, no container limit"
    assert (reading.tightest.kind, reading.tightest.used_mb) == ("host", 8192)
    assert reading.domain == "boot-1:host"
    assert reading.oom_kills == 7


def test_a_very_old_kernel_without_memavailable_counts_free_and_cached(machine: Machine) -> None:
    machine.put(machine.proc / "meminfo", "MemTotal: 4096000 kB\nMemFree: 1024000 kB\nCached: 512000 kB\n")
    assert machine.read().available_mb == 1500


@pytest.mark.parametrize("text", ["", "rubbish", "MemTotal: lots kB\nMemAvailable: 1 kB"])
def test_without_a_readable_meminfo_psutil_speaks_for_the_host(machine: Machine, text: str) -> None:
    machine.put(machine.proc / "meminfo", text)
    assert machine.read().limit_mb == psutil.virtual_memory().total / MB


def test_v2_file_cache_is_not_counted_as_use(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=200 * MB, memory_current=157 * MB, memory_stat=_cache(60, 48))
    reading = machine.read()
    assert (reading.available_mb, reading.limit_mb, reading.tightest.used_mb) == (151, 200, 49)
    assert reading.source == "cgroup v2 limit 200 MB at /app"


def test_v2_memory_high_is_a_limit_and_memory_low_is_not(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max="max", memory_high=300 * MB, memory_low=10 * MB, memory_current=100 * MB)
    assert (machine.read().limit_mb, machine.read().available_mb) == (300, 200)


def test_the_smaller_of_memory_max_and_memory_high_counts(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=250 * MB, memory_high=300 * MB, memory_current=100 * MB)
    assert machine.read().limit_mb == 250


def test_v1_takes_the_totals_of_the_group_with_its_descendants(machine: Machine) -> None:
    machine.member_of("4:memory:/docker/ab12")
    stat = _cache(1, 1) + "\n" + _cache(60, 48, "total_")
    machine.v1("docker/ab12", limit=1024 * MB, usage=157 * MB, stat=stat)
    reading = machine.read()
    assert (reading.available_mb, reading.tightest.used_mb) == (975, 49)
    assert reading.source == "cgroup v1 limit 1024 MB at /docker/ab12"


def test_v1_soft_limit_is_no_limit(machine: Machine) -> None:
    machine.member_of("4:memory:/app")
    machine.v1("app", limit=V1_NO_LIMIT, usage=5 * MB)
    machine.put(machine.cgroup / "memory/app/memory.soft_limit_in_bytes", str(MB))
    assert machine.read().source == "host memory, no container limit"


@pytest.mark.parametrize("limit", [V1_NO_LIMIT, 2**60, 2**63 - 1])
def test_a_v1_limit_of_2_to_the_60_or_more_is_none(machine: Machine, limit: int) -> None:
    machine.member_of("4:memory:/app")
    machine.v1("app", limit=limit, usage=5 * MB)
    assert [level.kind for level in machine.read().levels] == ["host"]


def test_v1_hierarchical_limit_tells_of_an_ancestor_above_the_mount(machine: Machine) -> None:
    machine.member_of("4:memory:/app")
    machine.v1("app", limit=V1_NO_LIMIT, usage=20 * MB, stat=f"hierarchical_memory_limit {300 * MB}")
    assert (machine.read().limit_mb, machine.read().available_mb) == (300, 280)


@pytest.mark.parametrize("mount", ["cpu,memory", "memory,blkio"])
def test_a_v1_memory_controller_mounted_together_with_another_is_found(machine: Machine, mount: str) -> None:
    machine.member_of(f"4:{mount}:/app")
    machine.v1("app", limit=256 * MB, usage=56 * MB, mount=mount)
    assert machine.read().available_mb == 200


def test_a_hybrid_host_is_read_through_v1_and_its_bare_v2_tree_is_passed_over(machine: Machine) -> None:
    machine.member_of("4:memory:/app", "0::/app")
    machine.v1("app", limit=256 * MB, usage=56 * MB)
    machine.put(machine.cgroup / "unified/cgroup.controllers", "")
    machine.put(machine.cgroup / "unified/app/memory.pressure", "some avg10=0.00")
    assert [level.kind for level in machine.read().levels] == ["cgroup v1", "host"]


def test_a_hybrid_host_with_memory_in_the_v2_tree_is_read_there(machine: Machine) -> None:
    machine.member_of("4:pids:/app", "0::/app")
    machine.put(machine.cgroup / "unified/cgroup.controllers", "memory")
    machine.put(machine.cgroup / "unified/app/memory.max", str(100 * MB))
    machine.put(machine.cgroup / "unified/app/memory.current", str(40 * MB))
    assert machine.read().available_mb == 60


def test_headroom_decides_not_the_smallest_limit(machine: Machine) -> None:
    machine.member_of("0::/pod/app")
    machine.v2("pod/app", memory_max=200 * MB, memory_current=50 * MB)
    machine.v2("pod", memory_max=1000 * MB, memory_current=960 * MB)
    reading = machine.read()
    assert (reading.available_mb, reading.tightest.path) == (40, "/pod")
    assert (reading.limit_mb, reading.source) == (200, "cgroup v2 limit 200 MB at /pod/app")


def test_a_limit_at_the_root_of_the_mount_counts(machine: Machine) -> None:
    machine.member_of("0::/deep/er")
    machine.v2("deep/er", memory_max="max", memory_current=MB)
    machine.v2("", memory_max=64 * MB, memory_current=4 * MB)
    assert (machine.read().available_mb, machine.read().tightest.path) == (60, "/")


@pytest.mark.parametrize("path", ["/docker/ab12/app", "/../app", "/../../x/app", "/app (deleted)/app"])
def test_leading_parts_that_the_container_does_not_see_are_stripped(machine: Machine, path: str) -> None:
    machine.member_of(f"0::{path}")
    machine.v2("app", memory_max=100 * MB, memory_current=30 * MB)
    assert machine.read().source == "cgroup v2 limit 100 MB at /app"


def test_a_path_of_which_nothing_exists_means_the_root_of_the_mount(machine: Machine) -> None:
    machine.member_of("4:memory:/docker/ab12")
    machine.v1("", limit=100 * MB, usage=30 * MB)
    assert machine.read().source == "cgroup v1 limit 100 MB at /"


def test_dots_in_the_path_never_lead_out_of_the_mount(machine: Machine) -> None:
    machine.member_of("0::/../outside")
    machine.v2("", memory_max=100 * MB, memory_current=30 * MB)
    machine.put(machine.cgroup.parent / "outside/memory.max", "1")
    machine.put(machine.cgroup.parent / "outside/memory.current", "1")
    assert machine.read().limit_mb == 100


def test_without_proc_self_cgroup_the_root_of_the_mount_is_read(machine: Machine) -> None:
    machine.v2("", memory_max=100 * MB, memory_current=30 * MB)
    assert machine.read().available_mb == 70


def test_a_limit_above_the_hosts_memory_leaves_the_host_as_the_limit(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=99999 * MB, memory_current=MB)
    reading = machine.read()
    assert (reading.limit_mb, reading.domain) == (16384, "boot-1:host")
    assert reading.source == "host memory, smaller than every container limit"


def test_a_group_over_its_limit_has_no_room_and_not_less(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=100 * MB, memory_current=130 * MB)
    assert machine.read().available_mb == 0


def test_more_cache_than_use_does_not_make_room_beyond_the_limit(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=100 * MB, memory_current=10 * MB, memory_stat=_cache(20, 20))
    assert machine.read().available_mb == 100


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("name", ["memory.max", "memory.current"])
def test_a_garbage_file_costs_only_its_level(machine: Machine, name: str, garbage: str) -> None:
    machine.member_of("0::/pod/app")
    machine.v2("pod/app", memory_max=100 * MB, memory_current=30 * MB)
    machine.v2("pod", memory_max=500 * MB, memory_current=100 * MB)
    machine.put(machine.cgroup / "pod/app" / name, garbage)
    assert [level.path for level in machine.read().levels] == ["/pod", "/"]
    assert machine.read().available_mb == 400


def test_bytes_that_are_no_text_cost_only_their_level(machine: Machine) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=100 * MB, memory_current=30 * MB)
    (machine.cgroup / "app/memory.max").write_bytes(b"\xff\xfe")
    assert machine.read().limit_mb == 16384


@pytest.mark.parametrize(
    "line", ["", ":", "0", "0:", "::::", "x:memory", "4:memory:", "4::/app", "0::/app:with:colons"]
)
def test_a_malformed_membership_line_never_stops_a_reading(machine: Machine, line: str) -> None:
    machine.member_of(line)
    machine.v2("", memory_max=100 * MB, memory_current=30 * MB)
    assert 0 <= machine.read().available_mb <= 8192


def test_a_cgroup_root_that_does_not_exist_leaves_the_host(tmp_path: Path, machine: Machine) -> None:
    machine.member_of("4:memory:/app", "0::/app")
    assert read_memory(tmp_path / "nowhere", machine.proc).source == "host memory, no container limit"


def test_the_kills_of_our_own_group_are_counted_on_v2(machine: Machine) -> None:
    machine.member_of("0::/pod/app")
    machine.v2("pod/app", memory_events="low 0\noom 5\noom_kill 3\noom_group_kill 1")
    machine.v2("pod", memory_events="oom_kill 9")
    assert machine.read().oom_kills == 3


def test_the_kills_of_our_own_group_are_counted_on_v1_without_failcnt(machine: Machine) -> None:
    machine.member_of("4:memory:/app")
    machine.v1("app", limit=100 * MB, usage=MB)
    machine.put(machine.cgroup / "memory/app/memory.failcnt", "512")
    machine.put(machine.cgroup / "memory/app/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert machine.read().oom_kills == 2


def test_without_any_counter_the_kills_are_unknown(machine: Machine) -> None:
    (machine.proc / "vmstat").unlink()
    assert machine.read().oom_kills is None


def test_two_groups_below_one_limit_share_a_domain(machine: Machine) -> None:
    domains = []
    for name in ("one", "two"):
        machine.member_of(f"0::/pod/{name}")
        machine.v2(f"pod/{name}", memory_max=500 * MB, memory_current=MB)
        machine.v2("pod", memory_max=500 * MB, memory_current=400 * MB)
        domains.append(machine.read().domain)
    assert domains[0] == domains[1]


def test_two_containers_that_both_see_themselves_as_the_root_are_two_domains(tmp_path: Path) -> None:
    domains = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        machine = Machine(tmp_path / name)
        machine.member_of("0::/")
        machine.v2("", memory_max=500 * MB, memory_current=MB)
        domains.add(machine.read().domain)
    assert len(domains) == 2


def test_a_domain_stays_the_same_while_use_moves_between_levels(machine: Machine) -> None:
    domains = set()
    for used in (10, 900):
        machine.member_of("0::/pod/app")
        machine.v2("pod/app", memory_max=200 * MB, memory_current=100 * MB)
        machine.v2("pod", memory_max=1000 * MB, memory_current=used * MB)
        domains.add(machine.read().domain)
    assert len(domains) == 1


SIZES = st.integers(min_value=0, max_value=2**45)
FILES = st.one_of(SIZES.map(str), st.sampled_from(["max", *GARBAGE[:5]]))


@settings(max_examples=60, deadline=None)
@given(levels=st.lists(st.tuples(FILES, FILES, FILES, SIZES), max_size=4), free_kb=SIZES)
def test_available_never_exceeds_a_headroom_and_never_falls_below_zero(
    levels: list[tuple[str, str, str, int]], free_kb: int
) -> None:
    with TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        machine.put(machine.proc / "meminfo", f"MemTotal: {2**44} kB\nMemAvailable: {free_kb} kB\n")
        machine.member_of("0::/" + "/".join("g" * len(levels)))
        for depth, (limit, high, usage, cache) in enumerate(levels):
            stat = f"inactive_file {cache}"
            group = "/".join("g" * depth)
            machine.v2(group, memory_max=limit, memory_high=high, memory_current=usage, memory_stat=stat)
        reading = machine.read()
        assert 0 <= reading.available_mb <= min(level.headroom_mb for level in reading.levels)
        assert reading.limit_mb == min(level.limit_mb for level in reading.levels)
        for limit, high, usage, cache in levels:
            for bound in (limit, high):
                if bound.isdigit() and usage.isdigit():
                    assert reading.available_mb * MB <= max(0, int(bound) - max(0, int(usage) - cache)) + 1


@pytest.mark.parametrize(("percent", "floor", "expected"), [(10, 64, 100), (10, 128, 128), (0, 0, 0)])
def test_the_reserve_is_the_larger_of_percent_and_floor(
    machine: Machine, percent: float, floor: float, expected: float
) -> None:
    machine.member_of("0::/app")
    machine.v2("app", memory_max=1000 * MB, memory_current=0)
    assert reserve_mb(machine.read(), percent, floor) == expected


def _process(machine: Machine, pid: int, *, rss_mb: int, pss_mb: int | None = None) -> None:
    pages = rss_mb * MB // resource.getpagesize()
    machine.put(machine.proc / f"{pid}/statm", f"99999 {pages} 3 4 0 5 0\n")
    if pss_mb is not None:
        rollup = f"0040-7ffd ---p 00000000 00:00 0 [rollup]\nRss: 9 kB\nPss: {pss_mb * 1024} kB\nPss_Anon: 1 kB\n"
        machine.put(machine.proc / f"{pid}/smaps_rollup", rollup)


def test_a_tree_under_its_line_is_the_sum_of_rss(machine: Machine) -> None:
    _process(machine, 11, rss_mb=100, pss_mb=60)
    _process(machine, 12, rss_mb=50, pss_mb=10)
    assert tree_memory_mb([11, 12], over_mb=150, proc_root=machine.proc) == 150
    assert tree_memory_mb([11, 12], proc_root=machine.proc) == 150


def test_a_tree_over_its_line_is_judged_by_pss_and_rss_where_that_is_unreadable(machine: Machine) -> None:
    _process(machine, 11, rss_mb=100, pss_mb=60)
    _process(machine, 12, rss_mb=50)
    assert tree_memory_mb([11, 12], over_mb=149, proc_root=machine.proc) == 110


def test_a_vanished_or_unreadable_process_counts_nothing(machine: Machine) -> None:
    _process(machine, 11, rss_mb=100)
    machine.put(machine.proc / "12/statm", "garbage")
    machine.put(machine.proc / "13/statm", "1 x")
    assert tree_memory_mb([11, 12, 13, 14], proc_root=machine.proc) == 100


def test_a_pid_named_twice_counts_once(machine: Machine) -> None:
    _process(machine, 11, rss_mb=100)
    assert tree_memory_mb([11, 11], proc_root=machine.proc) == 100


def test_this_very_process_is_measured_as_psutil_measures_it() -> None:
    expected = psutil.Process().memory_info().rss / MB
    assert tree_memory_mb([os.getpid()]) == pytest.approx(expected, rel=0.05)


def test_without_a_proc_folder_psutil_measures(tmp_path: Path) -> None:
    measured = tree_memory_mb([os.getpid(), 2**22 + 1], proc_root=tmp_path / "none")
    assert measured == pytest.approx(psutil.Process().memory_info().rss / MB, rel=0.05)


@pytest.fixture
def no_user_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the limit of the user who runs the tests out of the answer."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.usefixtures("no_user_limit")
def test_room_for_processes_is_the_least_of_all_levels(machine: Machine) -> None:
    machine.member_of("0::/pod/app")
    machine.v2("pod/app", pids_max=100, pids_current=30)
    machine.v2("pod", pids_max=200, pids_current=190)
    machine.v2("", pids_max="max", pids_current=500)
    assert pids_room(machine.cgroup, machine.proc) == 10


@pytest.mark.usefixtures("no_user_limit")
def test_room_for_processes_is_read_from_v1_too_and_is_never_negative(machine: Machine) -> None:
    machine.member_of("8:pids:/app")
    machine.put(machine.cgroup / "pids/app/pids.max", "20")
    machine.put(machine.cgroup / "pids/app/pids.current", "25")
    assert pids_room(machine.cgroup, machine.proc) == 0


@pytest.mark.usefixtures("no_user_limit")
def test_without_any_limit_room_for_processes_is_unlimited(machine: Machine) -> None:
    assert pids_room(machine.cgroup, machine.proc) is None


def test_a_users_own_limit_counts_all_threads_of_that_user(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for task in ("10/task/10", "10/task/11", "12/task/12", "self/task/12"):
        (machine.proc / task).mkdir(parents=True)
    owner = (machine.proc / "10").stat().st_uid
    monkeypatch.setattr(resource, "getrlimit", lambda _: (50, 50))
    monkeypatch.setattr(os, "getuid", lambda: owner or 1000)
    if owner == 0:
        for folder in ("10", "12"):
            os.chown(machine.proc / folder, 1000, -1)
    assert pids_room(machine.cgroup, machine.proc) == 47


def test_root_is_not_bound_by_the_limit_of_a_user(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 1))
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert pids_room(machine.cgroup, machine.proc) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the real trees exist on Linux only")
def test_the_real_machine_is_readable() -> None:
    reading = read_memory()
    assert 0 < reading.available_mb <= reading.limit_mb
    assert reading.source
