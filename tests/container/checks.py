"""What has to hold in a real container: each check raises AssertionError, or returns the figure that it found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from tests.container.engine import IMAGE
from tests.container.setup import LIMIT_MB, SUPERVISOR, Setup, wait_for

Check = Callable[[Setup], str]
PULSE = "/tmp/scrapewarden.pulse"
FAMILY = "/tmp/family.pids"
STOP_LIMIT_S = 26.0  # drain_s + term_s, and a moment to settle; compose.yml allows 45
COMPILERS = "command -v gcc cc g++ clang make ld; ls -d /root/.cache /src /wheels /build /tmp/* 2>/dev/null; true"


def image_has_what_it_needs_and_no_more(setup: Setup) -> str:
    """No compiler, no cache, no pip beside the program; not root; its size."""
    words = ("run", "--rm", "--network=none", "--entrypoint=sh", IMAGE, "-c")
    assert setup.engine.says(*words, COMPILERS) == ""
    assert setup.engine.says(*words, "ls /opt/scrapewarden/bin | grep -c pip; true") == "0"
    assert setup.engine.says(*words, "id -u; id -g").split() == ["10001", "10001"]
    assert setup.engine.inspect(IMAGE, "{{.Config.StopSignal}} {{.Config.User}}") == "SIGTERM 10001:10001"
    return f"{int(setup.engine.inspect(IMAGE, '{{.Size}}')) / 1e6:.0f} MB with its base"


def scrape_runs_where_nothing_can_be_written(setup: Setup) -> str:
    """Read-only root and read-only volume: a scrape still stores its jobs."""
    setup.start()
    for path in ("/x", "/opt/scrapewarden/x", "/scrapewarden/x"):
        assert setup.engine.run("exec", SUPERVISOR, "touch", path, check=False).returncode != 0, path
    setup.request({"name": "healthy", "scraper": "storm:healthy", "params": {"name": "healthy"}})
    run = setup.run_to_its_end("healthy")
    assert (run["cause"], run["inserted_count"]) == ("done", 10), run["error"]
    return f"10 jobs stored, peak {run['peak_rss_mb']:.0f} MB"


def limit_is_seen_and_named(setup: Setup) -> str:
    """By `check`, and by the loop in its row and in `status`."""
    setup.start()
    findings = {finding["check"]: finding for finding in setup.engine.rows(SUPERVISOR, "check")}
    assert all(finding["verdict"] != "fail" for finding in findings.values()), findings
    found: str = findings["memory"]["found"]
    assert f"limit {LIMIT_MB} MB" in found, found
    assert "cgroup v" in found, found
    assert f"of {LIMIT_MB} MB available (cgroup v" in setup.said("status")
    return found


def doctor_is_green(setup: Setup) -> str:
    """The guards can work in this very container."""
    setup.start()
    if "doctor" not in setup.engine.inside(SUPERVISOR, "supervisor", "--help"):
        return "there is no `supervisor doctor` yet"
    began = time.monotonic()
    done = setup.engine.run("exec", SUPERVISOR, "supervisor", "doctor", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return f"green after {time.monotonic() - began:.0f} s"


def health_check_follows_the_loop(setup: Setup) -> str:
    """Healthy while it turns, also when a file was old; unhealthy when it stands."""
    setup.start()
    engine = setup.engine

    def healthy() -> bool:
        return engine.run("healthcheck", "run", SUPERVISOR, check=False).returncode == 0

    assert healthy(), "unhealthy right after its start"
    age = ("touch", "--date", "90 seconds ago", PULSE)
    engine.inside(SUPERVISOR, *age)
    wait_for(healthy, 5, "a loop that turns freshens its pulse")
    pid = str(setup.supervisor_pid())
    engine.inside(SUPERVISOR, "sh", "-c", f"kill -STOP {pid}")
    engine.inside(SUPERVISOR, *age)
    time.sleep(3)  # longer than poll_s: whoever turns would have touched it
    assert not healthy(), "healthy while the loop is stopped"
    engine.inside(SUPERVISOR, "sh", "-c", f"kill -CONT {pid}")
    wait_for(healthy, 5, "health after the loop goes on")
    return "healthy, unhealthy while stopped, healthy again"


def no_process_is_left_over(setup: Setup) -> str:
    """A scrape with a plain child, one in a session of its own and a daemon: all gone, no zombies."""
    setup.start()
    params = {"pages": 3, "board": "left", "pids": FAMILY}
    setup.request({"name": "family", "scraper": "zoo:with_grandchildren", "params": params})
    run = setup.run_to_its_end("family")
    assert run["cause"] == "done", run["error"]
    family = {int(pid) for pid in setup.engine.inside(SUPERVISOR, "cat", FAMILY).split()}
    left = setup.processes()
    assert len(family) == 4
    assert not [process for process in left if process[0] in family or process[2] == "Z"], left
    assert left[0][:2] == (1, "tini"), left[0]
    return f"{len(left)} processes, no zombies"


def sigterm_drains(setup: Setup) -> str:
    """`stop` in mid-run: the run comes to a safe end, its lease is released, exit 0, well within the grace."""
    setup.start()
    params = {"pages": 600, "pause_s": 0.2, "board": "drain"}
    setup.request({"name": "drained", "scraper": "zoo:pages", "params": params})
    wait_for(lambda: setup.query("select 1 from scrape_runs where source = 'drained' and pages_count > 1"), 30, "pages")
    began = time.monotonic()
    setup.engine.run("stop", SUPERVISOR)
    took_s = time.monotonic() - began
    assert setup.engine.inspect(SUPERVISOR, "{{.State.ExitCode}}") == "0", setup.engine.run("logs", SUPERVISOR).stderr
    assert took_s < STOP_LIMIT_S
    run = setup.run_to_its_end("drained")
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "shutdown", "soft"), run["error"]
    held = "select source from scrape_leases where lease_until > clock_timestamp()"
    assert setup.query(held) == []
    return f"exit 0 after {took_s:.1f} s, ended softly behind page {run['pages_count']}, no lease held"


def own_database_survives_its_container(setup: Setup) -> str:
    """No database named: the embedded server lives in the volume, as the same unprivileged user."""
    engine, name, volume = setup.engine, f"{SUPERVISOR}-alone", "sw-check-volume"
    engine.remove(name)
    engine.run("volume", "rm", "--force", volume, check=False)
    words = ("--network=none", "--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp", "--cap-drop=ALL")
    places = ("--name", name, f"--volume={volume}:/scrapewarden", f"--memory={LIMIT_MB}m")
    status = ("exec", name, "supervisor", "status")
    feed = ("kept", "--scraper", "feed", "-p", "url=http://board.test/feed")
    try:
        for turn in (1, 2):
            engine.run("run", "--detach", *words, *places, IMAGE)
            wait_for(lambda: "1 supervisor alive" in engine.run(*status, check=False).stdout, 30, "a supervisor")
            if turn == 1:
                engine.inside(name, "supervisor", "nodes", "add", *feed)
            assert "kept" in engine.inside(name, "supervisor", "nodes", "list")
            engine.run("stop", "--time", "30", name)
            assert engine.inspect(name, "{{.State.ExitCode}}") == "0"
            engine.remove(name)
    finally:
        engine.remove(name)
        engine.run("volume", "rm", "--force", volume, check=False)
    return "its node is there in the second container"


def web_beyond_loopback_needs_a_password(setup: Setup) -> str:
    """What compose.yml sets is accepted with its password only."""
    words = ("run", "--rm", "--network=none", "--env=SCRAPEWARDEN_WEB_HOST=0.0.0.0")
    refused = setup.engine.run(*words, IMAGE, "run", check=False)
    assert (refused.returncode, "SCRAPEWARDEN_PASSWORD" in refused.stderr) == (2, True), refused
    accepted = setup.engine.run(*words, "--env=SCRAPEWARDEN_PASSWORD=made-up", IMAGE, "check", check=False)
    assert "config" in accepted.stdout
    assert "beyond loopback" not in accepted.stdout
    return "exit 2 without"


def demo_runs(setup: Setup) -> str:
    """The whole system in one container, with its own database and job board, for a look at it."""
    words = ("run", "--rm", "--network=none", f"--memory={LIMIT_MB}m", IMAGE, "demo", "--for", "15s", "--json")
    summary = json.loads(setup.engine.says(*words))
    assert summary, "an empty summary"
    return "exit 0, with its summary"


CHECKS: tuple[Check, ...] = (
    image_has_what_it_needs_and_no_more,
    limit_is_seen_and_named,
    scrape_runs_where_nothing_can_be_written,
    doctor_is_green,
    health_check_follows_the_loop,
    no_process_is_left_over,
    sigterm_drains,
    own_database_survives_its_container,
    web_beyond_loopback_needs_a_password,
    demo_runs,
)


def describe(setup: Setup) -> str:
    """The machine's engine in one line."""
    info = json.loads(setup.engine.says("info", "--format", "json"))
    host = info["host"]
    return f"podman {info['version']['Version']}, {host['ociRuntime']['name']}, cgroup {host['cgroupVersion']}"
