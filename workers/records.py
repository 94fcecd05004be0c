"""Frozen values that cross a border: between scraper and engine, and between processes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workers.plain import to_jsonb
from workers.states import Cause, RunStatus

JsonObject = dict[str, Any]
_LARGEST_COUNT = 2**63 - 1  # what a bigint holds
_MOST_CHECKPOINT_VALUES = 100_000
_LONGEST_CHECKPOINT = 1_000_000  # characters of JSON: it is written with every page and read at every start


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One posting as the site gives it: raw strings or values, cleaned later by `workers.clean`."""

    url: Any = None  # where a person reads it; the key after canonicalisation
    external_id: Any = None  # the source's own number for it
    title: Any = None
    company: Any = None
    description: Any = None  # text or HTML
    location: Any = None  # "Berlin, Germany", "Remote (US)"
    locations: Any = None  # several of the above
    remote: Any = None  # True, False, or the site's word for it
    job_type: Any = None
    salary: Any = None  # "$60k-$90k a year", or a mapping min, max, currency, period
    posted: Any = None  # "3 days ago", ISO, epoch
    valid_through: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a scraper yields: the unit that is committed, and the safe point to stop at."""

    url: str | None = None
    postings: list[Posting] = field(default_factory=list)
    checkpoint: JsonObject | None = None  # where to go on from; None keeps the last one
    done: int | None = None  # progress, in whatever the scraper counts
    total: int | None = None
    stage: str | None = None  # "Berlin", "page 3 of 12": shown to a person

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError where the scraper builds it: there its author finds the mistake."""
        _expect("url", self.url, str)
        _expect("postings", self.postings, list, tuple)
        _expect("checkpoint", self.checkpoint, dict)
        for name, count in (("done", self.done), ("total", self.total)):
            _expect(name, count, int)
            if count is not None and abs(count) > _LARGEST_COUNT:
                raise ValueError(f"{name} of a page should be a count, got one of {count.bit_length()} bits")
        _expect_storable(self.checkpoint)


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchSettings:
    """Limits of one request, from section [fetch] of the configuration."""

    timeout_s: float = 30.0  # whole request: connect, headers and body
    max_body_mb: float = 20.0  # after decompression
    user_agent: str = "scrapewarden"
    contact: str = ""  # address or URL appended to the User-Agent
    gap_s: float = 1.0  # between two requests to one host
    gap_jitter_s: float = 0.5
    gap_loopback_s: float = 0.0
    attempts: int = 3  # tries of one request
    base_s: float = 0.5  # back-off of one request: base * 2^(n-1)
    cap_s: float = 10.0
    max_redirects: int = 10
    robots: bool = True  # whether robots.txt is obeyed
    conditional: bool = True  # whether pages are kept, and asked for only if they have changed


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerSettings:
    """When a host that keeps failing is left alone, from section [breaker] of the configuration."""

    failures: int = 5  # within window_s open it
    window_s: float = 600.0
    open_s: float = 60.0  # the first time; doubled with each further one
    open_max_s: float = 1800.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ProxySettings:
    """Which proxies a run may use and how they are checked, from section [proxies] of the configuration."""

    pool: str = ""  # of the node; empty: none is used
    check_url: str = ""  # answers with the caller's address
    own_address: str = ""  # empty: check_url is asked directly
    recheck_s: float = 300.0
    env: tuple[str, ...] = ()  # patterns of names that ${NAME} in a proxy's URL may use


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedUrl:
    """One fetched URL, written into `run_pages` with the yield that follows it."""

    url: str
    status: str  # ok, unchanged, blocked, error
    http_status: int | None = None
    elapsed_ms: int = 0
    bytes: int = 0
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScraperSettings:
    """What a scraper may do, from section [scrapers] of the configuration."""

    allow: tuple[str, ...] = ()  # packages whose functions a node row may name
    path: tuple[str, ...] = ()  # absolute folders searched for guests besides what is installed
    env: tuple[str, ...] = ()  # names that ${NAME} in params may use
    allow_command: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Everything a fresh process needs for one run; small, and the only way in."""

    run_id: int
    node_id: int
    node: str  # name of the node; the lease's source
    epoch: int  # of the lease at the claim
    owner: str  # uuid of this claim
    supervisor_id: str
    scraper: str
    params: JsonObject
    checkpoint: JsonObject | None
    tick: datetime
    attempt: int
    part: int
    now: datetime  # database time at launch
    launched_at: float  # CLOCK_BOOTTIME seconds at launch
    timeout_s: float  # bounds the process, from launched_at
    database_url: str
    budget_mb: int
    locations: tuple[str, ...] = ()  # of a dry run; a run is told those of its node's pool when it begins
    data_limit: bool = True
    recycle_percent: float = 85.0
    heartbeat_s: float = 10.0
    parent_pid: int = 0  # whose death ends this process; 0: do not watch
    fetch: FetchSettings = field(default_factory=FetchSettings)
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    proxies: ProxySettings = field(default_factory=ProxySettings)
    scrapers: ScraperSettings = field(default_factory=ScraperSettings)

    def time(self) -> datetime:
        """Database time, UTC: at launch, plus what a clock that nobody can set says has passed since."""
        return self.now + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - self.launched_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a scrape ended by itself; pickles to less than 4 kB."""

    status: RunStatus
    cause: Cause
    error: str | None = None  # one sentence, at most 1,000 characters
    traceback: str | None = None  # the last 2,000 characters
    retriable: bool = True  # False: a further attempt cannot help
    peak_rss_mb: float | None = None
    cpu_s: float | None = None
    host: str | None = None  # the one that was asked first
    breaker_host: str | None = None  # whose open breaker ended the run: it spends no attempt
    wait_s: float = 0.0  # not to be tried again before, as a host or a breaker said
    leak: bool = False  # a proxy showed our own address


def _expect(name: str, value: object, *kinds: type) -> None:
    if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
        raise TypeError(f"{name} of a page should be {kinds[0].__name__}, got {type(value).__name__}")


def _expect_storable(checkpoint: JsonObject | None) -> None:
    try:
        text = to_jsonb(checkpoint, most=_MOST_CHECKPOINT_VALUES) or ""
    except ValueError as error:
        raise ValueError(f"checkpoint of a page {error}") from error
    if len(text) > _LONGEST_CHECKPOINT:
        length = f"{len(text):,} characters long"
        raise ValueError(f"checkpoint of a page is {length}: keep it under {_LONGEST_CHECKPOINT:,}")
