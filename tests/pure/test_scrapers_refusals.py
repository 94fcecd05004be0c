"""A page that comes with status 200 and refuses is blocked or an error; a page without jobs is neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import WrittenSite
from workers.errors import Blocked, FetchError
from workers.scrapers import html, jobposting

WriteSite = Callable[[dict[str, Any]], WrittenSite]
NAVIGATION = "<p>Our bakery has served this town for many a year.</p>" * 40
SCRAPERS = pytest.mark.parametrize(
    ("scraper", "params"),
    [(html.scrape, {"items": "li.job"}), (jobposting.scrape, {"follow": "a.job"})],
    ids=["html", "jobposting"],
)


def page(title: str, body: str) -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


REFUSALS = {
    "captcha": page("", "<div class='g-recaptcha'></div>"),
    "denied": page("Access Denied", "You do not have permission."),
    "human": page("Are you a human?", NAVIGATION),
    "login": page("Portal", "<form><input name=u><input type=Password></form>"),
    "long login": page("Sign in | Portal", NAVIGATION + "<input type=password>"),
}
ERRORS = {"down": page("Scheduled maintenance", ""), "gone": page("404 - not here", NAVIGATION)}
EMPTY = {
    "bare": page("Jobs", "Nothing today."),
    "with a captcha in its form": page("Jobs", NAVIGATION + "<form><div class=g-recaptcha></div></form>"),
    "with a login in its head": page("Jobs", "<form><input type=password></form>" + NAVIGATION),
}


@SCRAPERS
@pytest.mark.parametrize("name", [*REFUSALS, *ERRORS])
def test_a_refusal_is_never_an_empty_board(
    name: str, scraper: Any, params: Any, write_site: WriteSite, new_scrape: NewScrape
) -> None:
    site = write_site({"/": REFUSALS.get(name) or ERRORS[name]})
    with pytest.raises(FetchError, match="look at it in a browser") as failed:
        list(scraper(new_scrape({"start": f"{site.url}/", **params})))
    assert isinstance(failed.value, Blocked) is (name in REFUSALS)


@SCRAPERS
@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_board_is_no_refusal(
    name: str, scraper: Any, params: Any, write_site: WriteSite, new_scrape: NewScrape
) -> None:
    site = write_site({"/": EMPTY[name]})
    [found] = scraper(new_scrape({"start": f"{site.url}/", **params}))
    assert found.postings == []


def test_a_page_with_jobs_may_say_what_it_likes(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/": page("Sign in for more", "<ul><li class=job>Smith</ul><input type=password>")})
    [found] = html.scrape(new_scrape({"start": f"{site.url}/", "items": "li.job", "fields": {"title": "./self::li"}}))
    assert len(found.postings) == 1


def test_the_short_end_of_a_board_that_offers_a_login_is_no_refusal(
    write_site: WriteSite, new_scrape: NewScrape
) -> None:
    more = "<ul><li class=job>Smith</ul><a rel=next href=/2>more</a>"
    site = write_site({"/": page("Jobs", more), "/2": page("Jobs", "No more. <input type=password>")})
    params = {"items": "li.job", "next": "a[rel=next]", "fields": {"title": "./self::li"}}
    pages = list(html.scrape(new_scrape({"start": f"{site.url}/", **params})))
    assert [len(found.postings) for found in pages] == [1, 0]


def test_postings_that_all_ask_for_a_login_are_a_refusal(write_site: WriteSite, new_scrape: NewScrape) -> None:
    listing = page("Jobs", NAVIGATION + "<a class=job href=/a>A</a><a class=job href=/b>B</a>")
    site = write_site({"/": listing, "/a": REFUSALS["login"], "/b": REFUSALS["login"]})
    with pytest.raises(Blocked, match="asks for a login"):
        list(jobposting.scrape(new_scrape({"start": f"{site.url}/", "follow": "a.job"})))
