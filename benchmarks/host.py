"""A supervisor for benchmarks, with its events as JSON lines: `python -m benchmarks.host URL FLAGS`."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from supervisor.config import load_config
from supervisor.loop import Supervisor
from workers import events


def main() -> int:
    """FLAGS: JSON of settings, `section.key` to value."""
    url, flags = sys.argv[1], json.loads(sys.argv[2])
    events.subscribe(_print)
    return Supervisor(load_config(environ={}, flags=flags), url).run()


def _print(name: str, facts: dict[str, Any]) -> None:
    at = time.clock_gettime(time.CLOCK_BOOTTIME)
    os.write(1, (json.dumps({"event": name, "at": at, **facts}, default=str) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
