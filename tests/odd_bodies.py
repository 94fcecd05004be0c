"""Bodies as broken sites send them: soup out of the pieces of a format, good documents with something gone wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from workers.clean.postings import clean_posting
from workers.plain import to_jsonb
from workers.records import JsonObject, Page
from workers.response import Response

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
URL = "http://board.test/list"


class OneBody:
    """A Scrape for which every address answers the same body; two pages are enough of it."""

    def __init__(self, params: JsonObject, body: bytes, kind: str = "text/html") -> None:
        """Nothing is fetched over any network."""
        self.params = params
        self.checkpoint: JsonObject | None = None
        self.locations: tuple[str, ...] = ()
        self.now = NOW
        self.logged: list[str] = []
        self._body = body
        self._kind = kind

    def fetch(self, url: str, *_: Any, **__: Any) -> Response:
        """The body, from that address."""
        return Response(status=200, url=url, headers={"Content-Type": self._kind}, content=self._body, elapsed_ms=1)

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """The body, from each."""
        assert at_once
        return iter([self.fetch(url) for url in urls])

    def log(self, event: str, **facts: Any) -> None:
        """Kept by name; the facts must be such as can be stored."""
        to_jsonb(facts)
        self.logged.append(event)

    def stage(self, text: str) -> None:
        """Nothing."""


def complaint(pages: Iterable[Page], *expected: type[Exception]) -> str:
    """The sentence of an expected error; empty where each page is one that the store would take."""
    try:
        for page in pages:
            to_jsonb(page.checkpoint)
            for posting in page.postings:
                clean_posting(posting, base_url=page.url, fetched_at=NOW)
    except expected as error:
        return str(error)
    return ""


def soup(pieces: Iterable[str]) -> st.SearchStrategy[bytes]:
    """Pieces of a format in any order, and a little of anything between them."""
    words = st.sampled_from(list(pieces)) | st.text(st.characters(codec=None), max_size=5)
    return st.lists(words, max_size=40).map(lambda texts: "".join(texts).encode("utf-8", "surrogatepass"))


def wounded(document: bytes) -> st.SearchStrategy[bytes]:
    """The document with a few parts cut out, doubled, moved or overwritten."""
    place = st.integers(0, len(document))
    wound = st.tuples(place, place, st.sampled_from(("cut", "double", "end")) | st.binary(max_size=6))
    return st.lists(wound, min_size=1, max_size=4).map(lambda wounds: _wounded(document, wounds))


def _wounded(document: bytes, wounds: Iterable[tuple[int, int, str | bytes]]) -> bytes:
    for one, other, how in wounds:
        begin, end = sorted((one, other))
        part = document[begin:end]
        match how:
            case "cut":
                document = document[:begin] + document[end:]
            case "double":
                document = document[:end] + part + document[end:]
            case "end":
                document = document[:end]
            case bytes():
                document = document[:begin] + how + document[begin:]
    return document
