"""{term} and {location} in addresses: one crawl for each place of the node's pool, all of them one resumable run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from workers.errors import Blocked, Disallowed, FetchError, ScraperRefused
from workers.records import JsonObject, Page
from workers.scrapers.params import Param

if TYPE_CHECKING:
    from workers.scrape import Scrape

Crawl = Callable[["Scrape", JsonObject], Iterator[Page]]
TERM = Param(name="term", kind="terms", sentence="What {term} in the addresses stands for: one text or several.")
GONE = frozenset({404, 410})


def check_term(scraper: str, urls: str | list[str], term: object) -> None:
    """Raises ScraperRefused where addresses say {term} and none is given."""
    if term is None and any("{term}" in url for url in _listed(urls)):
        raise ScraperRefused(f"{scraper}: {{term}} stands in an address, but term is missing; name one text or several")


def fill_terms(urls: str | list[str], term: str | list[str] | None) -> list[str]:
    """The addresses with each term in its place, URL-encoded; one without {term} comes once."""
    terms = [] if term is None else _listed(term)
    filled = (url.replace("{term}", quote(one, safe="")) for url in _listed(urls) for one in terms or [""])
    return list(dict.fromkeys(filled))


def over_locations(scrape: Scrape, params: JsonObject, name: str, crawl: Crawl) -> Iterator[Page]:
    """The pages of `crawl(scrape, params)`, once for each place where the addresses `params[name]` say {location}.

    `crawl` sees a checkpoint of its own and the addresses filled in. Addresses without {location} belong to the first
    place. A place whose page is gone (404, 410) is logged and passed over, unless all of them are; raises what the
    fetch of any other raises, and ScraperRefused where the node has no pool.
    """
    urls = fill_terms(params[name], params.get("term"))
    if not any("{location}" in url for url in urls):
        yield from crawl(scrape, {**params, name: urls})
        return
    if not scrape.locations:
        raise ScraperRefused(
            f"{{location}} stands in {name}, but there is no place to fill in: name a pool with `--location-pool` "
            "(see `supervisor locations list`)"
        )
    yield from _Tour(scrape, crawl, {**params, name: urls}, name).pages()


class _Tour:
    """One run over all places; `at` is the place it is at."""

    def __init__(self, scrape: Scrape, crawl: Crawl, params: JsonObject, name: str) -> None:
        saved: JsonObject = scrape.checkpoint or {}
        self.scrape = scrape
        self.crawl = crawl
        self.params = params
        self.name = name
        self.places = scrape.locations
        self.gone: int = saved.get("gone", 0)
        self.at = _position(self.places, saved)
        # Where the place itself has left the pool, what is known of the way through it counts for no other.
        self.inner = saved.get("inner") if self.places[self.at : self.at + 1] == (saved.get("place"),) else None

    def pages(self) -> Iterator[Page]:
        while self.at < len(self.places):
            self.scrape.stage(self._stage())
            try:
                yield from self._place()
            except FetchError as error:
                if isinstance(error, Blocked | Disallowed) or error.status not in GONE:
                    raise
                self.gone += 1
                self.scrape.log("location_gone", level="warning", location=self.places[self.at], error=str(error))
                if self.gone == len(self.places):
                    raise  # not one of them is there: the address is wrong, or the board is
            stage = self._stage()
            self.at, self.inner = self.at + 1, None
            # A page without postings: what was said of the place is now behind us, whatever happens next.
            yield Page(checkpoint=self._state(None), done=self.at, total=len(self.places), stage=stage)

    def _place(self) -> Iterator[Page]:
        place = quote(self.places[self.at], safe="")
        urls = [url for url in self.params[self.name] if self.at == 0 or "{location}" in url]
        here = cast("Scrape", _Here(self.scrape, self.inner))
        for page in self.crawl(here, {**self.params, self.name: [url.replace("{location}", place) for url in urls]}):
            self.inner = page.checkpoint if page.checkpoint is not None else self.inner
            yield replace(
                page,
                checkpoint=self._state(self.inner),
                done=self.at,
                total=len(self.places),
                stage=f"{self._stage()}{f', {page.stage}' if page.stage else ''}",
            )

    def _stage(self) -> str:
        return f"{self.places[self.at]} ({self.at + 1} of {len(self.places)})"

    def _state(self, inner: JsonObject | None) -> JsonObject:
        place = self.places[self.at] if self.at < len(self.places) else None
        state = {"at": self.at, "place": place, "gone": self.gone, "inner": inner}
        return {key: value for key, value in state.items() if value is not None}


class _Here:
    """The scrape as the crawl of one place sees it: with a checkpoint of its own."""

    def __init__(self, scrape: Scrape, checkpoint: JsonObject | None) -> None:
        self._scrape = scrape
        self.checkpoint = checkpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scrape, name)


def _position(places: tuple[str, ...], saved: JsonObject) -> int:
    """Where to go on: at the place by its name, since others may have been added before it meanwhile."""
    at: int = saved.get("at", 0)
    place = saved.get("place")
    return places.index(place) if place in places else at


def _listed(texts: str | list[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else texts
