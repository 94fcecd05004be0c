"""`supervisor proxies`: pools of proxies, and whether they hide our own address."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

import click
from psycopg.rows import DictRow

from supervisor.assign import fetch_settings, proxy_settings
from supervisor.commands.common import all_or_nothing, configured, connected, json_option
from supervisor.commands.output import moment, one_line, say, write, write_json, write_table
from supervisor.config import Config
from supervisor.registration import machine_id
from supervisor.tables import proxies as table
from workers.database import Connection
from workers.errors import ConfigError, ProxyRefused
from workers.proxy_check import CheckFailed, Leaks, check, own_addresses
from workers.proxy_urls import Proxy, complaint, fill, holds_password, shown

NONE_YET = "There are no proxies yet: add some with `supervisor proxies add POOL URL`."
NONE_ENABLED = "There is nothing to check, every proxy is disabled: let one be taken by `supervisor proxies enable ID`."
HEADINGS = ("ID", "POOL", "PROXY", "STATE", "LATENCY MS", "EXIT ADDRESS", "LAST USED (UTC)", "FAILURES", "LAST ERROR")


ids_argument = click.argument("ids", nargs=-1, required=True, type=click.IntRange(1, 2**63 - 1), metavar="ID...")


@click.group()
def proxies() -> None:
    """Pools of proxies, and whether they hide our own address."""


@proxies.command("list")
@click.argument("pool", required=False)
@json_option
@configured
def list_proxies(*, config: Config, pool: str | None, as_json: bool) -> None:
    """Show every proxy, its state and what is known of it; passwords are masked."""
    with connected(config) as connection:
        rows = _rows(connection, pool)
    for row in rows:
        row["url"] = shown(row["url"])
    if as_json:
        return write_json(rows)
    return write_table(HEADINGS, [_cells(row) for row in rows]) if rows else write(NONE_YET)


def _cells(row: DictRow) -> tuple[object, ...]:
    until = f" until {moment(row['quarantined_until'])}" if row["state"] == "quarantined" else ""
    return (
        row["id"],
        row["pool"],
        row["url"],
        f"{row['state']}{until}",
        row["latency_ms"],
        row["exit_address"],
        moment(row["last_used_at"]),
        row["failures"],
        row["last_error"],
    )


@proxies.command("add")
@click.argument("pool")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@configured
def add_proxies(*, config: Config, pool: str, urls: tuple[str, ...]) -> None:
    """Add proxies to a pool: http://user:${PROXY_PASSWORD}@host:port, filled in where a scrape runs."""
    if not pool.strip() or not pool.isprintable():
        raise ConfigError("the name of a pool should be printable and not empty")
    allowed = _allowed(config)
    if wrong := [sentence for url in urls if (sentence := complaint(url, allowed))]:
        raise ConfigError("\n".join(wrong))
    with connected(config) as connection, all_or_nothing(connection, config):
        for url in dict.fromkeys(urls):
            added = table.add_proxy(connection, pool, url)
            write(f"pool {pool}: {shown(url)} {'is there already' if added is None else 'added'}")
            if holds_password(url):
                say(
                    f"{shown(url)} is stored with its login as it stands, for everybody who can read the table: "
                    "export it as PROXY_PASSWORD and write ${PROXY_PASSWORD} in its place"
                )
        used = table.nodes_of_pool(connection, pool)
    if not used:
        say(f"no node uses pool {pool} yet: `supervisor nodes edit NODE --proxy-pool {pool}`")


@proxies.command("check")
@click.argument("pool", required=False)
@json_option
@configured
def check_proxies(*, config: Config, pool: str | None, as_json: bool) -> int:
    """Ask through each proxy for its address, now and from here; exit 1 if one fails or shows our own address."""
    with connected(config) as connection:
        known = _rows(connection, pool)
        rows = [row for row in known if row["enabled"]]
        if not rows:
            write_json([]) if as_json else write(NONE_ENABLED if known else NONE_YET)
            return 0
        own = own_addresses(proxy_settings(config), fetch_settings(config))
        say(f"{len(rows)} to check with {config.proxies.check_url}; our own address is {' and '.join(own)}")
        found = [_check(connection, config, row, own, told=not as_json) for row in rows]
    if as_json:
        write_json(found)
    return 0 if all(one["verdict"] == "ok" for one in found) else 1


def _check(connection: Connection, config: Config, row: DictRow, own: list[str], *, told: bool) -> dict[str, object]:
    """Check one, write down what it showed, and tell."""
    facts: dict[str, object] = {"latency_ms": None, "exit_address": None, "error": None}
    name = shown(row["url"])
    try:
        proxy = Proxy(id=row["id"], shown=name, url=fill(row["url"], _allowed(config)))
        checked = check(proxy, proxy_settings(config), fetch_settings(config), own)
    except Leaks as leak:
        verdict, facts["error"] = "leak", f"the proxy {name} shows our own address {leak}"
    except (CheckFailed, ProxyRefused) as failure:
        verdict, facts["error"] = "failed", str(failure)
    else:
        verdict, facts["latency_ms"], facts["exit_address"] = "ok", checked.latency_ms, checked.exit_address
    host = config.supervisor.host_id or machine_id()
    until = table.note_proxy(connection, row["id"], host=host, own_addresses=own, **facts)  # type: ignore[arg-type] # the three above
    if told:
        ended = facts["error"] or f"exits at {facts['exit_address']} after {facts['latency_ms']} ms"
        aside = f"; set aside until {moment(until)}" if until else ""
        write(f"{verdict:<6}  pool {row['pool']}  {name}  {one_line(ended)}{aside}")
    return {"id": row["id"], "pool": row["pool"], "url": name, "verdict": verdict, **facts}


@proxies.command("enable")
@ids_argument
@configured
def enable_proxies(*, config: Config, ids: tuple[int, ...]) -> None:
    """Let proxies be taken again, at once: ends a quarantine, too."""
    _each(config, ids, table.enable_proxy, "may be taken again")


@proxies.command("disable")
@ids_argument
@configured
def disable_proxies(*, config: Config, ids: tuple[int, ...]) -> None:
    """Take proxies out of use."""
    _each(config, ids, table.disable_proxy, "is out of use")


@proxies.command("remove")
@ids_argument
@configured
def remove_proxies(*, config: Config, ids: tuple[int, ...]) -> None:
    """Forget proxies; runs that went through them stay."""
    _each(config, ids, table.remove_proxy, "is forgotten")


def _each(config: Config, ids: tuple[int, ...], act: Callable[[Connection, int], bool], done: str) -> None:
    with connected(config) as connection, all_or_nothing(connection, config):
        for proxy_id in dict.fromkeys(ids):
            if not act(connection, proxy_id):
                raise ConfigError(f"there is no proxy {proxy_id}: see `supervisor proxies list`")
            write(f"proxy {proxy_id} {done}")


def _rows(connection: Connection, pool: str | None) -> list[DictRow]:
    rows = table.list_proxies(connection, pool)
    if pool is not None and not rows:
        pools = sorted({row["pool"] for row in table.list_proxies(connection)})
        close = get_close_matches(pool, pools, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "see `supervisor proxies list`"
        raise ConfigError(f'there is no pool "{pool}": {hint}')
    return rows


def _allowed(config: Config) -> tuple[str, ...]:
    return (*config.proxies.env, *config.scrapers.env)
