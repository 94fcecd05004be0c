"""What must follow when anyone changes a node row, whoever it is and with whatever client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from supervisor.tables import nodes as node_table
from tests.fix_claims import Hand, refused_by
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes

CONFIGURATION: list[dict[str, Any]] = [
    {"scraper": "zoo:other"},
    {"params": '{"a": 1}'},
    {"schedule": "every 2h"},
    {"timezone": "Europe/Berlin"},
    {"jitter_s": 5},
    {"priority": 5},
    {"timeout_s": 5},
    {"stall_s": 5},
    {"memory_mb": 5},
    {"data_limit": False},
    {"max_attempts": 5},
    {"gap_s": 5},
    {"gap_jitter_s": 5},
    {"proxy_pool": "p"},
    {"pause_after": 3},
    {"enabled": False},
    {"stop_requested": True},
]
NOT_CONFIGURATION: list[dict[str, Any]] = [
    {"run_requested": True},
    {"status": "waiting"},
    {"status_reason": "because"},
    {"retry_at": "2030-01-01"},
]


def changed(change: dict[str, Any]) -> str:
    return next(iter(change))


def test_another_pool_of_places_drops_the_checkpoint_and_an_unknown_one_is_refused(nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any")
    nodes.connection.execute("insert into location_pools (name, places) values ('p', '{Berlin}')")
    nodes.connection.execute(
        "insert into checkpoints (node_id, state, epoch, config_version) values (%s, '{}', 1, 1)", (node_id,)
    )
    with refused_by("nodes_location_pool_fkey"):
        nodes.update("n", location_pool="q")
    nodes.update("n", location_pool="p")
    assert nodes.connection.execute("select count(*) as n from checkpoints").fetchone() == {"n": 0}
    with refused_by("nodes_location_pool_fkey"):
        nodes.connection.execute("delete from location_pools")


def test_a_name_never_changes(nodes: Nodes) -> None:
    nodes.add("n", "zoo:any")
    with refused_by("nodes_name_immutable"):
        nodes.connection.execute("update nodes set name = 'm'")
    nodes.connection.execute("update nodes set name = 'n'")


@pytest.mark.parametrize("at_birth", [False, True])
def test_a_kill_wish_is_a_stop_wish_too(nodes: Nodes, at_birth: bool) -> None:
    nodes.add("n", "zoo:any", kill_requested=at_birth)
    nodes.update("n", kill_requested=True)
    assert nodes.get("n")["stop_requested"] is True


@pytest.mark.parametrize(
    "change",
    [{"schedule": "every 2h"}, {"timezone": "Asia/Tokyo"}, {"enabled": False}, {"stop_requested": True}],
    ids=changed,
)
def test_what_moves_the_ticks_makes_them_count_from_now_on(nodes: Nodes, change: dict[str, Any]) -> None:
    nodes.add("n", "zoo:any", schedule="every 1h", next_run_at="2020-01-01", waiting_tick="2020-01-01")
    before = nodes.get("n")
    nodes.update("n", **change)
    node = nodes.get("n")
    assert (before["schedule_since"], node["next_run_at"], node["waiting_tick"]) == (None, None, None)
    assert node["schedule_since"] > before["created_at"]


@pytest.mark.parametrize("change", [{"params": '{"a": 1}'}, {"priority": 7}, {"run_requested": True}], ids=changed)
def test_other_changes_leave_the_ticks_alone(nodes: Nodes, change: dict[str, Any]) -> None:
    nodes.add("n", "zoo:any", schedule="every 1h", next_run_at="2020-01-01", waiting_tick="2020-01-01")
    before = nodes.get("n")
    nodes.update("n", **change)
    kept = ("next_run_at", "waiting_tick", "schedule_since")
    assert [nodes.get("n")[name] for name in kept] == [before[name] for name in kept]


@pytest.mark.parametrize("change", CONFIGURATION, ids=changed)
def test_a_paused_node_is_read_again_when_its_row_changes(nodes: Nodes, change: dict[str, Any]) -> None:
    nodes.add("n", "zoo:any", schedule="every 1h", status="paused", status_reason="unreadable")
    before = nodes.get("n")
    nodes.update("n", **change)
    node = nodes.get("n")
    assert (node["status"], node["status_reason"], node["next_run_at"]) == ("idle", None, None)
    assert node["updated_at"] > before["updated_at"]
    assert node["schedule_since"] > before["created_at"]  # the ticks of the pause are not owed


@pytest.mark.parametrize("change", NOT_CONFIGURATION, ids=changed)
def test_what_the_loop_writes_is_no_change_of_the_row(nodes: Nodes, change: dict[str, Any]) -> None:
    nodes.add("n", "zoo:any", status="paused", status_reason="unreadable")
    before = nodes.get("n")
    nodes.update("n", **change)
    node = nodes.get("n")
    assert node["updated_at"] == before["updated_at"]
    assert node["status"] == change.get("status", "paused")


def test_a_pause_is_not_written_over_a_row_that_has_changed_meanwhile(nodes: Nodes, connection: Connection) -> None:
    node_id = nodes.add("n", "zoo:any")
    read = nodes.get("n")
    nodes.update("n", schedule="every 1h")
    assert not node_table.pause_node(connection, id=node_id, updated_at=read["updated_at"], reason="unreadable")
    read = nodes.get("n")
    assert node_table.pause_node(connection, id=node_id, updated_at=read["updated_at"], reason="unreadable")
    assert not node_table.pause_node(connection, id=node_id, updated_at=read["updated_at"], reason="unreadable")
    assert nodes.get("n")["status"] == "paused"


def test_a_running_node_cannot_be_deleted(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    with refused_by("nodes_not_running_when_deleted"):
        node_table.remove_node(hand.connection, "n")
    hand.close(claim, "error", "exception", "bury")
    assert node_table.remove_node(hand.connection, "n") is True
    assert [run["node_id"] for run in nodes.runs("n")] == [None]
    assert [letter["node_id"] for letter in hand.letters()] == [None]


@pytest.mark.parametrize(
    "act",
    [
        lambda nodes: nodes.add("other", "zoo:any"),
        lambda nodes: nodes.update("n", stop_requested=True),
        lambda nodes: nodes.update("n", kill_requested=True),
        lambda nodes: nodes.update("n", run_requested=True),
        lambda nodes: nodes.update("n", enabled=False),
        lambda nodes: nodes.update("n", schedule="every 2h"),
        lambda nodes: nodes.update("n", timezone="Asia/Tokyo"),
        lambda nodes: nodes.update("n", params='{"a": 1}'),
        lambda nodes: nodes.update("n", scraper="zoo:other"),
    ],
)
def test_what_a_person_changes_is_notified(nodes: Nodes, database_url: str, act: Callable[[Nodes], Any]) -> None:
    nodes.add("n", "zoo:any", run_requested=False)
    assert len(heard(database_url, lambda: act(nodes))) == 1


def test_what_the_loop_writes_and_what_does_not_change_is_not_notified(
    hand: Hand, nodes: Nodes, database_url: str
) -> None:
    nodes.add("n", "zoo:any", stop_requested=False)

    def act() -> None:
        nodes.update("n", stop_requested=False, enabled=True, run_requested=True, params="{}", schedule=None)
        claim = hand.claimed(nodes.get("n")["id"])
        hand.begin(claim)
        hand.page(claim, 1, checkpoint={"page": 2})
        hand.beat(claim)
        hand.renew(claim)
        hand.done(claim)
        nodes.update("n", run_requested=False, next_run_at="2030-01-01", status_reason="because", priority=3)

    assert heard(database_url, act) == []


def heard(url: str, act: Callable[[], Any]) -> list[str]:
    """What a listener hears of it; a last word of its own says that nothing more can come."""
    with connect(url) as listener:
        listener.execute("listen scrapewarden")
        act()
        listener.execute("notify scrapewarden, 'that was all'")
        names = []
        for notification in listener.notifies(timeout=5):
            if notification.payload == "that was all":
                break
            names.append(notification.payload)
        return names
