"""No peer, however slow or large, keeps a fetch longer or makes it larger than its limits."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.fix_hostile_server import Trial
from tests.hostile_server import HostileServer
from tests.wait import wait_for
from workers.errors import Blocked, FetchError

NewFetcher = Callable[..., Trial]
SLACK_S = 0.4


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The block may not take longer."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@pytest.mark.parametrize(
    "path",
    ["never", "drip", "drip-unmeasured", "drip-headers", "continue", "slow/5", "redirect-slowly"],
)
def test_a_slow_answer_ends_at_the_deadline(path: str, hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher(timeout_s=0.4, attempts=1).fetcher
    with within(0.4 + SLACK_S), pytest.raises(FetchError, match=r"0\.4 s.*1 try"):
        fetcher.fetch(f"{hostile_server.url}/{path}")


def test_every_try_has_its_own_deadline_and_their_number_is_bounded(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher(timeout_s=0.2, attempts=3)
    with within(0.6 + SLACK_S), pytest.raises(FetchError, match="3 tries"):
        trial.fetcher.fetch(f"{hostile_server.url}/never")
    assert hostile_server.hits("/never") == 3


def test_a_slow_tls_handshake_ends_at_the_deadline(new_fetcher: NewFetcher) -> None:
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(10)
                sock.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 kB, begun
                while not stopping.wait(0.05):
                    try:
                        sock.sendall(b"\x00")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        with within(0.4 + SLACK_S), pytest.raises(FetchError, match=r"0\.4 s"):
            new_fetcher(timeout_s=0.4, attempts=1).fetcher.fetch(f"https://127.0.0.1:{port}/")
        stopping.set()
        thread.join(5)


def test_a_black_hole_ends_at_the_deadline(new_fetcher: NewFetcher) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # fill its backlog: further connections get no answer at all
            sock = stack.enter_context(socket.socket())
            sock.settimeout(0)
            sock.connect_ex(listener.getsockname())
        with within(0.4 + SLACK_S), pytest.raises(FetchError, match=r"0\.4 s"):
            new_fetcher(timeout_s=0.4, attempts=1).fetcher.fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/")


def test_an_endless_body_ends_at_the_cap(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(timeout_s=5)
    with within(2), pytest.raises(FetchError, match="larger than 1 MB"):
        trial.fetcher.fetch(f"{hostile_server.url}/endless")
    assert hostile_server.hits("/endless") == 1  # larger next time too: no retry


def test_an_endless_body_of_a_refusal_changes_nothing_about_the_refusal(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    with within(1), pytest.raises(Blocked, match="403"):
        new_fetcher(timeout_s=0.5).fetcher.fetch(f"{hostile_server.url}/bomb/500?status=403")


BOMB = """
import resource, sys
from workers.errors import FetchError
from workers.fetch import Fetcher
from workers.records import FetchSettings

settings = FetchSettings(timeout_s=10, max_body_mb=1, attempts=1)
fetcher = Fetcher(settings, wait=lambda s: None, on_fetched=lambda note: None)
fetcher.fetch(sys.argv[1] + "/ok")
def vm_peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
before = vm_peak()
try:
    print("ok", fetcher.fetch(sys.argv[1] + sys.argv[2]).status)
except FetchError as error:
    print(error)
print(vm_peak() - before)
fetcher.close()
"""


@pytest.mark.parametrize(
    ("path", "said"),
    [("/bomb/10000", "larger than 1 MB"), ("/bomb/10000?status=302", "ok 200"), ("/redirect-endless", "ok 200")],
)
def test_a_bomb_costs_no_memory(path: str, said: str, hostile_server: HostileServer) -> None:
    """Neither as a body that is wanted, nor as that of a redirect, which nobody reads."""
    command = [sys.executable, "-c", BOMB, hostile_server.url, path]
    with within(20):  # unpacked whole it takes a minute, on a machine with nothing else to do
        ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    *lines, grown_mb = ended.stdout.splitlines()
    assert said in "\n".join(lines)
    assert float(grown_mb) < 10


def test_nothing_is_left_after_close(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    before = set(threading.enumerate())
    fetcher = new_fetcher(timeout_s=5).fetcher
    results = fetcher.fetch_all([f"{hostile_server.url}/{path}" for path in ("ok", "never", "never")], at_once=3)
    assert next(results).text == "ok"
    wait_for(lambda: hostile_server.hits("/never") == 2, 2, "both requests under way")
    fetcher.close()
    serving = set(hostile_server._threads)
    wait_for(lambda: not set(threading.enumerate()) - before - serving, 2, "no thread of the fetcher")
    results.close()  # type: ignore[attr-defined] # held until here: closing the fetcher alone must do


def test_connections_are_kept_alive(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher().fetcher
    for path in ("ok", "html", "redirect/3", "gzip/right", "ok"):
        fetcher.fetch(f"{hostile_server.url}/{path}")
    assert hostile_server.connections == 1
