"""Three processes that never come up within a minute: the command leaves with 70 and says why, whatever kills them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.fix_command import SCRIPT, environment
from tests.fix_supervisor import GUESTS, Nodes

CONFIG = f"""
[scrapers]
allow = ["zoo"]
path = ["{GUESTS}"]
[retry]
base_s = 0.1
cap_s = 0.2
"""
# Read by every interpreter when it starts; only the forkserver and what is forked from it are to suffer.
SITE = """
import os, signal, sys
from pathlib import Path

class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "lxml.html":
            raise RuntimeError("this library does not load here")

if b"multiprocessing.forkserver" in Path("/proc/self/cmdline").read_bytes():
    {deed}
"""
DEEDS = {
    "a library that does not load": ("sys.meta_path.insert(0, Broken())", "lost"),
    "a kill at birth": (
        "os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGKILL))",
        "boot_failed",
    ),
}


@pytest.mark.parametrize(("deed", "cause"), DEEDS.values(), ids=DEEDS)
def test_when_no_process_comes_up_the_last_sentence_says_so_and_what_to_do(
    nodes: Nodes, database_url: str, tmp_path: Path, deed: str, cause: str
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "sitecustomize.py").write_text(SITE.format(deed=deed), "utf-8")
    nodes.add("unlucky", "zoo:pages", max_attempts=5)
    done = subprocess.run(
        [SCRIPT, "run", "--no-web", "--quiet"],
        cwd=tmp_path,
        env=environment(DATABASE_URL=database_url, PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 70, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Gave up: 3 processes within 60 s ended before they came up")
    assert "see their errors in `supervisor runs`" in last
    runs = nodes.runs("unlucky")
    assert [run["cause"] for run in runs] == [cause] * 3
    assert all(run["pid"] is None and run["error"] for run in runs)
