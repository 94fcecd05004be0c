"""Alerts to Sentry: its own library makes event and envelope; we send it, so that we know whether it arrived."""

from __future__ import annotations

import gzip
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from supervisor import __version__
from supervisor.alerts.message import Message
from supervisor.alerts.outbox import Undelivered
from supervisor.alerts.post import AGENT, post

_LEVELS = {"critical": "fatal"}
_MOST_TAG = 200  # characters, Sentry's own limit


class Sentry:
    """The project that a DSN names. The library's global state, hooks and threads stay out of this."""

    name = "sentry"
    limit_s = 10.0

    def __init__(self, dsn: str, host: str) -> None:
        """Nothing is sent yet. `host`: this machine, by the name that people know."""
        self._transport = _OneByOne({"dsn": dsn})
        self._client = sentry_sdk.Client(
            dsn=dsn,
            transport=self._transport,
            release=f"scrapewarden@{__version__}",
            server_name=host,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            spotlight=False,
            max_breadcrumbs=0,
        )

    @property
    def shown(self) -> str:
        """Where it goes, for people."""
        dsn = self._transport.parsed_dsn
        return dsn.netloc if dsn else ""

    def send(self, message: Message, limit_s: float) -> None:
        """Send one event; raises Undelivered."""
        self._transport.prepare(limit_s)
        self._client.capture_event(_event(message))  # type: ignore[arg-type] # a TypedDict that the library builds too
        self._transport.answer()

    def cut(self) -> None:
        """Its limit ends it."""


class _OneByOne(Transport):
    """Sends in the calling thread, and remembers what came of it."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._limit_s = 0.0
        self._problem: Undelivered | None = None

    def prepare(self, limit_s: float) -> None:
        """For the next envelope."""
        self._limit_s = limit_s
        self._problem = Undelivered("the event was not taken by the Sentry library", final=True)

    def capture_envelope(self, envelope: Envelope) -> None:
        """Send it and keep the answer."""
        if self.parsed_dsn is None:
            return
        auth = self.parsed_dsn.to_auth(AGENT)
        headers = {
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
            "X-Sentry-Auth": auth.to_header(),
        }
        try:
            post(auth.get_api_url(), gzip.compress(envelope.serialize()), headers, self._limit_s)
        except Undelivered as error:
            self._problem = error
        else:
            self._problem = None

    def answer(self) -> None:
        """Raise Undelivered if the last envelope did not arrive."""
        if self._problem is not None:
            raise self._problem


def _event(message: Message) -> dict[str, Any]:
    """The fields of an event; alerts of a kind are one issue there."""
    tags = {"kind": message.kind, "supervisor": message.supervisor}
    tags |= {name: str(message.facts[name]) for name in ("node", "host", "cause", "run_id") if name in message.facts}
    return {
        "message": message.sentence,
        "level": _LEVELS.get(message.level, message.level),
        "logger": "scrapewarden",
        "fingerprint": ["scrapewarden", message.kind],
        "timestamp": message.last_at,
        "tags": {name: value[:_MOST_TAG] for name, value in tags.items()},
        "extra": {
            "count": message.count,
            "first_at": message.first_at.isoformat(),
            "nodes": list(message.nodes),
            "run_ids": list(message.run_ids),
            "facts": message.facts,
        },
    }
