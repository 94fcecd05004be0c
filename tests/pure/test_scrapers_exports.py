"""Feeds and exports in the ways that boards and applicant tracking systems write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import WrittenSite
from workers.errors import ScraperRefused
from workers.records import Posting
from workers.scrapers import feed, hrxml, html, jobposting

WriteSite = Callable[[dict[str, Any]], WrittenSite]


@pytest.fixture
def read(write_site: WriteSite, new_scrape: NewScrape) -> Callable[..., list[Posting]]:
    """The postings of a feed with this body."""

    def postings(body: str, **params: Any) -> list[Posting]:
        site = write_site({"/x": body.encode()})
        [page] = feed.scrape(new_scrape({"url": f"{site.url}/x", **params}))
        return page.postings

    return postings


def rss(*items: str, names: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0' {names}><channel><title>Jobs</title>{inner}</channel></rss>"


def test_a_name_is_understood_whatever_its_prefix_is_called(read: Any) -> None:
    fields = (
        "<a_b:location>Oslo, Norway</a_b:location><a_b:company>Acme</a_b:company><a_b:job_type>Shift</a_b:job_type>"
    )
    [found] = read(rss(f"<title>Smith</title>{fields}", names="xmlns:a_b='urn:x'"))
    assert (found.location, found.company, found.job_type) == ("Oslo, Norway", "Acme", "Shift")


def test_every_place_of_an_item_keeps_its_own_country(read: Any) -> None:
    places = "".join(
        f"<p:location><p:name>Office</p:name><p:city>{city}</p:city><p:country>{land}</p:country></p:location>"
        for city, land in (("Oslo", "Norway"), ("Umea", "SE"))
    )
    item = f"<title>Smith</title><remoteStatus>fully</remoteStatus><p:locations>{places}</p:locations>"
    [found] = read(rss(item, names="xmlns:p='urn:p'"))
    assert found.locations == ["Oslo, Norway", "Umea, Sweden"]
    assert found.remote == "remote"


def test_a_region_that_says_from_where_goes_before_the_state_of_the_company(read: Any) -> None:
    [found] = read(rss("<title>Smith</title><region>Anywhere in the World</region><state>Utah</state>"))
    assert found.location == "Anywhere in the World"
    [found] = read(rss("<title>Smith</title><region>Midwest</region><state>Utah</state>"))
    assert found.location == "Utah"


def test_what_describes_the_item_itself_is_no_type_of_job(read: Any) -> None:
    item = "<title>Smith</title><dc:type>text</dc:type><dc:source>http://a.test</dc:source>"
    [found] = read(rss(item, names="xmlns:dc='http://purl.org/dc/elements/1.1/'"))
    assert (found.job_type, found.company) == (None, None)


@pytest.mark.parametrize(
    ("titles", "companies"),
    [
        (["Acme: Smith", "Umbra: Baker", "Nordlys AS: Cook"], ["Acme", "Umbra", "Nordlys AS"]),
        (["Acme: Smith", "Umbra: Baker", "Cook"], [None, None, None]),
        (["Acme: Smith"], [None]),
        (["Sales: Closer", "Design: Artist", "Acme: Cook"], [None, None, None]),
        (["Oslo: Smith", "Berlin: Baker", "Paris: Cook"], [None, None, None]),
        (["Jobs: Smith", "Jobs: Baker", "Jobs: Cook"], [None, None, None]),
        (["Senior Engineer: Rust", "Junior Developer: Go"], [None, None]),
    ],
)
def test_who_hires_stands_before_the_colon_where_all_titles_say_so(titles: Any, companies: Any, read: Any) -> None:
    found = read(rss(*(f"<title>{title}</title>" for title in titles)))
    assert [posting.company for posting in found] == companies
    assert [posting.title for posting in found] == titles  # as the site writes them


def test_whom_a_feed_names_is_the_company_only_where_the_title_names_them_too(read: Any) -> None:
    items = (
        "<title>Smith at Acme (Oslo)</title><b:author><b:name>Acme</b:name></b:author>",
        "<title>Baker - Umbra - Oslo</title><source url='http://a.test'>Umbra</source>",
        "<title>Cook wanted</title><author>webmaster@a.test</author><source url='http://a.test'>A board</source>",
    )
    found = read(rss(*items, names="xmlns:b='http://www.w3.org/2005/Atom'"))
    assert [posting.company for posting in found] == ["Acme", "Umbra", None]
    assert (
        read(rss(items[0], names="xmlns:b='http://www.w3.org/2005/Atom'"), defaults={"company": "Own"})[0].company
        == "Own"
    )


def test_a_bare_ampersand_costs_nothing(read: Any) -> None:
    [found] = read(rss("<title>R&D Smith</title><link>http://a.test/?a=1&b=2</link><note><![CDATA[a&b]]></note>"))
    assert (found.title, found.url) == ("R&D Smith", "http://a.test/?a=1&b=2")


OFFICES = """<workzag-jobs><position><id>7</id><subcompany>Acme</subcompany><office>Oslo</office>
<additionalOffices><office>Bergen</office></additionalOffices><name>Smith</name><jobDescriptions>
<jobDescription><name>Work</name><value>Iron</value></jobDescription>
<jobDescription><name>You</name><value>Strong</value></jobDescription></jobDescriptions>
<schedule>full-time</schedule></position></workzag-jobs>"""


def test_an_export_without_addresses_has_those_of_its_board(read: Any) -> None:
    [found] = read(OFFICES)
    assert found.url.endswith("/job/7")
    assert found.url.startswith("http://127.0.0.1:")
    assert (found.title, found.company, found.locations) == ("Smith", "Acme", ["Oslo", "Bergen"])
    assert (found.description, found.job_type) == ("Iron\nStrong", "full-time")
    [found] = read(OFFICES, link="https://acme.test/{id}?x")
    assert found.url == "https://acme.test/7?x"
    [found] = read(OFFICES.replace("workzag-jobs", "jobs"))
    assert found.url is None
    with pytest.raises(ScraperRefused, match=r"link should hold \{id\}"):
        feed.read({"url": "http://a.test", "link": "https://acme.test"})


def test_an_element_of_any_name_with_title_and_address_is_a_job(read: Any) -> None:
    rows = "".join(f"<row num='{n}'><title>Smith {n}</title><url>http://a.test/{n}</url></row>" for n in range(3))
    assert len(read(f"<data><head><title>Ours</title></head>{rows}</data>")) == 3
    with pytest.raises(ValueError, match="no XML export of jobs"):
        read("<data><row><title>Smith</title></row></data>")
    with pytest.raises(ValueError, match="no XML export of jobs"):
        read("<html><body><div><title>Log in</title><link>http://a.test</link></div></body></html>")


def test_the_inner_of_two_elements_around_one_job_is_the_job(read: Any) -> None:
    [found] = read(
        "<all><listing><entry><title>Smith</title><url>http://a.test</url><city>Oslo</city></entry></listing></all>"
    )
    assert found.location == "Oslo"


def test_fields_that_say_one_thing_in_many_words(read: Any) -> None:
    [found] = read(
        "<jobs><job id='J-1'><name>Smith</name><link>http://a.test/1</link><organization>Acme</organization>"
        "<desc>Iron</desc><place><city>Oslo</city></place><job_locations><location_city>Oslo</location_city>"
        "<location_country_name>Norway</location_country_name></job_locations><publishdate>2026-03-04</publishdate>"
        "<expire>2026-04-05</expire><employmentStatus>Shift</employmentStatus><remote_type>Partial</remote_type>"
        "<salary_min>10</salary_min><salary_frequency>hour</salary_frequency></job></jobs>"
    )
    assert (found.external_id, found.company, found.description) == ("J-1", "Acme", "Iron")
    assert (found.location, found.posted, found.valid_through) == ("Oslo, Norway", "2026-03-04", "2026-04-05")
    assert (found.job_type, found.remote) == ("Shift", "hybrid")
    assert found.salary == {"min": "10", "max": None, "currency": None, "period": "hour"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-07-04 10:00:00", "2026-07-04T10:00:00+02:00"),
        ("04/07/2026 10:00", "2026-07-04T10:00:00+02:00"),
        ("31.01.2026 10:00", "2026-01-31T10:00:00+01:00"),
        ("2026-07-04T10:00:00Z", "2026-07-04T10:00:00Z"),
        ("2026-07-04T10:00:00-04:00", "2026-07-04T10:00:00-04:00"),
        ("2026-07-04", "2026-07-04"),
        ("3 hours ago", "3 hours ago"),
    ],
)
def test_times_without_a_zone_are_those_of_the_nodes(said: str, meant: str, read: Any) -> None:
    body = f"<jobs><job><title>Smith</title><published>{said}</published><expires>{said}</expires></job></jobs>"
    [found] = read(body, timezone="Europe/Oslo")
    assert (found.posted, found.valid_through) == (meant, meant)
    [found] = read(body)
    assert found.posted == said


def test_the_zone_says_too_which_number_is_the_day(read: Any) -> None:
    body = "<jobs><job><title>Smith</title><published>07/12/2025 10:00</published></job></jobs>"
    assert read(body, timezone="Europe/Oslo")[0].posted == "2025-12-07T10:00:00+01:00"
    assert read(body, timezone="America/New_York")[0].posted == "2025-07-12T10:00:00-04:00"
    assert read(body, timezone="America/Sao_Paulo")[0].posted == "2025-12-07T10:00:00-03:00"


def test_an_opening_keeps_places_that_are_told_in_parts(write_site: WriteSite, new_scrape: NewScrape) -> None:
    place = (
        "<PhysicalLocation><PostalAddress><CountryCode>{}</CountryCode><Municipality>{}</Municipality></PostalAddress>"
    )
    told = "".join(f"{place.format(*parts)}</PhysicalLocation>" for parts in (("NO", "Oslo"), ("SE", "Umea")))
    clerk = "<PersonContact><Address><CityName>Rome</CityName></Address></PersonContact>"
    body = f"<PositionOpening><IdValue>7</IdValue><PositionTitle>Smith</PositionTitle>{told}{clerk}</PositionOpening>"
    site = write_site({"/x": body.encode()})
    [page] = hrxml.scrape(new_scrape({"url": f"{site.url}/x"}))
    [found] = page.postings
    assert (found.location, found.locations, found.external_id) == ("Oslo, Norway", ["Umea, Sweden"], "7")


@pytest.mark.parametrize("scraper", [feed, html, jobposting, hrxml])
def test_a_zone_that_is_none_is_refused_in_one_sentence(scraper: Any) -> None:
    needed = {"url": "http://a.test", "start": "http://a.test", "items": "li"}
    params = {name: value for name, value in needed.items() if name in {param.name for param in scraper.PARAMS}}
    assert scraper.read(params)["timezone"] == "UTC"
    for zone in ("Oslo", "Europe/Nowhere", "../x", ""):
        with pytest.raises(ScraperRefused, match=r"timezone: .* is no time zone; write one such as Europe/Paris"):
            scraper.read({**params, "timezone": zone})
