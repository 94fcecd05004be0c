"""One try against real sockets that misbehave: deadline, body cap, redirects, what is sent."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.fix_fetcher import LATE_S, TIMEOUT_S, NewTold, Told
from tests.fix_hostile_server import HostileServer, serving
from workers.fetch import Fetcher
from workers.records import FetchSettings


@contextmanager
def dead_address() -> Iterator[tuple[str, int]]:
    """An address that does not even refuse: its queue of connections is full."""
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()


def lead_to(monkeypatch: pytest.MonkeyPatch, *addresses: Any) -> None:
    """Give every name these addresses, in this order."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found)


@pytest.mark.parametrize("path", ["/never", "/drip-headers", "/drip"])
def test_an_answer_that_does_not_come_or_does_not_end_is_cut_at_the_deadline(
    hurried: Told, hostile_server: str, path: str
) -> None:
    began = time.monotonic()
    error = hurried.fails(hostile_server + path)
    assert TIMEOUT_S <= time.monotonic() - began < TIMEOUT_S + LATE_S
    assert "no complete answer within 0.4 s" in str(error)
    assert error.status is None


@pytest.mark.parametrize("path", ["/drip-headers", "/drip"])
def test_the_deadline_holds_under_tls_too(make_told: NewTold, tmp_path: Path, path: str) -> None:
    context, certificate = self_signed(tmp_path)
    with serving(context) as server:
        told = make_told(timeout_s=TIMEOUT_S)
        told.fetcher._session.verify = str(certificate)
        began = time.monotonic()
        assert "no complete answer" in str(told.fails(server.url + path))
        assert server.hits[path] == 1
        assert time.monotonic() - began < TIMEOUT_S + LATE_S


