"""A connection that ends at any stage, or begins with the answer: one sentence, one more try where that is safe."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable

import pytest

from tests.fix_hostile_server import Trial
from tests.fix_tls import ANSWER, Answer, listening
from workers.errors import FetchError

NewFetcher = Callable[..., Trial]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"
STAGES = {  # how much of the request is read, and what is said before the end
    "at once": (0, b""),
    "in the request": (1, b""),
    "behind the request": (9999, b""),
    "in the status": (9999, b"HTTP/1.1 2"),
    "in the head": (9999, HEAD + b"X-Half: "),
    "behind the head": (9999, HEAD + b"\r\n"),
    "in the body": (9999, HEAD + b"\r\nhalf"),
    "in a chunk": (9999, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"),
}
SAID = "connection broke|closed the connection without an answer|ended early|not HTTP|no connection"


def ending(stage: str, *, reset: bool, met: list[None]) -> Answer:
    reads, says = STAGES[stage]

    def answer(sock: socket.socket, _stopping: threading.Event) -> None:
        met.append(None)
        if reads:
            sock.recv(reads)
        sock.sendall(says)
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_connection_that_ends_early_is_one_failed_try(stage: str, *, reset: bool, new_fetcher: NewFetcher) -> None:
    met: list[None] = []
    trial = new_fetcher(attempts=2)
    with listening(ending(stage, reset=reset, met=met)) as url:
        with pytest.raises(FetchError, match=rf"({SAID}).*2 tries") as caught:
            trial.fetcher.fetch(url.replace("https", "http"))
        assert len(met) == 2
    assert str(caught.value).isprintable()
    assert [note.status for note in trial.notes] == ["error"]


@pytest.mark.parametrize("stage", ["in the request", "behind the request", "in the body"])
def test_a_post_that_may_have_arrived_is_not_sent_again(stage: str, new_fetcher: NewFetcher) -> None:
    met: list[None] = []
    with listening(ending(stage, reset=True, met=met)) as url, pytest.raises(FetchError, match="1 try"):
        new_fetcher(attempts=3).fetcher.fetch(url.replace("https", "http"), "POST", data=b"x")
    assert len(met) == 1


def test_a_post_that_was_redirected_to_nowhere_is_not_sent_again(new_fetcher: NewFetcher) -> None:
    met: list[None] = []

    def redirect(sock: socket.socket, _stopping: threading.Event) -> None:
        met.append(None)
        sock.recv(9999)
        sock.sendall(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with listening(redirect) as url, pytest.raises(FetchError, match=r"refused \(1 try"):
        new_fetcher(attempts=3).fetcher.fetch(url.replace("https", "http"), "POST", data=b"x")
    assert len(met) == 1


def test_an_answer_before_the_request_is_one(new_fetcher: NewFetcher) -> None:
    def hasty(sock: socket.socket, _stopping: threading.Event) -> None:
        sock.sendall(ANSWER)
        sock.recv(9999)

    with listening(hasty) as url:
        assert new_fetcher(attempts=1).fetcher.fetch(url.replace("https", "http")).text == "ok"
