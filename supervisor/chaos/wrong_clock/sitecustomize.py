"""A wrong clock for every interpreter that finds this folder on its path: CHAOS_CLOCK_OFF_S seconds off.

Libraries keep the right one: they are imported first, and some know `datetime` by its identity.
"""

from __future__ import annotations

import copyreg
import datetime  # noqa: ICN001 - the module is what gets changed
import os
import time
from typing import Any

OFF_S = float(os.environ.get("CHAOS_CLOCK_OFF_S", "0"))


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _right)

    def __call__(cls, *words: Any, **named: Any) -> datetime.datetime:
        return _right(*words, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(_right, name)


class _WrongDatetime(metaclass=_AnyDatetime):
    """Makes datetimes like any other, but from a wrong clock."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The wrong time."""
        return _right.now(tz) + datetime.timedelta(seconds=OFF_S)


_right = datetime.datetime


def _restored(*words: Any) -> datetime.datetime:
    return _right(*words)


def _reduced(value: datetime.datetime) -> tuple[Any, ...]:
    # By the standard way a datetime is pickled as datetime.datetime, which is another class now.
    return _restored, value.__reduce_ex__(2)[1]


if OFF_S:
    import psycopg
    import requests

    _imported = (psycopg, requests)
    _seconds = time.time
    time.time = lambda: _seconds() + OFF_S
    copyreg.pickle(_right, _reduced)
    datetime.datetime = _WrongDatetime  # type: ignore[misc, assignment] # the point
