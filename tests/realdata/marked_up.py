"""JSON-LD of real pages through the built-in jobposting, field by field as expected.json says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.realdata.judging import Category, Verdict
from tests.realdata.running import all_pages, on_loopback
from workers.records import Posting
from workers.scrapers import jobposting

FILES = tuple(
    f"html/{name}.html"
    for name in (
        *("stackoverflow-job", "stackoverflow-job-via", "wwr-job", "wwr-job-broken-jsonld", "remoteok-job"),
        *("linkedin-job", "linkedin-job-applicants"),
    )
)
_PERIODS = {"YEAR": "year", "ANN": "year"}
_NOT_OF_A_POSTING = {"postalCode"}  # places are cities, regions and countries


def _judge(folder: Path) -> Iterator[Verdict]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    with on_loopback(folder) as address:
        for file in FILES:
            pages = all_pages(jobposting.scrape, {"start": address + file})
            postings = [posting for page in pages for posting in page.postings]
            wanted = expected[file]
            # The note says that the script is no JSON; it is mended, so the posting in it is there.
            count = wanted["jsonld_job_postings"] or int("note" in wanted)
            yield Verdict(asked=f"{file} postings", got=len(postings), expected=count, hit=len(postings) == count)
            if postings and "title" in wanted:
                yield from _of_a_posting(file, postings[0], wanted)


def _of_a_posting(file: str, posting: Posting, wanted: dict[str, Any]) -> Iterator[Verdict]:
    fields = {key: wanted.get(key) for key in ("title", "company", "remote")} | wanted.get("jsonld", {})
    for key, value in fields.items():
        if key not in _NOT_OF_A_POSTING:
            got, expected = _says(key, posting), _as_stored(key, value)
            hit = got == expected or (key == "addressLocality" and str(got).startswith(f"{expected}, "))
            yield Verdict(asked=f"{file} {key}", got=got, expected=expected, hit=hit)


def _as_stored(key: str, wanted: Any) -> Any:
    if key == "salary":
        low, high = (wanted.get(name, wanted.get("value")) for name in ("min", "max"))
        period = _PERIODS[wanted.get("unit") or wanted["unitCode"]]
        return {"min": low, "max": high, "currency": wanted["currency"], "period": period}
    return True if key == "jobLocationType" else wanted


def _says(key: str, posting: Posting) -> Any:
    return {
        "title": posting.title,
        "company": posting.company,
        "remote": posting.remote,
        "jobLocationType": posting.remote,
        "datePosted": posting.posted,
        "validThrough": posting.valid_through,
        "salary": posting.salary,
        "addressLocality": posting.location,
        "addressCountry": str(posting.location).rpartition(", ")[2],
    }[key]


CATEGORIES = (Category(name="jsonld", floor=1, judge=_judge),)
