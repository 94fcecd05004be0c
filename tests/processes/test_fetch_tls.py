"""Where TLS is expected and something else comes: one sentence, in time."""

from __future__ import annotations

import gc
import socket
import struct
import warnings
from collections.abc import Callable

import pytest

from tests import fix_tls
from tests.fix_hostile_server import Trial
from tests.fix_tls import Answer, Certificate, listening
from tests.processes.test_fetch_limits import within
from tests.wait import wait_for
from workers import tls
from workers.errors import FetchError

NewFetcher = Callable[..., Trial]
LIMIT_S = 0.5
SLACK_S = 2.0  # of a machine with much else to do; without a limit these take eight seconds
NewCertificate = Callable[[str], Certificate]


def trusting(trial: Trial, certificate: Certificate) -> Trial:
    """A fetcher that takes the test's certificate for an authority."""
    trial.fetcher._tries._session.verify = str(certificate.file)
    return trial


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (fix_tls.plain_text, "no TLS connection came about"),
        (fix_tls.speaks_first, "no TLS connection came about"),
        (fix_tls.closes, "no TLS connection came about|the connection broke"),
        (fix_tls.resets, "the connection broke|no TLS connection came about"),
        (fix_tls.alerts, "no TLS connection came about"),
        (fix_tls.says_nothing, r"no complete answer within 0\.5 s"),
        (fix_tls.drips, r"no complete answer within 0\.5 s"),
    ],
)
def test_what_is_no_handshake_gets_one_sentence_in_time(answer: Answer, said: str, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(timeout_s=LIMIT_S, attempts=1)
    with listening(answer) as url, within(LIMIT_S + SLACK_S), pytest.raises(FetchError, match=said) as caught:
        trial.fetcher.fetch(f"{url}/")
    assert str(caught.value).isprintable()
    assert [note.status for note in trial.notes] == ["error"]


def test_a_self_signed_certificate_is_refused_without_a_second_try(
    new_fetcher: NewFetcher, certificate_for: NewCertificate
) -> None:
    answer = fix_tls.after_handshake(certificate_for("IP:127.0.0.1"), fix_tls.ANSWER)
    with listening(answer) as url, pytest.raises(FetchError, match=r"certificate is not valid \(self.signed.*1 try"):
        new_fetcher().fetcher.fetch(f"{url}/")


def test_a_certificate_for_another_host_is_refused_without_a_second_try(
    new_fetcher: NewFetcher, certificate_for: NewCertificate
) -> None:
    certificate = certificate_for("DNS:other.test")
    answer = fix_tls.after_handshake(certificate, fix_tls.ANSWER)
    with listening(answer) as url, pytest.raises(FetchError, match=r"not valid \(IP address mismatch.*1 try"):
        trusting(new_fetcher(), certificate).fetcher.fetch(f"{url}/")


def test_a_good_certificate_is_taken(new_fetcher: NewFetcher, certificate_for: NewCertificate) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    with listening(fix_tls.after_handshake(certificate, fix_tls.ANSWER)) as url:
        assert trusting(new_fetcher(), certificate).fetcher.fetch(f"{url}/").text == "ok"


@pytest.mark.parametrize(
    ("sends", "goes_on", "said"),
    [
        (b"", True, r"no complete answer within 0\.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", True, r"no complete answer within 0\.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", False, "ended early|connection broke|no TLS"),
        (b"\x00\xff rubbish\r\n\r\n", False, "not HTTP|connection broke|no TLS"),
    ],
)
def test_inside_a_tunnel_the_same_limits_hold(
    sends: bytes, said: str, *, goes_on: bool, new_fetcher: NewFetcher, certificate_for: NewCertificate
) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    trial = trusting(new_fetcher(timeout_s=LIMIT_S, attempts=1), certificate)
    answer = fix_tls.after_handshake(certificate, sends, goes_on=goes_on)
    with listening(answer) as url, within(LIMIT_S + SLACK_S), pytest.raises(FetchError, match=said):
        trial.fetcher.fetch(f"{url}/")


def test_an_answer_beside_the_tunnel_is_none(new_fetcher: NewFetcher, certificate_for: NewCertificate) -> None:
    certificate = certificate_for("IP:127.0.0.1")
    answer = fix_tls.after_handshake_in_the_clear(certificate)
    with listening(answer) as url, pytest.raises(FetchError, match="no TLS connection"):
        trusting(new_fetcher(attempts=1), certificate).fetcher.fetch(f"{url}/")


def test_the_authorities_are_read_once_for_all_connections(
    new_fetcher: NewFetcher, certificate_for: NewCertificate
) -> None:
    answer = fix_tls.after_handshake(certificate_for("IP:127.0.0.1"), fix_tls.ANSWER)
    tls.usual_context()
    before = tls.usual_context.cache_info()
    with listening(answer) as url:
        for _ in range(2):
            with pytest.raises(FetchError, match="certificate is not valid"):
                new_fetcher(attempts=1).fetcher.fetch(f"{url}/")
    after = tls.usual_context.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (2, 0)


def test_a_connection_that_is_reset_before_its_handshake_leaves_no_socket_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        sock = socket.create_connection(listener.getsockname())
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        wait_for(lambda: _is_reset(sock), 5, "the reset")
        with pytest.raises(ConnectionResetError):
            tls.new_context().wrap_socket(sock, server_hostname="localhost")
        gc.collect()
    assert [str(warning.message) for warning in left] == []


def _is_reset(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return True
    return False
