"""What a scrape finds ready in its process."""

from __future__ import annotations

from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for


def test_the_tables_of_the_clean_up_are_the_templates_and_shared(supervise: Start, nodes: Nodes) -> None:
    nodes.add("n", "weights:tells_whose_tables")
    supervise(scrapers__allow=["weights"])
    wait_for(lambda: [run["status"] for run in nodes.runs("n")] == ["ok"], 30, "the run")
    assert nodes.last("n")["stage"] == "the template's"
