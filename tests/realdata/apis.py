"""Saved answers of job-board APIs through the built-in named like the file, as far as expected.json and they say."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.realdata.judging import Category, Verdict
from tests.realdata.running import first_page, one_answer
from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, ScraperSettings
from workers.scrapers import describe, find_scraper

_TELLING = ("board", "site", "company", "account")  # what a scraper may call the company whose board it reads


def _judge(folder: Path) -> Iterator[Verdict]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    for file in sorted(name for name in expected if name.startswith("api/")):
        raw = (folder / file).read_bytes()
        body = gzip.decompress(raw) if file.endswith(".gz") else raw
        page = _page(Path(file).name.split("-")[0].split(".")[0], body)
        if page is not None:
            yield from _verdicts(file, page, expected[file], set(_leaves(json.loads(body))))


def _page(name: str, body: bytes) -> Page | None:
    try:
        scraper = find_scraper(name, ScraperSettings())
    except ScraperRefused:
        return None  # no built-in reads this API
    known = {param.name for param in describe(name, ScraperSettings()).params}
    if "base_url" not in known:
        return None
    with one_answer(body) as address:
        params: JsonObject = {key: "acme" for key in _TELLING if key in known}
        if "details" in known:  # else each job would be asked for by itself, and get the whole list
            params["details"] = False
        return first_page(scraper, {"base_url": address, **params})


def _verdicts(file: str, page: Page, wanted: dict[str, Any], leaves: set[str]) -> Iterator[Verdict]:
    found = len(page.postings)
    yield Verdict(asked=f"{file} jobs", got=found, expected=wanted["jobs"], hit=found == wanted["jobs"])
    for number, posting in enumerate(page.postings, 1):
        for field in ("title", "external_id", "url"):
            got = getattr(posting, field)
            hit = " ".join(str(got).split()) in leaves or (field == "url" and str(got).startswith("http"))
            yield Verdict(asked=f"{file} {number} {field}", got=got, expected="as in the answer", hit=hit)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield " ".join(str(value).split())


CATEGORIES = (Category(name="api", floor=1, judge=_judge),)
