"""How many connections there really are while scrapes fetch, beat and log as fast as they can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psutil
import pytest

from supervisor import connections
from tests.fix_database import connect
from tests.fix_proxies import NewProxy, Watched
from tests.fix_supervisor import Nodes, Supervised
from tests.fix_tcp_postgres import TcpPostgres, backends, database_of_its_own
from tests.wait import wait_for

AT_ONCE, NODES, PAGES, FANNED = 3, 8, 6, 6
FLAGS = {
    "supervisor.max_concurrent": AT_ONCE,
    "heartbeat.every_s": 0.1,
    "snapshots.at": "00:00",
    "memory.default_budget_mb": 100,
}


@pytest.fixture
def busy(
    shared_tcp_server: TcpPostgres, site: Watched, check_page: Watched, new_proxy: NewProxy
) -> Iterator[tuple[Nodes, Supervised]]:
    """A supervisor with more scrapes than it may run at once, over TCP, where a connection has a process."""
    with database_of_its_own(shared_tcp_server) as name, connect(shared_tcp_server.socket_url(name)) as connection:
        nodes = Nodes(connection)
        nodes.one("insert into proxies (pool, url) values ('p', %s) returning id", f"http://{new_proxy().place}")
        for number in range(NODES):
            params = {"url": f"{site.url}/p", "pages": PAGES, "at_once": FANNED, "board": number}
            nodes.add(f"n{number}", "fans:out", params, proxy_pool="p" if number % 2 else None)
        supervised = Supervised(shared_tcp_server.url(name), {**FLAGS, "proxies.check_url": check_page.url}, None)
        yield nodes, supervised
        if supervised.process.poll() is None:
            supervised.kill()


def test_no_worker_holds_more_than_two_and_all_together_never_more_than_was_computed(
    busy: tuple[Nodes, Supervised], shared_tcp_server: TcpPostgres
) -> None:
    nodes, supervised = busy
    most: Counter[str] = Counter()

    def look() -> bool:
        held = {pid: _held(pid, shared_tcp_server.port) for pid in supervised.tree()}
        seen = {
            "of the supervisor": _held(supervised.pid, shared_tcp_server.port),
            "of a worker": max(held.values(), default=0),
            "workers": sum(1 for count in held.values() if count),
            "of all": len(backends(nodes.connection, "scrapewarden%")),
        }
        most.update({key: count - most[key] for key, count in seen.items() if count > most[key]})
        done = nodes.one("select count(*) as n from scrape_runs where cause = 'done'")
        return done == {"n": NODES}

    wait_for(look, 60, f"{NODES} runs: {nodes.connection.execute('table scrape_runs').fetchall()}")
    assert supervised.happened("snapshot_taken")  # the pool was used too
    assert nodes.one("select count(*) as n from scrape_runs where proxy_id is not null") == {"n": NODES // 2}
    ours = sum(connections.OUR_OWN.values()) - connections.OUR_OWN["a command"]
    ready = connections.OUR_OWN["the process that waits ready"]
    assert most["of a worker"] == connections.A_SCRAPE
    assert 2 <= most["workers"] <= AT_ONCE + ready
    assert most["of the supervisor"] == ours - ready
    assert most["of all"] <= ours + AT_ONCE * connections.A_SCRAPE
    assert supervised.terminate() == 0
    wait_for(lambda: not backends(nodes.connection, "scrapewarden%"), 5, "nobody is connected any more")


def _held(pid: int, port: int) -> int:
    """How many connections to the server a process has; none for one that is gone."""
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return 0
    return sum(1 for one in found if one.raddr[1:] == (port,) and one.status == psutil.CONN_ESTABLISHED)
