"""How much of the real strings is understood; each category has its floor, in tests/realdata."""

from __future__ import annotations

import statistics

import pytest

from tests.realdata import dates, pay, places
from tests.realdata.folder import ABSENT, FOLDER
from tests.realdata.judging import Category, share
from workers.clean.dates import parse_posted
from workers.clean.pay import parse_salary
from workers.clean.places import parse_location

CATEGORIES = (*dates.CATEGORIES, *places.CATEGORIES, *pay.CATEGORIES)
_LARGE_LANGUAGES = frozenset(
    "English French German Italian Portuguese Turkish Russian Czech Spanish Chinese Polish sk sv da nb nl".split()
)

_ENOUGH = 20  # strings of a category, for their median to say something

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_real_strings_are_understood_to_the_floor_of_their_category(category: Category) -> None:
    verdicts = category.verdicts(FOLDER)
    assert verdicts
    missed = [(verdict.asked, verdict.got, verdict.expected) for verdict in verdicts if not verdict.hit]
    assert share(verdicts) >= category.floor, missed[:20]
    if len(verdicts) >= _ENOUGH:
        assert statistics.median(verdict.micros or 0 for verdict in verdicts) < 1_000


def test_relative_text_of_large_languages_is_understood() -> None:
    rows = list(dates.relative_rows(FOLDER))
    hits = [hit for language, hit in rows if language in _LARGE_LANGUAGES]
    assert sum(hits) / len(hits) >= 0.97


@pytest.mark.parametrize("parse", [parse_location, parse_salary, lambda text: parse_posted(text, dates.NOW)])
def test_no_real_string_raises_in_the_parser_of_another_kind(parse: object) -> None:
    assert callable(parse)
    for category in (*dates.CATEGORIES, *pay.CATEGORIES):
        for verdict in category.verdicts(FOLDER):
            parse(verdict.asked)
