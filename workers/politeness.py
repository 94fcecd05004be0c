"""One's turn at a host: circuit breaker, robots.txt and the gap between requests, shared with all other processes.

Without a line, or while the database is away, a process goes by what it knows itself: its own gaps, robots.txt read by
itself, no breaker. Nothing here waits for the database to come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from psycopg.rows import DictRow

from workers.asking import Asking, Shielded, Tell
from workers.errors import Blocked, BreakerOpen
from workers.gaps import Gaps
from workers.line import Line
from workers.plain import plain_text
from workers.records import BreakerSettings, FetchSettings
from workers.request import Origin, address_of, host_key, origin_of
from workers.robots_book import ReadRobots, RobotsBook, unreadable
from workers.verdict import Failed

LONGEST_HOLD_S = 1800.0  # what a host may ask for by Retry-After
_SIT_OUT_S = 60.0  # of that a run sits out so much; for longer it gives its slot back
_LONGEST_QUEUE_S = 600.0
_SOON_S = 0.2
_BREATH_S = 0.25  # between two signs of life of one who waits
_LATE_S = 0.1  # who wakes up later than that has missed its turn: it may be the next one's by now
_MISSED_TURNS = 3
_TO_SPARE_S = 20.0  # for whatever a request needs beside its own limits

Wait = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to ask a host once."""

    host: str | None  # as in `circuit_breakers`; None: an address that nobody can be asked at
    probing: bool = False  # this run tries whether the host is well again
    wait_s: float = 0.0


