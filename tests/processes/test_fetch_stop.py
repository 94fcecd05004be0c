"""A signal that asks the run to end is honoured in the middle of a read, and that connection is not used again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.hostile_server import HostileServer
from tests.wait import wait_for

SCRIPT = """
import sys, time
from workers.errors import StopScrape
from workers.fetch import Fetcher
from workers.records import FetchSettings
from workers.stop import StopSwitch

switch = StopSwitch()
switch.install()
notes = []
fetcher = Fetcher(FetchSettings(timeout_s=20), wait=switch.wait, on_fetched=notes.append,
                  interruptible=switch.interruptible)
fetcher.fetch(sys.argv[1] + "/ok")
try:
    if sys.argv[2] == "one":
        fetcher.fetch(sys.argv[1] + "/" + sys.argv[3])
    else:
        list(fetcher.fetch_all([sys.argv[1] + "/" + sys.argv[3]] * 2))
except StopScrape as stop:
    print("stopped", time.monotonic(), flush=True)
switch.cause = None
print(fetcher.fetch(sys.argv[1] + "/ok").text, [note.status for note in notes])
fetcher.close()
"""


@pytest.mark.parametrize("how", ["one", "all"])
@pytest.mark.parametrize("path", ["never", "drip", "drip-headers"])
def test_a_soft_stop_ends_a_blocking_read_at_once(how: str, path: str, hostile_server: HostileServer) -> None:
    command = [sys.executable, "-c", SCRIPT, hostile_server.url, how, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        wait_for(lambda: hostile_server.hits(f"/{path}") == (1 if how == "one" else 2), 20, "the read has begun")
        os.kill(child.pid, signal.SIGUSR1)
        out, err = child.communicate(timeout=3)
    assert not err
    assert out.startswith("stopped")
    assert out.endswith("ok ['ok', 'ok']\n")
    assert hostile_server.connections >= 2
