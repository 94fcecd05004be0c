"""Looking again and again, over an absence of the database too."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from supervisor.commands.common import connected
from supervisor.commands.output import say
from supervisor.config import Config
from supervisor.where import reason_of
from workers.database import Connection


def look_until_interrupted(config: Config, look: Callable[[Connection], None], every_s: float) -> None:
    """Call `look` until Ctrl-C. A lost connection is made again; raises DatabaseUnreachable when that fails."""
    try:
        while True:
            try:
                with connected(config) as connection:
                    while True:
                        look(connection)
                        time.sleep(every_s)
            except psycopg.OperationalError as error:  # also while it is being made
                say(f"the database went away ({reason_of(error)}); connecting again")
                time.sleep(every_s)
    except KeyboardInterrupt:
        return
