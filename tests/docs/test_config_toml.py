"""The shipped config.toml is the manual of all settings: complete, true and in the table's words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from supervisor.config import Config, load_config
from supervisor.settings import Setting, describe_settings
from supervisor.settings_table import SECTIONS

MANUAL = Path(__file__).parents[2] / "config.toml"
LINES = MANUAL.read_text(encoding="utf-8").splitlines()


def test_the_manual_changes_nothing() -> None:
    config = load_config(MANUAL, environ={})
    defaults = Config()
    assert {name: getattr(config, name) for name in SECTIONS} == {name: getattr(defaults, name) for name in SECTIONS}


def test_the_manual_names_every_setting_in_the_order_of_the_table() -> None:
    document = tomllib.loads("\n".join(LINES))
    named = [f"{section}.{key}" for section, content in document.items() for key in content]
    assert named == [row.path for row in describe_settings()]


@pytest.mark.parametrize("row", describe_settings(), ids=lambda row: row.path)
def test_each_setting_stands_under_its_sentence_with_its_limits(row: Setting) -> None:
    begin = LINES.index(f"[{row.section}]")
    place = next(number for number in range(begin, len(LINES)) if LINES[number].startswith(f"{row.key} = "))
    assert LINES[place - 1] == f"# {row.sentence}"
    hint = re.search(r"  # (.*)$", LINES[place])
    assert (hint[1] if hint else "") == row.hint


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_begins_with_what_it_is_about(section: str) -> None:
    assert LINES[LINES.index(f"[{section}]") - 1] == f"# {SECTIONS[section].__doc__}"
