"""Who is told: the receivers that `[alerts]` and the environment name."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from supervisor.alerts.outbox import Receiver
from supervisor.alerts.program import Program
from supervisor.alerts.webhook import Webhook
from supervisor.config import Config
from workers.errors import ConfigError


def receivers_of(config: Config, environ: Mapping[str, str]) -> list[Receiver]:
    """All that are configured. Raises ConfigError with every complaint, one a line."""
    dsn, command = environ.get(config.alerts.sentry_dsn_env, "").strip(), config.alerts.command
    complaints = []
    if dsn and not _is_dsn(dsn):
        complaints.append(f"{config.alerts.sentry_dsn_env}: should look like https://KEY@HOST/PROJECT; correct it")
    try:
        argv = shlex.split(command)
    except ValueError as error:
        complaints.append(f"alerts.command: should be a program with its arguments ({error}); correct it")
    if complaints:
        raise ConfigError("\n".join(complaints))
    found: list[Receiver] = []
    if dsn:
        from supervisor.alerts.sentry import Sentry  # only here: a library that most will not need

        found.append(Sentry(dsn, host_of(config)))
    if config.alerts.webhook_url:
        found.append(Webhook(config.alerts.webhook_url))
    if argv:
        secrets = config.secret_names
        visible = {name: value for name, value in environ.items() if name not in secrets}
        found.append(Program(argv, visible, config.directory))
    return found


def host_of(config: Config) -> str:
    """This machine, by the name that people know."""
    return config.supervisor.host_id or socket.gethostname()


def _is_dsn(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname and parts.username) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and named and parts.path.rpartition("/")[2].isdigit()
