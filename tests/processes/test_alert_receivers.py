"""Webhook and Sentry against a real endpoint: what arrives, what is refused, and that no secret is told."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from supervisor.alerts.outbox import Undelivered
from supervisor.alerts.sentry import Sentry
from supervisor.alerts.webhook import Webhook
from tests.fix_alerts import KEY, MESSAGE, Inbox
from tests.fix_tls import Certificate, listening


def test_a_webhook_gets_the_whole_message_as_json(inbox: Inbox) -> None:
    Webhook(f"http://{inbox.host}/hook?token=secret").send(MESSAGE, 5)
    (got,) = inbox.got
    assert got.path == "/hook?token=secret"
    assert got.headers["user-agent"].startswith("scrapewarden/")
    assert got.json == {
        "kind": "stuck_run",
        "level": "critical",
        "sentence": "n: run 7 was stuck; see `supervisor logs n`",
        "text": "[critical] n: run 7 was stuck; see `supervisor logs n`",
        "count": 3,
        "first_at": "2026-01-02T03:04:05+00:00",
        "last_at": "2026-01-02T03:04:05+00:00",
        "nodes": ["n"],
        "run_ids": [7, 8, 9],
        "facts": {"node": "n", "run_id": 7, "cause": "timeout"},
        "supervisor": "made-up-id",
        "host": "here",
    }


def test_sentry_gets_a_fatal_event_with_tags_and_nothing_of_our_process(inbox: Inbox) -> None:
    Sentry(inbox.dsn, "here").send(MESSAGE, 5)
    header, event = inbox.got[0].envelope()
    assert header["event_id"] == event["event_id"]
    assert event["level"] == "fatal"
    assert event["server_name"] == "here"
    assert event["timestamp"].startswith("2026-01-02T03:04:05")
    assert event["tags"] == {
        "kind": "stuck_run", "supervisor": "made-up-id", "node": "n", "cause": "timeout", "run_id": "7",
    }  # fmt: skip
    assert set(event) <= {
        "message", "level", "logger", "fingerprint", "timestamp", "tags", "extra", "event_id", "release", "environment",
        "server_name", "sdk", "platform", "_meta",
    }  # fmt: skip


def test_the_sentry_library_starts_no_thread_and_takes_no_hook() -> None:
    before, hooks = threading.active_count(), (sys.excepthook, threading.excepthook)
    Sentry(f"http://{KEY}@127.0.0.1:9/1", "here")
    assert threading.active_count() == before
    assert (sys.excepthook, threading.excepthook) == hooks


@pytest.fixture(params=["webhook", "sentry"])
def over_http(request: pytest.FixtureRequest, inbox: Inbox) -> Webhook | Sentry:
    """Both that speak HTTP."""
    if request.param == "webhook":
        return Webhook(f"http://user:secret@{inbox.host}/token-in-path?secret")
    return Sentry(inbox.dsn, "here")


@pytest.mark.parametrize(("status", "final"), [(400, True), (403, True), (429, False), (500, False), (503, False)])
def test_a_refusal_says_whether_another_try_can_help(
    over_http: Webhook | Sentry, inbox: Inbox, status: int, *, final: bool
) -> None:
    inbox.statuses = [status]
    with pytest.raises(Undelivered) as caught:
        over_http.send(MESSAGE, 5)
    assert str(caught.value) == f"{inbox.host} answered {status}"
    assert caught.value.final is final


def test_what_the_receiver_asks_for_is_waited_but_not_for_ever(over_http: Webhook | Sentry, inbox: Inbox) -> None:
    inbox.statuses = [429]
    for wish, wait_s in (("7", 7.0), ("86400", 300.0), ("soon", 0.0)):
        inbox.headers = {"Retry-After": wish}
        with pytest.raises(Undelivered) as caught:
            over_http.send(MESSAGE, 5)
        assert caught.value.wait_s == wait_s


def test_a_redirect_is_not_followed(over_http: Webhook | Sentry, inbox: Inbox, second_inbox: Inbox) -> None:
    inbox.statuses, inbox.headers = [302], {"Location": f"http://{second_inbox.host}/elsewhere"}
    with pytest.raises(Undelivered, match="a redirect: configure the address it leads to") as caught:
        over_http.send(MESSAGE, 5)
    assert caught.value.final
    assert second_inbox.got == []


def test_a_silent_endpoint_costs_its_limit_and_no_more(over_http: Webhook | Sentry, inbox: Inbox) -> None:
    inbox.silent = True
    began = time.monotonic()
    with pytest.raises(Undelivered, match=r"did not answer within 0\.5 s$"):
        over_http.send(MESSAGE, 0.5)
    assert time.monotonic() - began < 2.5


def test_an_endpoint_that_sends_a_byte_now_and_then_costs_its_limit_and_no_more() -> None:
    def drip(sock: Any, stopping: threading.Event) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        with contextlib.suppress(OSError):
            while not stopping.wait(0.1):
                sock.sendall(b"x")

    began = time.monotonic()
    with listening(drip) as address, pytest.raises(Undelivered, match="did not answer within 1 s"):
        Webhook(address.replace("https:", "http:")).send(MESSAGE, 1.0)
    assert time.monotonic() - began < 4


def test_no_secret_is_in_a_complaint_nor_in_what_caused_it(over_http: Webhook | Sentry, inbox: Inbox) -> None:
    inbox.close()
    with pytest.raises(Undelivered) as caught:
        over_http.send(MESSAGE, 5)
    assert str(caught.value) == f"no connection to {inbox.host}"
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    assert over_http.shown == inbox.host


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate_for: Callable[[str], Certificate]) -> None:
    context = certificate_for("IP:127.0.0.1").context()

    def answer(sock: Any, _: threading.Event) -> None:
        context.wrap_socket(sock, server_side=True)

    with listening(answer) as address, pytest.raises(Undelivered, match="has a certificate that is not trusted"):
        Webhook(address).send(MESSAGE, 5)