def test_a_page_is_fetched_under_tls(told: Told, tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    with serving(context) as server:
        told.fetcher._session.verify = str(certificate)
        assert [told.fetcher.fetch(f"{server.url}/ok").text for _ in range(2)] == ["ok", "ok"]
        assert server.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(told: Told, tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    with serving(context) as server:
        assert "CERTIFICATE_VERIFY_FAILED" in str(told.fails(f"{server.url}/ok"))
        assert not server.hits


def test_a_peer_that_never_shakes_hands_is_cut_at_the_deadline(hurried: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        assert "no complete answer" in str(hurried.fails(f"https://127.0.0.1:{mute.getsockname()[1]}/"))
    assert time.monotonic() - began < TIMEOUT_S + LATE_S


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl absent: no certificate can be made")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wish = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=board"
    files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", *wish.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def test_all_redirects_of_a_try_share_its_deadline(make_told: NewTold, hostile: HostileServer) -> None:
    slow_hop = f"/slow/0.7?then={quote('/slow/0.7?then=/ok')}"
    assert "no complete answer" in str(make_told(timeout_s=1.2).fails(hostile.url + slow_hop))
    assert hostile.hits["/slow/0.7"] == 2
    assert hostile.hits["/ok"] == 0


def test_time_spent_keeping_distance_is_not_taken_from_the_deadline(hostile_server: str) -> None:
    settings = FetchSettings(timeout_s=0.8, attempts=1, gap_loopback_s=0.6)
    fetcher = Fetcher(settings, wait=time.sleep, on_fetched=lambda _: None)
    assert fetcher.fetch(f"{hostile_server}/redirect/2").text == "ok"  # two gaps are longer than the deadline
    fetcher.close()


def test_a_dead_first_address_leaves_time_for_the_second(
    make_told: NewTold, hostile: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dead_address() as dead:
        lead_to(monkeypatch, dead, hostile.server_address)
        assert make_told(timeout_s=2).fetcher.fetch("http://two.test/ok").text == "ok"


def test_a_dead_first_address_does_not_lift_the_deadline_from_the_second(
    hurried: Told, hostile: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dead_address() as dead:
        lead_to(monkeypatch, dead, hostile.server_address)
        began = time.monotonic()
        hurried.fails("http://two.test/drip-headers")
        assert time.monotonic() - began < TIMEOUT_S + LATE_S
    assert hostile.hits["/drip-headers"] == 1


@pytest.mark.parametrize("path", ["/bomb", "/bomb/2", "/endless"])
def test_a_body_past_its_cap_is_cut_before_it_takes_memory(told: Told, hostile_server: str, path: str) -> None:
    assert "larger than 1 MB" in str(peak_below(8, lambda: told.fails(hostile_server + path)))


def test_chunk_marks_without_end_count_against_the_cap_too(told: Told, hostile_server: str) -> None:
    assert "larger than 1 MB" in str(peak_below(8, lambda: told.fails(f"{hostile_server}/endless-chunks")))


def test_the_body_of_a_redirect_is_not_read_to_its_end(told: Told, hostile_server: str) -> None:
    url = f"{hostile_server}/endless-redirect"
    assert peak_below(8, lambda: told.fetcher.fetch(url)).text == "ok"


@pytest.mark.parametrize("path", ["/big-header", "/many-headers"])
def test_headers_without_measure_are_refused(told: Told, hostile_server: str, path: str) -> None:
    peak_below(8, lambda: told.fails(hostile_server + path))


def peak_below(megabytes: int, work: Any) -> Any:
    """What `work` answers, if Python's memory did not grow past so many MB meanwhile."""
    tracemalloc.start()
    try:
        answer = work()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 2**20, f"{peak / 2**20:.0f} MB"
    return answer


@pytest.mark.parametrize(
    ("path", "told_of"),
    [
        ("/reset", "reset by peer"),
        ("/chunked-broken", "nonsense"),
        ("/truncated", "IncompleteRead"),
        ("/brotli", "compressed as br"),
    ],
)
def test_a_broken_answer_gets_one_sentence(told: Told, hostile_server: str, path: str, told_of: str) -> None:
    assert told_of in str(told.fails(hostile_server + path))


def test_a_closed_port_gets_one_sentence(told: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "Connection refused" in str(told.fails(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize(
    "url",
    ["ftp://board.test/", "file:///etc/passwd", "/jobs", "", "http:///x", "http://[", "javascript:alert(1)", None, 7],
)
def test_only_web_addresses_are_fetched(told: Told, url: Any) -> None:
    assert "only http and https URLs can be fetched" in str(told.fails(url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", f"http://{'a' * 80}.test/", "http://*.test/"])
def test_an_address_that_cannot_exist_is_not_tried_again(make_told: NewTold, url: str) -> None:
    told = make_told(attempts=3)
    told.fails(url)
    assert told.waits == []


def test_a_connection_is_kept_for_the_next_request(told: Told, hostile: HostileServer) -> None:
    for path in ("/ok", "/html", "/redirect/2", "/status/200", "/ok"):
        told.fetcher.fetch(hostile.url + path)
    told.fails(f"{hostile.url}/status/404")
    told.fetcher.fetch(f"{hostile.url}/ok")
    assert hostile.connections == 1


@pytest.mark.parametrize(
    ("path", "text"), [("none", "Käse für 3 €"), ("latin1", "Käse für 3 €"), ("wrong", "K\ufffdse f\ufffdr 3 \ufffd")]
)
def test_the_charset_is_settled_before_lxml_sees_the_page(
    told: Told, hostile_server: str, path: str, text: str
) -> None:
    assert told.fetcher.fetch(f"{hostile_server}/charset/{path}").html.findtext(".//title") == text


def test_nul_bytes_and_lying_types_cost_nothing_until_they_are_used(told: Told, hostile_server: str) -> None:
    assert told.fetcher.fetch(f"{hostile_server}/nul").html.text_content() == "ab"
    lying = told.fetcher.fetch(f"{hostile_server}/lying-type")
    assert lying.html.text_content() == "Please log in"
    with pytest.raises(Exception, match="did not answer JSON but application/json"):
        lying.json()


def test_a_fetched_address_is_told_with_its_figures(told: Told, hostile_server: str) -> None:
    answer = told.fetcher.fetch(f"{hostile_server}/slow/0.05")
    assert answer.elapsed_ms >= 50
    told_of = told.fetched[0]
    assert (told_of.url, told_of.status, told_of.http_status) == (f"{hostile_server}/slow/0.05", "ok", 200)
    assert (told_of.bytes, told_of.elapsed_ms, told_of.error) == (4, answer.elapsed_ms, None)
    assert len(told.fetched) == 1
