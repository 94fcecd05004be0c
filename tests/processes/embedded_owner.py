"""A user of the embedded server whom the tests can kill: starts it, says where and which, releases when stdin ends."""

from __future__ import annotations

import sys
from pathlib import Path

from supervisor.embedded import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off"}) as server:
    sys.stdout.write(f"{server.start()} {server.server_pid}\n")
    sys.stdout.flush()
    sys.stdin.read()
