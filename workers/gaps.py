"""How long to leave a host alone between two requests, and when this process may ask it next."""

from __future__ import annotations

import ipaddress
import random
import threading
import time

from workers.records import FetchSettings


class Gaps:
    """The next free moment of every host, as far as this process knows; any thread may ask."""

    def __init__(self, settings: FetchSettings) -> None:
        """`gap_s + uniform(0, gap_jitter_s)` between two requests; `gap_loopback_s` alone on loopback."""
        self._settings = settings
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._lock = threading.Lock()

    def draw(self, name: str) -> float:
        """The seconds to leave between a request to the host of this name and the next one."""
        if is_loopback(name):
            return self._settings.gap_loopback_s
        return self._settings.gap_s + random.uniform(0, self._settings.gap_jitter_s)

    def reserve(self, host: str, gap_s: float) -> float:
        """Take the host's next free moment; answers the seconds until then."""
        now = time.monotonic()
        with self._lock:
            start = max(now, self._held.get(host, now))
            if gap_s > 0:
                start = max(start, self._next.get(host, now))
                self._next[host] = start + gap_s
        return start - now

    def note(self, host: str, wait_s: float, gap_s: float) -> float:
        """A turn that was given elsewhere, in so many seconds; answers how many they really are."""
        now = time.monotonic()
        with self._lock:
            wait_s = max(wait_s, self._held.get(host, now) - now)
            if gap_s > 0:
                self._next[host] = max(self._next.get(host, now), now + wait_s + gap_s)
        return wait_s

    def hold(self, host: str, seconds: float) -> None:
        """The host wants to be left alone for so long."""
        with self._lock:
            self._held[host] = max(self._held.get(host, 0.0), time.monotonic() + seconds)


def is_loopback(name: str) -> bool:
    """Whether requests to a host of this name never leave the machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
