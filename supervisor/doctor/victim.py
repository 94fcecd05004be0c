"""What stands in for a supervisor that is to be killed: `python -m supervisor.doctor.victim FOLDER`.

It starts a scrape from the template, as the loop does, which then waits for a database that there is not, and another
one with grandchildren; prints a JSON line about each, and waits for its end.
"""

from __future__ import annotations

import json
import math
import os
import sys
import uuid
from dataclasses import replace
from typing import Any

from supervisor import processes
from supervisor.config import Config
from supervisor.doctor.guards import order
from supervisor.dry_run import dry_run
from supervisor.guard import Guard, boottime
from supervisor.launchers.local import LocalLauncher
from supervisor.lifeline import Lifeline
from supervisor.sightings import pid_of


def main() -> None:
    """Until SIGKILL."""
    mark = str(uuid.uuid4())
    lifeline = Lifeline(mark)
    guard = Guard(cut_off_s=math.inf)
    launcher = LocalLauncher(Config(), guard, mark, owns_every_child=False)
    nowhere = f"postgresql:///none?host={sys.argv[1]}"
    assignment = replace(order("steady").assignment, run_id=1, epoch=1, supervisor_id=mark, database_url=nowhere)
    began = boottime()
    flight = launcher.launch(assignment, began)
    _say(launched=pid_of(flight.pid), mark=mark, took_s=boottime() - began)
    for line in dry_run(order("hangs", {"asleep": True}), Config()):
        if "page" in line:
            tree = [pid_of(pid) for pid in processes.descendants_of(os.getpid())]
            _say(all=[*line["page"]["checkpoint"]["family"], *tree], keeper=lifeline.pid)


def _say(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
