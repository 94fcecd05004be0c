"""An unchanged page costs nothing, and is as good as a fresh one."""

from __future__ import annotations

import gzip

import pytest

from tests.fix_validating_site import LONG_AGO, Sheet, ValidatingSite, Visitor
from workers.errors import Blocked, FetchError
from workers.plain import hide


def test_a_page_that_has_not_changed_is_not_sent_again(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(body=b"<p>one</p>", etag='"1"', headers={"Content-Type": "text/html; x=y"})
    first = visitor.get(f"{validating_site.url}/a")
    again = visitor.get(f"{validating_site.url}/a")
    assert (again.status, again.text, again.url) == (200, "<p>one</p>", first.url)
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.headers["content-type"] == "text/html; x=y"
    assert [(visit.status, visit.sent, visit.conditions) for visit in validating_site.take()] == [
        (200, 10, {}),
        (304, 0, {"If-None-Match": '"1"'}),
    ]
    (note,) = visitor.fetched
    assert (note.status, note.http_status, note.bytes, note.url) == ("unchanged", 304, 0, first.url)


def test_a_page_that_has_changed_is_sent_and_kept_anew(validating_site: ValidatingSite, visitor: Visitor) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    sheet.body, sheet.etag = b"<p>second</p>", '"2"'
    changed = visitor.get(f"{validating_site.url}/a")
    assert (changed.text, changed.unchanged) == ("<p>second</p>", False)
    assert [(note.status, note.http_status, note.bytes) for note in visitor.fetched] == [("ok", 200, 13)]
    assert visitor.get(f"{validating_site.url}/a").text == "<p>second</p>"
    assert validating_site.statuses() == [200, 200, 304]


@pytest.mark.parametrize(
    ("etag", "modified", "conditions"),
    [
        ('W/"weak"', None, {"If-None-Match": 'W/"weak"'}),
        ("bare-1", None, {"If-None-Match": "bare-1"}),
        (None, LONG_AGO, {"If-Modified-Since": LONG_AGO}),
        ('"both"', LONG_AGO, {"If-None-Match": '"both"', "If-Modified-Since": LONG_AGO}),
    ],
    ids=["weak", "bare", "date", "both"],
)
def test_a_page_is_asked_for_by_whatever_its_host_calls_it(
    etag: str | None,
    modified: str | None,
    conditions: dict[str, str],
    validating_site: ValidatingSite,
    visitor: Visitor,
) -> None:
    validating_site.pages["/a"] = Sheet(etag=etag, modified=modified)
    visitor.get(f"{validating_site.url}/a")
    assert visitor.get(f"{validating_site.url}/a").unchanged
    assert [visit.conditions for visit in validating_site.take()] == [{}, conditions]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("caf\xe9 \u0142".encode("iso-8859-2", "replace"), {"Content-Type": "text/html; charset=iso-8859-2"}),
        ("<p>\u00e9t\u00e9</p>".encode(), {"Content-Type": "text/html"}),
        (
            gzip.compress(b'{"a": "\xc3\xa9"}', mtime=0),
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        ),
        (b"\xff\xfe{\x00}\x00", {"Content-Type": "application/json"}),
        (b"a\0b<i>c</i>\0", {"Content-Type": "text/html", "X-Total": "12", "Link": '<?p=2>; rel="next"'}),
        (b"", {"Content-Type": "text/plain"}),
    ],
    ids=["named charset", "no charset", "compressed", "utf-16", "with nul", "empty"],
)
def test_a_kept_page_reads_like_the_original(
    body: bytes, headers: dict[str, str], validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages["/a"] = Sheet(body=body, etag='"1"', headers=headers)
    first, again = (visitor.get(f"{validating_site.url}/a") for _ in range(2))
    assert again.unchanged
    assert (again.content, again.text, again.encoding) == (first.content, first.text, first.encoding)
    assert again.html.xpath("string()") == first.html.xpath("string()")
    if "json" in headers["Content-Type"]:
        assert again.json() == first.json()
    shown = set(first.headers) - {"Date", "Connection"}
    assert {name: again.headers[name] for name in shown} == {name: first.headers[name] for name in shown}


def test_what_describes_the_answer_is_of_now_and_what_describes_the_page_of_then(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    sheet = validating_site.pages["/a"] = Sheet(
        etag='"1"', headers={"Content-Type": "text/html; charset=utf-8", "X-Left": "9", "NEL": "{}"}
    )
    visitor.get(f"{validating_site.url}/a")
    sheet.headers = {"Content-Type": "text/plain", "X-Left": "8"}
    again = visitor.get(f"{validating_site.url}/a")
    assert (again.headers["X-Left"], again.headers["Content-Type"]) == ("8", "text/html; charset=utf-8")
    assert "NEL" not in again.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"Cache-Control": "private, No-Store"}},
        {"headers": {"Set-Cookie": "session=1"}},
        {"headers": {"Vary": "*"}},
        {"headers": {"Vary": "Accept-Encoding, Cookie"}, "etag": None, "modified": LONG_AGO},
        {"told_length": False},
        {"etag": None},
        {"etag": '"a", "b"'},
        {"etag": "*"},
        {"etag": '""'},
        {"etag": f'"{"x" * 300}"'},
        {"etag": None, "modified": "yesterday"},
        {"etag": None, "modified": "Tue, 01 Jan 2199 00:00:00 GMT"},
        {"headers": {"X-Long": "x" * 9_000}},
        {"body": bytes(8 * 2**20 + 1)},
    ],
    ids="no-store cookie vary by-login cut nothing list star empty long words to-come head large".split(),
)
def test_what_cannot_be_kept_well_is_not_kept(
    changes: dict[str, object], validating_site: ValidatingSite, visitor: Visitor
) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    for name, value in changes.items():
        setattr(sheet, name, value)
    for _ in range(2):
        assert not visitor.get(f"{validating_site.url}/a").unchanged
    assert validating_site.statuses() == [200, 200]
    assert visitor.kept() == []


