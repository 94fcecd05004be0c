"""The nodes of the memory storm: six healthy ones, a leaker and a burster, all due at the same moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MEMORY_MB = 150  # what each says that it needs
EVERY_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One of them."""

    name: str
    load: str  # of benchmarks/guests/storm.py
    every_s: float

    @property
    def row(self) -> dict[str, Any]:
        """Its columns as a node of Scrapewarden."""
        return {
            "name": self.name,
            "scraper": f"storm:{self.load}",
            "params": {"name": self.name},
            "schedule": f"every {self.every_s:.0f}s",
            "memory_mb": MEMORY_MB,
        }


NODES = (
    *(Node(name=f"healthy-{number}", load="healthy", every_s=EVERY_S) for number in range(1, 7)),
    Node(name="leaker", load="leaks", every_s=2 * EVERY_S),
    Node(name="burster", load="bursts", every_s=2 * EVERY_S),
)


def ticks(load: str, seconds: float) -> int:
    """How many ticks of nodes with that load fall due before so many seconds are over."""
    return sum(1 + int((seconds - 1) // node.every_s) for node in NODES if node.load == load)
