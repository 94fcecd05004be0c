"""Runs a supervisor and prints its events as JSON lines: `python -m tests.supervise URL FLAGS [ONCE_WAIT_S]`."""

from __future__ import annotations

import json
import sys
from typing import Any

from supervisor.config import load_config
from supervisor.loop import Once, Supervisor
from workers import events


def main() -> int:
    """FLAGS: JSON of settings, `section.key` to value."""
    url, flags = sys.argv[1], json.loads(sys.argv[2])
    events.subscribe(_print)
    config = load_config(environ={}, flags=flags)
    once = Once(wait_s=float(sys.argv[3])) if len(sys.argv) > 3 else None
    return Supervisor(config, url).run(once)


def _print(name: str, facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"event": name, **facts}, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
