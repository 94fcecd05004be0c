"""Events have a name and facts; who cares subscribes. Sentences are made elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

Subscriber = Callable[[str, dict[str, Any]], None]

_subscribers: list[Subscriber] = []
_log = logging.getLogger(__name__)


def subscribe(subscriber: Subscriber) -> Callable[[], None]:
    """Have `subscriber(name, facts)` called for every event; returns the way to leave."""
    _subscribers.append(subscriber)
    return lambda: _subscribers.remove(subscriber)


def emit(name: str, **facts: Any) -> None:
    """Tell every subscriber; one that fails costs the others nothing."""
    for subscriber in tuple(_subscribers):
        try:
            subscriber(name, facts)
        except Exception:  # noqa: BLE001 - whatever it is, it is the subscriber's
            _log.exception("a subscriber failed on the event %s", name)
