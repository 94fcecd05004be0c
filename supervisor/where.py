"""Which database: the one that is named (flag > DATABASE_URL > configuration), else an embedded one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from supervisor import embedded, schema
from supervisor.config import Config
from supervisor.embedded import EmbeddedPostgres
from supervisor.late_signals import BUT_CTRL_C, leaving_in_good_order
from workers import database
from workers.errors import ConfigError, ScrapewardenError

Say = Callable[[str], None]
_PAUSE_S = 0.25
_GRACE_S = 5.0  # where the server has a limit too, its own sentence is the better one
_MOST_REASON = 200


class DatabaseUnreachable(ScrapewardenError):
    """No server answered within `database.connect_timeout_s`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A database to work with."""

    url: str
    embedded: bool


@contextlib.contextmanager
def database_of(config: Config, *, create: bool = False) -> Iterator[Place]:
    """The database that the configuration names, or a share of the embedded server for as long as the block lasts.

    `create`: whether an embedded server may be made where there is none. Raises ConfigError, EmbeddedPostgresError.
    """
    if config.database.url:
        yield Place(url=config.database.url, embedded=False)
        return
    if not create and not embedded.exists(config.state_directory):
        raise ConfigError(
            f"no database is named and there is none in {config.state_directory}: name one with --database-url or "
            "DATABASE_URL, or run `supervisor migrate` to create an embedded one"
        )
    with leaving_in_good_order(*BUT_CTRL_C, for_good=True), EmbeddedPostgres(config.state_directory) as server:
        yield Place(url=server.start(), embedded=True)


def connect(url: str, config: Config, say: Say) -> database.Connection:
    """A connection, tried again until `connect_timeout_s` has passed. Raises DatabaseUnreachable, ConfigError."""
    limit_s = config.database.connect_timeout_s
    until = time.monotonic() + limit_s
    told = False
    while True:
        try:
            left_s = until - time.monotonic()
            return database.connect(
                url,
                connect_timeout_s=left_s,
                answer_s=config.database.statement_timeout_s + _GRACE_S,
                application="scrapewarden command",
            )
        except psycopg.OperationalError as error:
            reason = reason_of(error)
            if time.monotonic() + _PAUSE_S >= until:
                raise DatabaseUnreachable(
                    f"{shown(url)} cannot be reached within {limit_s:g} s ({reason}): start it, or name another with "
                    "--database-url"
                ) from error
        except (psycopg.ProgrammingError, UnicodeError) as error:  # not a connection string at all
            raise ConfigError(f"database.url: cannot be read ({reason_of(error)}); write postgresql://...") from error
        if not told:
            say(f"{shown(url)} does not answer ({reason}); trying again for {limit_s:g} s")
            told = True
        time.sleep(_PAUSE_S)


def require_schema(connection: database.Connection) -> None:
    """Raise ConfigError unless the schema is the one that this program knows."""
    version = schema.schema_version(connection)
    known = len(schema.schema_files())
    if version is None:
        raise ConfigError("the database has no tables of scrapewarden yet: run `supervisor migrate`")
    schema.refuse_newer(version, known)
    if version < known:
        raise ConfigError(f"the database has schema version {version} of {known}: run `supervisor migrate`")


def shown(url: str) -> str:
    """The database as it may be named to a person: without user and password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "the database"
    host, port = str(parts.get("host") or "the local socket"), parts.get("port")
    at = f"{host}:{port}" if port and not host.startswith("/") else host
    return f"database {parts.get('dbname') or parts.get('user') or '(default)'} at {at}"


def reason_of(error: BaseException) -> str:
    """The last cause in libpq's chain of words, in one line."""
    text = " ".join(str(error).split())
    for words in ("failed: FATAL: ", "failed: "):
        text = text.rpartition(words)[2]
    return text.partition(" Is the server running")[0][:_MOST_REASON] or type(error).__name__
