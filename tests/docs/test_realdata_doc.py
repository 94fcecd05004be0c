"""The tables in docs/ name each miss on the real data with its reason, and no other."""

from __future__ import annotations

import pytest

from tests.realdata import known
from tests.realdata.folder import ABSENT, FOLDER
from tests.realdata.report import CATEGORIES

PAGES = sorted({category.page for category in CATEGORIES.values() if category.page})


@pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)
@pytest.mark.parametrize("page", PAGES)
def test_the_table_of_known_misses_is_the_misses_there_are(page: str) -> None:
    judged = {name: category.verdicts(FOLDER) for name, category in CATEGORIES.items() if category.page == page}
    named = known.reasons((known.DOCS / page).read_text("utf-8"))
    assert named.keys() == known.misses(judged).keys(), "bring it up to date: make realdata ARGS=--write"


@pytest.mark.parametrize("page", PAGES)
def test_every_known_miss_has_a_reason(page: str) -> None:
    named = known.reasons((known.DOCS / page).read_text("utf-8"))
    assert named
    assert [miss for miss, why in named.items() if why == known.NO_REASON or len(why) < 10] == []