@pytest.mark.parametrize(
    "how",
    [
        {"method": "POST", "data": b"x"},
        {"headers": {"Accept-Language": "de"}},
        {"cookies": {"a": "b"}},
        {"json": {"a": 1}},
        {"method": "HEAD"},
    ],
    ids=["post", "headers", "cookies", "json", "head"],
)
def test_a_request_that_is_more_than_its_url_is_never_conditional(
    how: dict[str, object], validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    assert not visitor.get(f"{validating_site.url}/a", **how).unchanged
    assert [visit.conditions for visit in validating_site.take()] == [{}, {}]


def test_a_page_that_varies_by_cookie_is_asked_for_by_its_tag_alone(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"', modified=LONG_AGO, headers={"Vary": "Cookie"})
    visitor.get(f"{validating_site.url}/a")
    assert visitor.get(f"{validating_site.url}/a").unchanged
    assert [visit.conditions for visit in validating_site.take()] == [{}, {"If-None-Match": '"1"'}]


def test_the_login_of_a_url_makes_it_another_request(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    for _ in range(2):
        visitor.get(f"{validating_site.url.replace('//', '//me:secret@')}/a")
    assert validating_site.statuses() == [200, 200]
    assert visitor.kept() == []


def test_params_are_a_part_of_the_url(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages |= {f"/a?q=%C3%A9&page={number}": Sheet(etag='"1"') for number in (1, 2)}
    asked = [visitor.get(f"{validating_site.url}/a?q=é", params={"page": page}) for page in (1, 2, 1)]
    assert [response.unchanged for response in asked] == [False, False, True]


def test_a_scraper_that_allows_304_deals_with_it_alone(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    own = visitor.get(f"{validating_site.url}/a", headers={"If-None-Match": '"1"'}, allow_status=[304])
    assert (own.status, own.content, own.unchanged) == (304, b"", False)
    assert visitor.get(f"{validating_site.url}/a", allow_status=[304]).status == 200


def test_a_304_that_nobody_asked_for_is_a_failure(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"', status=304)
    with pytest.raises(FetchError, match="HTTP 304") as caught:
        visitor.get(f"{validating_site.url}/a")
    assert caught.value.status == 304
    assert [(note.status, note.http_status) for note in visitor.fetched] == [("error", 304)]
    assert validating_site.statuses() == [304]


@pytest.mark.parametrize(
    "loss",
    [
        "delete from kept_pages",
        "update kept_pages set body = 'x'",
        "update kept_pages set body = substr(body, 1, 9)",
        "update kept_pages set digest = '0'",
        "update kept_pages set size = 3",
        "update kept_pages set body = null",
    ],
    ids=["deleted", "broken", "cut", "another", "longer", "dropped"],
)
def test_a_page_that_was_lost_in_between_is_asked_for_once_more(
    loss: str, validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    with visitor.run() as scrape:
        visitor.connection.execute(loss.encode())
        response = scrape.fetch(f"{validating_site.url}/a")
    assert (response.text, response.unchanged) == ("<p>first</p>", False)
    assert validating_site.statuses() == [200, 304, 200]
    assert [(note.status, note.bytes) for note in visitor.fetched] == [("ok", 12)]
    assert visitor.get(f"{validating_site.url}/a").unchanged


def test_a_host_that_insists_on_304_without_a_page_to_fall_back_on_fails(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    sheet.status = 304
    with visitor.run() as scrape:
        visitor.connection.execute("delete from kept_pages")
        with pytest.raises(FetchError, match="HTTP 304"):
            scrape.fetch(f"{validating_site.url}/a")
    assert validating_site.statuses() == [200, 304, 304]


def test_a_challenge_that_says_304_is_a_challenge(validating_site: ValidatingSite, visitor: Visitor) -> None:
    sheet = validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    sheet.headers = {"cf-mitigated": "challenge"}
    with pytest.raises(Blocked, match="challenge"):
        visitor.get(f"{validating_site.url}/a")


def test_behind_a_redirect_the_last_page_is_the_one_that_is_kept_and_asked_for(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    target = validating_site.pages["/b"] = Sheet(etag='"b"')
    validating_site.pages["/a"] = Sheet(etag='"a"', status=302, headers={"Location": "/b"})
    first, again = (visitor.get(f"{validating_site.url}/a") for _ in range(2))
    assert (first.url, again.url) == (f"{validating_site.url}/b",) * 2
    assert again.unchanged
    assert [(visit.path, visit.status, visit.conditions) for visit in validating_site.take()] == [
        ("/a", 302, {}), ("/b", 200, {}), ("/a", 302, {}), ("/b", 304, {"If-None-Match": '"b"'}),
    ]  # fmt: skip
    assert [row["url"] for row in visitor.kept()] == [f"{validating_site.url}/b"]
    target.etag = '"c"'
    assert not visitor.get(f"{validating_site.url}/a").unchanged


def test_a_page_that_became_a_redirect_is_followed(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"a"')
    visitor.get(f"{validating_site.url}/a")
    validating_site.pages["/a"] = Sheet(status=301, headers={"Location": "/b"})
    validating_site.pages["/b"] = Sheet(body=b"moved", etag='"a"')
    assert visitor.get(f"{validating_site.url}/a").text == "moved"
    assert [(visit.path, visit.status) for visit in validating_site.take()] == [("/a", 200), ("/a", 301), ("/b", 200)]


def test_the_second_attempt_trusts_nothing_that_was_kept(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    visitor.get(f"{validating_site.url}/a")
    visitor.connection.execute("update kept_pages set etag = '\"0\"'")
    with visitor.run(attempt=2) as scrape:
        assert not scrape.fetch(f"{validating_site.url}/a").unchanged
    assert [visit.conditions for visit in validating_site.take()] == [{}, {}]
    assert visitor.only()["etag"] == '"1"'


def test_where_it_is_switched_off_nothing_is_asked_or_kept(validating_site: ValidatingSite, visitor: Visitor) -> None:
    validating_site.pages["/a"] = Sheet(etag='"1"')
    for _ in range(2):
        with visitor.run(conditional=False) as scrape:
            scrape.fetch(f"{validating_site.url}/a")
    assert [visit.conditions for visit in validating_site.take()] == [{}, {}]
    assert visitor.kept() == []


def test_a_database_that_goes_away_costs_the_saving_and_not_the_page(
    validating_site: ValidatingSite, visitor: Visitor
) -> None:
    validating_site.pages |= {path: Sheet(etag='"1"') for path in ("/a", "/b", "/c")}
    for path in ("/a", "/c"):
        visitor.get(f"{validating_site.url}{path}")
    with visitor.run(database_url="postgresql://127.0.0.1:1/none") as scrape:
        pages = [scrape.fetch(f"{validating_site.url}{path}") for path in ("/a", "/b", "/a", "/c")]
    assert [page.unchanged for page in pages] == [False] * 4
    assert validating_site.statuses() == [200, 200, 304, 200, 200, 200, 200], "asked in vain only once"
    warnings = [line for line in visitor.logbook.take() if line["event"] == "kept_pages_off"]
    assert len(warnings) == 1
    assert len(visitor.kept()) == 2


def test_a_secret_is_neither_kept_nor_shown(
    validating_site: ValidatingSite, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.plain._hidden", {})
    hide({"PAGE_KEY": "hush-hush-0815"})
    validating_site.pages["/a?key=hush-hush-0815"] = Sheet(etag='"1"')
    validating_site.pages["/b"] = Sheet(etag='"1"', body=b"your key is hush-hush-0815")
    validating_site.pages["/c"] = Sheet(etag='"1"', headers={"Link": "<?key=hush-hush-0815>"})
    for path in ("/a?key=hush-hush-0815", "/b", "/c") * 2:
        visitor.get(f"{validating_site.url}{path}")
    assert validating_site.statuses() == [200, 200, 200, 304, 200, 200]
    assert [row["url"] for row in visitor.kept()] == [f"{validating_site.url}/a?key=${{PAGE_KEY}}"]
