"""What keeping pages costs: statements, rows and rewrites."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.fix_database import connect
from tests.fix_validating_site import Sheet, ValidatingSite, Visitor
from workers import page_cache
from workers.line import Line


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each statement about kept pages was sent."""
    counted: Counter[str] = Counter()
    ask = Line.ask

    def counting(self: Line, name: str, **parameters: object) -> object:
        if name in {"read_kept", "use_kept_page", "keep_pages"}:
            counted[name] += 1
        return ask(self, name, **parameters)

    monkeypatch.setattr(Line, "ask", counting)
    return counted


def written_by(visitor: Visitor) -> str:
    """The transaction that wrote the one row last."""
    row = visitor.connection.execute("select xmin::text as writer from kept_pages").fetchone()
    assert row is not None
    return str(row["writer"])


def test_where_there_is_nothing_to_gain_no_statement_is_sent(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    validating_site.pages["/a"] = Sheet()
    for _ in range(2):
        visitor.get(f"{validating_site.url}/a")
    assert statements == {}


def test_a_run_of_one_page_sends_one_statement_whether_it_has_changed_or_not(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    for etag, name in (('"1"', "keep_pages"), ('"1"', "use_kept_page"), ('"2"', "keep_pages")):
        statements.clear()
        sheet.etag = etag
        visitor.get(f"{validating_site.url}/a")
        assert statements == {name: 1}


@pytest.mark.parametrize("count", [page_cache.FEW - 1, page_cache.FEW, page_cache.FEW + 10])
def test_many_pages_are_written_together_and_all_of_them_are_known_to_the_next_run(
    count: int, validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    validating_site.pages |= {f"/{number}": Sheet(etag=f'"{number}"', body=b"%d" % number) for number in range(count)}
    urls = [f"{validating_site.url}/{number}" for number in range(count)]
    with visitor.run() as scrape:
        list(scrape.fetch_all(urls, at_once=8))
    assert statements["keep_pages"] <= 2
    assert len(visitor.kept()) == count
    with visitor.run() as scrape:
        again = list(scrape.fetch_all(urls, at_once=8))
    assert [(page.text, page.unchanged) for page in again] == [(str(number), True) for number in range(count)]
    assert statements["read_kept"] == int(count >= page_cache.FEW)


def test_a_page_that_waits_to_be_written_is_as_good_as_a_written_one(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    with visitor.run() as scrape:
        pages = [scrape.fetch(f"{validating_site.url}/a") for _ in range(2)]
    assert [(page.text, page.unchanged) for page in pages] == [("<p>first</p>", False), ("<p>first</p>", True)]
    assert statements == {"keep_pages": 1}


def test_large_pages_do_not_gather_in_memory(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "_BATCH_BYTES", 50)
    validating_site.pages |= {f"/{number}": Sheet(etag='"1"', body=bytes(range(40))) for number in range(6)}
    with visitor.run() as scrape:
        for number in range(6):
            scrape.fetch(f"{validating_site.url}/{number}")
        assert statements["keep_pages"] == 3


def test_a_page_that_changes_each_time_is_kept_a_few_times_and_then_no_more(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    sheet = validating_site.pages["/a"] = Sheet()
    for number in range(9):
        sheet.etag, sheet.body = f'"{number}"', b"%d" % number
        visitor.get(f"{validating_site.url}/a")
    row = visitor.only()
    assert (row["changes"], row["body"]) == (5, None)
    assert statements == {"keep_pages": 6}
    assert [bool(visit.conditions) for visit in validating_site.take()] == [False, *[True] * 5, *[False] * 3]


def test_a_page_that_was_of_use_in_between_is_worth_keeping(validating_site: ValidatingSite, visitor: Visitor) -> None:
    sheet = validating_site.pages["/a"] = Sheet()
    for number in range(12):
        sheet.etag, sheet.body = f'"{number // 2}"', b"%d" % (number // 2)
        visitor.get(f"{validating_site.url}/a")
    assert validating_site.statuses() == [200, 304] * 6
    assert visitor.only()["changes"] == 0


def test_a_host_that_gives_two_pages_one_name_is_believed_no_more(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"same"', listens=False)
    for body in (b"one", b"two", b"three"):
        sheet.body = body
        assert visitor.get(f"{validating_site.url}/a").content == body
    sheet.listens = True
    assert visitor.get(f"{validating_site.url}/a").content == b"three"
    assert [bool(visit.conditions) for visit in validating_site.take()] == [False, True, False, False]


def test_a_host_that_does_not_listen_to_conditions_costs_no_rewrite(
    validating_site: ValidatingSite, visitor: Visitor, statements: Counter[str]
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"', listens=False)
    for _ in range(4):
        visitor.get(f"{validating_site.url}/a")
    assert statements == {"keep_pages": 1}


def test_a_page_that_may_not_be_kept_any_more_is_dropped(validating_site: ValidatingSite, visitor: Visitor) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    sheet.etag, sheet.headers = '"2"', {"Cache-Control": "no-store"}
    visitor.get(f"{validating_site.url}/a")
    assert visitor.only()["body"] is None


def test_that_a_page_is_of_use_is_noted_once_a_day(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    kept = written_by(visitor)
    visitor.get(f"{validating_site.url}/a")
    assert written_by(visitor) == kept
    visitor.connection.execute("update kept_pages set used_at = clock_timestamp() - interval '25 hours'")
    visitor.get(f"{validating_site.url}/a")
    age = visitor.connection.execute("select clock_timestamp() - used_at < interval '1 hour' as young from kept_pages")
    assert age.fetchone() == {"young": True}


def test_a_node_keeps_only_so_many_pages_and_only_so_much(
    validating_site: ValidatingSite, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    validating_site.pages |= {f"/{number}": Sheet(etag='"1"', body=bytes(range(40))) for number in range(9)}
    for limit, value, kept in (("_MOST_PAGES", 3, 3), ("_MOST_BYTES", 210, 4)):
        monkeypatch.setattr(page_cache, limit, value)
        for number in range(9):
            visitor.get(f"{validating_site.url}/{number}")
        assert len(visitor.kept()) == kept
        monkeypatch.undo()


def test_whoever_holds_a_row_of_it_holds_no_run_up(validating_site: ValidatingSite, visitor: Visitor) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    visitor.connection.execute("update kept_pages set used_at = used_at - interval '2 days'")
    with connect(visitor.url) as person, person.transaction():
        person.execute("select from kept_pages for update")
        assert visitor.get(f"{validating_site.url}/a").unchanged
        sheet.etag, sheet.body = '"2"', b"newer"
        assert visitor.get(f"{validating_site.url}/a").text == "newer"
    (told,) = visitor.logbook.take()
    assert told["event"] == "kept_pages_off"
    assert "lock timeout" in told["message"]
    assert visitor.only()["etag"] == '"1"'


def test_pages_go_with_their_node_and_are_stored_as_they_were_compressed(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"', body=b"again and again " * 10_000)
    visitor.get(f"{validating_site.url}/a")
    row = visitor.only()
    assert row["size"] == 160_000
    assert len(row["body"]) < 2_000
    stored = "select attstorage::text from pg_attribute where attrelid = 'kept_pages'::regclass and attname = 'body'"
    assert visitor.connection.execute(stored.encode()).fetchone() == {"attstorage": "e"}
    visitor.connection.execute("delete from nodes")
    assert visitor.kept() == []
