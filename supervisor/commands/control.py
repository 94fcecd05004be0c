"""`supervisor start, stop, kill, run-now`: wishes written into node rows, and what the loop made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from psycopg.rows import DictRow

from supervisor.commands import outcomes
from supervisor.commands.common import all_or_nothing, configured, connected, living_supervisors, require_nodes
from supervisor.commands.durations import Duration
from supervisor.commands.outcomes import Judge, Wish
from supervisor.commands.output import say, write
from supervisor.config import Config
from supervisor.tables import nodes, runs, supervisors
from workers.database import Connection
from workers.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])
NOBODY = "flag set, but no supervisor is running: run `supervisor run`"
Act = Callable[[Connection, str], DictRow | None]

names_argument = click.argument("names", nargs=-1, metavar="NAME...")
all_option = click.option("--all", "everything", is_flag=True, help="Every node.")


def waiting_options(command: F) -> F:
    """Give a command --wait and --wait-limit."""
    command = click.option(
        "--wait-limit", type=Duration(), default="2m", show_default=True, help="How long --wait waits."
    )(command)
    return click.option("--wait", is_flag=True, help="Wait, and tell what really happened.")(command)


@click.command()
@names_argument
@all_option
@waiting_options
@configured
def start(*, config: Config, names: tuple[str, ...], everything: bool, wait: bool, wait_limit: float) -> int:
    """Let nodes run again: clears stop and pause, and enables."""
    judge = outcomes.started if wait else None
    return _wish(config, names, nodes.request_start, "asked to start", judge, wait_limit, everything=everything)


@click.command()
@names_argument
@all_option
@waiting_options
@configured
def stop(*, config: Config, names: tuple[str, ...], everything: bool, wait: bool, wait_limit: float) -> int:
    """Ask nodes to stop at their next safe point; they stay stopped until `supervisor start`."""
    judge = outcomes.stopped if wait else None
    return _wish(config, names, nodes.request_stop, "asked to stop", judge, wait_limit, everything=everything)


@click.command()
@names_argument
@waiting_options
@configured
def kill(*, config: Config, names: tuple[str, ...], wait: bool, wait_limit: float) -> int:
    """End nodes at once, with all their processes; they stay stopped until `supervisor start`."""
    judge = outcomes.stopped if wait else None
    return _wish(config, names, nodes.request_kill, "kill requested", judge, wait_limit)


@click.command("run-now")
@names_argument
@click.option("--fresh", is_flag=True, help="Drop the checkpoint: begin at the beginning.")
@waiting_options
@configured
def run_now(*, config: Config, names: tuple[str, ...], fresh: bool, wait: bool, wait_limit: float) -> int:
    """Ask for one run now; with --wait exit code 1 says that it did not end well."""
    judge = outcomes.ran if wait else None
    act = _run_fresh if fresh else nodes.request_run
    return _wish(config, names, act, "run requested", judge, wait_limit)


def _run_fresh(connection: Connection, name: str) -> DictRow | None:
    nodes.drop_checkpoint(connection, name)
    return nodes.request_run(connection, name)


def _wish(
    config: Config,
    names: tuple[str, ...],
    act: Act,
    done: str,
    judge: Judge | None,
    limit_s: float,
    *,
    everything: bool = False,
) -> int:
    """Write the wish into each node; answer the exit code."""
    if bool(names) == everything:
        raise click.UsageError("name nodes" + (" or use --all, not both" if everything else ""))
    with connected(config) as connection:
        chosen = nodes.node_names(connection) if everything else list(dict.fromkeys(names))
        require_nodes(connection, chosen)
        wishes = [_write_wish(connection, config, name, act) for name in chosen]
        if not living_supervisors(connection):
            for wish in wishes:
                say(f"{wish.name}: {NOBODY}")
            return int(judge is not None and bool(wishes))
        if judge is not None:
            return outcomes.follow(connection, wishes, judge, limit_s)
        for wish in wishes:
            write(f"{wish.name}: {_told(done, wish)}")
        return 0


def _write_wish(connection: Connection, config: Config, name: str, act: Act) -> Wish:
    with all_or_nothing(connection, config):
        node = nodes.get_node(connection, name)
        if node is None:
            raise ConfigError(f'node "{name}" has just been removed: see `supervisor nodes list`')
        under_way = runs.open_run_of(connection, node["id"])
        newest = runs.newest_run_id(connection, node["id"])
        since = supervisors.clock(connection)["now_at"]
        after = act(connection, name) or node
    return Wish(
        name=name,
        node_id=node["id"],
        since=since,
        open_run_id=under_way["id"] if under_way else None,
        newest_run_id=newest,
        blocked=bool(after["run_requested"] and after["stop_requested"]),
    )


def _told(done: str, wish: Wish) -> str:
    return f"{done}, but it is stopped: run `supervisor start`" if wish.blocked and done.startswith("run") else done
