from __future__ import annotations

import json
import re
from contextlib import suppress
from html import unescape
from time import process_time
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.realdata import marked_up
from tests.realdata.folder import ABSENT, FOLDER
from workers.records import Posting
from workers.scrapers.jsonld import job_postings, parse
from workers.scrapers.schemaorg import to_posting

PAGE = "http://board.test/jobs/7"


def tree_of(*scripts: str) -> Any:
    tags = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return lxml.html.document_fromstring(f"<html><head>{tags}</head><body>text</body></html>")


def posting_of(**job: Any) -> Posting:
    return to_posting({"@type": "JobPosting", **job}, PAGE, alone=True)


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "JobPosting", "title": "A"}',
        '[{"@type": "Thing"}, {"@type": ["JobPosting"], "title": "A"}]',
        '{"@graph": [{"@type": "WebPage"}, {"@type": "http://schema.org/JobPosting", "title": "A"}]}',
        '{"@type": "ItemList", "itemListElement": [{"item": {"@type": "schema:JobPosting", "title": "A"}}]}',
        '<!-- {"@type": "JobPosting", "title": "A"} -->',
        '//<![CDATA[\n{"@type": "JobPosting", "title": "A"}\n//]]>',
        '/* <![CDATA[ */{"@type": "JobPosting", "title": "A"}/* ]]> */',
        '{"@type": "JobPosting", "title": "A", "description": "two\nlines\tand a tab\x01"}',
        r'{"@type": "JobPosting", "title": "A", "description": "¯\_(ツ)_/¯ C:\users"}',
        '{"@type": "JobPosting", /* comment */ "title": "A", // another\n "list": [1, 2,],}',
        "{&quot;@type&quot;: &quot;JobPosting&quot;, &quot;title&quot;: &quot;A&quot;}",
        '{"@type": "JobPosting", "title": "A", "url": "http://a.test/b"};',
        '\ufeff  {"@type": "JobPosting", "title": "A", "number": NaN}',
        '{"@type": "JobPosting", "title": "A", "description": "one\r\ntwo\x0b\x0c\x1f\x7f"}',
        '{\x0b"@type":\x1f"JobPosting",\r\n"title": "A"\x08}',
        '{"@type": "JobPosting", "title": "A", "baseSalary": undefined, "url": , "remote": True, "logo": None}',
        '[{"@type": "JobPosting", "title": "A"},, {"@type": "Thing"},]',
        """{"@type": "JobPosting", "title": "A", "description": "a "quoted" word and \\'another\\'"}""",
        '<!--//--><![CDATA[//><!--\n{"@type": "JobPosting", "title": "A"}\n//--><!]]>',
    ],
)
def test_a_posting_is_found_however_the_site_writes_it(text: str) -> None:
    jobs, unread = job_postings(tree_of(text))
    assert [job["title"] for job in jobs] == ["A"]
    assert unread == 0


def test_mending_leaves_commas_slashes_and_escapes_inside_texts_alone() -> None:
    text = r'{"a": "http://x.test/, ]", "b": "say \"hi\" \\ /* no */", "c": [1,],}'
    assert parse(text) == {"a": "http://x.test/, ]", "b": r'say "hi" \ /* no */', "c": [1]}


def test_each_script_is_judged_on_its_own() -> None:
    jobs, unread = job_postings(
        tree_of("{broken", '{"@type": "JobPosting", "title": "A"}', "", "[" * 100_000, '{"@type": "Organization"}')
    )
    assert [job["title"] for job in jobs] == ["A"]
    assert unread == 3


