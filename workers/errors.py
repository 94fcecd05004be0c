"""The failure tree, branched by what to do about it.

ScrapewardenError
├── ConfigError            a person must change something; nothing was started
├── ScraperRefused         the scraper cannot be found, imported or refuses its params: no retry helps
├── FetchError             one request failed after its retries (status >= 400, transport)
│   └── Blocked            the host refused us (401, 403, 407, 429, 451, robots, challenge, breaker)
├── StopScrape             not a failure: the run is asked to end at the next safe point
├── NotReached             the database could not be used at the start: end, nothing was done yet
└── Fenced                 the right to write has passed on: end at once, write nothing
"""

from __future__ import annotations


class ScrapewardenError(Exception):
    """Root of all errors raised on purpose; its text is one sentence for a person."""


class ConfigError(ScrapewardenError):
    """A setting, a row or an argument that a person must change."""


class ScraperRefused(ScrapewardenError):
    """The scraper cannot be found, is not allowed, does not import, or refuses its params."""


class FetchError(ScrapewardenError):
    """One request failed for good. `status` is the HTTP status or None for a transport failure."""

    def __init__(self, message: str, *, url: str = "", status: int | None = None) -> None:
        """Keep the request's URL and HTTP status beside the sentence."""
        super().__init__(message)
        self.url = url
        self.status = status


class Blocked(FetchError):
    """The host refuses us; going on would make it worse."""


class StopScrape(ScrapewardenError):
    """Raised inside a wait when the run has been asked to end."""


class Fenced(ScrapewardenError):
    """The lease's epoch has passed on; this process may write nothing more."""


class NotReached(ScrapewardenError):
    """The database cannot be reached, refuses connections, or cannot be written to."""
