"""Fixtures live by topic in fix_*.py files beside this one; all of them are plugins of every test."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = sorted(f"tests.{path.stem}" for path in Path(__file__).parent.glob("fix_*.py"))

# One plugin may import another one, and that must not happen before pytest knows that it is one.
pytest.register_assert_rewrite("tests.wait", *pytest_plugins)