@pytest.mark.parametrize("piece", ['"', '" ', '\\"', '"a":"b",', '{"a":"', "undefined ", ":,", "/*", "\x0b", "\\"])
def test_no_script_keeps_the_mending_busy(piece: str) -> None:
    before = process_time()
    with suppress(ValueError, RecursionError):
        parse(piece * (200_000 // len(piece)))
    assert process_time() - before < 2  # seconds; it takes tenths, and a quadratic step takes minutes


@pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)
@pytest.mark.parametrize("character", ["\n", "\r\n", "\t", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\u200b"])
@pytest.mark.parametrize("file", [file for file in marked_up.FILES if "linkedin" not in file])
def test_a_raw_control_character_at_each_blank_of_a_real_script_costs_nothing(file: str, character: str) -> None:
    page = (FOLDER / file).read_text("utf-8")
    titles = []
    for script in re.findall(r"<script[^>]*ld\+json[^>]*>(.*?)</script>", page, re.DOTALL):
        spoilt = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: found[0].replace(" ", character), script, flags=re.DOTALL)
        jobs = [value for value in [parse(spoilt)] if isinstance(value, dict) and value.get("@type") == "JobPosting"]
        titles += [" ".join(str(job["title"]).replace(character, " ").split()) for job in jobs]
    assert len(titles) == 1
    assert titles[0] in unescape(page)


@given(st.text(max_size=200))
def test_no_script_costs_the_page(text: str) -> None:
    job_postings(tree_of(text.replace("\0", "").replace("<", ""), '{"@type": "JobPosting"}'))


KEYS = st.sampled_from(["name", "address", "value", "@type", "addressLocality"])
SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)
MAPPED = ["jobLocation", "baseSalary", "hiringOrganization", "identifier", "url", "title", "description", "datePosted"]


@given(SHAPES, st.sampled_from(MAPPED))
def test_no_shape_of_a_value_makes_the_mapping_fail(value: Any, key: str) -> None:
    json.dumps(posting_of(**{key: value}).title)


def test_places_come_from_nested_addresses() -> None:
    berlin = {"address": {"addressLocality": "Berlin", "addressRegion": "-", "addressCountry": {"name": "DE"}}}
    assert posting_of(jobLocation=berlin).location == "Berlin, DE"
    assert posting_of(jobLocation=[berlin, {"address": "Paris, France"}]).locations == ["Berlin, DE", "Paris, France"]
    anywhere = dict.fromkeys(("addressLocality", "addressCountry"), "Anywhere")
    assert posting_of(jobLocation={"address": anywhere}).location == "Anywhere"
    assert posting_of(jobLocation="Oslo").location == "Oslo"
    assert posting_of(jobLocation={"address": [{"addressLocality": "A"}, {"addressLocality": "B"}]}).locations == [
        "A",
        "B",
    ]


def test_telecommute_is_remote_and_its_countries_are_the_places() -> None:
    found = posting_of(
        jobLocationType="TELECOMMUTE", applicantLocationRequirements=[{"name": "USA"}, {"name": "Canada"}]
    )
    assert (found.remote, found.locations) == (True, ["USA", "Canada"])
    assert posting_of(title="x").remote is None


@pytest.mark.parametrize(
    ("pay", "wanted"),
    [
        (
            {"currency": "GBP", "value": {"minValue": 85000, "maxValue": 110000, "unitText": "YEAR"}},
            (85000, 110000, "GBP", "year"),
        ),
        ({"currency": "USD", "value": "55000", "unitCode": "ANN"}, ("55000", "55000", "USD", "year")),
        ({"currency": "EUR", "minValue": 10, "unitText": "HOUR"}, (10, None, "EUR", "hour")),
        ([{"currency": "EUR", "value": [{"value": 3}]}], (3, 3, "EUR", None)),
    ],
)
def test_pay_is_a_mapping(pay: Any, wanted: tuple[Any, ...]) -> None:
    salary = posting_of(baseSalary=pay).salary
    assert (salary["min"], salary["max"], salary["currency"], salary["period"]) == wanted


def test_pay_without_an_amount_is_none_and_text_stays_text() -> None:
    assert posting_of(baseSalary={"currency": "EUR", "value": {"unitText": "YEAR"}}).salary is None
    assert posting_of(baseSalary="60k").salary == "60k"


def test_simple_fields_are_taken_over() -> None:
    found = posting_of(title=" C&amp;C++\n dev ", hiringOrganization={"name": "A &amp; B"}, identifier={"value": 17},
                       employmentType=["FULL_TIME", "INTERN"], datePosted="2020-01-02", validThrough="2020-02-03",
                       description="&lt;p&gt;x&lt;/p&gt;")  # fmt: skip
    assert (found.title, found.company, found.external_id) == ("C&C++ dev", "A & B", "17")
    assert (found.job_type, found.posted, found.valid_through) == ("FULL_TIME, INTERN", "2020-01-02", "2020-02-03")
    assert found.description == "<p>x</p>"
    assert posting_of(hiringOrganization="Plain").company == "Plain"


@pytest.mark.parametrize(
    ("url", "alone", "wanted"),
    [
        (None, True, PAGE),
        ("/jobs/8", True, "http://board.test/jobs/8"),
        ("https://employer.test/", True, PAGE),  # the employer's home page is not where the posting is
        ("https://other.test/job/1", False, "https://other.test/job/1"),
        (None, False, None),
        ("http://[broken", True, PAGE),
    ],
)
def test_the_address_is_the_page_unless_the_posting_names_a_better_one(
    url: str | None, wanted: str | None, *, alone: bool
) -> None:
    assert to_posting({"url": url}, PAGE, alone=alone).url == wanted


def test_what_another_object_of_the_page_says_is_found_by_its_name() -> None:
    firm = '{"@type": "Organization", "@id": "#firm", "name": "Acme"}'
    place = '{"@id": "#here", "@type": "Place", "address": {"@id": "#street"}}'
    street = '{"@id": "#street", "addressLocality": "Oslo", "addressCountry": "NO"}'
    said = '"hiringOrganization": {"@id": "#firm"}, "jobLocation": [{"@id": "#here"}]'
    job = f'{{"@type": "JobPosting", "title": "A", {said}}}'
    jobs, unread = job_postings(tree_of(firm, f'{{"@graph": [{place}, {street}, {job}]}}', job))
    assert unread == 0
    [found] = [to_posting(one, PAGE, alone=True) for one in jobs]  # and told twice it is one
    assert (found.company, found.location) == ("Acme", "Oslo, NO")


def test_names_that_lead_in_a_circle_end() -> None:
    ring = '{"@id": "#a", "address": {"@id": "#b"}}, {"@id": "#b", "address": {"@id": "#a"}}'
    jobs, _ = job_postings(
        tree_of(f'[{ring}, {{"@type": "JobPosting", "title": "A", "jobLocation": {{"@id": "#a"}}}}]')
    )
    assert [to_posting(job, PAGE, alone=True).title for job in jobs] == ["A"]


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "Thing"} {"@type": "JobPosting", "title": "A"}',
        '{"@type": "JobPosting", "title": "A"}}',
        '{"@type": "JobPosting" "title": "A"}',
        '{"@type": "JobPosting", "title": "A" "list": [1] "more": {"x": 1} "last": 2}',
        '{"@type": "jobposting", "title": "A"}',
        '{"@type": "schema:JobPosting", "schema:title": "A"}',
        '{"@type": "JobPosting", "title": {"@value": "A", "@language": "en"}}',
    ],
)
def test_a_posting_is_found_in_scripts_with_further_mistakes(text: str) -> None:
    jobs, _ = job_postings(tree_of(text))
    assert [to_posting(job, PAGE, alone=True).title for job in jobs] == ["A"]


