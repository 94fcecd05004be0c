"""Whether the guards can work in this very container: each is put to work, and what it needs is asked for by doing it.

Needs no database, and touches no process but its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from supervisor.config import Config
from supervisor.doctor import container, guards, kernel, sweep
from supervisor.doctor.finding import Finding, carefully

__all__ = ["Finding", "examine"]


def examine(config: Config) -> Iterator[Finding]:
    """Findings as they are made, first what there is, then the guards at work."""
    for name, look in (
        ("memory limit", container.memory_source),
        ("swap", container.swap),
        ("oom counter", container.oom_counter),
        ("pids", container.pids),
        ("open files", container.descriptors),
        ("temp folder", container.temp_folder),
        ("clocks", container.clocks),
    ):
        yield carefully(name, partial(look, config))
    for name, ask in (
        ("init", kernel.init),  # before orphans fall to us
        ("children", kernel.children),
        ("pidfd", kernel.pidfd),
        ("parent death", kernel.parent_death),
        ("subreaper", kernel.subreaper),
        ("timer", kernel.timer),
    ):
        yield carefully(name, ask)
    yield from sweep.look_and_sweep()
    for name, prove in (
        ("memory wait", guards.memory_wait),
        ("hard kill", guards.hard_kill),
        ("timeout", guards.timeout),
        ("memory kill", guards.memory_kill),
        ("memory burst", guards.burst),
    ):
        yield carefully(name, partial(prove, config))
