"""Proxies: which one a run uses, and whether it hides our own address."""

from __future__ import annotations

from dataclasses import dataclass, field

from workers.line import Line
from workers.progress import Logbook
from workers.records import Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """One that has been checked, for the whole run."""

    id: int
    shown: str  # its URL as stored, with placeholders
    url: str = field(repr=False)  # filled in: never stored, never logged


def take_proxy(assignment: Assignment, line: Line, logbook: Logbook) -> Proxy | None:  # noqa: ARG001 - a seam
    """The proxy of this run; None: its node has no pool. Raises ProxyRefused when none may be used."""
    return None
