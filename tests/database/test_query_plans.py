"""At 1,000 nodes and 1,000,000 runs no statement reads a large table from end to end to find a few rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from supervisor import schema
from tests.fix_database import Connection, connect, drop, url_of_database
from tests.million import write_history
from tests.statements import LARGE, STATEMENTS, VARIANTS, Asked, usual
from workers import queries


@pytest.fixture(scope="module")
def million(postgres_url: str, administrator: Connection) -> Iterator[str]:
    """URL of a database with a million runs."""
    name = f"million_{uuid.uuid4().hex}"
    administrator.execute(f"create database {name}".encode())
    url = url_of_database(postgres_url, name)
    schema.migrate(url)
    write_history(url)
    yield url
    drop(administrator, name)


def test_every_statement_has_a_line_in_the_table_of_plans() -> None:
    nouns = sorted(path.stem for path in queries.sql_folder().glob("*.sql"))
    assert sorted(STATEMENTS) == sorted(f"{noun}.{name}" for noun in nouns for name in queries.load(noun))


# One test, not one for each: tests are spread over processes, and each would write its million anew.
def test_no_statement_reads_a_large_table_to_find_a_few_rows(million: str) -> None:
    complaints: dict[str, list[str]] = {}
    with connect(million) as connection:
        world = connection.execute(
            "select r.id as run_id, r.node_id, r.node_id as id, r.epoch, clock_timestamp() as now_at"
            " from scrape_runs r where r.source = 'node-998' and r.finished_at is null"
        ).fetchone()
        assert world is not None
        for query, asked in [*STATEMENTS.items(), *VARIANTS]:
            parameters = {**usual(world), **asked.given}
            try:
                found = complain(connection, query, asked, parameters)
            except psycopg.Error as error:
                found = [f"cannot be asked: {error}"]
            if found:
                complaints[f"{query} {asked.given}"] = found
        assert complaints == {}
        # Without its index the same statement is complained of.
        with connection.transaction(force_rollback=True):
            connection.execute("drop index scrape_runs_cause_started_idx")
            rare = {**usual(world), "source": None, "causes": ["oom"]}
            assert complain(connection, "runs.list_runs", Asked(), rare) != []


def complain(connection: Connection, query: str, asked: Asked, parameters: dict[str, Any]) -> list[str]:
    """What is wrong with how the server answers it."""
    noun, _, name = query.partition(".")
    text = queries.load(noun)[name]
    with connection.transaction(force_rollback=True):
        connection.execute((asked.before or "select").encode())
        before = read_whole(connection)
        # What a table of the plan was read for; functions are asked below.
        explained = b"explain (analyze, timing off, format json) " + text
        row = connection.execute(text if text.startswith(b"create") else explained, parameters)
        plan = [] if text.startswith(b"create") else list(nodes_of(row.fetchall()[0]["QUERY PLAN"][0]["Plan"]))
        inside = {table: count - before[table] for table, count in read_whole(connection).items()}
    looked_at = sum(rows_of(node) for node in plan if node.get("Relation Name") in LARGE)
    found = [f"reads {node['Relation Name']} whole" for node in plan if is_whole(node, asked)]
    found += [f"reads {table} whole inside" for table, count in inside.items() if count and table not in asked.whole]
    found += [f"looks at {looked_at:.0f} rows"] if looked_at > asked.most else []
    return found + answers_otherwise(connection, text, asked, parameters)


def answers_otherwise(connection: Connection, text: bytes, asked: Asked, parameters: dict[str, Any]) -> list[str]:
    """Whether the statement did not do what it was asked for: then its plan proves nothing."""
    if asked.says is None:
        return []
    with connection.transaction(force_rollback=True):
        connection.execute((asked.before or "select").encode())
        row = connection.execute(text, parameters).fetchone() or {}
    return [f"says {row.get(key)}, not {value}" for key, value in asked.says.items()
            if (row.get(key) is None if value is ... else row.get(key) != value)]  # fmt: skip


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, from above."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes_of(below)


def is_whole(node: dict[str, Any], asked: Asked) -> bool:
    """Whether a large table was read from end to end."""
    table = node.get("Relation Name")
    return node["Node Type"] == "Seq Scan" and table in LARGE and table not in asked.whole and rows_of(node) > 0


def rows_of(node: dict[str, Any]) -> float:
    """How many rows a node of a plan has looked at."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])


def read_whole(connection: Connection) -> dict[str, int]:
    """How often this transaction has read each large table from end to end, functions and triggers included."""
    rows = connection.execute("select relname, seq_scan from pg_stat_xact_user_tables").fetchall()
    return {row["relname"]: row["seq_scan"] for row in rows if row["relname"] in LARGE}


def test_every_foreign_key_from_or_to_a_large_table_is_led_by_an_index(connection: Connection) -> None:
    # Without one each delete of a row that is pointed at reads the whole pointing table.
    unled = connection.execute(
        "select c.conname from pg_constraint c where c.contype = 'f' and (c.conrelid::regclass::text = any(%(large)s)"
        " or c.confrelid::regclass::text = any(%(large)s)) and not exists ("
        "  select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and ("
        "   i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%%I IS NOT NULL)', (select a.attname"
        "   from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]))))",
        {"large": sorted(LARGE)},
    ).fetchall()
    assert [row["conname"] for row in unled] == []
