"""`supervisor jobs search`: words as in a search box, filters beside them, a page at a time."""

from __future__ import annotations

from typing import Any

import click

from supervisor.commands.common import all_or_nothing, configured, connected, json_option
from supervisor.commands.jobs_filters import TEXT, Country, making_sense
from supervisor.commands.jobs_view import write_jobs
from supervisor.commands.moments import Moment
from supervisor.commands.output import say, write, write_json
from supervisor.config import Config
from supervisor.tables import jobs as table

PERIODS = ("hour", "day", "week", "month", "year")
MOST = 10_000  # as many as the function gives at a time


@click.command()
@click.argument("words", metavar="[QUERY]", default="", type=TEXT)
@click.option("--country", "countries", multiple=True, type=Country(), help="In this country, or one of several.")
@click.option("--region", type=TEXT, help="In this region, as it is stored: NY, Bavaria.")
@click.option("--city", type=TEXT, help="In this city.")
@click.option("--remote", type=click.Choice(["yes", "no"]), help="Offered remotely, or stated not to be.")
@click.option("--pay", type=click.FloatRange(min=0), metavar="AMOUNT", help="Pays up to this much or more, as stated.")
@click.option("--currency", type=TEXT, metavar="CODE", help="Pay is stated in this currency.")
@click.option("--per", "period", type=click.Choice(PERIODS), help="Pay is stated for this period.")
@click.option("--source", type=TEXT, metavar="NODE", help="Found first by this node.")
@click.option("--since", type=Moment(), help="Posted (else first seen) since: 7d, 12h, 2026-08-01.")
@click.option("--until", type=Moment(end=True), help="And not after that; a date includes its day.")
@click.option("--open", "still_open", is_flag=True, help="Neither expired nor gone from its site.")
@click.option("--order", type=click.Choice(["newest", "relevance"]), default="newest", show_default=True)
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="At most so many.")
@click.option("--after", type=TEXT, metavar="CURSOR", help="Go on behind the page that ended with this cursor.")
@json_option
@configured
def search(*, config: Config, as_json: bool, remote: str | None, since: Any, until: Any, **asked: Any) -> None:
    """Find jobs: QUERY takes words, "a phrase", or, and -not; without QUERY only the filters count."""
    given = asked | {
        "countries": list(asked["countries"]) or None,
        "remote": None if remote is None else remote == "yes",
        **_parts("since", since),
        **_parts("until", until),
    }
    with connected(config) as connection, making_sense(), all_or_nothing(connection, config):
        rows = table.search_jobs(connection, **given)
    if as_json:
        return write_json(rows)
    if not rows:
        return write("There are no such jobs." if asked["after"] is None else "There are no further jobs.")
    write_jobs(rows)
    if len(rows) < asked["limit"]:
        return say("That is all.")
    return write(f"more: --after {rows[-1]['cursor']}")


def _parts(name: str, moment: Any) -> dict[str, Any]:
    """An instant, or seconds ago: what a duration counts from is the database's to say."""
    ago = isinstance(moment, float)
    return {name: None if ago else moment, f"{name}_s": moment if ago else None}
