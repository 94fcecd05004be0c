"""docs/sources.md names every built-in with every param it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workers.records import ScraperSettings
from workers.scrapers import BUILT_IN, describe

PAGE = (Path(__file__).parent.parent.parent / "docs" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_has_a_row_with_all_its_params(name: str) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    params = {param.name for param in describe(name, ScraperSettings(allow_command=True)).params}
    assert params - {"base_url"} - set(re.findall(r"`(\w+)`", row)) == set()


def test_every_example_names_params_that_exist() -> None:
    examples = re.findall(r"--scraper (\w+)((?: -p \S+)+)", PAGE)
    assert len(examples) > 10
    for name, given in examples:
        params = {param.name for param in describe(name, ScraperSettings(allow_command=True)).params}
        assert {word.partition("=")[0] for word in given.split(" -p ")[1:]} <= params
