"""What is the proxy's fault and not the host's, told without a login, and noted at the proxy once it lasts."""

from __future__ import annotations

import threading

from workers.connections import ProxyFailed
from workers.deadline import Limit
from workers.proxy_urls import Proxy
from workers.verdict import Failed, reason, status_name

LOGIN_WANTED = 407  # only ever a proxy's answer
_NO_ENTRY = {401, LOGIN_WANTED}  # to CONNECT some (tinyproxy 1.11) answer a wrong password with 401
_NO_ACCIDENT = 2  # failures in a row; one that dies in mid-request fails only at the next try for certain


class Blame:
    """Counts what one proxy fails to do, over all threads of a run."""

    def __init__(self, proxy: Proxy) -> None:
        """Nothing has failed yet."""
        self._proxy = proxy
        self._in_a_row = 0
        self._told = False
        self._lock = threading.Lock()

    def answered(self, status: int, limit: Limit) -> None:
        """An answer came through. Raises ProxyFailed when it is the proxy's own refusal."""
        if status == LOGIN_WANTED:
            failure = limit.proxy_failure = ProxyFailed(status)
            raise failure
        self._in_a_row = 0

    def proxy_failed(self, failure: BaseException, *, again: bool, late: bool) -> Failed:
        """The verdict on a try that the proxy has spoilt: the run ends, and the next attempt takes another proxy."""
        status = failure.status if isinstance(failure, ProxyFailed) else None
        name = self._proxy.shown
        if status is not None and status >= 500:  # it is well itself, and says that it did not get through
            return Failed(
                f"the proxy {name} did not reach the host ({status_name(status)})", again=again, of_host=False
            )
        if status is None:
            why = "no answer in time" if late else reason(failure)
        else:
            why = status_name(status) + (", check its user and password" if status in _NO_ENTRY else "")
        what = f"the proxy {name} cannot be used ({why})"
        self._note(what, lasts=status is not None)
        # Without the status: it is not the host's, which has answered nothing.
        return Failed(what, again=again and status is None, blocked=True, of_host=False)

    def _note(self, what: str, *, lasts: bool) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._told or not (lasts or self._in_a_row >= _NO_ACCIDENT):
                return
            self._told = True
        self._proxy.on_failure(what)
