"""How much memory is really there: the host's, cut down by every control group above us.

psutil and /proc/meminfo report the host inside a container; the kernel kills by the group's limit. So a reading
is the minimum of headrooms over all levels, and file cache does not count as use: the kernel gives it back first.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil

from supervisor.cgroups import (
    CGROUP_ROOT,
    PROC_ROOT,
    CgroupKind,
    Group,
    as_number,
    find_groups,
    read_fields,
    read_number,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LevelKind = CgroupKind | Literal["host"]

MB = 1024 * 1024
NO_LIMIT = 2**60  # v1 writes "no limit" as a page-rounded number near 2^63
PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryLevel:
    """One limit that bounds us: the host itself, or a control group with a limit."""

    path: str  # of the group below its mount; "/" for the host
    limit_mb: float
    used_mb: float  # working set: usage without file cache
    headroom_mb: float  # never negative
    kind: LevelKind


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryReading:
    """One look at the memory of this machine or container."""

    available_mb: float  # the smallest headroom of all levels
    limit_mb: float  # the smallest limit of all levels
    source: str  # which limit that is, for a person
    tightest: MemoryLevel  # the level that decides `available_mb`
    levels: tuple[MemoryLevel, ...]  # our own group first, the host last
    domain: str  # equal for all processes that share the smallest limit
    oom_kills: int | None  # kills by the kernel so far, where processes of our group count; None: unknown


def read_memory(cgroup_root: Path | str = CGROUP_ROOT, proc_root: Path | str = PROC_ROOT) -> MemoryReading:
    """Read host and control groups now; never fails, a level that cannot be read is left out."""
    proc = Path(proc_root)
    groups = find_groups("memory", cgroup_root, proc)
    bounds = [(group, level) for group in groups if (level := _level(group)) is not None]
    host = _host_level(proc)
    levels = (*(level for _, level in bounds), host)
    smallest = min(level.limit_mb for level in levels)
    # Of equal limits the outermost counts: it is the one that others share with us.
    limiting = next((bound for bound in reversed(bounds) if bound[1].limit_mb == smallest), None)
    if host.limit_mb == smallest:
        limiting = None
    tightest = min(reversed(levels), key=lambda level: level.headroom_mb)
    return MemoryReading(
        available_mb=tightest.headroom_mb,
        limit_mb=smallest,
        source=_source(limiting[1] if limiting else None, contained=bool(bounds)),
        tightest=tightest,
        levels=levels,
        domain=f"{_boot_id(proc)}:{_identity(limiting[0]) if limiting else 'host'}",
        oom_kills=_oom_kills(groups, proc),
    )


def reserve_mb(reading: MemoryReading, percent: float, floor_mb: float) -> float:
    """What admission leaves free: `percent` of the smallest limit, but at least `floor_mb`."""
    return max(reading.limit_mb * percent / 100, floor_mb)


def tree_memory_mb(pids: Iterable[int], *, over_mb: float | None = None, proc_root: Path | str = PROC_ROOT) -> float:
    """Memory of these processes in MB; a vanished one counts 0.

    RSS counts shared pages once per process and is cheap. Only when its sum is over `over_mb`, PSS is read, which
    shares them out and costs 80 times as much; where that is not readable, RSS stands.
    """
    proc = Path(proc_root)
    residents = {pid: _rss_bytes(proc, pid) for pid in set(pids)}
    total = sum(residents.values())
    if over_mb is not None and total > over_mb * MB:
        total = sum(_pss_bytes(proc, pid, otherwise=rss) for pid, rss in residents.items())
    return total / MB


def _level(group: Group) -> MemoryLevel | None:
    """The limit and working set of one group; None without a limit, or when usage cannot be read."""
    here = group.directory
    stat = read_fields(here / "memory.stat")
    if group.kind == "cgroup v1":
        prefix = "total_" if "total_inactive_file" in stat else ""
        usage = read_number(here / "memory.usage_in_bytes")
        # The hierarchical limit tells of ancestors above a container's mount, which we cannot see.
        limits = (read_number(here / "memory.limit_in_bytes"), stat.get("hierarchical_memory_limit"))
    else:
        prefix = ""
        usage = read_number(here / "memory.current")
        # Above memory.high the kernel stalls us until memory is given back: no room to start anything in.
        limits = (read_number(here / "memory.max"), read_number(here / "memory.high"))
    limit = min((limit for limit in limits if limit is not None and limit < NO_LIMIT), default=None)
    if limit is None or usage is None:
        return None
    cache = stat.get(f"{prefix}inactive_file", 0) + stat.get(f"{prefix}active_file", 0)
    used = max(0, usage - cache)
    return _make_level(group.path, group.kind, limit, used)


def _host_level(proc: Path) -> MemoryLevel:
    info = {name: kilobytes * 1024 for name, kilobytes in read_fields(proc / "meminfo").items()}
    total = info.get("MemTotal")
    available = info.get("MemAvailable")
    if available is None and "MemFree" in info:  # kernels before 3.14
        available = info["MemFree"] + info.get("Cached", 0)
    if total is None or available is None:  # no /proc: macOS
        memory = psutil.virtual_memory()
        total, available = memory.total, memory.available
    return _make_level("/", "host", total, max(0, total - available))


def _make_level(path: str, kind: LevelKind, limit: int, used: int) -> MemoryLevel:
    headroom = max(0, limit - used)
    return MemoryLevel(path=path, kind=kind, limit_mb=limit / MB, used_mb=used / MB, headroom_mb=headroom / MB)


def _source(limiting: MemoryLevel | None, *, contained: bool) -> str:
    if limiting is not None:
        return f"{limiting.kind} limit {limiting.limit_mb:.0f} MB at {limiting.path}"
    return "host memory, smaller than every container limit" if contained else "host memory, no container limit"


def _identity(group: Group) -> str:
    """The group's inode: its path differs between the namespaces of two containers, or is "/" in both."""
    try:
        return f"{group.kind} {group.directory.stat().st_ino}"
    except OSError:  # removed since we read it
        return f"{group.kind} {group.path}"


def _boot_id(proc: Path) -> str:
    return read_text(proc / "sys" / "kernel" / "random" / "boot_id").strip() or f"{psutil.boot_time():.0f}"


def _oom_kills(groups: list[Group], proc: Path) -> int | None:
    """The kernel's count of our own group; where no group keeps one, the whole host's."""
    for group in groups:
        name = "memory.oom_control" if group.kind == "cgroup v1" else "memory.events"
        kills = read_fields(group.directory / name).get("oom_kill")
        if kills is not None:
            return kills
    return read_fields(proc / "vmstat").get("oom_kill")


def _rss_bytes(proc: Path, pid: int) -> int:
    words = read_text(proc / str(pid) / "statm").split()
    if len(words) > 1:
        return (as_number(words[1]) or 0) * PAGE_BYTES
    if proc.is_dir():
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _pss_bytes(proc: Path, pid: int, *, otherwise: int) -> int:
    kilobytes = read_fields(proc / str(pid) / "smaps_rollup").get("Pss")
    return otherwise if kilobytes is None else kilobytes * 1024
