"""How much memory a scrape may take: as its row says, or learned from what its node has used. Pure policy, in MB."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from workers.states import Cause

TEACHING = frozenset({Cause.DONE, Cause.REQUESTED, Cause.EXCEPTION})  # ends that were not cut short by memory
PEAKS = 20  # so many runs back a budget remembers
_FEWEST_PEAKS = 5  # below that nothing is known
_MARGIN = 1.25
_RAISE = 1.5
_FLOOR_MARGIN_MB = 32  # for a scraper's own modules and its first page

TREND_RUNS = 10
_CLIMBING_PAIRS = 27  # Mann-Kendall: of 45 pairs, rising less falling; by chance once in 120 windows
_LEAST_CLIMB = 1.1
_LEAST_CLIMB_MB = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What a run may take, and why so much."""

    mb: int
    source: str  # memory_mb, default, learned; the last two with " x1.5" once raised


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What no learned budget leaves; from section [memory] and from a look at a fresh process."""

    floor_mb: int
    default_mb: int
    most_mb: int


def floor_mb(fresh_mb: float) -> int:
    """The least budget that makes sense where a fresh scrape weighs so much before it has done anything."""
    return math.ceil(fresh_mb) + _FLOOR_MARGIN_MB


def too_small(memory_mb: int | None, floor: int) -> str | None:
    """Why a budget named in a row is refused, or None."""
    if memory_mb is None or memory_mb >= floor:
        return None
    return (
        f"memory_mb is {memory_mb}, but a fresh scrape weighs {floor - _FLOOR_MARGIN_MB} MB here and needs some "
        f"{_FLOOR_MARGIN_MB} more: raise it to {floor} or leave it null to have it learned"
    )


def budget_of(memory_mb: int | None, peaks: Sequence[float], memory_ends: int, bounds: Bounds) -> Budget:
    """The budget of the next run of a node.

    `peaks`: of its last runs that ended done, requested or exception; runs that were cut short by memory would
    teach the budget nothing but itself. `memory_ends`: runs of the tick in hand that ended for want of memory.
    """
    if memory_mb is not None:
        return Budget(mb=memory_mb, source="memory_mb")
    known = len(peaks) >= _FEWEST_PEAKS
    wanted = percentile_95(peaks[:PEAKS]) * _MARGIN if known else float(bounds.default_mb)
    factor = _RAISE ** min(memory_ends, 10)
    mb = min(max(math.ceil(wanted * factor), bounds.floor_mb), bounds.most_mb)
    return Budget(mb=mb, source=("learned" if known else "default") + (f" x{factor:g}" if memory_ends else ""))


def percentile_95(values: Sequence[float]) -> float:
    """The 95th percentile, interpolated between neighbours as Postgres' percentile_cont does."""
    ordered = sorted(values)
    position = 0.95 * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def begins_to_climb(peaks: Sequence[float]) -> bool:
    """Whether the last ten runs show a climb that the ten before this run did not; `peaks` oldest first."""
    return _climbs(peaks[-TREND_RUNS:]) and not _climbs(peaks[-TREND_RUNS - 1 : -1])


def _climbs(peaks: Sequence[float]) -> bool:
    """Rising throughout (ranks only, so that one outlier makes no trend), and by an amount that matters."""
    if len(peaks) < TREND_RUNS:
        return False
    signs = [(b > a) - (b < a) for i, a in enumerate(peaks) for b in peaks[i + 1 :]]
    first, last = median(peaks[:3]), median(peaks[-3:])
    return sum(signs) >= _CLIMBING_PAIRS and last >= first * _LEAST_CLIMB and last - first >= _LEAST_CLIMB_MB
