"""`supervisor try`: what a node would find, before there is one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from supervisor import dry_run
from supervisor.assign import fetch_settings, scraper_settings
from supervisor.commands.common import (
    Declined,
    config_option,
    connected,
    json_option,
    read_config,
)
from supervisor.commands.durations import Duration
from supervisor.commands.node_options import params_option
from supervisor.commands.output import as_json as to_json
from supervisor.commands.output import one_line, say, write
from supervisor.config import Config
from workers.dry_run import Order
from workers.errors import ConfigError
from workers.records import JsonObject
from workers.scrapers import judge_params, judge_scraper
from workers.states import Cause

_MOST_REASONS = 5


@dataclass(kw_only=True)
class Tally:
    """What came of it so far."""

    jobs: int = 0
    pages: int = 0
    rejected: int = 0
    began: float = field(default_factory=time.monotonic)


@click.command("try")
@click.argument("scraper")
@params_option
@click.option("--limit", type=click.IntRange(1), help="Enough after so many jobs.")
@click.option("--pages", type=click.IntRange(1), help="Enough after so many pages.")
@click.option("--timeout", "timeout_s", type=Duration(), default="2m", show_default=True, help="Killed after that.")
@click.option("--memory", "memory_mb", type=click.IntRange(16, 2**31 - 1), help="Budget in MB; the configured default.")
@click.option("--location", "locations", multiple=True, metavar="PLACE", help="A place for {location}; repeatable.")
@click.option("--location-pool", metavar="POOL", help="Those of a pool, which takes a database.")
@json_option
@config_option
def try_scraper(
    *, config_path: Path | None, scraper: str, params: tuple[tuple[str, Any], ...], as_json: bool, **limits: Any
) -> int:
    """Run SCRAPER once in a fresh process under the guards of a real run and print its cleaned jobs.

    Writes nothing and needs no database; exit code 1 when it fails.
    """
    config = read_config(config_path)
    settings = scraper_settings(config)
    given = dict(params)
    if complaint := judge_scraper(scraper, settings) or judge_params(scraper, given):
        raise ConfigError(complaint)
    budget_mb = limits["memory_mb"] or round(config.memory.default_budget_mb)
    if complaint := dry_run.room_for(budget_mb, config):
        raise Declined(f"there is no room for it: {complaint}; name a smaller --memory")
    assignment = dry_run.assignment_of(
        scraper,
        given,
        timeout_s=limits["timeout_s"],
        budget_mb=budget_mb,
        fetch=fetch_settings(config),
        scrapers=settings,
        locations=(*limits["locations"], *_places(limits["location_pool"], config)),
    )
    order = Order(assignment=assignment, most_jobs=limits["limit"], most_pages=limits["pages"])
    with closing(dry_run.dry_run(order, config)) as lines:
        return _show(lines, as_json=as_json)


def _places(pool: str | None, config: Config) -> list[str]:
    """Those of a pool; raises ConfigError where there is none."""
    if pool is None:
        return []
    from supervisor.tables.location_pools import get_location_pool

    with connected(config) as connection:
        row = get_location_pool(connection, pool)
    if row is None:
        raise ConfigError(f'there is no location pool "{one_line(pool)}": see `supervisor locations list`')
    return list(row["places"])


def _show(lines: Iterator[JsonObject], *, as_json: bool) -> int:
    """Print jobs as they come, then the summary; answers the exit code."""
    tally = Tally()
    end: JsonObject = {}
    printer = _Array() if as_json else _Paragraphs()
    try:
        for line in lines:
            end = line.get("end", end)
            _count(line, tally)
            if "job" in line:
                printer.job(line["job"], tally.jobs)
    finally:
        printer.close()
    took_s = time.monotonic() - tally.began
    say(
        f"{tally.jobs} jobs from {tally.pages} pages in {took_s:.1f} s, {tally.rejected} postings rejected, peak "
        f"{end['peak_mb']:.0f} MB"
    )
    if end["cause"] == Cause.DONE:
        return 0
    say(f"failed ({end['cause']}): {one_line(end['error'] or 'no reason known')}")
    return 1


def _count(line: JsonObject, tally: Tally) -> None:
    tally.jobs += "job" in line
    tally.pages += "page" in line
    if "rejected" in line:
        tally.rejected += 1
        if tally.rejected <= _MOST_REASONS:
            say(f"rejected: {one_line(line['rejected'])}")


class _Array:
    """A JSON array that is whole whenever it ends."""

    def __init__(self) -> None:
        self._opened = False

    def job(self, job: JsonObject, _number: int) -> None:
        write((",\n" if self._opened else "[\n") + to_json(job), newline=False)
        self._opened = True

    def close(self) -> None:
        write("\n]" if self._opened else "[]")


class _Paragraphs:
    """Jobs for a person."""

    def job(self, job: JsonObject, number: int) -> None:
        write(f"{number:>4}  {one_line(job['title'])}{_where(job)}")
        for text in (_terms(job), job["url"]):
            if text:
                write(f"      {one_line(text)}")

    def close(self) -> None:
        return


def _where(job: JsonObject) -> str:
    place = ", ".join(part for part in (job["city"], job["region"], job["country"]) if part) or job["location_raw"]
    others = len(job["locations"]) - 1
    more = f" and {others} more" if place and others > 0 else ""
    return "".join(f" | {one_line(part)}" for part in (job["company"], f"{place or ''}{more}") if part)


def _terms(job: JsonObject) -> str:
    remote = {True: "remote", False: "not remote", None: None}[job["remote"]]
    posted = f"posted {job['posted_at'][:10]} ({job['posted_precision']})" if job["posted_at"] else None
    return " | ".join(part for part in (remote, job["job_type"], _pay(job), posted) if part)


def _pay(job: JsonObject) -> str | None:
    """`15.50 to 18 USD per hour`; None where no amount is stated."""
    low, high = _amount(job["salary_min"]), _amount(job["salary_max"])
    if not low and not high:
        return None
    single = low if low == high else f"from {low}" if not high else f"up to {high}"
    amounts = f"{low} to {high}" if low and high and low != high else single
    period = f"per {job['salary_period']}" if job["salary_period"] else None
    return " ".join(part for part in (amounts, job["salary_currency"], period) if part)


def _amount(amount: float | None) -> str | None:
    return None if amount is None else f"{amount:,.2f}".removesuffix(".00")
