"""try_acquire_scrape_lease: one atomic round trip for anybody who wants to do something alone."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fix_claims import Hand, fenced, refused_by
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.wait import wait_for

ME, YOU = uuid.UUID(int=1), uuid.UUID(int=2)


def acquire(connection: Connection, owner: uuid.UUID, ttl_s: int = 60, source: str = "s") -> bool:
    row = connection.execute("select try_acquire_scrape_lease(%s, %s, %s) as held", (source, owner, ttl_s)).fetchone()
    assert row is not None
    return bool(row["held"])


def test_its_signature_is_text_uuid_integer_to_boolean(hand: Hand) -> None:
    row = hand.value(
        "select pg_get_function_identity_arguments(oid) as takes, pg_get_function_result(oid) as gives, prokind"
        " from pg_proc where proname = 'try_acquire_scrape_lease'"
    )
    assert row == {"takes": "p_source text, p_owner uuid, p_ttl_seconds integer", "gives": "boolean", "prokind": "f"}


def test_a_held_lease_is_refused_to_another_and_renewed_for_its_owner(connection: Connection, hand: Hand) -> None:
    assert acquire(connection, ME, 60)
    first = hand.lease("s")
    assert not acquire(connection, YOU)
    assert hand.lease("s") == first
    assert acquire(connection, ME, 120)
    renewed = hand.lease("s")
    assert (renewed["epoch"], renewed["lease_owner"]) == (first["epoch"], ME)
    assert renewed["lease_until"] > first["lease_until"]
    assert renewed["updated_at"] > first["updated_at"]


def test_an_expired_lease_keeps_its_epoch_for_its_owner_and_raises_it_for_another(
    connection: Connection, hand: Hand
) -> None:
    acquire(connection, ME, 0)
    first = hand.lease("s")
    assert acquire(connection, ME, 0)
    assert hand.lease("s")["epoch"] == first["epoch"]
    assert acquire(connection, YOU, 60)
    taken = hand.lease("s")
    assert taken["epoch"] > first["epoch"]
    assert taken["lease_owner"] == YOU
    assert not acquire(connection, ME)


def test_of_twenty_callers_one_wins(connection: Connection, hand: Hand, database_url: str) -> None:
    acquire(connection, ME, 0)
    barrier = threading.Barrier(20)

    def call(number: int) -> bool:
        with connect(database_url) as own:
            barrier.wait(10)
            return acquire(own, uuid.UUID(int=100 + number))

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(call, range(20)))
    assert answers.count(True) == 1
    assert hand.lease("s")["lease_owner"] == uuid.UUID(int=100 + answers.index(True))


def test_expiry_is_judged_after_the_wait_for_the_row_not_before(
    connection: Connection, hand: Hand, database_url: str
) -> None:
    acquire(connection, ME, 1)
    with connect(database_url) as holder, connect(database_url) as caller, ThreadPoolExecutor(1) as pool:
        with holder.transaction():
            holder.execute("select from scrape_leases where source = 's' for update")
            answer = pool.submit(acquire, caller, YOU)
            waiting = "select from pg_locks where not granted"
            wait_for(lambda: connection.execute(waiting).rowcount, 5, "the caller waits for the row")
            wait_for(lambda: not hand.lease("s")["live"], 5, "the lease has expired")
        assert answer.result(5) is True


def test_the_rest_of_a_lease_is_counted_from_after_the_wait(
    connection: Connection, hand: Hand, database_url: str
) -> None:
    acquire(connection, ME, 0)
    with connect(database_url) as holder, connect(database_url) as caller, ThreadPoolExecutor(1) as pool:
        with holder.transaction():
            holder.execute("select from scrape_leases where source = 's' for update")
            answer = pool.submit(acquire, caller, YOU, 10)
            wait_for(lambda: connection.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
            released = hand.value("select clock_timestamp() as at from pg_sleep(0.05)")["at"]
        answer.result(5)
    rest = hand.lease("s")["lease_until"] - released
    assert rest.total_seconds() >= 10


def test_a_node_whose_lease_an_outsider_holds_is_not_claimable(
    connection: Connection, hand: Hand, nodes: Nodes
) -> None:
    node_id = nodes.add("n", "zoo:any")
    assert acquire(connection, ME, 60, "n")
    assert hand.claim(node_id)["verdict"] == "lease_held"
    hand.expire("n")
    claim = hand.claimed(node_id)
    assert not acquire(connection, ME, 60, "n")
    hand.done(claim)
    assert acquire(connection, ME, 60, "n")


def test_an_outsider_who_takes_an_expired_lease_shuts_the_run_out(
    connection: Connection, hand: Hand, nodes: Nodes
) -> None:
    claim = hand.start("n")
    hand.expire("n")
    assert hand.page(claim, 1)["verdict"] == "committed"  # expired, but not taken
    assert acquire(connection, ME, 60, "n")
    with fenced():
        hand.page(claim, 2)
    assert hand.renew(claim) == {"n": "passed_on"}
    assert nodes.last("n")["pages_count"] == 1


@pytest.mark.parametrize("until", ["infinity", "-infinity", "20000-01-01"])
def test_a_lease_until_a_time_that_clients_cannot_read_is_refused(
    connection: Connection, hand: Hand, until: str
) -> None:
    acquire(connection, ME)
    with refused_by("scrape_leases_until_readable"):
        connection.execute("update scrape_leases set lease_until = %s", (until,))
    assert acquire(connection, ME, 2**31 - 1)
    assert hand.lease("s")["live"]
