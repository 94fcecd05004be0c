"""Programs that the supervisor starts beside its scrapes, against the sweep that ends what scrapes have left."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from supervisor import own_programs
from supervisor.launchers.orphans import Orphans
from supervisor.processes import is_alive
from tests.wait import wait_for
from workers.processes import TAG_NAME, tag_of

SLEEP = ("sleep", "60")


@pytest.fixture
def orphans() -> Orphans:
    """The sweep of this process; whatever runs already is left alone."""
    made = Orphans("made-up mark", owns_every_child=True)
    made._began = 0.0  # a child of the same hundredth of a second would pass for one that was there before
    return made


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A child that nobody has said anything about."""
    with subprocess.Popen(SLEEP, env={"PATH": os.environ["PATH"]}) as process:
        yield process
        process.kill()


def test_a_helper_is_never_swept_and_a_child_that_nobody_knows_is(
    orphans: Orphans, stranger: subprocess.Popen[bytes]
) -> None:
    helper = own_programs.start(SLEEP, {"PATH": os.environ["PATH"]}, "/")
    orphans.sweep()
    assert is_alive(helper.pid)
    assert not is_alive(stranger.pid)
    assert own_programs.end(helper) == -9
    assert own_programs.known() == frozenset()


def test_while_one_is_being_started_a_child_that_nobody_knows_yet_is_spared(
    orphans: Orphans, stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_programs, "_starting", 1)
    orphans.sweep()
    assert is_alive(stranger.pid)
    monkeypatch.undo()
    orphans.sweep()
    assert not is_alive(stranger.pid)


def test_what_carries_the_tag_of_a_run_is_swept_even_then(orphans: Orphans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_programs, "_starting", 1)
    with subprocess.Popen(SLEEP, env={"PATH": os.environ["PATH"], TAG_NAME: tag_of(7, 1)}) as process:
        orphans.sweep()
        assert not is_alive(process.pid)


def test_helpers_that_come_and_go_beside_a_busy_sweep_all_live_to_their_end(orphans: Orphans) -> None:
    ends: list[int] = []

    def start_many() -> None:
        for _ in range(40):
            process = own_programs.start(("sh", "-c", "exit 7"), {"PATH": os.environ["PATH"]}, "/")
            wait_for(lambda process=process: own_programs.has_ended(process), 5, "its end")  # type: ignore[misc] # bound
            ends.append(own_programs.end(process))

    threads = [threading.Thread(target=start_many) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        orphans.sweep()
    assert ends == [7] * 80
