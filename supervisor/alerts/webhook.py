"""Alerts to any address that takes JSON by POST."""

from __future__ import annotations

from supervisor.alerts.message import Message
from supervisor.alerts.post import host_of, post


class Webhook:
    """`[alerts] webhook_url`. The address may hold a secret: only its host is ever shown."""

    name = "webhook"
    limit_s = 10.0

    def __init__(self, url: str) -> None:
        """Nothing is asked yet."""
        self._url = url

    @property
    def shown(self) -> str:
        """Where it goes, for people."""
        return host_of(self._url)

    def send(self, message: Message, limit_s: float) -> None:
        """POST it; raises Undelivered."""
        post(self._url, message.as_json(), {"Content-Type": "application/json"}, limit_s)

    def cut(self) -> None:
        """Its limit ends it."""
