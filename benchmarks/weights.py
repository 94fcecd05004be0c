"""What processes weigh and use, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """MB of one process."""

    rss: float
    pss: float  # shared pages are counted in parts
    uss: float  # what its end would give back


def weigh(pid: int) -> Weight:
    """Memory of a living process."""
    kilobytes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]:
        words = line.split()
        kilobytes[words[0].rstrip(":")] = int(words[1]) / 1024
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Weight(rss=kilobytes["Rss"], pss=kilobytes["Pss"], uss=own)


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used, its waited-for children left out; to a clock tick (10 ms)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICKS_S


def command_of(pid: int) -> str:
    """Its command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
