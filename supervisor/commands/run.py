"""`supervisor run`: the loop in the foreground."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from supervisor import __version__, connections, console, embedded_locks, schema, where
from supervisor.alerts import Alerts
from supervisor.collect import INTENSITY, INTENSITY_S
from supervisor.commands.common import config_option, database_option, read_config
from supervisor.commands.durations import Duration
from supervisor.commands.output import say
from supervisor.config import Config
from supervisor.loop import GAVE_UP, Once, Supervisor
from supervisor.tables import nodes
from supervisor.where import Place
from workers import events

_WHY_GAVE_UP = (
    f"Gave up: {INTENSITY} processes within {INTENSITY_S:.0f} s ended before they came up, or took others along; "
    "see their errors in `supervisor runs`, and what this machine lacks in `supervisor doctor`."
)


@click.command()
@config_option
@database_option
@click.option("--no-web", is_flag=True, help="No dashboard.")
@click.option("--once", is_flag=True, help="For cron: carry every due or requested node to its end, then leave.")
@click.option("--wait", "wait_s", type=Duration(zero=True), help="With --once: how long a node may wait for room; 10m.")
@click.option("--quiet", is_flag=True, help="No line for each event.")
def run(
    *, config_path: Path | None, database_url: str | None, no_web: bool, once: bool, wait_s: float | None, quiet: bool
) -> int:
    """Run nodes until told to stop: Ctrl-C or SIGTERM lets runs come to a safe end, a second one does not wait.

    The schema is brought up to date first; without a database an embedded server is started beside config.toml.
    """
    if wait_s is not None and not once:
        raise click.UsageError("--wait goes with --once")
    config = read_config(config_path, database_url, web__enabled=False if no_web or once else None)
    with Alerts(config, os.environ) as alerts, where.database_of(config, create=True) as place:
        _prepare(place, config, quiet=quiet)
        supervisor = Supervisor(config, place.url, last_words=_last_words(place, config))
        alerts.speak_for(supervisor.id)
        code = supervisor.run((Once() if wait_s is None else Once(wait_s=wait_s)) if once else None)
        events.emit("supervisor_ended", code=code)
    if code == GAVE_UP:
        say(_WHY_GAVE_UP)
    return code


def _prepare(place: Place, config: Config, *, quiet: bool) -> None:
    """Wait for the database, migrate it, and say what there is."""
    with where.connect(place.url, config, say) as connection:
        schema.migrate(place.url)
        ready = nodes.count_ready(connection)
        short = connections.shortage(connections.most_of(connection), config.supervisor.max_concurrent)
    if not quiet:
        console.speak(sys.stderr)
    events.emit("supervisor_started", version=__version__, database=where.shown(place.url), **ready)
    if short:
        events.emit("connections_short", reason=short)


def _last_words(place: Place, config: Config) -> list[str] | None:
    """What stops an embedded server that nobody uses any more, after a kill -9 of this process."""
    if not place.embedded:
        return None
    return [sys.executable, "-I", "-S", embedded_locks.__file__, str(config.state_directory)]
