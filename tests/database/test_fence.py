"""P1: no stale write ever, with the fence; and the same writers without it, to show that they can tell."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.fix_claims import FENCED
from tests.fix_database import Connection, connect

WRITERS = 12
LEASE_S = 0.04
TAKE_OVERS = 60
LIMIT_S = 60.0

# The register's row lock puts the writes into an order; a write below an epoch that has written before is stale.
STAGE = """
create table register (epoch bigint not null default 0, writes int not null default 0, stale int not null default 0);
insert into register default values;
insert into scrape_leases (source, lease_owner, lease_until)
values ('shared', gen_random_uuid(), clock_timestamp());

create function take_lease(p_owner uuid, p_lease_s double precision) returns bigint language plpgsql as $$
declare
    v_epoch bigint;
begin
    perform from scrape_leases where source = 'shared' for no key update skip locked;
    if found then
        update scrape_leases
        set lease_owner = p_owner, epoch = nextval('lease_epochs'),
            lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
        where source = 'shared' and lease_until <= clock_timestamp()
        returning epoch into v_epoch;
    end if;
    return v_epoch;
end
$$;

create function write_slowly(p_epoch bigint, p_seconds double precision) returns void language plpgsql as $$
begin
    perform hold_fence('shared', p_epoch);
    perform pg_sleep(p_seconds);
    update register set writes = writes + 1, stale = stale + (epoch > p_epoch)::int, epoch = p_epoch;
end
$$;
"""

NO_FENCE = """
create or replace function hold_fence(p_source text, p_epoch bigint) returns void language sql as 'select'
"""
ONLY_A_LOOK = """
create or replace function hold_fence(p_source text, p_epoch bigint) returns void language plpgsql as $$
begin
    perform from scrape_leases where source = p_source and epoch = p_epoch;
    if not found then
        raise exception 'passed on' using errcode = 'SW001';
    end if;
end
$$
"""


class Contest:
    """Twelve writers that take one lease over from each other, sleeping across its expiry."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._end = time.monotonic() + LIMIT_S
        self.take_overs = self.refused = 0

    def run(self, enough: Callable[[], bool]) -> None:
        """Write until it is enough, or too long."""
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(self._write, number, enough) for number in range(WRITERS)]
            for writer in writers:
                writer.result()

    def _write(self, number: int, enough: Callable[[], bool]) -> None:
        dice = random.Random(number)
        with connect(self._url) as connection:
            while not enough() and time.monotonic() < self._end:
                row = connection.execute("select take_lease(%s, %s) as epoch", (uuid.uuid4(), LEASE_S)).fetchone()
                if row is None or row["epoch"] is None:
                    time.sleep(dice.uniform(0.005, 0.03))
                else:
                    self._hold(connection, row["epoch"], dice)

    def _hold(self, connection: Connection, epoch: int, dice: random.Random) -> None:
        with self._lock:
            self.take_overs += 1
        for _ in range(dice.randint(1, 4)):
            time.sleep(dice.uniform(0, LEASE_S))
            try:
                connection.execute("select write_slowly(%s, %s)", (epoch, dice.uniform(0, 2 * LEASE_S)))
            except psycopg.Error as error:
                if error.sqlstate != FENCED:
                    raise
                with self._lock:
                    self.refused += 1
                return


def register(connection: Connection) -> tuple[int, int]:
    row = connection.execute("select writes, stale from register").fetchone()
    assert row is not None
    return row["writes"], row["stale"]


def test_twelve_writers_with_leases_of_40_ms_never_write_stale(connection: Connection, database_url: str) -> None:
    connection.execute(STAGE)
    contest = Contest(database_url)
    contest.run(lambda: contest.take_overs >= TAKE_OVERS and contest.refused > 0)
    writes, stale = register(connection)
    assert stale == 0
    assert (contest.take_overs >= TAKE_OVERS, contest.refused > 0, writes > TAKE_OVERS / 4) == (True, True, True)


@pytest.mark.parametrize("fence", [NO_FENCE, ONLY_A_LOOK], ids=["no fence", "only a look"])
def test_without_the_lock_of_the_fence_the_same_writers_do_write_stale(
    connection: Connection, database_url: str, fence: str
) -> None:
    connection.execute(STAGE)
    connection.execute(fence.encode())
    stale_seen = threading.Event()

    def enough() -> bool:
        if random.random() < 0.2 and register(connection)[1] > 0:
            stale_seen.set()
        return stale_seen.is_set()

    Contest(database_url).run(enough)
    assert register(connection)[1] > 0