class Politeness:
    """For all hosts of one run; any thread may ask."""

    def __init__(
        self,
        settings: FetchSettings,
        breaker: BreakerSettings | None = None,
        line: Line | None = None,
        *,
        tell: Tell = lambda *_: None,
        alive: Callable[[], None] | None = None,
        shielded: Shielded = nullcontext,
    ) -> None:
        """`tell(level, event, message, facts)` gets what a person should know.

        `alive()` is called while a turn is waited for. Inside `shielded()` no signal tears a statement apart.
        """
        self.first_host: str | None = None  # the one that was asked first, as in `circuit_breakers`
        self._settings = settings
        self._breaker = breaker or BreakerSettings()
        self._tell = tell
        self._alive = alive
        self._asking = Asking(line, tell, shielded)
        self._gaps = Gaps(settings)
        self._robots = RobotsBook(settings, self._asking, tell)

    def turn(self, url: str, wait: Wait, reads: ReadRobots | None = None) -> Turn:
        """Wait until the host of a URL may be asked for it. `reads(url)` fetches a robots.txt; None: none is obeyed.

        Raises BreakerOpen, Blocked (robots.txt, or a host that wants to be left alone), whatever `wait` raises, and
        what `reads` raises of a host that does not answer.
        """
        origin = origin_of(url)
        host = host_key(origin)
        if host is None:
            return Turn(None)
        self.first_host = self.first_host or host
        reads = reads if self._settings.robots else None
        for _ in range(_MISSED_TURNS):
            turn = self._take(url, origin, host, wait, reads)
            at = time.monotonic() + turn.wait_s
            self._rest(turn.wait_s, wait)
            if turn.wait_s == 0 or time.monotonic() - at < _LATE_S:
                break
        return turn

    def answered(self, turn: Turn) -> None:
        """The host has given an answer, good or bad: if it was on trial, everybody may ask it again."""
        if not turn.probing:
            return
        row = self._asking.ask("note_host_success", host=turn.host)
        if row and row["closed"]:
            self._tell(
                "info", "breaker_closed", f"{turn.host} answers again: everybody may ask it", {"host": turn.host}
            )

    def failed(self, turn: Turn, failure: Failed, sentence: str) -> None:
        """A request to the host has failed for good, after all its tries."""
        if turn.host is None or not failure.of_host:
            return self.answered(turn) if failure.status is not None else None
        breaker = self._breaker
        row = self._asking.ask(
            "note_host_failure",
            host=turn.host,
            error=plain_text(sentence),  # others will read it
            failures=breaker.failures,
            window_s=breaker.window_s,
            open_s=breaker.open_s,
            open_max_s=breaker.open_max_s,
        )
        if row and row["opened"]:
            count = f"{row['failures']} failures within {breaker.window_s:g} s"
            why = count if row["openings"] == 1 else f"it has failed again, for the {row['openings']}th time in a row"
            message = f"{turn.host} is left alone for {row['open_s']:g} s: {why}; the last: {sentence}"
            self._tell("warning", "breaker_opened", message, {"host": turn.host, **row})
        return None

    def hold(self, turn: Turn, seconds: float) -> None:
        """The host asked to be left alone for so long: nobody asks it before."""
        if turn.host is not None:
            hold_s = min(seconds, LONGEST_HOLD_S)
            self._gaps.hold(turn.host, hold_s)
            self._asking.ask("hold_host", host=turn.host, hold_s=hold_s)

    def _take(self, url: str, origin: Origin, host: str, wait: Wait, reads: ReadRobots | None) -> Turn:
        """A turn that is ours, in `wait_s` seconds; no host is asked before its rules are known."""
        patience_s = self._settings.timeout_s
        while True:
            known = self._robots.look_up(origin) if reads else None
            if known:
                known.obey(url)
            gap_s = max(self._gaps.draw(origin[1]), known.robots.crawl_delay_s if known else 0.0)
            row = self._ask_host(host, None if known or not reads else address_of(origin), gap_s)
            verdict = row["verdict"] if row else None
            if reads and not known and (row is None or verdict == "read_robots" or patience_s <= 0):
                self._robots.read(origin, reads, alone=row is None)
            elif row is None:
                return Turn(host, wait_s=self._gaps.reserve(host, gap_s))
            elif verdict == "soon":
                patience_s -= _SOON_S
                self._rest(_SOON_S, wait)
            elif verdict == "go":
                if reads and not known:
                    status, text, left_s = (row[f"robots_{word}"] for word in ("status", "body", "left_s"))
                    self._robots.learn(origin, status or 200, text, left_s).obey(url)
                return Turn(host, row["probing"], self._gaps.note(host, row["wait_s"], gap_s))
            else:
                raise _refusal(row, url, host)

    def _ask_host(self, host: str, origin: str | None, gap_s: float) -> DictRow | None:
        settings = self._settings
        request_s = settings.timeout_s + settings.cap_s + _TO_SPARE_S
        return self._asking.ask(
            "ask_host",
            host=host,
            origin=origin,
            gap_s=gap_s,
            probe_s=request_s,
            robots_s=request_s * settings.attempts,
            most_held_s=_SIT_OUT_S,
            most_queue_s=_LONGEST_QUEUE_S,
        )

    def _rest(self, seconds: float, wait: Wait) -> None:
        """Wait; to stand in a queue is no standstill."""
        until = time.monotonic() + seconds  # each breath takes a little longer: counted, a minute would end too late
        while self._alive is not None and seconds > _BREATH_S:
            wait(_BREATH_S)
            self._alive()
            seconds = until - time.monotonic()
        wait(max(0.0, seconds))


def _refusal(row: DictRow, url: str, host: str) -> Blocked:
    wait_s = min(float(row["wait_s"]), LONGEST_HOLD_S)
    match row["verdict"]:
        case "open":
            last = f", the last failure: {row['reason']}" if row["reason"] else ""
            what = f"the circuit breaker of {host} is open{last}; it may be asked again in {wait_s:.0f} s"
            return BreakerOpen(
                f"{what}, or after `supervisor breakers close {host}`", host=host, url=url, wait_s=wait_s
            )
        case "held":
            what = f"{host} asked to be left alone for {wait_s:.0f} s more (Retry-After)"
            return Blocked(f"{what}; raise gap_s if that happens often", url=url, wait_s=wait_s)
        case "crowded":
            what = f"the next {wait_s:.0f} s at {host} are taken by other requests"
            return Blocked(f"{what}; run fewer nodes there, or lower gap_s if you may", url=url, wait_s=_SIT_OUT_S)
        case _:
            return unreadable(host, url, row["robots_status"], wait_s)
