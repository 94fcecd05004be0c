"""Local launcher: one ProcessPoolExecutor per scrape, forked from a loaded template, watched by pidfd."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import wait as wait_for_ready
from typing import Any

from supervisor import processes
from supervisor.cgroups import pids_room
from supervisor.config import Config
from supervisor.guard import Guard, boottime
from supervisor.launchers import Ended, Flight, LaunchError, Room, forkserver
from supervisor.launchers.orphans import Orphans
from supervisor.launchers.spare import Spare
from supervisor.memory import read_memory
from supervisor.waker import readable
from workers import template
from workers.entry import run_assignment
from workers.processes import OWNER_NAME, PLACEHOLDER, TAG_NAME
from workers.records import Assignment, Outcome
from workers.states import Cause, EndedBy

_PIDS_RESERVE = 16  # a failed fork kills the forkserver, and with it every scrape
_STATUS_LIMIT_S = 2.0  # after a death: for its exit status and its result to arrive
_STATUS_WAIT_S = 0.02  # of it in one call: both are on their way when the process is gone
_FORKSERVER_EXIT = 255
_FRESH_MB = 30.0  # of its own memory, as long as no fresh process has been weighed here


@dataclass(kw_only=True)
class _Running:
    flight: Flight
    future: Future[Outcome]
    popen: Any  # of workers.template: poll() gives the exit code
    pidfd: int
    oom_kills: int | None
    forkserver_pid: int | None
    dead_since: float | None = None


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
        self._running: dict[int, _Running] = {}
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
        """Whether a dead scrape still waits for its status, or for its tree to be gone."""
        return any(running.dead_since is not None for running in self._running.values())

    def room(self) -> Room:
        """Free slots, and the pids that the forkserver needs for them."""
        free = self._config.supervisor.max_concurrent - len(self._running)
        if free <= 0:
            return Room(slots=0, reason=f"all {self._config.supervisor.max_concurrent} slots are in use")
        pids = pids_room()
        if pids is not None and pids < _PIDS_RESERVE:
            return Room(slots=0, reason=f"only {pids} more processes are allowed here, {_PIDS_RESERVE} are kept free")
        return Room(slots=free)

    def launch(self, assignment: Assignment, lease_sent_at: float) -> Flight:
        """Submit one scrape to an executor of its own. Raises LaunchError."""
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
        running = _Running(
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
        if self._spare is None or not self._spare.wanted or not self.room().slots:
            return
        with contextlib.suppress(OSError, EOFError, RuntimeError, AttributeError):
            forkserver_pid = self._start_template()
            with self._guard.submitting(forkserver_pid):
                self._spare.start(forkserver_pid or 0)

    def poll(self) -> list[Ended]:
        """Those whose process, result and descendants are all accounted for."""
        dead = self._note_deaths()
        if not self._running:
            self._refill()  # only while idle: beside running scrapes their memory comes first
        if not dead:
            return []
        # A run whose daemon cannot be killed keeps its memory and its row; its neighbours do not wait for it.
        left = self._orphans.sweep()
        gone = [running for running in dead if running.flight.assignment.run_id not in left]
        return [ended for running in gone if (ended := self._ending(running)) is not None]

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
        until = time.monotonic() + _STATUS_LIMIT_S
        while self._running and time.monotonic() < until:
            if not self.poll():
                time.sleep(0.01)
        if self._forks:
            forkserver.stop()

    def _note_deaths(self) -> list[_Running]:
        now = boottime()
        for running in self._running.values():
            if running.dead_since is None:
                if readable([running.pidfd], 0):
                    running.dead_since = now
                elif running.future.done() and running.flight.finished_seen_at is None:
                    running.flight.finished_seen_at = now
        return [running for running in self._running.values() if running.dead_since is not None]

    def _ending(self, running: _Running) -> Ended | None:
        """None while its status or result may still arrive."""
        code = self._status_of(running)
        late = boottime() - (running.dead_since or 0) > _STATUS_LIMIT_S
        if not late and (code is None or not running.future.done()):
            return None
        flight = running.flight
        del self._running[flight.assignment.run_id]
        self._guard.forget(flight.assignment.run_id)
        self._orphans.keep.discard(flight.pid)
        os.close(running.pidfd)
        signal_number = -code if code is not None and code < 0 else None
        return Ended(
            flight=flight,
            outcome=_outcome_of(running.future),
            exit_code=code if code is not None and code >= 0 else None,
            exit_signal=signal_number,
            launcher_died=self._forks and code == _FORKSERVER_EXIT and not _is_living(running.forkserver_pid),
            oom_killed=signal_number == signal.SIGKILL and self._oom_rose(running),
        )

    def _status_of(self, running: _Running) -> int | None:
        wait_for_ready([running.popen.sentinel], _STATUS_WAIT_S)
        code: int | None = running.popen.poll()
        if code is not None:
            futures.wait([running.future], _STATUS_WAIT_S)
        return code

    def _oom_kills(self) -> int | None:
        memory = self._config.memory
        return read_memory(memory.cgroup_root, memory.proc_root).oom_kills

    def _oom_rose(self, running: _Running) -> bool:
        now = self._oom_kills()
        return now is not None and running.oom_kills is not None and now > running.oom_kills

    def _start_template(self) -> int | None:
        if not self._forks:
            return None
        with self._without_secrets():
            pid = forkserver.start()
        self._orphans.keep |= forkserver.helpers()
        return pid


def _outcome_of(future: Future[Outcome]) -> Outcome | None:
    if not future.done() or future.cancelled() or future.exception(timeout=0) is not None:
        return None
    return future.result(timeout=0)


def _is_living(pid: int | None) -> bool:
    return pid is not None and processes.is_alive(pid)
