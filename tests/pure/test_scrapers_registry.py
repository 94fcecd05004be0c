from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workers import scrapers
from workers.errors import ScraperRefused
from workers.records import Page, ScraperSettings
from workers.scrapers import describe, find_scraper, judge_scraper, list_scrapers

GUEST = '''
from workers import Page, Posting

def good(scrape):
    """Finds one posting."""
    yield Page(postings=[Posting(title="a")])

def listing(scrape):
    return [Page(), Page()]

def nothing(scrape):
    """Forgot to yield."""

def text(scrape):
    return "abc"

class Crawler:
    def __init__(self, scrape):
        pass

    def __iter__(self):
        return iter([Page()])

number = 7
'''
NOBODY: Any = None  # a scrape that none of the guests looks at


@pytest.fixture
def guests(tmp_path: Path) -> Iterator[ScraperSettings]:
    """A folder of guests, taken off the path and out of the modules again."""
    before = list(sys.path)
    (tmp_path / "guestpack").mkdir()
    (tmp_path / "guestpack" / "__init__.py").write_text("")
    (tmp_path / "guestpack" / "board.py").write_text(GUEST)
    (tmp_path / "guestpack" / "broken.py").write_text("import there_is_no_such_module")
    (tmp_path / "guestpack" / "leaves.py").write_text("raise SystemExit(3)")
    (tmp_path / "json.py").write_text("raise RuntimeError('shadowed')")
    yield ScraperSettings(allow=("guestpack",), path=(str(tmp_path),))
    sys.path[:] = before
    for name in [name for name in sys.modules if name.split(".")[0] == "guestpack"]:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["html", "jobposting", "feed"])
def test_a_built_in_is_found_without_a_look_at_installed_metadata(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: str) -> None:
        raise AssertionError("metadata was read")

    monkeypatch.setattr(scrapers, "entry_points", fail)
    assert judge_scraper(name, ScraperSettings()) is None
    assert callable(find_scraper(name, ScraperSettings()))


def test_the_table_of_built_ins_is_the_one_in_pyproject() -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["workers.scrapers"] == scrapers.BUILT_IN


def test_a_guest_is_found_in_a_folder_and_its_pages_come(guests: ScraperSettings) -> None:
    pages = list(find_scraper("guestpack.board:good", guests)(NOBODY))
    assert [posting.title for page in pages for posting in page.postings] == ["a"]


@pytest.mark.parametrize(("function", "pages"), [("listing", 2), ("Crawler", 1)])
def test_a_guest_may_return_a_list_or_be_a_class(guests: ScraperSettings, function: str, pages: int) -> None:
    found = list(find_scraper(f"guestpack.board:{function}", guests)(NOBODY))
    assert found == [Page()] * pages


@pytest.mark.parametrize(("function", "kind"), [("nothing", "NoneType"), ("text", "str")])
def test_a_guest_that_returns_no_pages_is_told_so(guests: ScraperSettings, function: str, kind: str) -> None:
    with pytest.raises(TypeError, match=f"returned {kind}.*yields Page"):
        list(find_scraper(f"guestpack.board:{function}", guests)(NOBODY))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("htlm", "did you mean html"),
        ("zzzzzz", "supervisor scrapers list"),
        ("", "supervisor scrapers list"),
        ("other.board:scrape", r'add "other" to `\[scrapers\] allow`'),
        ("guestpackage.board:scrape", "not allowed"),  # a longer name is another package
        ("guestpack.board:", "malformed"),
        ("guestpack/board:scrape", "malformed"),
        ("guestpack.board:a.b", "malformed"),
        ("workers.scrapers.command:scrape", "built-in"),
        ("command", "allow_command"),
    ],
)
def test_what_cannot_run_is_judged_without_an_import(guests: ScraperSettings, name: str, sentence: str) -> None:
    settings = ScraperSettings(allow=(*guests.allow, "workers"), path=guests.path)
    with pytest.raises(ScraperRefused, match=sentence) as refused:
        find_scraper(name, settings)
    assert judge_scraper(name, settings) == str(refused.value)
    assert "guestpack" not in sys.modules


def test_a_dotted_prefix_may_be_allowed_alone(guests: ScraperSettings) -> None:
    settings = ScraperSettings(allow=("guestpack.board",), path=guests.path)
    assert judge_scraper("guestpack.board:good", settings) is None
    assert judge_scraper("guestpack.broken:good", settings) is not None


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("guestpack.broken:scrape", "ModuleNotFoundError.*there_is_no_such_module"),
        ("guestpack.leaves:scrape", "SystemExit: 3"),
        ("guestpack.absent:scrape", "guestpack.absent"),
        ("guestpack.board:absent", "AttributeError"),
        ("guestpack.board:number", "no function but int"),
    ],
)
def test_a_guest_that_does_not_import_is_refused_with_its_reason(
    guests: ScraperSettings, name: str, sentence: str
) -> None:
    assert judge_scraper(name, guests) is None
    with pytest.raises(ScraperRefused, match=sentence):
        find_scraper(name, guests)


def test_a_guests_folder_shadows_nothing(guests: ScraperSettings) -> None:
    find_scraper("guestpack.board:good", guests)
    assert sys.path[-1] == guests.path[0]


def test_closing_the_pages_closes_the_guest(guests: ScraperSettings) -> None:
    folder = Path(guests.path[0]) / "guestpack" / "closing.py"
    folder.write_text(
        textwrap.dedent("""
        from workers import Page
        closed = []

        def scrape(scrape):
            try:
                yield Page()
            finally:
                closed.append(True)
    """)
    )
    pages: Any = find_scraper("guestpack.closing:scrape", guests)(NOBODY)
    next(pages)
    pages.close()
    assert sys.modules["guestpack.closing"].closed == [True]


def test_command_is_listed_only_where_it_is_allowed_but_always_documented() -> None:
    names = [info.name for info in list_scrapers(ScraperSettings())]
    assert names[:3] == ["html", "jobposting", "feed"]
    assert "command" not in names
    assert "command" in [info.name for info in list_scrapers(ScraperSettings(allow_command=True))]
    assert [param.name for param in describe("command", ScraperSettings()).params] == ["argv", "cwd", "env"]


def test_every_built_in_has_a_summary() -> None:
    assert all(info.summary for info in list_scrapers(ScraperSettings(allow_command=True)) if info.kind == "built-in")
