"""The robots.txt of every origin that a run meets: known here, read by one run for all, or read by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from workers.asking import Asking, Tell
from workers.errors import Blocked, Disallowed, FetchError
from workers.records import FetchSettings
from workers.request import Origin, address_of, host_key, shown
from workers.response import Response
from workers.robots import Robots, rules_in
from workers.verdict import status_name

_KEPT_S = 86_400.0
_AGAIN_S = 300.0  # after a 5xx, or a 429, which says nothing of the rules
_MOST_ORIGINS = 100  # rules take memory; a crawl over many hosts comes back to the latest
_TOO_MANY = 429
_PROXY_SAYS = 407  # no word of the host's

ReadRobots = Callable[[str], Response]


@dataclass(frozen=True, slots=True)
class Known:
    """What one robots.txt says."""

    host: str
    status: int
    robots: Robots
    until: float  # monotonic

    def obey(self, url: str) -> None:
        """Raise Blocked unless the URL may be fetched; Disallowed where others of the host may."""
        if self.status >= 500:
            raise unreadable(self.host, url, self.status, self.until - time.monotonic())
        if not self.robots.allows(url):
            what = f"robots.txt of {self.host} does not allow {shown(url)}"
            raise Disallowed(f"{what}: leave it out, or set fetch.robots = false if you may", url=url)


class RobotsBook:
    """By origin; any thread may look."""

    def __init__(self, settings: FetchSettings, asking: Asking, tell: Tell) -> None:
        """Nothing is known yet."""
        self._user_agent = settings.user_agent
        self._asking = asking
        self._tell = tell
        self._known: dict[Origin, Known] = {}
        self._reading = threading.Lock()
        self._writing = threading.Lock()

    def look_up(self, origin: Origin) -> Known | None:
        """What is known in this process, and not out of date."""
        known = self._known.get(origin)
        return known if known and known.until > time.monotonic() else None

    def learn(self, origin: Origin, status: int, text: str | None, left_s: float) -> Known:
        """Take it in; `text` None: no rules."""
        robots = Robots(text, self._user_agent)
        known = Known(host_key(origin) or "", status, robots, time.monotonic() + left_s)
        with self._writing:
            self._known.pop(origin, None)
            while len(self._known) >= _MOST_ORIGINS:
                del self._known[next(iter(self._known))]
            self._known[origin] = known
        asked_s, kept_s = robots.asked_delay_s, robots.crawl_delay_s
        if asked_s > kept_s:
            message = f"robots.txt of {known.host} asks for {asked_s:g} s between two requests; {kept_s:g} s are kept"
            facts = {"host": known.host, "asked_s": asked_s, "kept_s": kept_s}
            self._tell("warning", "crawl_delay_capped", message, facts)
        return known

    def read(self, origin: Origin, reads: ReadRobots, *, alone: bool) -> None:
        """Fetch it and keep it for all processes; `alone`: none of them has left it to us. Raises FetchError."""
        if not alone:
            return self._read(origin, reads)
        with self._reading:  # else every thread of a fetch_all would
            if self.look_up(origin) is None:
                self._read(origin, reads)
        return None

    def _read(self, origin: Origin, reads: ReadRobots) -> None:
        address = address_of(origin)
        said: tuple[int, str | None, float, float] | None = None
        try:
            status, text = _whatever_comes(reads, f"{address}/robots.txt")
            keep_s = _AGAIN_S if status >= 500 or status == _TOO_MANY else _KEPT_S
            said = status, text, self.learn(origin, status, text, keep_s).robots.crawl_delay_s, keep_s
        finally:  # whatever has come in between: others wait for it
            words = ("status", "body", "crawl_delay_s", "keep_s")
            self._asking.ask("keep_robots", origin=address, **dict(zip(words, said or (None,) * 4, strict=True)))


def unreadable(host: str, url: str, status: int, wait_s: float) -> Blocked:
    """The error for a host that cannot say for now what it allows."""
    what = f"robots.txt of {host} cannot be read for now ({status_name(status)}), so nothing is fetched there"
    return Blocked(f"{what}; it is asked again in {wait_s:.0f} s", url=url, wait_s=wait_s)


def _whatever_comes(reads: ReadRobots, url: str) -> tuple[int, str | None]:
    """Status and rules of a robots.txt. Raises FetchError where nothing was learned of the host's wishes."""
    try:
        response = reads(url)
    except FetchError as error:
        if error.status is None or error.status == _PROXY_SAYS:
            raise
        return error.status, None
    return response.status, rules_in(response)
