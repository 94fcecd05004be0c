"""Requests through a real forward proxy: what it sees, what the site sees, and whose fault a failure is."""

from __future__ import annotations

import base64
import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from requests import adapters
from requests.structures import CaseInsensitiveDict

from tests import fix_tls
from tests.fix_proxies import NewProxy, Watched
from tests.fix_tls import Certificate, listening
from tests.forward_proxy import ELSEWHERE, ForwardProxy
from tests.processes.test_fetch_limits import within
from workers import connections
from workers.errors import ProxyRefused
from workers.proxy_check import check
from workers.proxy_urls import Proxy
from workers.records import FetchSettings, ProxySettings
from workers.request import Request
from workers.response import Response
from workers.tries import Tries
from workers.verdict import Failed

USER, PASSWORD = "us:er", "p@ss/word"
LOGIN = {"login": (USER, PASSWORD)}
HEADER = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NewCertificate = Callable[[str], Certificate]


class Way:
    """Tries through one proxy, and what was noted at it."""

    def __init__(self, place: str, *, login: str = "us%3Aer:p%40ss%2Fword@", scheme: str = "http") -> None:
        self.noted: list[str] = []
        shown = f"{scheme}://us%3Aer:${{PROXY_PASSWORD}}@{place}"
        proxy = Proxy(id=1, shown=shown, url=f"{scheme}://{login}{place}", on_failure=self.noted.append)
        self.tries = Tries(FetchSettings(timeout_s=2.0), proxy)

    def get(self, url: str) -> Response:
        """The answer to one try."""
        return self.tries.once(Request(url=url, headers=CaseInsensitiveDict()), lambda _url: None)

    def fails(self, url: str) -> Failed:
        """Why one try failed; told without a login."""
        with pytest.raises(Failed) as caught:
            self.get(url)
        told = f"{caught.value} {self.noted}"
        assert not [secret for secret in (PASSWORD, "p%40ss", HEADER) if secret in told], told
        return caught.value


@contextmanager
def going_through(proxy: ForwardProxy | str, **options: str) -> Iterator[Way]:
    way = Way(proxy if isinstance(proxy, str) else proxy.place, **options)
    with closing(way.tries):
        yield way


@contextmanager
def trusting(proxy: ForwardProxy, certificate: Certificate, **options: str) -> Iterator[Way]:
    with going_through(proxy, **options) as way:
        way.tries._session.verify = str(certificate.file)
        yield way


def test_a_plain_page_is_asked_for_by_its_whole_address_and_the_login_stays_at_the_proxy(
    new_proxy: NewProxy, site: Watched
) -> None:
    proxy = new_proxy(**LOGIN)
    with going_through(proxy) as way:
        assert way.get(f"{site.url}/a?b=c").text == "/a?b=c"
    assert proxy.asked == [("GET", f"{site.url}/a?b=c")]
    (asked,) = site.asked
    assert (asked.peer, "proxy-authorization" in asked.headers) == (ELSEWHERE, False)


def test_a_secure_page_goes_through_a_tunnel_that_does_not_know_the_login(
    new_proxy: NewProxy, certificate_for: NewCertificate
) -> None:
    heard: list[bytes] = []
    certificate = certificate_for("IP:127.0.0.1")
    context = certificate.context()

    def answer(sock: socket.socket, _stopping: threading.Event) -> None:
        heard.append(sock.getpeername()[0].encode())
        with context.wrap_socket(sock, server_side=True) as secured:
            heard.append(secured.recv(10_000))
            secured.sendall(fix_tls.ANSWER)

    proxy = new_proxy(**LOGIN)
    with listening(answer) as url, trusting(proxy, certificate) as way:
        assert way.get(f"{url}/page").text == "ok"
    assert proxy.asked == [("CONNECT", url.removeprefix("https://"))]
    assert heard[0] == ELSEWHERE.encode()
    assert heard[1].startswith(b"GET /page HTTP/1.1\r\n")
    assert b"authorization" not in heard[1].lower()


def test_the_host_is_looked_up_by_the_proxy_alone(new_proxy: NewProxy, site: Watched) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("site.invalid", 80)
    proxy = new_proxy(names={"site.invalid": site.url.removeprefix("http://")})
    with going_through(proxy) as way:
        assert way.get("http://site.invalid/there").text == "/there"
    assert site.asked[0].headers["host"] == "site.invalid"


