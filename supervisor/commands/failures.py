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
    """Exit code and sentence; a sentence of a ConfigError may have a line for each complaint."""
    match error:
        case ConfigError() | ScraperRefused():
            return USAGE, str(error)
        case DatabaseUnreachable() | EmbeddedPostgresError():
            return UNREACHABLE, str(error)
        case ScrapewardenError():
            return NO, str(error)
        case psycopg.errors.QueryCanceled() | psycopg.errors.LockNotAvailable():
            return NO, "the database did not answer in time, somebody may hold the row: look at pg_stat_activity, try again"
        case psycopg.OperationalError():
            return UNREACHABLE, f"the database went away ({reason_of(error)}): start it and try again"
        case psycopg.Error():
            return USAGE, f"the database refused ({reason_of(error)}): correct the value or the user's rights"
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return USAGE, f"{where}{(error.strerror or str(error)).lower()}; check the path and your rights"
    return BROKEN, f"failed unexpectedly ({_where(error)}): please report it, `python -X dev` shows more"


def _where(error: Exception) -> str:
    """`KeyError: 'x' at status.py:41`."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{at}"
