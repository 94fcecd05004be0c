"""A supervisor whose scrapes are made up, in a world with a clock of its own.

Real: the judge of due rows, the decision after an end, and every statement. Made up: the clock, and what a scrape dies
of. Every statement of a supervisor may break its connection, and whoever loses it may die of that: so the seams between
and within statements are cut at random, each by the dice.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow

from supervisor import decide, recover
from supervisor.assign import Place
from supervisor.config import load_config
from supervisor.due import Judge, Ready
from supervisor.held_back import hold_off
from supervisor.schedule import parse_schedule
from supervisor.tables import nodes as node_table
from supervisor.tables import runs
from tests.fix_claims import IDENTITY, SCRAPE
from tests.fragile import Fragile
from tests.tick_world import STEP_S, World
from workers.database import is_fenced
from workers.plain import to_jsonb
from workers.states import Cause, status_of

SCHEDULE = parse_schedule(f"every {STEP_S}s")
LEASE_S = 3600.0  # by the real clock, so that a lease ends when the dice say so and never by itself
MOST_ATTEMPTS = 3
RETRIES = decide.Retries(base_s=0.0, cap_s=0.0)  # delays go by the real clock too
CONFIG = load_config(environ={}, flags={"supervisor.lease_s": LEASE_S, "supervisor.renew_s": 600})
CLAIM = {"lease_s": LEASE_S, "budget_mb": 100, "budget_source": "default", "room_mb": 1e6, "host": "here"}
CLAIM |= {"boot_id": "boot", "pid_ns": "ns", "memory_domain": "domain", "max_attempts": MOST_ATTEMPTS}
CHARGED = (Cause.EXCEPTION, Cause.BLOCKED, Cause.TIMEOUT, Cause.STALLED, Cause.STALE, Cause.MEMORY, Cause.CRASHED)
FREE = (Cause.RECYCLED, Cause.LOST, Cause.FENCED, Cause.SHUTDOWN)
ENDS = (*[Cause.DONE] * 12, *CHARGED, *FREE)
WAITS = (Cause.NO_MEMORY, Cause.NO_SLOT, Cause.LEASE_HELD, Cause.BREAKER_OPEN)


class Weightless:
    """All that the judge asks a launcher."""

    fresh_mb = 1.0


@dataclass
class Flight:
    """A run that seems to be under way."""

    claim: DictRow
    cause: Cause | None = None  # how it ended; settled when the database has taken it


class Simulated:
    """A supervisor whose scrapes are made up."""

    def __init__(self, world: World, dice: random.Random) -> None:
        """Comes up now."""
        self.world = world
        self.dice = dice
        self.id = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        self.flights: dict[int, Flight] = {}  # by run
        self.asked: dict[int, dict[str, Any]] = {}  # node → its claim that has not been answered
        self.wake_up()

    def wake_up(self) -> None:
        """Connect; until now nobody looked."""
        self.connection = Fragile.open(self.world.url, self.dice, self.world.odds, self.world.fates)
        place = Place(supervisor_id=self.id, host="here", database_url="", awake_since=self.world.now)
        self.judge = Judge(CONFIG, place, Weightless())  # type: ignore[arg-type] # the only thing that it asks for

    def live(self) -> Generator[None, None, None]:
        """Look for ever, over all that breaks, until it dies of that or of nothing at all."""
        looks = self.looks()
        try:
            while self.dice.random() > 0.003:
                try:
                    next(looks)
                except psycopg.OperationalError as error:
                    if not self.survives(error):
                        break
                    looks = self.looks()
                yield
                if self.dice.random() < 0.003:  # it slept, and its leases ran out
                    self.world.fates["slept"] += 1
                    self.world.end_leases(self.id)
        finally:
            self.world.fates["killed"] += 1
            self.connection.close()

    def survives(self, error: psycopg.OperationalError) -> bool:
        """Connect again and go on, or not. A statement that was refused for a moment costs nothing but itself."""
        assert not isinstance(error, psycopg.errors.DeadlockDetected), error
        if not self.connection.closed:
            return True
        if self.dice.random() < 0.4:
            return False
        self.wake_up()
        if self.dice.random() < 0.2:
            self.asked.clear()  # it had asked too long ago
        return True

    def looks(self) -> Iterator[None]:
        """Look for ever; each pause is a moment in which another one may act."""
        while True:
            for _ in self.ask_again():
                yield
            for _ in self.settle():
                yield
            self.close_phantoms()
            recover.close_expired(self.connection, CONFIG, self.id)
            yield
            for row in node_table.read_due(self.connection, self.id).rows:
                row["now_at"], row["retry_at"] = self.world.now, None
                yield
                self.consider(row)
            yield

    def ask_again(self) -> Iterator[None]:
        """Claims whose answer was lost, under the same uuid."""
        for parameters in list(self.asked.values()):
            self.claim(parameters)
            yield

    def settle(self) -> Iterator[None]:
        """Ends, those first that the database has not taken."""
        for run_id, flight in list(self.flights.items()):
            if flight.cause is None and self.dice.random() < 0.8:
                flight.cause = self.dice.choice(ENDS)
                self.say_the_last_word(flight)
            if flight.cause is not None:
                self.close(flight)
                del self.flights[run_id]
            yield

    def say_the_last_word(self, flight: Flight) -> None:
        """As the child does, on a connection of its own, if it comes to it."""
        if self.dice.random() < 0.5:
            outcome = {"status": status_of(flight.cause or Cause.DONE), "cause": flight.cause, "retriable": True}
            keys = {"run_id": flight.claim["run_id"], "epoch": flight.claim["epoch"]}
            try:
                self.world.connection.execute(SCRAPE["begin_run"], {**keys, **IDENTITY})
                self.world.connection.execute(
                    SCRAPE["finish_run"], {**keys, "outcome": to_jsonb(outcome), "fetches": "[]"}
                )
            except psycopg.DatabaseError as error:
                assert is_fenced(error), error  # noqa: PT017 - any other error is a fault
                self.world.fates["fenced"] += 1

    def close(self, flight: Flight) -> None:
        """As settling does."""
        cause = flight.cause or Cause.DONE
        step = decide.after(
            decide.End(cause=cause),
            attempt=flight.claim["attempt"],
            max_attempts=MOST_ATTEMPTS,
            retries=RETRIES,
            uniform=self.dice.random(),
        )
        answer = runs.close_run(
            self.connection,
            run_id=flight.claim["run_id"],
            epoch=flight.claim["epoch"],
            status=status_of(cause),
            cause=cause,
            error=f"made up: {cause}",
            ended_by="self",
            next=step.step,
            retry_s=step.delay_s,
            max_attempts=MOST_ATTEMPTS,
            outcome_seen=True,
            **dict.fromkeys(("traceback", "exit_code", "exit_signal", "peak_rss_mb", "cpu_s")),
        )
        self.world.fates[f"settled: {answer['verdict']}"] += 1

    def close_phantoms(self) -> None:
        """Claims that were granted and forgotten."""
        asked = {parameters["owner"] for parameters in self.asked.values()}
        for row in runs.read_own_open(self.connection, self.id):
            run = runs.get_run(self.connection, row["id"])
            if row["id"] not in self.flights and run is not None and str(run["owner"]) not in asked:
                runs.close_lost_run(self.connection, row["id"], MOST_ATTEMPTS)

    def consider(self, row: DictRow) -> None:
        """Account for what nobody will run; start what may start, or let it wait."""
        ready: Ready = []
        self.judge.prepare(self.connection, row, ready)
        if not ready or row["id"] in self.asked:
            return
        if row["open_tick"] is None and self.dice.random() < 0.2:
            cause = self.dice.choice(WAITS)
            hold_off(self.connection, row, row["next_run_at"], decide.Wait(cause=cause, reason=f"waits: {cause}"))
            return
        following = SCHEDULE.after(row["next_run_at"], row["created_at"]) if row["next_run_at"] else None
        owner = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        parameters = {"node_id": row["id"], "supervisor_id": self.id, "owner": owner, **CLAIM}
        self.claim({**parameters, "expected_tick": row["next_run_at"], "next_run_at": following})

    def claim(self, parameters: dict[str, Any]) -> None:
        """Ask; remembered until it is answered."""
        self.asked[parameters["node_id"]] = parameters
        claim = runs.claim_run(self.connection, **parameters)
        del self.asked[parameters["node_id"]]
        if claim["verdict"] == "claimed":
            self.flights[claim["run_id"]] = Flight(claim)
