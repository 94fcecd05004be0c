"""Who a process is: a pid alone is no identity, since pids are used again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TAG_NAME = "SCRAPEWARDEN_RUN"
OWNER_NAME = "SCRAPEWARDEN_SUPERVISOR"
_TAG_WIDTH = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What makes a process this one and no other."""

    boot_id: str  # of the kernel
    pid_ns: str  # inode of the pid namespace
    pid: int
    start_ticks: int  # /proc/PID/stat field 22


def tag_of(run_id: int, epoch: int) -> str:
    """The run tag, as wide as its placeholder so that it can be written over it in place."""
    return f"{run_id}.{epoch}.".ljust(_TAG_WIDTH, "0")


PLACEHOLDER = "0" * _TAG_WIDTH


def boot_id() -> str:
    """The kernel's boot id, or an empty text where there is none (macOS)."""
    return _read("/proc/sys/kernel/random/boot_id").strip()


def pid_namespace() -> str:
    """The inode of this process's pid namespace, as text."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def start_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None if there is no such process."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields else None


def state_letter(pid: int) -> str | None:
    """The kernel's state letter (Z is a zombie); None if there is no such process."""
    fields = stat_fields(pid)
    return fields[0] if fields else None


def stat_fields(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the third on; the second may hold blanks and parentheses."""
    text = _read(f"/proc/{pid}/stat")
    return text.rpartition(")")[2].split() if text else None


def own_identity() -> Identity:
    """The identity of this process."""
    pid = os.getpid()
    return Identity(boot_id=boot_id(), pid_ns=pid_namespace(), pid=pid, start_ticks=start_ticks(pid) or 0)


def rss_mb(pid: int) -> float:
    """Resident memory in MB, 0 for a process that is gone."""
    text = _read(f"/proc/{pid}/statm")
    return int(text.split()[1]) * _PAGE_MB if text else 0.0


def anonymous_mb(pid: int) -> float:
    """Memory of its own in MB, without mapped files, which all processes share; 0 for a process that is gone."""
    fields = [line.split() for line in _read(f"/proc/{pid}/status").splitlines() if line.startswith("RssAnon:")]
    return int(fields[0][1]) / 1024 if fields else 0.0


_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
