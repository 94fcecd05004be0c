"""What a process holds: to be compared before and after."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SEMAPHORES = "/dev/shm/sem."
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """All but memory should be the same whenever the process is at rest."""

    descriptors: int
    threads: int
    semaphores: int
    rss_mb: float

    @property
    def counts(self) -> tuple[int, int, int]:
        """What can be counted."""
        return self.descriptors, self.threads, self.semaphores


def footprint_of(pid: int) -> Footprint:
    """Of a living process."""
    return Footprint(
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        semaphores=len(semaphores_of(pid)),
        rss_mb=int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE_MB,
    )


def semaphores_of(pid: int) -> set[int]:
    """Inodes of the semaphores that the process has open: they are linked to their names after they were opened."""
    maps = Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines()
    return {int(line.split()[4]) for line in maps if f" {SEMAPHORES}" in line}


def named_semaphores(inodes: set[int]) -> list[str]:
    """Those of them that still have a name, and so outlive whoever has them open."""
    return [path.name for path in Path(SEMAPHORES).parent.glob("sem.*") if _inode(path) in inodes]


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:  # unlinked since it was listed
        return None
