"""Local launcher: one ProcessPoolExecutor per scrape, forked from a loaded template, watched by pidfd."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import resource_tracker

from supervisor import processes
from supervisor.config import Config
from supervisor.guard import Guard, boottime
from supervisor.launchers import Ended, Flight, LaunchError, Room, fork_room, forkserver
from supervisor.launchers.orphans import Orphans
from supervisor.launchers.running import STATUS_LIMIT_S, Running
from supervisor.launchers.spare import Spare
from supervisor.memory import read_memory
from workers import template
from workers.entry import run_assignment
from workers.processes import OWNER_NAME, PLACEHOLDER, TAG_NAME
from workers.records import Assignment, Outcome
from workers.states import Cause, EndedBy

_FRESH_MB = 30.0  # of its own memory, as long as no fresh process has been weighed here
_FORKSERVER_LIMIT_S = 0.3  # for one whose fork has failed to be gone
_RECOVERY_S = 1.0  # after its death: what killed it may kill the next


class LocalLauncher:
    """Launches, watches and sweeps scrapes of this machine. `launch` and `poll` belong to the main thread."""

    def __init__(
        self, config: Config, guard: Guard, supervisor_id: str, *, owns_every_child: bool = True, database_url: str = ""
    ) -> None:
        """Start the template.

        `owns_every_child`: unknown children of this process are orphans of scrapes. `database_url`: while nothing
        runs, keep a process ready that is connected to it.
        """
        self._config = config
        self._guard = guard
        self._running: dict[int, Running] = {}
        self._unborn: list[Ended] = []
        self._launch_from = 0.0
        self._forks = config.launcher.start_method == "forkserver"
        self._context = template.ForkserverContext() if self._forks else template.SpawnContext()
        # Before the mark is set: whoever kills all that carry it must leave the tracker, which has work to do
        # until this process has ended and ends by itself then.
        resource_tracker.ensure_running()
        os.environ[TAG_NAME] = PLACEHOLDER
        os.environ[OWNER_NAME] = supervisor_id
        processes.adopt_orphans()
        processes.raise_descriptor_limit()
        self._orphans = Orphans(supervisor_id, owns_every_child=owns_every_child)
        self._start_template()
        self._spare = Spare(self._context, database_url) if database_url and self._forks else None
        self._has_emptied = False  # the last scrape has ended, and nothing has been made ready since

    def keep(self, pid: int) -> None:
        """A child of this process that is not a scrape's: never swept."""
        self._orphans.keep.add(pid)

    @property
    def helpers(self) -> set[int]:
        """Pids of processes of our own that are no scrapes."""
        return forkserver.helpers() if self._forks else set()

    @property
    def fresh_mb(self) -> float:
        """What a process weighs that has not scraped yet, without the libraries' files, which all share."""
        return (self._spare.weigh() if self._spare is not None else None) or _FRESH_MB

    @property
    def running(self) -> int:
        """Scrapes whose process tree is not known to be gone."""
        return len(self._running)

    @property
    def pidfds(self) -> list[int]:
        """Readable when a scrape has died."""
        return [running.pidfd for running in self._running.values() if running.dead_since is None]

    @property
    def settling(self) -> bool:
        """Whether a dead scrape still waits for its status, or its tree to be gone, or the next spare for its start."""
        dead = any(running.dead_since is not None for running in self._running.values())
        return dead or bool(self._unborn) or self._has_emptied

    def room(self) -> Room:
        """Free slots, and what the forkserver needs for them."""
        free = self._config.supervisor.max_concurrent - len(self._running)
        if free <= 0:
            return Room(slots=0, reason=f"all {self._config.supervisor.max_concurrent} slots are in use")
        if boottime() < self._launch_from:
            return Room(slots=0, reason="the forkserver has just died; another one is started in a second")
        if reason := fork_room.shortage():
            return Room(slots=0, reason=reason)
        return Room(slots=free)

    def launch(self, assignment: Assignment, lease_sent_at: float) -> Flight:
        """Submit one scrape to an executor of its own. Raises LaunchError, but not if the forkserver dies of it."""
        forkserver_pid = self._start_template()
        parent = forkserver_pid if self._forks else os.getpid()
        assignment = replace(assignment, parent_pid=parent or 0, launched_at=boottime())
        template.started.last = None
        try:
            with self._guard.submitting(forkserver_pid):
                future = self._submit(assignment)
        except (OSError, EOFError, RuntimeError, BrokenProcessPool) as error:  # RuntimeError: no thread to be had
            if template.started.last is not None:  # it came up, but nobody will ever watch it
                processes.kill_tree(template.started.last.pid, template.started.last.pidfd)
            if forkserver_pid is not None and forkserver.has_died(forkserver_pid, _FORKSERVER_LIMIT_S):
                return self._taken_along(assignment, lease_sent_at, forkserver_pid)
            raise LaunchError(f"no process came up: {type(error).__name__} {error}".strip()) from error
        popen = template.started.last
        if popen is None:
            raise LaunchError("no process came up")
        flight = Flight(
            assignment=assignment,
            pid=popen.pid,
            lease_sent_at=lease_sent_at,
            soft_s=self._config.kill.soft_s,
            term_s=self._config.kill.term_s,
            deadline=assignment.launched_at + assignment.timeout_s,
        )
        running = Running(
            flight=flight,
            future=future,
            popen=popen,
            pidfd=os.dup(popen.pidfd),
            oom_kills=self._oom_kills(),
            forkserver_pid=forkserver_pid,
        )
        self._running[assignment.run_id] = running
        if not self._forks:
            self._orphans.keep.add(popen.pid)
        self._guard.watch(flight, running.pidfd)
        return flight

    def _taken_along(self, assignment: Assignment, lease_sent_at: float, forkserver_pid: int) -> Flight:
        """A flight that ended with the forkserver before it began: nobody's fault, like its neighbours'."""
        self._launch_from = boottime() + _RECOVERY_S
        flight = Flight(assignment=assignment, pid=0, lease_sent_at=lease_sent_at)
        self._unborn.append(Ended(flight=flight, outcome=None, launcher_died=True, launcher_pid=forkserver_pid))
        return flight

    def _submit(self, assignment: Assignment) -> Future[Outcome]:
        # The last reference to the executor goes with this frame: an executor that lives on starts a useless
        # replacement, and one that is shut down without waiting crashes its manager thread now and then.
        spare = self._spare.take() if self._spare is not None else None
        if spare is not None:
            executor, template.started.last = spare
        else:
            executor = ProcessPoolExecutor(max_workers=1, mp_context=self._context, max_tasks_per_child=1)
        with self._without_secrets():  # a spawned process gets its environment now
            return executor.submit(run_assignment, assignment)

    @contextlib.contextmanager
    def _without_secrets(self) -> Iterator[None]:
        """Processes started inside see the environment without what is no scraper's business."""
        taken = {name: os.environ.pop(name) for name in self._config.secret_names if name in os.environ}
        try:
            yield
        finally:
            os.environ.update(taken)

    def _refill(self) -> None:
        """Start the next spare process; if that fails a launch will say why."""
        self._has_emptied = False
        if self._spare is None or not self._spare.wanted or not self.room().slots:
            return
        with contextlib.suppress(OSError, EOFError, RuntimeError, AttributeError):
            forkserver_pid = self._start_template()
            with self._guard.submitting(forkserver_pid):
                self._spare.start(forkserver_pid or 0)

    def poll(self) -> list[Ended]:
        """Those whose process, result and descendants are all accounted for."""
        dead = [running for running in self._running.values() if running.look()]
        if not self._running:
            self._refill()  # only while idle: beside running scrapes their memory comes first
        unborn, self._unborn = self._unborn, []
        if not dead:
            return unborn
        # A run whose daemon cannot be killed keeps its memory and its row; its neighbours do not wait for it.
        left = self._orphans.sweep()
        gone = [running for running in dead if running.flight.assignment.run_id not in left]
        return unborn + [ended for running in gone if (ended := self._ending(running)) is not None]

    def end(self, run_id: int, cause: Cause, sentence: str | None, rung: EndedBy) -> None:
        """Begin or raise the ladder of one scrape."""
        self._guard.end(run_id, cause, sentence, rung)

    def close(self) -> None:
        """Kill what is left, then the template; bounded."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        for run_id in list(self._running):
            self._guard.end(run_id, Cause.SHUTDOWN, None, EndedBy.KILL)
        until = time.monotonic() + STATUS_LIMIT_S
        while self._running and time.monotonic() < until:
            if not self.poll():
                time.sleep(0.01)
        if self._forks:
            forkserver.stop()

    def _ending(self, running: Running) -> Ended | None:
        """None while its status or result may still arrive."""
        ended = running.end(self._oom_kills)
        if ended is not None:
            run_id = running.flight.assignment.run_id
            del self._running[run_id]
            self._guard.forget(run_id)  # first: it must not signal through a number that has been given out again
            os.close(running.pidfd)
            self._orphans.keep.discard(running.flight.pid)
            self._has_emptied = not self._running
        return ended

    def _oom_kills(self) -> int | None:
        memory = self._config.memory
        return read_memory(memory.cgroup_root, memory.proc_root).oom_kills

    def _start_template(self) -> int | None:
        if not self._forks:
            return None
        with self._without_secrets():
            pid = forkserver.start()
        self._orphans.keep |= forkserver.helpers()
        return pid
