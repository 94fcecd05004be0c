"""{term} and {location}: one resumable run over a pool of places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import WrittenSite
from tests.fix_supervisor import Nodes, Supervised
from workers.errors import FetchError, ScraperRefused
from workers.records import Page
from workers.scrapers.html import scrape as html

Start = Callable[..., Supervised]
Write = Callable[[dict[str, Any]], WrittenSite]
PLACES = ("Berlin", "Bad Tölz", "Ulm")
PATHS = ("/in/Berlin?q=c%2B%2B", "/in/Bad%20T%C3%B6lz?q=c%2B%2B", "/in/Ulm?q=c%2B%2B")


def board(place: str) -> str:
    return f"<html><body><p class=job><a href='/{ord(place[1])}'>{place}</a></p></body></html>"


def asked_for(site: WrittenSite) -> dict[str, Any]:
    fields = {"title": "a"}
    return {
        "start": site.url + "/in/{location}?q={term}",
        "term": "c++",
        "items": ".job",
        "link": "a",
        "fields": fields,
    }


def walk(
    new_scrape: NewScrape, site: WrittenSite, checkpoint: Any = None, places: tuple[str, ...] = PLACES
) -> list[Page]:
    scrape = new_scrape(asked_for(site), checkpoint)
    scrape.locations = places
    return list(html(scrape))


def test_each_place_is_asked_for_encoded_and_progress_counts_places(new_scrape: NewScrape, write_site: Write) -> None:
    site = write_site({path: board(place) for path, place in zip(PATHS, PLACES, strict=True)})
    pages = walk(new_scrape, site)
    assert site.asked == list(PATHS)
    assert [posting.title for page in pages for posting in page.postings] == list(PLACES)
    assert (pages[0].stage or "").startswith("Berlin (1 of 3)")
    assert (pages[-1].done, pages[-1].total) == (3, 3)


def test_a_run_goes_on_from_any_of_its_checkpoints_without_a_loss_or_a_repeat(
    new_scrape: NewScrape, write_site: Write
) -> None:
    site = write_site({path: board(place) for path, place in zip(PATHS, PLACES, strict=True)})
    pages = walk(new_scrape, site)
    for cut in range(1, len(pages) + 1):
        rest = walk(new_scrape, site, pages[cut - 1].checkpoint)
        found = [posting.title for page in [*pages[:cut], *rest] for posting in page.postings]
        assert found == list(PLACES)


def test_a_place_is_found_again_by_its_name_and_what_is_known_of_one_that_left_counts_for_no_other(
    new_scrape: NewScrape, write_site: Write
) -> None:
    site = write_site({path: board(place) for path, place in zip(PATHS, PLACES, strict=True)})
    pages = walk(new_scrape, site)
    (within,) = [page for page in pages if page.postings and page.postings[0].title == "Bad Tölz"]
    between = next(page for page in pages if page.done == 1 and not page.postings)
    site.asked.clear()
    walk(new_scrape, site, between.checkpoint, ("Aachen", *PLACES))
    assert site.asked == list(PATHS[1:])
    site.asked.clear()
    walk(new_scrape, site, within.checkpoint, ("Berlin", "Ulm"))
    assert site.asked == [PATHS[2]]


def test_a_place_that_is_gone_is_passed_over_and_a_broken_one_is_not(new_scrape: NewScrape, write_site: Write) -> None:
    pages: dict[str, Any] = {PATHS[0]: board("Berlin"), PATHS[1]: 404, PATHS[2]: board("Ulm")}
    found = [posting.title for page in walk(new_scrape, write_site(pages)) for posting in page.postings]
    assert found == ["Berlin", "Ulm"]
    with pytest.raises(FetchError):
        walk(new_scrape, write_site({**pages, PATHS[1]: 500}))


def test_when_every_place_is_gone_the_run_has_failed(new_scrape: NewScrape, write_site: Write) -> None:
    with pytest.raises(FetchError):
        walk(new_scrape, write_site({}))


def test_a_place_without_a_pool_and_a_term_without_a_text_are_refused(new_scrape: NewScrape, write_site: Write) -> None:
    params = asked_for(write_site({}))
    with pytest.raises(ScraperRefused, match="--location-pool"):
        list(html(new_scrape(params)))
    del params["term"]
    with pytest.raises(ScraperRefused, match="term is missing"):
        list(html(new_scrape(params)))


def test_a_real_run_is_told_its_places_and_keeps_those_before_a_refusal(
    supervise: Start, nodes: Nodes, write_site: Write
) -> None:
    pages: dict[str, Any] = {path: board(place) for path, place in zip(PATHS, PLACES, strict=True)}
    pages[PATHS[2]] = 403
    site = write_site(pages)
    nodes.connection.execute("insert into location_pools (name, places) values ('p', %s)", (list(PLACES),))
    nodes.add("n", "html", asked_for(site), location_pool="p", max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("n")
    assert (run["cause"], run["progress_done"], run["progress_total"]) == ("blocked", 2, 3), run["error"]
    titles = nodes.connection.execute("select title from jobs order by id").fetchall()
    assert [row["title"] for row in titles] == list(PLACES[:2])
