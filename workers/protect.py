"""What a scrape child does to itself before any scraper code runs."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from workers.processes import PLACEHOLDER, TAG_NAME, stat_fields, tag_of

if TYPE_CHECKING:
    from workers.records import Assignment

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CLOCK_BOOTTIME = 7
_TIMER_ABSTIME = 1
_LAST_RESORT_S = 0.5  # after the deadline; the supervisor's guard is the first to act
_OOM_SCORE = 900
_THREAD_STACK = 512 * 1024
_DESCRIPTORS = 4_096  # the template's limit is the system's highest, and all descriptors of a system are one purse


Limits = tuple[tuple[int, tuple[int, int]], ...]  # what is limited, and its soft and hard limit


def _load_libc() -> ctypes.CDLL | None:
    """The C library, where it is Linux's."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    return libc if hasattr(libc, "prctl") else None


_libc = _load_libc()


def protect(assignment: Assignment) -> None:
    """Own session, run tag, death with the parent, first choice of the OOM killer, a timer nobody can block."""
    if assignment.parent_pid:
        os.setsid()
    show_tag(tag_of(assignment.run_id, assignment.epoch))
    die_with_parent(assignment.parent_pid)
    become_subreaper()
    volunteer_to_oom_killer()
    arm_deadline(assignment.launched_at + assignment.timeout_s + _LAST_RESORT_S)
    limit_descriptors()
    if assignment.data_limit:
        limit_data(assignment.budget_mb)
    threading.stack_size(_THREAD_STACK)  # idle threads' stacks count as data


def die_with_parent(expected_parent: int) -> None:
    """Have the kernel kill this process when the thread that started it dies; 0: any parent will do."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A parent that died before the call sends no signal any more. A reaper may be anyone, so compare with the
    # expected pid, not with 1.
    if expected_parent and os.getppid() != expected_parent:
        os.kill(os.getpid(), signal.SIGKILL)


def become_subreaper() -> None:
    """Keep daemonised descendants in this process's tree."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def volunteer_to_oom_killer() -> None:
    """Let the kernel choose this process, not the supervisor; raising one's own score needs no privilege."""
    try:
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), "ascii")
    except OSError:  # no /proc, or a container that forbids it: `doctor` says so
        return


def show_tag(tag: str) -> None:
    """Write the run tag where /proc/PID/environ shows it: over its placeholder in this process's own memory.

    Setting os.environ alone changes only what programs see that are executed later.
    """
    os.environ[TAG_NAME] = tag
    fields = stat_fields(os.getpid())
    if fields is None or len(fields) < 49:
        return
    start, end = int(fields[47]), int(fields[48])  # env_start, env_end
    if not start < end:
        return
    block = ctypes.string_at(start, end - start)
    at = block.find(f"{TAG_NAME}=".encode())
    width = len(PLACEHOLDER)
    if at >= 0 and len(block) >= at + len(TAG_NAME) + 1 + width and len(tag) == width:
        ctypes.memmove(start + at + len(TAG_NAME) + 1, tag.encode(), width)


def arm_deadline(at_boottime: float) -> None:
    """A kernel timer that sends SIGKILL at that CLOCK_BOOTTIME, whatever holds the interpreter."""
    if _libc is None or not hasattr(_libc, "timer_create"):
        return
    event = struct.pack("qii48x", 0, signal.SIGKILL, 0)  # sigev_value, sigev_signo, SIGEV_SIGNAL
    timer = ctypes.c_void_p()
    if _libc.timer_create(_CLOCK_BOOTTIME, event, ctypes.byref(timer)) != 0:
        return
    seconds, fraction = divmod(max(at_boottime, 0.001), 1)
    spec = struct.pack("qqqq", 0, 0, int(seconds), int(fraction * 1e9))
    _libc.timer_settime(timer, _TIMER_ABSTIME, spec, None)


def limit_descriptors() -> None:
    """Let a leak of descriptors end this process alone: a lower soft limit, which browsers raise for themselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft > _DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, hard))


def highest_limits() -> Limits:
    """What `lift_limits` will need, made while there is memory for it."""
    hard = {limit: resource.getrlimit(limit)[1] for limit in (resource.RLIMIT_DATA, resource.RLIMIT_NOFILE)}
    return tuple((limit, (most, most)) for limit, most in hard.items())


def lift_limits(highest: Limits) -> None:
    """The scraper is through: what it has used up, or denied itself, is not missing for the verdict.

    Asks for no memory: there may be none before it has done its work.
    """
    for limit, both in highest:
        try:
            resource.setrlimit(limit, both)
        except (ValueError, OSError):  # it has lowered the hard limit too, and only root may raise that
            continue


def limit_data(budget_mb: int) -> None:
    """Turn a burst into a MemoryError: soft limit = data size now + twice the budget; the hard one stays.

    Address space of data counts, so idle threads do too; hence the slack.
    """
    status = Path("/proc/self/status")
    text = status.read_text("ascii", "replace") if status.exists() else ""
    vm_data_kb = next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmData:")), 0)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = vm_data_kb * 1024 + 2 * budget_mb * 2**20
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
