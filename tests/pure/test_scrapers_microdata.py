from __future__ import annotations

from time import process_time
from typing import Any

import lxml.html
import pytest

from workers.records import Posting
from workers.scrapers.microdata import marked_up
from workers.scrapers.schemaorg import to_posting

PAGE = "http://board.test/jobs/7"
ITEM = "itemscope itemtype='https://schema.org/JobPosting'"
WHOLE = f"""<main {ITEM}><h1 itemprop="title">Smith <small>(all)</small></h1>
<p itemprop="hiringOrganization" itemscope itemtype="https://schema.org/Organization"><b itemprop="name">Acme</b></p>
<p itemprop="jobLocation"><span itemprop="address"><i itemprop="addressLocality">Oslo</i>
<meta itemprop="addressCountry" content="NO"></span></p><time itemprop="datePosted" datetime="2026-03-04">today</time>
<p itemprop="baseSalary" itemscope><meta itemprop="currency" content="NOK"><span itemprop="value" itemscope>
<meta itemprop="value" content="40000"><meta itemprop="unitText" content="MONTH"></span></p>
<div itemprop="description"><p>Iron</p><ul><li>Coal</ul></div>
<meta itemprop="employmentType" content="FULL_TIME"></main>"""


def postings_of(body: str) -> list[Posting]:
    jobs = marked_up(lxml.html.document_fromstring(body))
    return [to_posting(job, PAGE, alone=len(jobs) == 1) for job in jobs]


def test_a_posting_in_attributes_has_all_its_fields() -> None:
    [found] = postings_of(WHOLE)
    assert (found.title, found.company, found.location) == ("Smith (all)", "Acme", "Oslo, NO")
    assert (found.posted, found.job_type, found.url) == ("2026-03-04", "FULL_TIME", PAGE)
    assert found.salary == {"min": "40000", "max": "40000", "currency": "NOK", "period": "month"}
    assert "<li>Coal" in found.description


def test_rdfa_is_read_alike() -> None:
    body = (
        WHOLE.replace("itemscope itemtype=", "typeof=")
        .replace("itemprop", "property")
        .replace("itemscope", "typeof='T'")
    )
    [found] = postings_of(body.replace("https://schema.org/JobPosting", "schema:JobPosting"))
    assert (found.title, found.company, found.location) == ("Smith (all)", "Acme", "Oslo, NO")


def test_a_thing_without_parts_is_its_text() -> None:
    [found] = postings_of(
        f"<div {ITEM}><b itemprop=title>Smith</b><i itemprop=hiringOrganization itemscope>Acme</i></div>"
    )
    assert found.company == "Acme"


def test_of_several_postings_each_has_its_own_address() -> None:
    items = "".join(f"<li {ITEM}><h2 itemprop=title><a href=/jobs/{n}>Smith {n}</a></h2></li>" for n in range(2))
    found = postings_of(f"<a href=/>home</a><ul>{items}</ul><span itemprop=title>of nobody</span>")
    assert [posting.title for posting in found] == ["Smith 0", "Smith 1"]
    assert [posting.url for posting in found] == ["http://board.test/jobs/0", "http://board.test/jobs/1"]


@pytest.mark.parametrize(
    "piece",
    [
        f"<div {ITEM}>",
        "<div itemprop=title>x",
        "<div itemprop=description>x",
        "<div itemprop=jobLocation itemscope>",
        "<div itemprop=name itemscope>",
    ],
)
def test_no_nesting_keeps_the_reader_busy(piece: str) -> None:
    parser: Any = lxml.html.HTMLParser(huge_tree=True)
    tree = lxml.html.document_fromstring(f"<div {ITEM}>" + piece * 2_000, parser=parser)
    before = process_time()
    for job in marked_up(tree):
        to_posting(job, PAGE, alone=False)
    assert process_time() - before < 3  # seconds
