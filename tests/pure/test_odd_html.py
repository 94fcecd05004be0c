"""The HTML scrapers on documents that are none, or absurd: pages that can be stored, or one sentence."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings

from tests.odd_bodies import URL, OneBody, complaint, soup, wounded
from workers.errors import FetchError
from workers.scrapers import html, jobposting
from workers.scrapers.jsonld import job_postings, parse
from workers.scrapers.schemaorg import to_posting

BOARD = {
    "start": URL,
    "items": "article",
    "link": "a",
    "next": "a[rel=next]",
    "max_pages": 2,
    "fields": {"title": "h2", "company": {"select": "b", "regex": "(.*)"}, "locations": "./i/text()", "url": "a"},
    "detail": {"description": "//body", "salary": "b@title"},
}
MARKED = {"start": URL, "follow": "article a", "next": "a[rel=next]", "max_pages": 2}
GOOD = b"""<!DOCTYPE html><html><head><meta charset="utf-8"><base href="/x/"><title>Board</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "JobPosting",
"title": "Baker &amp; Cook", "url": "/job/1", "datePosted": "2026-08-01", "hiringOrganization": {"name": "Acme"},
"jobLocation": [{"@type": "Place", "address": {"addressLocality": "Oslo", "addressCountry": {"name": "NO"}}}],
"baseSalary": {"currency": "EUR", "value": {"minValue": 1, "maxValue": 2e3, "unitText": "YEAR"}},},]} // done
</script></head><body><article><h2><a href="/job/1#top">Baker</a></h2><b title="EUR 50k">Acme</b><i>Oslo</i>
</article><a rel="next" href="?page=2">next</a><!-- end --></body></html>"""
PIECES = """
<html> <body> <article> </article> <h2> </h2> <b> <i> <a> <p> <table> <svg> <frameset> <noframes> <template> <script>
</script> <style> <!-- --> <![CDATA[ ]]> <!DOCTYPE <?xml <plaintext> <a\thref=http://[> <a\thref=/1> <base\thref=//x>
<a\trel=next\thref=?2> <base\thref=http://[> <meta\tcharset=utf-16> &amp; &#0; &#x110000; &bogus; <urlset> <url><loc>
<script\ttype=application/ld+json> {"@type":"JobPosting","title": { } [ ] " \\ \\ud800 \0 \ufeff 1e999 NaN
""".replace("\n", " ").split(" ")


@settings(max_examples=250)
@given(soup(PIECES) | wounded(GOOD))
def test_any_document_makes_pages_or_one_sentence(body: bytes) -> None:
    assert complaint(html.scrape(OneBody(BOARD, body)), FetchError).isprintable()
    said = complaint(jobposting.scrape(OneBody(MARKED, body)), FetchError, ValueError)
    assert said.isprintable()
    assert not said or "board.test" in said or "sitemap" in said  # what begins like one is read as one


def test_the_good_document_is_read_by_both() -> None:
    (first, *_) = html.scrape(OneBody(BOARD, GOOD))
    assert [posting.company for posting in first.postings] == ["Acme"]
    (first, *_) = jobposting.scrape(OneBody(MARKED, GOOD))
    assert [(posting.title, posting.location) for posting in first.postings][:1] == [("Baker & Cook", "Oslo, NO")]


ABSURD = {
    **{
        f"<{tag}> 100,000 deep": f"<{tag}>".encode() * 100_000 + b"x" for tag in ("div", "a", "p", "b", "table", "form")
    },
    "closed again": b"<div>" * 100_000 + b"</div>" * 100_000,
    "ends only": b"<b><i><u>" * 20_000 + b"</p></div></span>" * 20_000,
    "an attribute of 15 MB": b"<p class='" + b"x" * 15_000_000 + b"'>x",
    "20,000 attributes": b"<p " + b" ".join(b"a%d=1" % number for number in range(20_000)) + b">x",
    "entities": b"<p>" + b"&amp;&#x41;&bogus;&#99999999;" * 100_000,
    "its own entities": b"<!DOCTYPE html [" + b'<!ENTITY a "&a;&a;">' * 10_000 + b"]><p>&a;",
    "comments": b"<!--" * 500_000,
    "declarations": b"<!" * 500_000,
    "carriage returns": b"<p>" + b"\r" * 5_000_000,
}


@pytest.mark.parametrize("name", ABSURD)
def test_no_document_keeps_a_reader_busy(name: str) -> None:
    before = process_time()
    for pages in (html.scrape(OneBody(BOARD, ABSURD[name])), jobposting.scrape(OneBody(MARKED, ABSURD[name]))):
        assert complaint(pages, FetchError).partition(" its elements ")[2] in (
            "",
            "deeper than can be read; look at it in a browser",
        )
    assert process_time() - before < 5  # seconds; a quadratic step takes minutes


LD = '{"@type": "JobPosting", "title": "Baker", "datePosted": "2026-08-01"}'
SCRIPTS = """
{ } [ ] : , " \\ \\" \\u12 \\ud800 \\x // /* */ <!-- --> <![CDATA[ ]]> ; true null NaN -Infinity 1e999 0x1 . - \0 \x01
{"@type":"JobPosting" {"@graph":[ "title":"Baker" "name": "address": "jobLocation":[{ "value": "baseSalary":{"value":
"identifier": "url":"http://[" "datePosted":[ &quot; &#99999999999;
""".replace("\n", " ").split(" ")


@settings(max_examples=200)
@given(soup(SCRIPTS) | wounded(LD.encode()))
def test_any_script_is_read_or_counted_as_unread(script: bytes) -> None:
    body = b'<p>x<script type="application/ld+json">' + script + b"</script>"
    body += f'<script type="application/ld+json">{LD}</script>'.encode()
    assert not complaint(jobposting.scrape(OneBody(MARKED, body)))


NESTED = {
    "lists": ("[", "]"),
    "names": ('{"name":', "}"),
    "addresses": ('{"address":[', "]}"),
    "graphs": ('{"@graph":[', "]}"),
}


@pytest.mark.parametrize("depth", [20, 200, 400, 900, 100_000])
@pytest.mark.parametrize("way", NESTED)
@pytest.mark.parametrize("field", ["title", "jobLocation", "baseSalary", "hiringOrganization", "url", "employmentType"])
def test_nesting_costs_its_own_script(field: str, way: str, depth: int) -> None:
    begin, end = NESTED[way]
    deep = f'{{"@type": "JobPosting", "{field}": {begin * depth}1{end * depth}}}'
    body = "".join(f'<script type="application/ld+json">{text}</script>' for text in (deep, LD))
    jobs, unread = job_postings(OneBody({}, body.encode()).fetch(URL).html)
    assert len(jobs) + unread == 2
    assert [posting.title for job in jobs[-1:] for posting in [to_posting(job, URL, alone=False)]] == ["Baker"]
    for job in jobs:
        to_posting(job, URL, alone=False)


NUMBERS = ["9" * 5000, "9" * 4000, "1e999", "-Infinity", "NaN", "1" + "0" * 400]


@pytest.mark.parametrize("number", NUMBERS)
def test_no_number_costs_more_than_its_script(number: str) -> None:
    job = f'{{"@type": "JobPosting", "title": {number}, "baseSalary": {number}, "datePosted": {number}}}'
    texts = (job, job.replace(number, f'"&#{number};"'), LD)
    body = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    (page, *_) = jobposting.scrape(OneBody(MARKED, body.encode()))
    assert page.postings[-1].title == "Baker"
    assert not complaint([page])


ENDLESS = [b'\\"', b'x\\"', b'{"a" "', b"x /*", b"/*", b"//", b";", b"<!--", b"-->", b", ", b"[ ", b"\\", b"&quot;"]


@pytest.mark.parametrize("piece", ENDLESS)
def test_no_script_keeps_the_reader_busy(piece: bytes) -> None:
    text = (b"{" + piece * (200_000 // len(piece))).decode()
    before = process_time()
    with pytest.raises(ValueError, match=r"."):
        parse(text)
    assert process_time() - before < 2  # seconds; a quadratic step takes minutes
