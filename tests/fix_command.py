"""The installed command, run as a person or a program would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(sys.executable).with_name("supervisor")
LIMIT_S = 60.0
# Where compiled modules are kept out of the checkout: without any, each command takes twice its time.
_COMPILED = tempfile.TemporaryDirectory(prefix="sw-pycache-")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, read as JSON."""
        return json.loads(self.out)


Run = Callable[..., Done]


def environment(**given: str) -> dict[str, str]:
    """Ours without any setting of Scrapewarden."""
    ours = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
    plain = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("SCRAPEWARDEN_")}
    return plain | {"PYTHONPYCACHEPREFIX": _COMPILED.name} | given


def supervisor(*words: str, cwd: Path, stdin: str | None = None, limit_s: float = LIMIT_S, **environ: str) -> Done:
    """Run it to its end."""
    done = subprocess.run(
        [SCRIPT, *words],
        cwd=cwd,
        env=environment(**environ),
        input=stdin or "",
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Run:
    """The command in an empty folder, with the test's database as DATABASE_URL."""

    def run(*words: str, **options: Any) -> Done:
        given: dict[str, Any] = {"cwd": tmp_path, "DATABASE_URL": database_url} | options
        return supervisor(*words, **given)

    return run


@pytest.fixture
def good(command: Run) -> Run:
    """The same, and it has to succeed."""

    def run(*words: str, **options: Any) -> Done:
        done = command(*words, **options)
        assert done.code == 0, done.err
        return done

    return run
