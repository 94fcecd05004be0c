"""Logins of proxies are nowhere: not in any row, not in what the supervisor says, not in what `ps` shows."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fix_proxies import Asked, NewProxy, Watched
from tests.fix_supervisor import Nodes, Start, Supervised
from tests.forward_proxy import ForwardProxy

USER, PASSWORD = "customer:7", "s3cret/of+tests@home"
LITERAL = "literal-in-the-row"
PARTS = "http://${PROXY_USER}:${PROXY_PASSWORD}@"


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


FORBIDDEN = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    basic(USER, PASSWORD),
    LITERAL,
    basic("user", LITERAL),
)


def add(nodes: Nodes, site: Watched, pool: str, url: str, scraper: str = "wayfarer:tells_all") -> None:
    nodes.connection.execute("insert into proxies (pool, url) values (%s, %s)", (pool, url))
    code = "import os, sys; print(os.environ, file=sys.stderr); sys.exit(3)"
    names = ["HTTP_PROXY"] if LITERAL in url else None
    params = {"urls": [f"{site.url}/page"], "names": names, "argv": [sys.executable, "-c", code]}
    nodes.add(pool, scraper, params, proxy_pool=pool)


def all_that_is_stored(nodes: Nodes) -> str:
    """Every row of every table, but what a person has written into `proxies.url`."""
    tables = nodes.connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    stored = []
    for table in tables:
        rows = nodes.connection.execute(f"select * from {table['tablename']}".encode()).fetchall()  # noqa: S608 - ours
        stored += [{**row, "url": None} if table["tablename"] == "proxies" else row for row in rows]
    return str(stored)


def all_that_ps_shows(supervised: Supervised) -> str:
    return str([Path(f"/proc/{pid}/cmdline").read_bytes() for pid in supervised.tree()])


def test_a_login_is_in_no_row_no_log_no_output_and_no_command_line(
    supervise: Start,
    nodes: Nodes,
    new_proxy: NewProxy,
    site: Watched,
    check_page: Watched,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROXY_USER", USER)
    monkeypatch.setenv("PROXY_PASSWORD", PASSWORD)
    monkeypatch.delenv("PROXY_UNSET", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    login = {"login": (USER, PASSWORD)}
    good = [new_proxy(**login) for _ in range(2)]
    dying = new_proxy(**login)
    dying.before = lambda target: dying.die() if target.endswith("/page") else None
    add(nodes, site, "good", PARTS + good[0].place)
    add(nodes, site, "program", PARTS + good[1].place, "command")
    add(nodes, site, "literal", f"http://user:{LITERAL}@{new_proxy(login=('user', LITERAL)).place}")
    add(nodes, site, "wrong", PARTS + new_proxy(login=(USER, "another")).place)
    add(nodes, site, "leak", PARTS + new_proxy(exits_at="127.0.0.1", **login).place)
    add(nodes, site, "dying", PARTS + dying.place)
    add(nodes, site, "odd", "http://u:${PROXY_UNSET}@127.0.0.1:9")
    shown: list[str] = []

    def answer(asked: Asked) -> tuple[int, str]:
        shown.append(all_that_ps_shows(supervised))
        return 200, asked.path

    site.answer = answer
    supervised = supervise(proxies__check_url=check_page.url, retry__attempts=1)
    ends = {
        pool: nodes.wait_for_ends(pool)[0] for pool in ("good", "program", "literal", "wrong", "leak", "dying", "odd")
    }
    assert supervised.terminate() == 0

    # What is forbidden was really there to be told.
    assert PASSWORD in login_of(good[0])
    assert {pool: run["cause"] for pool, run in ends.items()} == {
        **dict.fromkeys(("good", "program", "literal"), "exception"),
        **dict.fromkeys(("wrong", "leak", "dying", "odd"), "blocked"),
    }
    assert "${PROXY_PASSWORD}" in ends["good"]["error"]
    assert "NO_PROXY" not in ends["good"]["error"]  # a guest's own client would go out by itself
    assert "${PROXY_PASSWORD}" in ends["program"]["error"]
    assert "http://user:***@127.0.0.1" in str(
        nodes.one("select message from run_logs where run_id = %s", ends["literal"]["id"])
    )
    assert "uses PROXY_UNSET, which no environment variable sets: export it" in ends["odd"]["error"]
    assert shown

    told = {"rows": all_that_is_stored(nodes), "events": str(supervised.events), "stderr": "".join(supervised.stderr)}
    told["ps"] = "".join(shown)
    assert [(place, secret) for place, text in told.items() for secret in FORBIDDEN if secret in text] == []


def login_of(proxy: ForwardProxy) -> str:
    """The login that a proxy wanted, and got, or it would have asked nobody."""
    assert proxy.expected is not None
    assert len(proxy.targets()) > 1
    return base64.b64decode(proxy.expected.removeprefix("Basic ")).decode()