def test_redirects_stay_on_the_proxy(new_proxy: NewProxy, site: Watched) -> None:
    site.answer = lambda asked: (302, "/there") if asked.path == "/here" else (200, asked.path)
    proxy = new_proxy(**LOGIN)
    with going_through(proxy) as way:
        assert way.get(f"{site.url}/here").text == "/there"
    assert proxy.targets() == [f"{site.url}/here", f"{site.url}/there"]
    assert site.peers() == [ELSEWHERE] * 2


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls_within_tls"])
def test_the_way_to_the_proxy_may_be_secure_too(
    new_proxy: NewProxy, site: Watched, certificate_for: NewCertificate, *, secure: bool
) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    proxy = new_proxy(tls=certificate.context(), **LOGIN)
    with listening(fix_tls.after_handshake(certificate, fix_tls.ANSWER)) as url:
        with trusting(proxy, certificate, scheme="https") as way:
            assert way.get(f"{url if secure else site.url}/page").text == ("ok" if secure else "/page")
        if not secure:
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))).close()  # nobody has asked it
    assert [method for method, _ in proxy.asked] == ["CONNECT" if secure else "GET"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/page", "https://127.0.0.1:9/page"])
def test_a_wrong_password_is_told_once_without_it_and_noted_at_the_proxy(url: str, new_proxy: NewProxy) -> None:
    with going_through(new_proxy(login=(USER, "another"))) as way:
        failure = way.fails(url)
    assert "${PROXY_PASSWORD}@127.0.0.1" in str(failure)
    assert "HTTP 407 Proxy Authentication Required, check its user and password" in str(failure)
    assert (failure.blocked, failure.again, failure.of_host) == (True, False, False)
    assert way.noted == [str(failure)]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/page", "https://127.0.0.1:9/page"])
def test_a_dead_proxy_is_no_fault_of_the_host_and_noted_at_the_second_failure_in_a_row(
    url: str, new_proxy: NewProxy
) -> None:
    proxy = new_proxy()
    proxy.die()
    with going_through(proxy) as way:
        failures = [way.fails(url) for _ in range(3)]
    assert str(failures[0]).endswith("cannot be used (connection refused)")
    assert {(failure.blocked, failure.again, failure.of_host) for failure in failures} == {(True, True, False)}
    assert way.noted == [str(failures[0])]


def test_a_process_without_a_descriptor_left_blames_neither_proxy_nor_host(
    new_proxy: NewProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with going_through(new_proxy()) as way:
        monkeypatch.setattr(connections, "_connected", refuse)
        failures = [way.fails("http://127.0.0.1:9/page") for _ in range(3)]
    assert {(str(failure), failure.blocked, failure.of_host) for failure in failures} == {
        ("too many open files", False, False)
    }
    assert way.noted == []


def test_a_proxy_that_cannot_prove_who_it_is_gets_no_login(
    new_proxy: NewProxy, site: Watched, certificate_for: NewCertificate
) -> None:
    proxy = new_proxy(tls=certificate_for("IP:127.0.0.1").context(), **LOGIN)
    with going_through(proxy, scheme="https") as way:  # no authority that we know has signed its certificate
        for url in (f"{site.url}/page", "https://127.0.0.1:9/page"):
            assert "certificate is not valid" in str(way.fails(url))
    assert (proxy.asked, site.asked) == ([], [])


def test_an_answer_in_between_begins_the_count_of_failures_anew(new_proxy: NewProxy, site: Watched) -> None:
    proxy = new_proxy(refuses=None)
    with going_through(proxy) as way:
        refused = socket.create_server(("127.0.0.1", 0))
        good, dead = way.tries._session.proxies, f"http://127.0.0.1:{refused.getsockname()[1]}"
        refused.close()
        for _ in range(3):
            way.tries._session.proxies = {"http": dead}
            way.fails(f"{site.url}/page")
            way.tries._session.proxies = good
            way.get(f"{site.url}/page")
    assert way.noted == []


@pytest.mark.parametrize(
    ("status", "said", "blocked", "noted"),
    [(403, "cannot be used (HTTP 403 Forbidden)", True, 1), (502, "did not reach the host (HTTP 502", False, 0)],
)
def test_a_refused_tunnel_is_the_proxys_word_and_not_the_hosts(
    status: int, said: str, noted: int, new_proxy: NewProxy, *, blocked: bool
) -> None:
    with going_through(new_proxy(refuses=status)) as way:
        failure = way.fails("https://127.0.0.1:9/page")
    assert said in str(failure)
    assert (failure.blocked, failure.of_host, len(way.noted)) == (blocked, False, noted)


def test_a_proxy_that_takes_a_connection_and_says_nothing_costs_the_time_limit_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        with going_through(place) as way, within(2 + 2):
            failure = way.fails("https://127.0.0.1:9/page")
    assert str(failure).endswith("cannot be used (no answer in time)")
    assert failure.of_host is False


def test_what_a_host_says_through_a_proxy_is_the_hosts(new_proxy: NewProxy, site: Watched) -> None:
    site.answer = lambda _asked: (503, "")
    with going_through(new_proxy()) as way:
        failure = way.fails(f"{site.url}/page")
    assert (failure.status, failure.of_host, way.noted) == (503, True, [])


def test_a_check_page_that_fails_behind_a_tunnel_speaks_against_no_proxy(
    new_proxy: NewProxy, certificate_for: NewCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    monkeypatch.setattr(adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate.file))
    broken = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    place = new_proxy().place
    proxy = Proxy(id=1, shown=f"http://{place}", url=f"http://{place}", on_failure=pytest.fail)
    with listening(fix_tls.after_handshake(certificate, broken)) as url:
        settings = ProxySettings(pool="p", check_url=f"{url}/ip")
        with pytest.raises(ProxyRefused, match=r"no proxy can be verified now: .*503") as refused:
            check(proxy, settings, FetchSettings(), ["127.0.0.1"])
    assert (refused.value.wait_s, refused.value.leak) == (60.0, False)
