"""Fixtures live by topic in fix_*.py files beside this one; all of them are plugins of every test."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# A shell starts what it puts into the background deaf to Ctrl-C, and everything below would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = sorted(f"tests.{path.stem}" for path in Path(__file__).parent.glob("fix_*.py"))

# One plugin may import another one, and that must not happen before pytest knows that it is one.
pytest.register_assert_rewrite("tests.wait", *pytest_plugins)
