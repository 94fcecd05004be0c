"""What the doctor makes of limits that are there, too small, or absent: on made-up trees of control groups."""

from __future__ import annotations

import resource
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.config import Config
from supervisor.doctor import container
from supervisor.doctor.finding import Finding, Verdict, carefully, judged

GIGABYTE = 2**30


class Machine:
    """A made-up host of 8 GB with a group of version 2."""

    def __init__(self, folder: Path) -> None:
        """Without any limit."""
        self.proc, self.groups = folder / "proc", folder / "cgroup"
        (self.proc / "self").mkdir(parents=True)
        self.groups.mkdir()
        self.write(self.proc / "self" / "cgroup", "0::/\n")
        self.write(self.groups / "cgroup.controllers", "memory pids\n")
        self.memory(swap_mb=0)
        memory = replace(Config().memory, cgroup_root=str(self.groups), proc_root=str(self.proc))
        self.config = replace(Config(), memory=memory)

    def memory(self, *, swap_mb: int) -> None:
        """The host's figures."""
        figures = f"MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\nSwapTotal: {swap_mb * 1024} kB\n"
        self.write(self.proc / "meminfo", figures)

    def limit(self, **files: str) -> None:
        """Files of the group, `memory_max` for memory.max."""
        for name, text in {"memory_current": "100000000", "memory_stat": "inactive_file 0\n", **files}.items():
            self.write(self.groups / name.replace("_", ".", 1), text)

    @staticmethod
    def write(path: Path, text: str) -> None:
        """A small file of the kernel's."""
        path.write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A made-up machine."""
    return Machine(tmp_path)


def test_no_limit_of_a_control_group_is_a_warning_that_names_what_counts_instead(machine: Machine) -> None:
    finding = container.memory_source(machine.config)
    assert (finding.verdict, "host memory, no container limit" in finding.found) == ("warn", True)
    assert "mem_limit" in finding.advice


def test_a_limit_passes_with_its_source(machine: Machine) -> None:
    machine.limit(memory_max=str(GIGABYTE))
    finding = container.memory_source(machine.config)
    assert (finding.verdict, finding.advice) == ("pass", "")
    assert finding.found.startswith("limit 1024 MB, ")
    assert "cgroup v2 limit 1024 MB" in finding.found


@pytest.mark.parametrize(
    ("swap_mb", "limits", "verdict"),
    [
        (0, {"memory_max": str(GIGABYTE)}, "pass"),
        (2048, {"memory_max": str(GIGABYTE), "memory_swap.max": "max"}, "warn"),
        (2048, {"memory_max": str(GIGABYTE), "memory_swap.max": "0"}, "pass"),
        (2048, {}, "pass"),
    ],
    ids=["no swap", "a limit that swap goes around", "both limited", "no limit at all"],
)
def test_a_limit_without_one_on_swap_is_a_warning(
    machine: Machine, swap_mb: int, limits: dict[str, str], verdict: str
) -> None:
    machine.memory(swap_mb=swap_mb)
    if limits:
        machine.limit(**limits)
    assert container.swap(machine.config).verdict == verdict


def test_a_counter_of_kills_that_cannot_be_read_is_a_warning(machine: Machine) -> None:
    assert container.oom_counter(machine.config).verdict == "warn"
    machine.limit(memory_max=str(GIGABYTE), memory_events="oom 3\noom_kill 2\n")
    finding = container.oom_counter(machine.config)
    assert (finding.verdict, finding.found) == ("pass", "oom_kill 2 so far")


@pytest.mark.parametrize(("room", "verdict"), [(1000, "pass"), (60, "warn"), (10, "fail")])
def test_room_for_processes_is_judged_by_what_scrapes_need(machine: Machine, room: int, verdict: str) -> None:
    machine.limit(pids_max=str(room + 5), pids_current="5")
    finding = container.pids(machine.config)
    assert (finding.verdict, finding.found.startswith(f"{room} more processes")) == (verdict, True)


@pytest.mark.parametrize(("hard", "verdict"), [(resource.RLIM_INFINITY, "pass"), (4096, "pass"), (100, "fail")])
def test_open_files_are_judged_by_the_hard_limit(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, hard: int, verdict: str
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, hard))
    assert container.descriptors(machine.config).verdict == verdict


def test_a_temp_folder_that_cannot_be_written_fails(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert container.temp_folder(machine.config).verdict == "pass"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    finding = container.temp_folder(machine.config)
    assert (finding.verdict, "TMPDIR" in finding.advice) == ("fail", True)


def test_clocks_that_go_pass_and_a_wrong_year_is_a_warning(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert container.clocks(machine.config).verdict == "pass"
    monkeypatch.setattr(container, "YEAR_2024", 4e9)
    finding = container.clocks(machine.config)
    assert (finding.verdict, "NTP" in finding.advice) == ("warn", True)


@pytest.mark.parametrize("otherwise", ["warn", "fail"])
def test_advice_is_given_only_where_something_is_to_be_done(otherwise: Verdict) -> None:
    assert judged("x", "found", "do this", good=True).advice == ""
    finding = judged("x", "found", "do this", good=False, otherwise=otherwise)
    assert (finding.verdict, finding.advice) == (otherwise, "do this")


def test_a_look_that_cannot_be_made_is_a_finding() -> None:
    def forbidden() -> Finding:
        raise PermissionError(1, "Operation not permitted")

    finding = carefully("timer", forbidden)
    assert (finding.check, finding.verdict) == ("timer", "fail")
    assert "PermissionError: [Errno 1] Operation not permitted" in finding.found
