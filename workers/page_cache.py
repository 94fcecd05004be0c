"""Pages kept in Postgres, so that one that has not changed since is not sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urldefrag

import psycopg
from requests.structures import CaseInsensitiveDict

from workers.kept_page import KeptPage, packed
from workers.line import Line
from workers.plain import plain_text
from workers.progress import Logbook
from workers.records import Assignment
from workers.request import Request
from workers.response import Response
from workers.validators import NOT_MODIFIED, Validators, headers_of_unchanged, is_plain, validators_of

FEW = 50  # so many pages are known from the beginning of a run; of a node with more, all are read at its first request
_MOST_PAGES = 4_000  # of a node; further ones are not kept
_MOST_BYTES = 64 * 2**20  # of a node, compressed
_ENOUGH = 5  # changes in a row after which a page is not worth keeping
_LONGEST_URL = 2_000
_BATCH_BYTES = 262_144  # that wait to be written
_BATCH = 50

Ask = Callable[[Request], Response]


@dataclass(slots=True)
class _Known:
    """What is known of a URL without its page."""

    validators: Validators
    digest: str | None
    changes: int  # in a row, each of them fetched whole
    stored: int  # bytes; 0: there is no page to fall back on


class PageCache:
    """The pages of one node. Any thread may ask; whatever fails here costs a transfer and no run."""

    def __init__(self, line: Line, assignment: Assignment, logbook: Logbook, kept: Iterable[list[Any]] = ()) -> None:
        """`kept`: what the run was told at its beginning, rows of `kept_validators`, at most FEW."""
        self._line = line
        self._node_id = assignment.node_id
        self._logbook = logbook
        self._lock = threading.Lock()
        self._known = _known(kept)
        self._stored = sum(known.stored for known in self._known.values())
        self._all_known = len(self._known) < FEW
        self._pending: dict[str, KeptPage] = {}
        self._off = False
        # A page that was kept may be what the first attempt failed on: further ones ask for it whole.
        self._asks = assignment.attempt <= 1

    def fetch(self, request: Request, ask: Ask) -> Response:
        """What `ask` answers; a kept page where the host says that it has not changed."""
        if not is_plain(request):
            return ask(request)
        self._learn()
        response = ask(replace(request, conditions_of=self._conditions))
        if response.status == NOT_MODIFIED:
            unchanged = self._unchanged(response)
            if unchanged is not None:
                return unchanged
            response = ask(request)  # deleted meanwhile, or not readable: once more, without a condition
        self._consider(response)
        return response

    def close(self) -> None:
        """Write what waits."""
        with self._lock:
            self._write()

    def _conditions(self, url: str) -> dict[str, str]:
        known = self._known.get(_key(url))
        asks = self._asks and not self._off  # what cannot be read would have to be asked for twice
        return known.validators.conditions() if known and known.stored and asks else {}

    def _learn(self) -> None:
        with self._lock:
            if self._all_known or self._off:
                return
            self._all_known = True
            row = self._ask("read_kept", node_id=self._node_id, most=_MOST_PAGES)
            self._known = _known(row["kept"]) if row else self._known
            self._stored = sum(known.stored for known in self._known.values())

    def _unchanged(self, response: Response) -> Response | None:
        """The kept page as the answer to a request; None: it is not there any more."""
        key = _key(response.url)
        page = self._pending.get(key) or self._read(key)
        body = page.body() if page else None
        known = self._known.get(key)
        if page is None or body is None or known is None:
            self._known.pop(key, None)
            return None
        known.changes = 0
        return Response(
            status=200,
            url=response.url,
            headers=CaseInsensitiveDict(headers_of_unchanged(page.headers, response.headers)),
            content=body,
            elapsed_ms=response.elapsed_ms,
            unchanged=True,
        )

    def _read(self, key: str) -> KeptPage | None:
        row = self._ask("use_kept_page", node_id=self._node_id, url=key)
        return KeptPage(url=key, **row) if row else None

    def _consider(self, response: Response) -> None:
        """Keep a page that came whole, if that is worth it."""
        key = _key(response.url)
        known = self._known.get(key)
        if self._off or len(key.encode()) > _LONGEST_URL or (known and known.changes >= _ENOUGH):
            return
        validators = validators_of(response)
        if validators is None:
            if known and known.stored:
                self._put(KeptPage(url=key, changes=_ENOUGH))
            return
        page = packed(key, response, validators, changes=known.changes + 1 if known else 0)
        if page is None or (known is None and not self._has_room(page)):
            return
        if known and known.validators == validators:
            if known.digest == page.digest.hex():
                return  # the host does not listen to conditions
            page = replace(page, changes=_ENOUGH)  # it gives two pages one name: what it calls unchanged may be not
        self._put(page if page.changes < _ENOUGH else page.without_body())

    def _has_room(self, page: KeptPage) -> bool:
        return len(self._known) < _MOST_PAGES and self._stored + page.stored <= _MOST_BYTES

    def _put(self, page: KeptPage) -> None:
        validators = Validators(etag=page.etag, last_modified=page.last_modified)
        with self._lock:
            before = self._known.get(page.url)
            self._stored += page.stored - (before.stored if before else 0)
            self._known[page.url] = _Known(validators, page.digest.hex(), page.changes, page.stored)
            self._pending[page.url] = page
            waiting = sum(waits.stored for waits in self._pending.values())
            if waiting > _BATCH_BYTES or len(self._pending) >= _BATCH:
                self._write()

    def _write(self) -> None:
        pages = [page.row() for page in self._pending.values()]
        if pages:
            columns = {name: [page[name] for page in pages] for name in pages[0]}
            self._ask("keep_pages", node_id=self._node_id, **columns)
            self._pending.clear()

    def _ask(self, query: str, **parameters: Any) -> dict[str, Any] | None:
        """A row, or None, also where the database is away: then pages are fetched whole for the rest of the run."""
        if self._off:
            return None
        try:
            return self._line.ask(query, **parameters)
        except psycopg.Error as error:
            self._off = True
            lines = str(error).splitlines()
            reason = lines[0] if lines else type(error).__name__
            self._logbook.write("warning", "kept_pages_off", f"{reason}; this run fetches its pages whole")
            return None


def _known(kept: Iterable[list[Any]]) -> dict[str, _Known]:
    return {
        url: _Known(Validators(etag=etag, last_modified=last_modified), digest, changes, stored)
        for url, etag, last_modified, digest, changes, stored in kept
    }


def _key(url: str) -> str:
    """What a page is kept under: the URL as it is sent, secrets hidden."""
    return plain_text(urldefrag(url).url)
