"""The same requests through a forward proxy that somebody else has written: tinyproxy, where it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from requests.structures import CaseInsensitiveDict

from tests import fix_tls
from tests.fix_proxies import Watched
from tests.fix_tls import Certificate, listening
from tests.forward_proxy import ELSEWHERE
from tests.wait import wait_for
from workers.proxy_check import CheckFailed, Leaks, check
from workers.proxy_urls import Proxy
from workers.records import FetchSettings, ProxySettings
from workers.request import Request
from workers.tries import Tries
from workers.verdict import Failed

RIGHT = "pa55word"
PROGRAM = shutil.which("tinyproxy")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="tinyproxy is not installed: apt-get install tinyproxy-bin")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """Where one listens that exits elsewhere, wants a login, and tells on its clients in Via only."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = (f"Port {port}", "Listen 127.0.0.1", f"Bind {ELSEWHERE}", "Timeout 10", f"BasicAuth user {RIGHT}")
    (tmp_path / "tinyproxy.conf").write_text("\n".join((*lines, "")), "ascii")
    with subprocess.Popen(
        [str(PROGRAM), "-d", "-c", str(tmp_path / "tinyproxy.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: _listens(port), 10, "tinyproxy listens")
        yield f"127.0.0.1:{port}"
        process.terminate()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def proxy_at(place: str, password: str) -> Proxy:
    return Proxy(id=1, shown=f"http://user:***@{place}", url=f"http://user:{password}@{place}")


def get(tries: Tries, url: str) -> str:
    return tries.once(Request(url=url, headers=CaseInsensitiveDict()), lambda _url: None).text


def test_plain_and_secure_pages_come_through_a_strangers_proxy(
    place: str, site: Watched, certificate_for: Callable[[str], Certificate]
) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    with closing(Tries(FetchSettings(timeout_s=5.0), proxy_at(place, RIGHT))) as tries:
        assert get(tries, f"{site.url}/page") == "/page"
        tries._session.verify = str(certificate.file)
        with listening(fix_tls.after_handshake(certificate, fix_tls.ANSWER)) as url:
            assert get(tries, f"{url}/page") == "ok"
    (asked,) = site.asked
    assert (asked.peer, "proxy-authorization" in asked.headers) == (ELSEWHERE, False)


def test_a_strangers_proxy_refuses_a_wrong_password_before_anything_is_fetched(place: str, check_page: Watched) -> None:
    wrong = proxy_at(place, "wrong")
    with closing(Tries(FetchSettings(timeout_s=5.0), wrong)) as tries, pytest.raises(Failed) as caught:
        get(tries, "https://127.0.0.1:9/page")
    assert "HTTP 401 Unauthorized, check its user and password" in str(caught.value)
    assert (caught.value.blocked, caught.value.of_host) == (True, False)
    with pytest.raises(CheckFailed, match=r"the proxy http://user:\*\*\*@127\.0\.0\.1:\d+ gives no answer"):
        check(wrong, ProxySettings(check_url=check_page.url), FetchSettings(), ["127.0.0.1"])
    assert check_page.asked == []


def test_a_strangers_proxy_is_verified_and_found_out(place: str, check_page: Watched) -> None:
    settings = ProxySettings(check_url=check_page.url)
    assert check(proxy_at(place, RIGHT), settings, FetchSettings(), ["127.0.0.1"]).exit_address == ELSEWHERE
    with pytest.raises(Leaks, match=ELSEWHERE):
        check(proxy_at(place, RIGHT), settings, FetchSettings(), [ELSEWHERE])
