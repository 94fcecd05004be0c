"""What this machine or container allows: limits, counters, room."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

from supervisor.cgroups import Group, find_groups, pids_room, read_fields, read_number
from supervisor.config import Config
from supervisor.doctor.finding import Finding, judged
from supervisor.memory import read_memory

DESCRIPTORS_A_SCRAPE = 7
DESCRIPTORS_OURS = 64
PIDS_OURS = 24  # supervisor, keeper, forkserver, tracker, dashboard, and sixteen kept free for the forkserver
PIDS_A_SCRAPE = 6  # its threads count
CLOCKS_STEP_S = 0.02
YEAR_2024 = 1_704_067_200.0
MB = 2**20


def memory_source(config: Config) -> Finding:
    """Which limit admission goes by."""
    reading = read_memory(config.memory.cgroup_root, config.memory.proc_root)
    found = f"limit {reading.limit_mb:.0f} MB, {reading.available_mb:.0f} MB available ({reading.source})"
    advice = "no control group's limit is seen, so the host's memory counts; give a container one (mem_limit)"
    return judged("memory limit", found, advice, good=reading.source.startswith("cgroup"), otherwise="warn")


def swap(config: Config) -> Finding:
    """A limit on memory alone is no limit where there is swap."""
    total = read_fields(Path(config.memory.proc_root) / "meminfo").get("SwapTotal", 0) / 1024
    limits = [limit for group in _groups(config) if (limit := _swap_limit(group)) is not None]
    limited = bool(read_memory(config.memory.cgroup_root, config.memory.proc_root).source.startswith("cgroup"))
    if not total:
        return judged("swap", "there is none", "", good=True)
    found = f"{total:.0f} MB of swap, {f'limited to {min(limits):.0f} MB' if limits else 'not limited here'}"
    advice = "scrapes over the limit swap instead of ending: limit it as well (memswap_limit equal to mem_limit)"
    return judged("swap", found, advice, good=bool(limits) or not limited, otherwise="warn")


def _groups(config: Config) -> list[Group]:
    return find_groups("memory", config.memory.cgroup_root, config.memory.proc_root)


def _swap_limit(group: Group) -> float | None:
    """MB of swap that a group may use; None without a limit."""
    if group.kind == "cgroup v2":
        limit = read_number(group.directory / "memory.swap.max")
        return None if limit is None else limit / MB
    both = read_number(group.directory / "memory.memsw.limit_in_bytes")
    alone = read_number(group.directory / "memory.limit_in_bytes")
    return None if both is None or alone is None or both >= 2**60 else (both - alone) / MB


def oom_counter(config: Config) -> Finding:
    """What tells the kernel's kill from a stranger's."""
    kills = read_memory(config.memory.cgroup_root, config.memory.proc_root).oom_kills
    found = (
        "the kernel's counter of out-of-memory kills cannot be read" if kills is None else f"oom_kill {kills} so far"
    )
    advice = "such a kill will read `killed`, not `oom`: mount the control groups at memory.cgroup_root"
    return judged("oom counter", found, advice, good=kills is not None, otherwise="warn")


def pids(config: Config) -> Finding:
    """Processes and threads that may still be started."""
    room = pids_room(config.memory.cgroup_root, config.memory.proc_root)
    wanted = PIDS_OURS + PIDS_A_SCRAPE * config.supervisor.max_concurrent
    if room is None:
        return judged("pids", "no limit on processes is known", "", good=True)
    found = (
        f"{room} more processes and threads are allowed, {wanted} wanted for {config.supervisor.max_concurrent} scrapes"
    )
    advice = "raise pids_limit or RLIMIT_NPROC, or lower supervisor.max_concurrent"
    return judged("pids", found, advice, good=room >= wanted, otherwise="fail" if room < PIDS_OURS else "warn")


def descriptors(config: Config) -> Finding:
    """Open files: the supervisor raises its own limit as far as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_OURS + DESCRIPTORS_A_SCRAPE * config.supervisor.max_concurrent
    found = f"up to {hard} open files, {wanted} wanted for {config.supervisor.max_concurrent} scrapes"
    advice = "raise the hard limit (ulimits: nofile), or lower supervisor.max_concurrent"
    return judged("open files", found, advice, good=hard in (-1, resource.RLIM_INFINITY) or hard >= wanted)


def temp_folder(_config: Config) -> Finding:
    """Sockets of the forkserver, and what the demo, chaos and this command write."""
    advice = "name a writable folder by TMPDIR, or mount a tmpfs at /tmp"
    try:
        with tempfile.NamedTemporaryFile(prefix="scrapewarden-doctor-") as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return judged("temp folder", f"no file can be written: {error}", advice, good=False)
    return judged("temp folder", f"{tempfile.gettempdir()} is writable", advice, good=True)


def clocks(_config: Config) -> Finding:
    """Deadlines go by CLOCK_BOOTTIME; rows by the database's clock, so ours only has to be plausible."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME), time.monotonic()
    time.sleep(CLOCKS_STEP_S)
    after = time.clock_gettime(time.CLOCK_BOOTTIME), time.monotonic()
    goes = all(late - early >= CLOCKS_STEP_S / 2 for early, late in zip(before, after, strict=True))
    plausible = time.time() > YEAR_2024
    found = f"CLOCK_BOOTTIME and the monotonic clock {'go' if goes else 'do not go'}, "
    found += f"the wall clock says {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC"
    advice = (
        "set the clock of this machine by NTP" if goes else "deadlines cannot be kept: use a kernel with these clocks"
    )
    return judged("clocks", found, advice, good=goes and plausible, otherwise="warn" if goes else "fail")
