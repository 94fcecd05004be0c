"""The table of settings agrees with itself, and takes any value or complains about it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

from hypothesis import given
from hypothesis import strategies as some

from supervisor.config import Config
from supervisor.settings import SETTINGS, Setting, describe_settings
from supervisor.settings_rules import Complaint, from_text, judge, shown
from supervisor.settings_table import SECTIONS
from workers.records import FetchSettings, ScraperSettings


def test_every_default_is_of_its_declared_kind_and_obeys_its_own_rules() -> None:
    for row in describe_settings():
        hint = get_type_hints(SECTIONS[row.section])[row.key]
        assert (getattr(hint, "__origin__", hint), judge(row.default, row.kind, row.rules)) == (row.kind, row.default)


def test_every_number_has_a_range_and_every_row_a_sentence() -> None:
    assert [row.path for row in describe_settings() if row.kind in {int, float} and not row.rules.within] == []
    assert [row.path for row in describe_settings() if not row.sentence.endswith(".")] == []


def test_no_two_settings_share_a_variable() -> None:
    assert len({row.variable for row in describe_settings()}) == len(SETTINGS)


def test_the_configuration_has_exactly_the_sections_of_the_table() -> None:
    assert {row.name for row in fields(Config)} == {*SECTIONS, "path", "directory"}


def test_a_scrape_without_a_configuration_goes_by_the_same_defaults() -> None:
    for section, record in ((Config().fetch, FetchSettings()), (Config().scrapers, ScraperSettings())):
        shared = {row.name for row in fields(section)} & {row.name for row in fields(record)} - {"path"}
        assert {name: getattr(section, name) for name in shared} == {name: getattr(record, name) for name in shared}


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.dates(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=5,
)


def _answer(value: object, row: Setting) -> str:
    try:
        return f"takes {judge(value, row.kind, row.rules)!r}"
    except Complaint as complaint:
        return f"{complaint}, got {shown(value)}"


@given(value=ANYTHING, row=some.sampled_from(describe_settings()))
def test_whatever_a_value_is_it_is_taken_or_complained_about_on_one_line(value: object, row: Setting) -> None:
    answer = _answer(value, row)
    assert answer.startswith(("takes ", "should be "))
    assert "\n" not in answer


@given(text=some.text(), kind=some.sampled_from([str, int, float, bool, tuple]))
def test_whatever_a_variable_holds_it_becomes_some_value(text: str, kind: type) -> None:
    value = from_text(text, kind)
    assert value == text or type(value) is kind
