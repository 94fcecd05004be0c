"""How long to leave a host alone between two requests of this process."""

from __future__ import annotations

import ipaddress
import random
import threading
import time
from urllib.parse import urlsplit

from workers.records import FetchSettings


class Gaps:
    """The next free moment of every host; any thread may ask."""

    def __init__(self, settings: FetchSettings) -> None:
        """`gap_s + uniform(0, gap_jitter_s)` between two requests; `gap_loopback_s` alone on loopback."""
        self._settings = settings
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def reserve(self, url: str) -> float:
        """Take the host's next free moment; answers the seconds until then."""
        host = urlsplit(url).hostname or ""
        gap_s = self._gap(host)
        if gap_s <= 0:
            return 0.0
        now = time.monotonic()
        with self._lock:
            start = max(now, self._next.get(host, 0.0))
            self._next[host] = start + gap_s
        return start - now

    def _gap(self, host: str) -> float:
        if is_loopback(host):
            return self._settings.gap_loopback_s
        return self._settings.gap_s + random.uniform(0, self._settings.gap_jitter_s)


def is_loopback(host: str) -> bool:
    """Whether requests to this host never leave the machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
