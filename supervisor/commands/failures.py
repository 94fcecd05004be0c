"""Every error of a command as its exit code and one sentence that ends with the next step."""

from __future__ import annotations

import traceback
from pathlib import Path

import psycopg

from supervisor.embedded_places import EmbeddedPostgresError
from supervisor.where import DatabaseUnreachable, reason_of
from workers.errors import ConfigError, ScraperRefused, ScrapewardenError

NO = 1
USAGE = 2
UNREACHABLE = 69
BROKEN = 70


def explain(error: Exception) -> tuple[int, str]:
    """Exit code and sentence; that of a ConfigError may have a line for each complaint."""
    if isinstance(error, ScrapewardenError):
        return _code(error), str(error)
    if isinstance(error, psycopg.Error):
        return _of_the_database(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return USAGE, f"{where}{(error.strerror or str(error)).lower()}; check the path and your rights"
    if isinstance(error, UnicodeEncodeError):  # half a character, as a terminal of another encoding gives it
        return USAGE, "what was given holds something that is not text in UTF-8: write it again"
    return BROKEN, f"failed unexpectedly ({_where(error)}): please report it, `python -X dev` shows more"


def _code(error: ScrapewardenError) -> int:
    if isinstance(error, ConfigError | ScraperRefused):
        return USAGE
    return UNREACHABLE if isinstance(error, DatabaseUnreachable | EmbeddedPostgresError) else NO


def _of_the_database(error: psycopg.Error) -> tuple[int, str]:
    if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return NO, "the database did not answer in time, somebody may hold the row: look at pg_stat_activity, try again"
    if isinstance(error, psycopg.OperationalError):
        return UNREACHABLE, f"the database went away ({reason_of(error)}): start it and try again"
    return USAGE, f"the database refused ({reason_of(error)}): correct the value or the user's rights"


def _where(error: Exception) -> str:
    """`KeyError: 'x' at status.py:41`."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{at}"
