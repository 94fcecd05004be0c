"""The real board of 2,325 pages, crawled by a node of the built-in `html` under a supervisor that is killed."""

from __future__ import annotations

import random
import time
from functools import partial

from tests.fix_site import JobSite
from tests.fix_supervisor import Connection, Nodes, Start, none_alive
from tests.processes.test_scrapers_site import DETAIL, SITE
from tests.wait import wait_for


def test_the_whole_board_is_stored_as_expected_and_a_second_run_inserts_nothing(
    supervise: Start, nodes: Nodes, job_site: JobSite
) -> None:
    nodes.add("site", "html", {"start": f"{job_site.url}index.html", **SITE, **DETAIL})
    supervise()
    (run,) = nodes.wait_for_ends("site", 1, 120)
    assert (run["cause"], run["inserted_count"], run["rejected_count"]) == ("done", 2000, 0), run["error"]
    _assert_as_expected(nodes.connection, job_site)
    nodes.update("site", run_requested=True)
    second = nodes.wait_for_ends("site", 2, 120)[1]
    assert (second["inserted_count"], second["updated_count"], second["unchanged_count"]) == (0, 0, 2000)


def test_five_kills_in_mid_crawl_change_nothing_of_the_end(supervise: Start, nodes: Nodes, job_site: JobSite) -> None:
    chance = random.Random(20)
    nodes.add("site", "html", {"start": f"{job_site.url}index.html", **SITE, **DETAIL})
    for round_ in range(5):
        supervisor = supervise()
        wait_for(partial(_came_up, nodes, round_ + 1), 20, "a process")
        nodes.wait_for_pages("site", 1)
        moment = time.monotonic() + chance.uniform(0, 0.8)
        wait_for(partial(_is_past, moment), 2, "a random moment")
        tree = supervisor.tree()
        supervisor.kill()
        wait_for(partial(none_alive, tree), 2, "no worker alive two seconds after the kill")
    supervise()
    wait_for(lambda: nodes.last("site")["cause"] == "done", 120, "the end of the crawl")
    runs = nodes.runs("site")
    assert [run["cause"] for run in runs] == ["lost"] * 5 + ["done"]
    assert {run["attempt"] for run in runs} == {1}
    assert sum(run["inserted_count"] for run in runs) == 2000
    _assert_as_expected(nodes.connection, job_site)
    # Each listing page was fetched for a committed page exactly once: none was committed twice.
    twice = nodes.connection.execute(
        "select p.url, count(*) from run_pages p where p.url ~ '/jobs/' and p.postings is not null "
        "group by p.url having count(*) > 1"
    ).fetchall()
    assert twice == []


def _came_up(nodes: Nodes, runs: int) -> bool:
    return len(nodes.runs("site")) >= runs and nodes.last("site")["pid"] is not None


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _assert_as_expected(connection: Connection, site: JobSite) -> None:
    rows = connection.execute("select url, title, company, location_raw from jobs").fetchall()
    found = {(row["url"].removeprefix(site.url), row["title"], row["company"], row["location_raw"]) for row in rows}
    wanted = {(job["path"], job["title"], job["company"], job["location"]) for job in site.expected}
    assert len(rows) == 2000
    assert found == wanted
