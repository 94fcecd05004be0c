"""P15: ten thousand ticks, each accounted for once, while connections break and supervisors die at every seam.

TEST_TICKS_SEED repeats a play, or makes another one; the dice decide about everything but the order of threads.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.accounting import Account, account_of
from tests.simulated import MOST_ATTEMPTS, Simulated
from tests.tick_world import STEP_S, World

SEED = int(os.environ.get("TEST_TICKS_SEED", "4"))
TICKS = 10_000
TICKS_OF_THREADS = 1_500
NODES = 12
SUPERVISORS = 3
BREAKS = ("unsent", "undone", "unanswered")


class Troupe:
    """Supervisors that act in turn, a step at a time; whose turn it is the dice say."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alive: list[tuple[Simulated, Generator[None, None, None]]] = []
        self.dead: list[str] = []  # whose leases still run

    def step(self) -> None:
        """One step of one of them; somebody comes up, a lease runs out, time passes."""
        dice = self.world.dice
        if len(self.alive) < SUPERVISORS and dice.random() < 0.05:
            supervisor = Simulated(self.world, random.Random(dice.random()))
            self.alive.append((supervisor, supervisor.live()))
        if self.dead and dice.random() < 0.2:
            self.world.end_leases(self.dead.pop())
        if self.alive:
            self.act(dice.randrange(len(self.alive)))
        if dice.random() < 0.16:
            self.world.pass_time()

    def act(self, number: int) -> None:
        """One step of that one."""
        supervisor, life = self.alive[number]
        if next(life, "dead") == "dead":
            self.dead.append(supervisor.id)
            del self.alive[number]

    def leave(self) -> None:
        """All die at once."""
        for supervisor, life in self.alive:
            life.close()
            supervisor.connection.close()  # of one whose life had not begun, which its end does not close


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    sys.stdout.write(f"TEST_TICKS_SEED={SEED}\n")
    world = World(database_url, random.Random(SEED))
    yield world
    sys.stdout.write(f"{dict(world.fates)}\n")
    world.connection.close()


def come_to_an_end(world: World) -> None:
    """Nothing breaks any more, and whoever was there is gone; one more carries all to its end."""
    world.odds = 0.0
    world.connection.execute("update scrape_leases set lease_until = clock_timestamp()")
    last = Simulated(world, random.Random(SEED))
    for _ in last.looks():
        if is_settled(world):
            break
    last.connection.close()


def is_settled(world: World) -> bool:
    """Whether nothing is open, and every node's next tick lies ahead."""
    left = world.connection.execute(
        "select from nodes where open_tick is not null or next_run_at is null or next_run_at <= %s "
        "union all select from scrape_runs where finished_at is null limit 1",
        [world.now],
    )
    return left.rowcount == 0


def accounts_of(world: World, names: list[str]) -> list[Account]:
    """Of all nodes, each of which must be clean, and some have come to a good end."""
    accounts = [account_of(world.connection, name, step_s=STEP_S, max_attempts=MOST_ATTEMPTS) for name in names]
    assert [account for account in accounts if not account.clean] == []
    assert sum(account.done for account in accounts) > 10
    return accounts


def test_ten_thousand_ticks_are_accounted_for_once_whatever_breaks(world: World) -> None:
    names = world.add_nodes(NODES)
    troupe = Troupe(world)
    while world.ticks_due() < TICKS:
        for _ in range(200):
            troupe.step()
    troupe.leave()
    come_to_an_end(world)
    accounts = accounts_of(world, names)
    assert sum(account.ticks for account in accounts) >= TICKS
    assert sum(account.dead for account in accounts) > 0
    causes = {row["cause"] for row in world.connection.execute("select distinct cause from scrape_runs")}
    assert causes >= {"done", "missed", "still_running", "no_memory", "lost", "recycled", "exception", "shutdown"}
    assert min(world.fates[fate] for fate in (*BREAKS, "killed", "slept")) > 3


def test_supervisors_that_really_act_at_once_account_for_each_tick_once_too(world: World) -> None:
    names = world.add_nodes(NODES)

    def act(number: int) -> None:
        dice = random.Random(f"{SEED} {number}")
        while world.ticks_due() < TICKS_OF_THREADS:
            supervisor = Simulated(world, dice)
            life = supervisor.live()
            for _ in life:
                if dice.random() < 0.05:
                    world.pass_time()
                if world.ticks_due() >= TICKS_OF_THREADS:
                    break
            life.close()
            world.end_leases(supervisor.id)

    with ThreadPoolExecutor(SUPERVISORS) as pool:
        list(pool.map(act, range(SUPERVISORS)))
    come_to_an_end(world)
    accounts_of(world, names)
    assert sum(world.fates[fate] for fate in BREAKS) > 10
