"""`supervisor locations`: pools of places that {location} in a node's addresses walks through."""

from __future__ import annotations

import click
import psycopg
from psycopg.rows import DictRow

from supervisor.commands.common import Declined, all_or_nothing, configured, connected, json_option
from supervisor.commands.node_options import WORDS
from supervisor.commands.output import one_line, say, write, write_json, write_table
from supervisor.config import Config
from supervisor.tables import location_pools as table
from workers.errors import ConfigError

NONE_YET = "There are no location pools yet: add one with `supervisor locations add POOL PLACE...`."
HEADINGS = ("POOL", "COUNTRY", "PLACES", "PROXY POOL", "NODES", "BEGINS WITH")
_FEW = 3


@click.group()
def locations() -> None:
    """Pools of places that {location} in a node's addresses walks through."""


@locations.command("list")
@json_option
@configured
def list_locations(*, config: Config, as_json: bool) -> None:
    """Show every pool, its places and the nodes that walk it."""
    with connected(config) as connection:
        rows = table.list_location_pools(connection)
    if as_json:
        return write_json(rows)
    return write_table(HEADINGS, [_cells(row) for row in rows]) if rows else write(NONE_YET)


def _cells(row: DictRow) -> tuple[object, ...]:
    begins = ", ".join(row["places"][:_FEW])
    return (row["name"], row["country"], len(row["places"]), row["proxy_pool"], ", ".join(row["nodes"]), begins)


@locations.command("add")
@click.argument("pool")
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option("--country", metavar="CODE", help="Two letters of ISO 3166: DE.")
@click.option("--proxy-pool", metavar="POOL", help="Proxies for nodes that name none of their own.")
@configured
def add_locations(
    *, config: Config, pool: str, places: tuple[str, ...], country: str | None, proxy_pool: str | None
) -> None:
    """Add a pool, or give one that is there these PLACES in place of its own."""
    if pool in WORDS:
        raise ConfigError(f'"{pool}" is what `--location-pool` takes for none: give the pool another name')
    try:
        with connected(config) as connection, all_or_nothing(connection, config):
            is_new = table.add_location_pool(
                connection,
                pool,
                list(dict.fromkeys(places)),
                country=country.upper() if country and country.isascii() else country,
                proxy_pool=proxy_pool,
            )
    except (psycopg.errors.CheckViolation, psycopg.DataError) as error:
        raise ConfigError(
            f'"{one_line(pool)}" can be no pool: name and places should be printable, not empty and at most 200 '
            "characters long, 10,000 places at most, and the country two letters"
        ) from error
    write(f"pool {pool}: {len(dict.fromkeys(places))} places {'added' if is_new else 'in place of the old ones'}")
    if is_new:
        say(f"no node walks it yet: `supervisor nodes edit NODE --location-pool {pool}`")


@locations.command("remove")
@click.argument("pool")
@configured
def remove_locations(*, config: Config, pool: str) -> None:
    """Forget a pool that no node walks."""
    with connected(config) as connection, all_or_nothing(connection, config):
        if table.remove_location_pool(connection, pool):
            return write(f"pool {pool} is forgotten")
        if table.get_location_pool(connection, pool) is None:
            raise ConfigError(f'there is no location pool "{one_line(pool)}": see `supervisor locations list`')
        raise Declined(f"nodes walk pool {pool}: give them another with `supervisor nodes edit` first")
