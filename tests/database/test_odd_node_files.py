"""Whatever a file of nodes holds: all of it is taken, or nothing and every fault is named."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervisor.cli import run_command
from tests.fix_database import Connection

KEYS = st.sampled_from(
    "name scraper params schedule timezone jitter_s priority timeout_s stall_s memory_mb data_limit max_attempts gap_s "
    "gap_jitter_s proxy_pool pause_after enabled id status nmae".split()
)
TEXTS = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    ["feed", "html", "command", "a.b:c", "every 5m", "* * * * *", "every 99999999d", "UTC", "../x", "x" * 600, "a\0b"]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, 2**31, -1, 0, 1e9, 1.0000001e9, 5e-324, math.nan])
ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FEED = {"scraper": "feed", "params": {"url": "http://127.0.0.1:9/"}}
ROWS = st.dictionaries(KEYS, ANY, max_size=5) | st.builds(
    lambda name, more: {"name": name, **FEED, **more},
    TEXTS,
    st.dictionaries(KEYS.filter(lambda key: key not in ("name", "id", "status", "nmae")), ANY, max_size=3),
)


def test_any_file_of_nodes_is_taken_whole_or_refused_with_reasons(
    database_url: str,
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("nodes") / "nodes.json"

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.lists(ROWS | ANY, max_size=4) | ANY)
    def check(document: Any) -> None:
        file.write_text(json.dumps(document), "utf-8")
        before = connection.execute("select * from nodes order by id").fetchall()
        code = run_command(["nodes", "import", str(file), "--database-url", database_url])
        said = capsys.readouterr().err.splitlines()
        assert code in (0, 2), said
        assert all(line.isprintable() and len(line) < 1500 for line in said)
        assert said
        if code:
            assert connection.execute("select * from nodes order by id").fetchall() == before

    check()
    assert connection.execute("select from nodes").fetchall()  # some of them were good


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timeout_s": 10**400}, "timeout_s: should be a number of seconds above 0"),
        ({"timeout_s": math.nan}, "timeout_s: should be a number of seconds above 0"),
        ({"gap_s": math.inf}, "gap_s: should be a number of seconds, 0 or more, or null"),
        ({"params": {"url": "http://a/", "x": "y" * 1_000_001}}, ""),
        ({"params": {"url": "http://a/\0"}}, "params: should be an object without NUL"),
        ({"params": {"url": "http://a/", "deep": [[[]]]}}, "deep is unknown"),
        ({"name": "\ud800"}, "name: should be a printable text"),
        ({"timezone": "a\nb"}, "timezone: should be the name of a time zone"),
        ({"schedule": "\x1b[31m * * * *"}, "schedule: should be a text or null"),
    ],
)
def test_a_value_that_no_row_can_hold_is_named(
    change: dict[str, Any],
    said: str,
    database_url: str,
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("nodes") / "nodes.json"
    file.write_text(json.dumps([{"name": "a", **FEED, **change}]), "utf-8")
    assert run_command(["nodes", "import", str(file), "--database-url", database_url]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not connection.execute("select from nodes").fetchall()
