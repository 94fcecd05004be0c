"""Documents that point elsewhere: nothing is fetched or read but what the node names."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import WrittenSite
from workers.clean.text import readable
from workers.scrapers import feed, html, jobposting

WriteSite = Callable[[dict[str, Any]], WrittenSite]
SECRET = "s3cret"
BODIES = {
    "rss": "<rss version='2.0'><channel><item><title>A &x; B</title><link>http://a.test/1</link></item></channel></rss>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A &x; B</title></entry></feed>",
    "export": "<jobs><job><title>A &x; B</title><url>http://a.test/1</url></job></jobs>",
    "sitemap": "<urlset><url><loc>http://127.0.0.1:9/&x;</loc></url></urlset>",
    "html": "<html><body><article>A &x; B<img src='{url}/image'><iframe src='{url}/frame'></iframe></article></body>",
}
BEFORE = {
    "an entity": "<!DOCTYPE r [<!ENTITY x SYSTEM '{outside}'>]>",
    "a public one": "<!DOCTYPE r [<!ENTITY x PUBLIC 'p' '{outside}'>]>",
    "a parameter": "<!DOCTYPE r [<!ENTITY % p SYSTEM '{outside}'>%p;]>",
    "a definition": "<!DOCTYPE r SYSTEM '{outside}'>",
    "a style": "<?xml-stylesheet type='text/xsl' href='{outside}'?>",
    "an inclusion": "<!-- --><x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{outside}' parse='text'/>",
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("kind", BODIES)
def test_nothing_outside_of_a_document_is_fetched_or_read(
    kind: str, before: str, write_site: WriteSite, new_scrape: NewScrape, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET, "utf-8")
    pages: dict[str, Any] = {"/outside": SECRET.encode()}
    site = write_site(pages)
    found: list[Any] = []
    for outside in (f"{site.url}/outside", file.as_uri(), str(file)):
        text = (BEFORE[before] + BODIES[kind]).replace("{outside}", outside).replace("{url}", site.url)
        pages["/doc"] = text if kind == "html" else f"<?xml version='1.0'?>{text}".encode()
        address = f"{site.url}/doc"
        for scraper, params in (
            (html, {"start": address, "items": "article", "fields": {"title": "./."}}),
            (jobposting, {"start": address}),
            (feed, {"url": address}),
        ):
            scrape = new_scrape(params)
            with contextlib.suppress(ValueError):  # what is none of theirs
                found += list(scraper.scrape(scrape))
            found += [scrape.logged, scrape.fetched]  # pages of a sitemap that were asked for in vain
        found.append(readable(text, 1000))
    assert set(site.asked) == {"/doc"}
    assert SECRET not in repr(found)
