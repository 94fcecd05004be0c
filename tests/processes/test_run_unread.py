"""Dates that a run could not read are seen afterwards, a few samples of them, and cost good pages nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes, Start

READABLE: list[Any] = ["2026-03-01", "3 days ago", None, "", "N/A", "  "]


def unread(connection: Connection) -> dict[tuple[str, str], int]:
    """Field and sample → how often it was met."""
    rows = connection.execute("select field, sample, count from unread_values where source = 'n'").fetchall()
    return {(row["field"], row["sample"]): row["count"] for row in rows}


def test_samples_of_what_it_could_not_read_are_kept_with_their_counts(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    pages: list[list[Any]] = [["zorgel 7", *READABLE, "zorgel 7"], READABLE, ["zorgel 7", "odd", 10**30]]
    supervise()
    nodes.add("n", "vague:board", {"pages": pages, "through": "when the snark is found"})
    (run,) = nodes.wait_for_ends("n")
    assert (run["cause"], run["fetched_count"]) == ("done", sum(len(page) for page in pages))
    found = unread(connection)
    assert found.pop(("valid_through", "when the snark is found")) == sum(len(page) for page in pages)
    assert found.pop(("posted", "zorgel 7")) == 3
    assert all(field == "posted" and sample and len(sample) <= 200 for field, sample in found)
    assert list(found.values()) == [1, 1]


def test_what_can_be_read_leaves_nothing(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    supervise()
    nodes.add("n", "vague:board", {"pages": [READABLE], "through": "2026-12-31"})
    nodes.wait_for_ends("n")
    assert unread(connection) == {}


def test_ever_new_rubbish_leaves_twenty_samples_and_a_count(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    supervise()
    pages = [[f"zorgel blorf no. {'x' * page}{'y' * number}" for number in range(10)] for page in range(1, 11)]
    nodes.add("n", "vague:board", {"pages": pages})
    nodes.wait_for_ends("n")
    found = unread(connection)
    assert (len(found), found[("posted", "")], sum(found.values())) == (21, 80, 100)


def test_a_row_that_somebody_holds_holds_up_no_run(
    supervise: Start, nodes: Nodes, connection: Connection, database_url: str
) -> None:
    connection.execute("insert into unread_values values ('n', 'posted', 'zorgel', 1)")
    supervise()
    with connect(database_url) as holder, holder.transaction():
        holder.execute("select from unread_values for update")
        nodes.add("n", "vague:board", {"pages": [["zorgel"], ["zorgel"]]})
        (run,) = nodes.wait_for_ends("n")
        assert (run["cause"], run["pages_count"]) == ("done", 2)
    assert unread(connection) == {("posted", "zorgel"): 1}


@pytest.mark.parametrize("ended", [True, False])
def test_only_an_open_run_of_that_epoch_may_add_any(
    ended: bool, supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    supervise()
    nodes.add("n", "vague:board", {"pages": [[]]})
    (run,) = nodes.wait_for_ends("n")
    if not ended:
        connection.execute("update scrape_runs set epoch = epoch + 1 where id = %s", (run["id"],))
    values = '[{"field": "posted", "sample": "late", "count": 1}]'
    connection.execute("select note_unread(%s, %s, %s)", (run["id"], run["epoch"], values))
    assert unread(connection) == {}
