"""Who is told: what the settings and the environment name, and what of it a program may see."""

from __future__ import annotations

import subprocess
import sys

import pytest

from supervisor.alerts import Alerts, receivers_of
from supervisor.alerts.program import Program
from supervisor.config import Config, load_config
from tests.fix_alerts import KEY
from workers.errors import ConfigError

DSN = f"https://{KEY}@sentry.example:9000/prefix/42"


def test_nobody_is_told_by_default_and_nothing_is_loaded_or_started_for_it() -> None:
    assert receivers_of(Config(), {}) == []
    with Alerts(Config(), {}) as alerts:
        assert alerts._thread is None
        assert alerts._outboxes == []


def test_all_three_may_be_told() -> None:
    flags = {"alerts.webhook_url": "https://me:secret@hook.example/secret", "alerts.command": "tell --to 'a b'"}
    config = load_config(environ={}, flags=flags)
    found = [(receiver.name, receiver.shown) for receiver in receivers_of(config, {"SENTRY_DSN": f" {DSN}\n"})]
    assert found == [("sentry", "sentry.example:9000"), ("webhook", "hook.example"), ("command", "tell")]


@pytest.mark.parametrize(
    "dsn", [KEY, "http://x.test/1", f"https://x.test/{KEY}", f"ftp://{KEY}@x.test/1", f"https://{KEY}@x/a", "https://["]
)
def test_a_dsn_that_is_none_is_refused_and_not_repeated(dsn: str) -> None:
    with pytest.raises(ConfigError, match=r"^SENTRY_DSN: should look like https://KEY@HOST/PROJECT") as caught:
        receivers_of(Config(), {"SENTRY_DSN": dsn})
    assert KEY not in str(caught.value)


def test_every_complaint_comes_at_once() -> None:
    config = load_config(environ={}, flags={"alerts.command": "tell 'unclosed", "alerts.sentry_dsn_env": "MINE"})
    with pytest.raises(ConfigError) as caught:
        receivers_of(config, {"MINE": "no dsn"})
    dsn, command = str(caught.value).splitlines()
    assert dsn.startswith("MINE: should look like ")
    assert command == "alerts.command: should be a program with its arguments (No closing quotation); correct it"


def test_a_program_sees_the_environment_without_our_secrets_and_marks() -> None:
    config = load_config(environ={}, flags={"alerts.command": "tell"})
    secret = {
        "DATABASE_URL", "SCRAPEWARDEN_DATABASE_URL", "PGPASSWORD", "SCRAPEWARDEN_PASSWORD", "SCRAPEWARDEN_TOKEN",
        "SENTRY_DSN", "SCRAPEWARDEN_ALERTS_WEBHOOK_URL", "SCRAPEWARDEN_RUN", "SCRAPEWARDEN_SUPERVISOR",
    }  # fmt: skip
    *_, program = receivers_of(config, dict.fromkeys(secret, DSN) | {"PATH": "/bin", "CHAT_URL": "mine"})
    assert isinstance(program, Program)
    assert program._environment == {"PATH": "/bin", "CHAT_URL": "mine"}


def test_the_sentry_library_is_loaded_only_for_a_dsn() -> None:
    program = "import sys, supervisor.commands.run, supervisor.alerts; print('sentry_sdk' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "False\n"
