"""What commands share: their options for place and form, the configuration, a connection, names."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import psycopg
from psycopg.rows import DictRow

from supervisor import schema, where
from supervisor.commands.output import say
from supervisor.config import Config, load_config
from supervisor.processes import is_provably_gone
from supervisor.tables import nodes, session, supervisors
from workers.database import Connection
from workers.errors import ConfigError, ScrapewardenError
from workers.processes import Identity

SEEN_LATELY_S = 30.0  # a supervisor says every 10 s that it lives
P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON, times in UTC.")
config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Configuration file; ./config.toml where there is one.",
)
database_option = click.option(
    "--database-url", metavar="URL", help="Postgres; DATABASE_URL, the configuration, else an embedded server."
)


class Declined(ScrapewardenError):
    """The command did its work and the answer is no: exit code 1."""


def configured(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command the options --config and --database-url, and their result as `config`."""

    @config_option
    @database_option
    @functools.wraps(command)
    def with_config(*, config_path: Path | None, database_url: str | None, **rest: Any) -> R:
        return command(config=read_config(config_path, database_url), **rest)

    return with_config


def read_config(path: Path | None, database_url: str | None = None, **flags: object) -> Config:
    """The configuration; `flags` name further settings as `section__key`. Raises ConfigError."""
    given = {name.replace("__", ".", 1): value for name, value in flags.items()}
    return load_config(path, environ=os.environ, flags={"database.url": database_url, **given})


@contextlib.contextmanager
def connected(config: Config, *, create: bool = False) -> Iterator[Connection]:
    """A connection to the configured database, whose schema is the one we know.

    `create`: an embedded server may be made here, and gets its schema.
    """
    with where.database_of(config, create=create) as place, where.connect(place.url, config, say) as connection:
        if create and place.embedded:
            schema.migrate(place.url)
        where.require_schema(connection)
        yield connection


@contextlib.contextmanager
def all_or_nothing(connection: Connection, config: Config) -> Iterator[None]:
    """A transaction in which no statement waits longer than `statement_timeout_s` for anybody."""
    try:
        with connection.transaction():
            session.limit_statements(connection, config.database.statement_timeout_s)
            yield
    except psycopg.errors.ForeignKeyViolation as error:
        if error.diag.constraint_name != "nodes_location_pool_fkey":
            raise
        raise ConfigError(
            "location_pool: there is no such pool; add it with `supervisor locations add`, or see "
            "`supervisor locations list`"
        ) from error


def living_supervisors(connection: Connection) -> list[DictRow]:
    """Supervisors seen lately whose process, where we can see it, exists."""
    rows = supervisors.list_supervisors(connection)
    return [row for row in rows if row["seen_age_s"] <= SEEN_LATELY_S and not is_provably_gone(_identity(row))]


def _identity(row: DictRow) -> Identity:
    return Identity(boot_id=row["boot_id"], pid_ns=row["pid_ns"], pid=row["pid"], start_ticks=row["start_ticks"])


def require_nodes(connection: Connection, names: Iterable[str]) -> None:
    """Raise ConfigError with the close names unless there is a node of each name."""
    known = nodes.node_names(connection)
    if unknown := [name for name in dict.fromkeys(names) if name not in known]:
        raise ConfigError("\n".join(no_such_node(name, known) for name in unknown))


def no_such_node(name: str, known: Iterable[str]) -> str:
    """The sentence for a name that no node has."""
    close = get_close_matches(name, list(known), n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "see `supervisor nodes list`"
    return f'there is no node "{name}": {hint}'