@pytest.mark.parametrize(
    ("stated", "pay"),
    [
        ({"baseSalary": 500, "salaryCurrency": "NOK"}, (500, 500, "NOK", None)),
        (
            {"baseSalary": {"minPrice": 4, "maxPrice": 5, "priceCurrency": "NOK", "unitText": "HOUR"}},
            (4, 5, "NOK", "hour"),
        ),
        ({"baseSalary": {"price": "40", "priceCurrency": "NOK"}}, ("40", "40", "NOK", None)),
        ({"baseSalary": {"value": {"minValue": 4, "maxValue": 5}}, "salaryCurrency": "NOK"}, (4, 5, "NOK", None)),
        ({"baseSalary": {"currency": "USD", "value": "from $50,000 to $60,000 a year"}}, (50000, 60000, "USD", "year")),
    ],
)
def test_pay_is_found_in_all_its_shapes(stated: Any, pay: Any) -> None:
    salary = posting_of(title="A", **stated).salary
    assert tuple(salary[key] for key in ("min", "max", "currency", "period")) == pay


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("TELECOMMUTE", True),
        (["TELECOMMUTE"], True),
        ("https://schema.org/TELECOMMUTE", True),
        ("Remote", True),
        ("HYBRID", False),
        ("ON_SITE", False),
        ("", None),
        (None, None),
    ],
)
def test_where_a_job_is_done_is_said_in_several_words(kind: Any, remote: Any) -> None:
    assert posting_of(title="A", jobLocationType=kind).remote is remote


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ({"addressLocality": "Oslo, Bergen", "addressRegion": "Oslo, Vestland"}, ["Oslo", "Bergen, Vestland"]),
        ({"addressLocality": "Austin, TX", "addressRegion": "TX"}, ["Austin, TX, TX"]),
        ({"addressCountry": "DE"}, ["Germany"]),
        ({"@type": "Place", "name": "Oslo, Norway", "address": {"@type": "PostalAddress"}}, ["Oslo, Norway"]),
    ],
)
def test_each_town_of_a_row_is_a_place(place: Any, lines: Any) -> None:
    found = posting_of(title="A", jobLocation=place)
    assert (found.locations or [found.location]) == lines


def test_a_number_goes_before_the_name_of_who_gave_it() -> None:
    assert posting_of(title="A", identifier={"propertyID": "R-1", "name": "Acme"}).external_id == "R-1"
    assert posting_of(title="A <b>and</b> B &amp; C++ <T>").title == "A and B & C++ <T>"
    assert posting_of(title="A", employmentType="http://schema.org/FULL_TIME").job_type == "FULL_TIME"


@pytest.mark.parametrize("piece", ['"a" ', '"a"\n', "{}", "[] ", '} "', '{"@id":"x"}', "1 "])
def test_no_script_keeps_the_finding_of_commas_busy(piece: str) -> None:
    before = process_time()
    with suppress(ValueError, RecursionError):
        parse("{" + piece * (200_000 // len(piece)))
    assert process_time() - before < 2  # seconds
