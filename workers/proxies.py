"""Proxies: which one a run uses, and whether it hides our own address."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import DictRow

from workers import database, proxy_env
from workers.errors import Fenced, ProxyRefused
from workers.line import Line, may_pass, was_in_the_way
from workers.progress import Logbook
from workers.proxy_check import CheckFailed, Leaks, check, own_addresses
from workers.proxy_urls import Proxy, fill, shown
from workers.records import Assignment

_LONGEST_SEARCH_S = 60.0
_LONGEST_WAIT_S = 1800.0
_MOST_NAMED = 200  # characters of a name in a sentence
_HELD_S = 10.0  # so long somebody's open transaction may hold the pool's last row
_NOTE_S = 5.0

__all__ = ["Proxy", "take_proxy"]


def take_proxy(assignment: Assignment, line: Line, logbook: Logbook) -> Proxy | None:
    """The proxy of this run, verified; None: its node has no pool. Raises ProxyRefused when none may be used."""
    pool = assignment.proxies.pool
    if not pool:
        return None
    if not assignment.proxies.check_url:
        raise ProxyRefused(
            f"pool {pool} cannot be verified: set proxies.check_url to a page that answers with the address"
        )
    return _Search(assignment, line, logbook).find()


class _Search:
    """Goes through a pool until one proxy hides us."""

    def __init__(self, assignment: Assignment, line: Line, logbook: Logbook) -> None:
        self._assignment = assignment
        self._settings = assignment.proxies
        self._line = line
        self._logbook = logbook
        self._own: Sequence[str] = ()
        self._until = time.monotonic() + _LONGEST_SEARCH_S

    def find(self) -> Proxy:
        """The next good one. One that does not answer is set aside; one that leaks ends the run."""
        while True:
            row = self._ask("take_proxy", pool=self._settings.pool, recheck_s=self._settings.recheck_s) or {}
            if row.get("id") is None:
                raise _none_left(self._settings.pool, row)
            proxy = Proxy(
                id=row["id"],
                shown=shown(row["url"]),
                url=fill(row["url"], (*self._settings.env, *self._assignment.scrapers.env)),
                on_failure=partial(self._note_use, row["id"]),
            )
            if self._is_good(proxy, row):
                proxy_env.give_proxy(proxy.url)
                return proxy
            if time.monotonic() > self._until:
                raise ProxyRefused(
                    f"no proxy of pool {self._settings.pool} has answered in a minute; see `supervisor proxies list`"
                )

    def _is_good(self, proxy: Proxy, row: DictRow | dict[str, Any]) -> bool:
        self._own = self._own or row["own_addresses"] or ()
        known = [self._settings.own_address] if self._settings.own_address else self._own
        if row["is_fresh"] and row["exit_address"] not in known:
            return True
        learned = None
        if not known:
            self._own = known = learned = own_addresses(self._settings, self._assignment.fetch)
        try:
            checked = check(proxy, self._settings, self._assignment.fetch, known)
        except Leaks as leak:
            raise self._leaked(proxy, str(leak), learned) from leak
        except CheckFailed as failure:
            self._note(proxy.id, own=learned, error=str(failure))
            self._logbook.write("warning", "proxy_failed", str(failure))
            return False
        self._note(proxy.id, own=learned, latency_ms=checked.latency_ms, exit_address=checked.exit_address)
        facts = {"exit_address": checked.exit_address, "latency_ms": checked.latency_ms}
        self._logbook.write("info", "proxy_verified", f"goes through the proxy {proxy.shown}", facts)
        return True

    def _leaked(self, proxy: Proxy, address: str, learned: list[str] | None) -> ProxyRefused:
        what = f"the proxy {proxy.shown} shows our own address {address}"
        self._note(proxy.id, own=learned, error=what)
        self._logbook.write("error", "proxy_leak", f"{what}: nothing was fetched", {"proxy_id": proxy.id})
        return ProxyRefused(f"{what}: nothing was fetched; take it out of pool {self._settings.pool}", leak=True)

    def _note(
        self,
        proxy_id: int,
        *,
        error: str | None = None,
        latency_ms: int | None = None,
        exit_address: str | None = None,
        own: list[str] | None = None,
    ) -> None:
        self._ask(
            "note_run_proxy",
            proxy_id=proxy_id,
            error=error,
            latency_ms=latency_ms,
            exit_address=exit_address,
            own_addresses=own,
        )

    def _note_use(self, proxy_id: int, what: str) -> None:
        """From any thread, perhaps in mid-request, where a signal may raise: a statement must not be torn by it."""
        self._logbook.write("warning", "proxy_failed", what)
        note = threading.Thread(target=self._note_once, args=(proxy_id, what), name="note on a proxy", daemon=True)
        note.start()
        note.join(_NOTE_S)

    def _note_once(self, proxy_id: int, what: str) -> None:
        try:
            self._line.ask(
                "note_run_proxy", proxy_id=proxy_id, error=what, latency_ms=None, exit_address=None, own_addresses=None
            )
        except psycopg.Error as error:  # the run is about to end for it anyway
            self._logbook.write("warning", "proxy_not_noted", type(error).__name__)

    def _ask(self, name: str, **parameters: Any) -> DictRow | None:
        """Ask until there is an answer, as for every write of a run. Raises Fenced; ProxyRefused if rows are held."""
        back_off_s = 0.05
        held_until = time.monotonic() + _HELD_S
        while True:
            try:
                return self._line.ask(name, **parameters)
            except psycopg.Error as error:
                if database.is_fenced(error):
                    raise Fenced(str(error).splitlines()[0]) from error
                if not may_pass(error):
                    raise
                if was_in_the_way(error) and time.monotonic() > held_until:
                    raise ProxyRefused(
                        f"somebody's open transaction holds the proxies of pool {self._settings.pool}: end it, see "
                        "pg_stat_activity"
                    ) from error
            time.sleep(back_off_s)
            back_off_s = min(back_off_s * 2, 5.0)


def _none_left(pool: str, row: DictRow | dict[str, Any]) -> ProxyRefused:
    pool = "".join(letter if letter.isprintable() else "?" for letter in pool[:_MOST_NAMED])  # of a row by hand
    known, wait_s = row.get("known") or 0, row.get("wait_s")
    if not known:
        return ProxyRefused(
            f"pool {pool} has no proxy: add one with `supervisor proxies add {pool} URL`, or enable one"
        )
    wait_s = min(max(0.0, float(wait_s or 0)), _LONGEST_WAIT_S)
    counted = "its only proxy is" if known == 1 else f"all {known} proxies are"
    return ProxyRefused(
        f"pool {pool} cannot be used: {counted} quarantined, the first for another {wait_s:.0f} s; see "
        "`supervisor proxies list`",
        wait_s=wait_s,
    )
