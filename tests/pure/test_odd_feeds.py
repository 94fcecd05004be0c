"""Feeds, exports and sitemaps as broken or malicious sites send them: postings, or one sentence."""

from __future__ import annotations

import gzip
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.odd_bodies import URL, OneBody, complaint, soup, wounded
from workers.errors import FetchError
from workers.scrapers import feed, jobposting
from workers.scrapers.sitemaps import read_sitemap

RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:job="urn:job"><channel><title>Jobs</title>
<item><title>Acme: Baker</title><link>http://a.test/1</link><guid>1</guid><job:location>Oslo</job:location>
<pubDate>Wed, 28 Oct 2020 21:35:29 +0000</pubDate><description>&lt;p&gt;Bake&lt;/p&gt;</description></item>
<item><title><![CDATA[Cook & more]]></title><link>http://a.test/2</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.test/"><entry><id>tag:1</id><title>Dev</title>
<link href="/jobs/1"/><updated>2026-01-02T03:04:05Z</updated><content type="html">&lt;p&gt;</content></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item
rdf:about="http://a.test/1"><title>Dev</title><link>http://a.test/1</link></item></rdf:RDF>"""
HR = b"""<?xml version="1.0" encoding="iso-8859-1"?><HRXML:PositionOpening xmlns:HRXML="http://ns.hr-xml.org/2007-04-15">
<PositionOpening><DocumentID>7</DocumentID><PositionTitle>B\xe4cker</PositionTitle><Organization><OrganizationName>Acme
</OrganizationName></Organization><PositionPeriod><StartDate><FormattedDateTime>2026-01-02</FormattedDateTime>
</StartDate></PositionPeriod></PositionOpening></HRXML:PositionOpening>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>
http://board.test/job/1</loc></url><url><loc>http://board.test/job/2</loc></url></urlset>"""
PIECES = """
<rss> <rss\tversion="2.0"> <channel> <item> </item> <title> </title> <link> </link> <feed> <entry> <rdf:RDF> <job>
</job> <jobs> <pubDate> <description> <![CDATA[ ]]> <!-- --> <?xml\tversion="1.0"?> <?xml\tencoding="klingon"?>
<!DOCTYPE\ta\t[ <!ENTITY\ta\t"&a;&b;"> <!ENTITY\tb\tSYSTEM\t"file:///etc/hostname"> ]> &a; &b; &amp;lt;p&gt;
&#0; &#x110000; http://[ xmlns="x" xmlns:a="b" <a:title> \0 \ufeff \ud800 Wed,\t99\tFoo 2026-01-02
""".replace("\n", " ").split(" ")
ZIPPED = gzip.compress(SITEMAP, mtime=0)


@settings(max_examples=120)
@given(st.one_of(soup(PIECES), *map(wounded, (RSS, ATOM, RDF, HR))), st.sampled_from([None, "job", "item"]))
def test_any_feed_makes_postings_or_one_sentence(body: bytes, item: str | None) -> None:
    params = {"url": URL, "item": item, "fields": {"company": "x"}, "title_regex": "(?P<company>.+): (?P<title>.+)"}
    said = complaint(feed.scrape(OneBody(params, body, "text/xml")), ValueError)
    assert said.isprintable()
    assert len(said) < 500


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, HR], ids=["rss", "atom", "rdf", "hr-xml"])
def test_the_good_documents_are_read(body: bytes) -> None:
    (page,) = feed.scrape(OneBody({"url": URL}, body, "text/xml"))
    assert page.postings[0].title in ("Acme: Baker", "Dev", "Bäcker")


@pytest.mark.parametrize(
    "body", [b"<rss>", b"<rss version='2.0'><channel><ti", b"<feed>&nbsp;", b"<rss>" + b"\n" * 9999]
)
def test_a_feed_that_breaks_before_its_first_entry_is_no_board_without_jobs(body: bytes) -> None:
    assert "broken before its first entry" in complaint(feed.scrape(OneBody({"url": URL}, body)), ValueError)


def test_a_whole_feed_without_entries_is_a_board_without_jobs() -> None:
    (page,) = feed.scrape(OneBody({"url": URL}, b"<rss version='2.0'><channel><title>Jobs</title></channel></rss>"))
    assert page.postings == []


@settings(max_examples=80)
@given(soup([*PIECES, "<urlset>", "<url><loc>", "</loc>"]) | wounded(SITEMAP) | wounded(ZIPPED))
def test_any_sitemap_names_pages_or_gets_one_sentence(body: bytes) -> None:
    said = complaint(jobposting.scrape(OneBody({"start": URL}, body)), ValueError, FetchError)
    assert said.isprintable()


@pytest.mark.parametrize(
    "body",
    [b"<urlset", b"<urlset><url><lo", b"</a><urlset>", ZIPPED[:-20], b"\x1f\x8b rubbish"],
)
def test_a_broken_sitemap_is_no_site_without_pages(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"broken before its first address|does not unpack"):
        read_sitemap(body)


def test_a_sitemap_in_several_gzip_members_is_read_whole() -> None:
    assert len(read_sitemap(gzip.compress(SITEMAP[:150]) + gzip.compress(SITEMAP[150:]))[1]) == 2


LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10))
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">' + LAUGHS + b"]>"
WIDE = b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 50_000 + b'">]>'
ITEM = b'<rss version="2.0"><channel><item><title>%s</title></item></channel></rss>'
ABSURD = {
    "billion laughs in rss": LAUGHS + ITEM % b"&a9;",
    "billion laughs in an attribute": LAUGHS + b'<jobs><job a="&a9;"><title x="&a9;">Baker</title></job></jobs>',
    "billion laughs in an export": LAUGHS + b"<jobs><job><title>&a9;</title></job></jobs>",
    "billion laughs in a sitemap": LAUGHS + b"<urlset><url><loc>&a9;</loc></url></urlset>",
    "quadratic entities in rss": WIDE[:3000] + b'">]>' + ITEM % (b"&a;" * 5000),
    "quadratic entities in an export": WIDE + b"<jobs><job><title>" + b"&a;" * 5000 + b"</title></job></jobs>",
    "deep rss": b"<rss><channel>" + b"<a>" * 30_000,
    "deep export": b"<jobs><job>" + b"<a>" * 100_000,
    "deep sitemap": b"<urlset>" + b"<url>" * 100_000,
    "items in items": b'<rss version="2.0"><channel>' + b"<item>" * 10_000,
    "jobs in jobs": b"<jobs>" + b"<job><title>Baker</title>" * 250,
    "lines": b"<rss>" + b"\n" * 1_000_000,
    "tags begun": b"<rss>" + b"<a " * 20_000,
    "entities begun": b"<rss>" + b"<!ENTITY " * 20_000,
    "numbers begun": b"<rss>" + b"&#" * 50_000,
    "html begun": ITEM % (b"&lt;a " * 20_000),
    "comments begun": ITEM % (b"<![CDATA[" + b"<!--" * 10_000 + b"]]>"),
    "a date of digits": ITEM % (b"</title><pubDate>" + b"1" * 100_000 + b"</pubDate><title>"),
}  # fmt: skip


@pytest.mark.parametrize("name", ABSURD)
def test_no_feed_keeps_a_reader_busy(name: str) -> None:
    body = ABSURD[name]
    before = process_time()
    if b"urlset" in body:
        assert "broken" in complaint(jobposting.scrape(OneBody({"start": URL}, body)), ValueError)
    else:
        assert complaint(feed.scrape(OneBody({"url": URL}, body, "text/xml")), ValueError).isprintable()
    assert process_time() - before < 6  # seconds; a quadratic step takes minutes
