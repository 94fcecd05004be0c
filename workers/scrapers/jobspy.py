"""Boards without an API of their own, through JobSpy; a board that fails is a failure, not "0 jobs"."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.errors import FetchError, ScraperRefused
from workers.proxy_env import given_proxy
from workers.records import JsonObject, Page, Posting
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="site_name", kind="terms", default="indeed", sentence="The boards: indeed, linkedin, google and others."
    ),
    Param(name="search_term", kind="text", sentence="What to search for."),
    Param(name="location", kind="text", sentence="Where; {location} walks the node's pool."),
    Param(name="results_wanted", kind="whole", default=50, sentence="At most so many from each board and place."),
    Param(name="country", kind="text", default="usa", sentence="Of Indeed and Glassdoor, as JobSpy names it."),
    Param(name="hours_old", kind="whole", sentence="Only postings of the last so many hours."),
    Param(name="job_type", kind="text", sentence="fulltime, parttime, internship or contract."),
    Param(name="is_remote", kind="switch", default=False, sentence="Only remote jobs."),
    Param(name="distance", kind="whole", sentence="Miles around the place."),
)
NEEDS = "scrapewarden[jobspy]"
_PASSED = ("search_term", "results_wanted", "hours_old", "job_type", "is_remote", "distance")


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("jobspy", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Asks boards through JobSpy, one after the other and place by place; those that failed are tried again."""
    params = read(scrape.params)
    if importlib.util.find_spec("jobspy") is None:
        raise ScraperRefused(f'scraper "jobspy" is not installed: pip install "{NEEDS}"')
    where = params["location"]
    places: tuple[str | None, ...] = scrape.locations if where and "{location}" in where else (None,)
    if not places:
        raise ScraperRefused("jobspy: {location} needs a pool; name one with `--location-pool`")
    boards = [params["site_name"]] if isinstance(params["site_name"], str) else params["site_name"]
    done: list[list[str | None]] = (scrape.checkpoint or {}).get("done", [])
    failed: list[str] = []
    for at, place in enumerate(places, 1):
        stage = f"{place} ({at} of {len(places)})" if place else None
        for board in boards:
            if [board, place] in done:
                continue
            scrape.stage(f"{stage}, {board}" if stage else board)
            postings, error = _ask(board, params, (where or "").replace("{location}", place or "") or None)
            if error:
                failed.append(f"{board}: {error}")
                scrape.log("board_failed", level="warning", board=board, location=place, error=error)
            else:
                done = [*done, [board, place]]
            yield Page(postings=postings, checkpoint={"done": done}, done=at, total=len(places), stage=stage)
    if failed:
        raise FetchError(f"{len(failed)} searches failed ({'; '.join(failed)[:600]}); the others are stored")


def _ask(board: str, params: JsonObject, location: str | None) -> tuple[list[Posting], str | None]:
    """What a board gave, and what went wrong at it."""
    import jobspy

    heard = _Errors()
    names = ["jobspy", *(name for name in logging.root.manager.loggerDict if name.lower().startswith("jobspy"))]
    loggers = [logging.getLogger(name) for name in names]  # former versions have one for each board, others one for all
    for logger in loggers:
        logger.addHandler(heard)
    wanted = {name: params[name] for name in _PASSED if params[name] is not None}
    try:
        frame = jobspy.scrape_jobs(
            site_name=[board],
            location=location,
            country_indeed=params["country"],
            proxies=[url] if (url := given_proxy().get("HTTPS_PROXY")) else None,
            **wanted,
        )
    except ValueError as error:
        raise ScraperRefused(f"jobspy: {error}; see `supervisor scrapers show jobspy`") from error
    except Exception as error:  # noqa: BLE001 - whatever a board's own code raises costs that board
        return [], f"{type(error).__name__}: {error}"[:300]
    finally:
        for logger in loggers:
            logger.removeHandler(heard)
    told = next((str(text) for text in (frame.attrs.get("errors") or {}).values() if text), None)
    problem = told or next(iter(heard.texts), None)
    return [_posting(row) for row in frame.to_dict("records")], problem[:300] if problem else None


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep its text."""
        self.texts.append(record.getMessage())


def _posting(row: dict[str, Any]) -> Posting:
    """A row of the frame, whose holes are NaN."""
    full = {name: value for name, value in row.items() if value is not None and value == value}  # noqa: PLR0124 - NaN is not
    salary = {
        "min": full.get("min_amount"),
        "max": full.get("max_amount"),
        "currency": full.get("currency"),
        "period": {"yearly": "year", "monthly": "month", "weekly": "week", "daily": "day", "hourly": "hour"}.get(
            str(full.get("interval")), full.get("interval")
        ),
    }
    names = {"url": "job_url", "external_id": "id", "posted": "date_posted", "remote": "is_remote"}
    same = ("title", "company", "location", "description", "job_type")
    values = {field: full.get(name) for field, name in (names | {name: name for name in same}).items()}
    posted: Any = values["posted"]
    values["posted"] = posted.isoformat() if hasattr(posted, "isoformat") else posted
    return Posting(**values, salary=salary if salary["min"] or salary["max"] else None)
