"""The failure tree, branched by what to do about it.

ScrapewardenError
├── ConfigError            a person must change something; nothing was started
├── ScraperRefused         the scraper cannot be found, imported or refuses its params: no retry helps
├── FetchError             one request failed after its retries (status >= 400, transport)
│   └── Blocked            the host refused us (401, 403, 407, 429, 451, robots, challenge)
│       ├── Disallowed     robots.txt does not allow this one address: others of the host may be fetched
│       ├── BreakerOpen    nobody asks this host for now: the run goes on later, and spends no attempt
│       └── ProxyRefused   no proxy of the pool may be used
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

    def __init__(self, message: str, *, url: str = "", status: int | None = None, wait_s: float = 0.0) -> None:
        """Keep the request's URL and HTTP status beside the sentence; not to be asked again for `wait_s` seconds."""
        super().__init__(message)
        self.url = url
        self.status = status
        self.wait_s = wait_s


class Blocked(FetchError):
    """The host refuses us; going on would make it worse."""


class Disallowed(Blocked):
    """The robots.txt of the host does not allow this address; nothing was asked."""


class BreakerOpen(Blocked):
    """The host's circuit breaker is open: nothing was asked, and the scraper is not to blame."""

    def __init__(self, message: str, *, host: str, url: str = "", wait_s: float = 0.0) -> None:
        """`host` as in `circuit_breakers`; its breaker may be tried again in `wait_s` seconds."""
        super().__init__(message, url=url, wait_s=wait_s)
        self.host = host


class ProxyRefused(Blocked):
    """No proxy of the node's pool may be used; `leak`: one of them showed our own address."""

    def __init__(self, message: str, *, leak: bool = False, wait_s: float = 0.0) -> None:
        """Keep whether our own address was seen."""
        super().__init__(message, wait_s=wait_s)
        self.leak = leak


class StopScrape(ScrapewardenError):
    """Raised inside a wait when the run has been asked to end."""


class Fenced(ScrapewardenError):
    """The lease's epoch has passed on; this process may write nothing more."""


class NotReached(ScrapewardenError):
    """The database cannot be reached, refuses connections, or cannot be written to."""
