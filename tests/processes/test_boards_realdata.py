"""Real answers of the job APIs, served at the originals' paths: every field that they state arrives."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fix_boards import ServeBoard
from tests.fix_scrape import NewScrape
from tests.realdata.folder import FOLDER as REAL
from workers.clean.blanks import blank_to_none
from workers.clean.postings import CleanJob, clean_posting
from workers.records import JsonObject, Posting, ScraperSettings
from workers.scrapers import find_scraper

API = REAL / "api"
NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
# scraper, params, path of the original, where the jobs stand in the answer
GREENHOUSE = ("greenhouse", {"board": "acme"}, "/v1/boards/acme/jobs", "jobs")
LEVER = ("lever", {"site": "acme"}, "/v0/postings/acme", None)
ASHBY = ("ashby", {"board": "acme"}, "/posting-api/job-board/acme", "jobs")
FILES: dict[str, tuple[str, JsonObject, str, str | None]] = {
    "greenhouse-gitlab": GREENHOUSE,
    "greenhouse-anthropic": GREENHOUSE,
    "lever-matchgroup": LEVER,
    "lever-peopleai": LEVER,
    "ashby-linear": ASHBY,
    "ashby-ramp": ASHBY,
    "workable": ("workable", {"account": "acme"}, "/api/v1/widget/accounts/acme", "jobs"),
    "recruitee-aikido": ("recruitee", {"company": "acme"}, "/api/offers/", "offers"),
    "remotive": ("remotive", {}, "/api/remote-jobs", "jobs"),
    "remoteok-2020": ("remoteok", {}, "/api", None),
    "remoteok-2026": ("remoteok", {}, "/api", None),
    "arbeitnow": ("arbeitnow", {}, "/api/job-board-api", "data"),
    "himalayas": ("himalayas", {}, "/jobs/api", "jobs"),
    "jobicy": ("jobicy", {}, "/api/v2/remote-jobs", "jobs"),
}
# field of a posting → how the API writes it
SAID: dict[str, dict[str, Callable[[JsonObject], Any]]] = {
    "greenhouse": {
        "url": lambda job: job["absolute_url"],
        "external_id": lambda job: str(job["id"]),
        "title": lambda job: job["title"],
        "company": lambda job: job["company_name"],
        "description": lambda job: html.unescape(job["content"]),
        "location": lambda job: job["location"]["name"],
        "posted": lambda job: job["first_published"],
    },
    "lever": {
        "url": lambda job: job["hostedUrl"],
        "external_id": lambda job: job["id"],
        "title": lambda job: job["text"],
        "location": lambda job: job["categories"]["location"],
        "job_type": lambda job: job["categories"]["commitment"],
        "remote": lambda job: job["workplaceType"] == "remote",
        "posted": lambda job: job["createdAt"],
    },
    "ashby": {
        "url": lambda job: job["jobUrl"],
        "external_id": lambda job: job["id"],
        "title": lambda job: job["title"].strip(),
        "description": lambda job: job["descriptionHtml"],
        "location": lambda job: job["location"],
        "job_type": lambda job: job["employmentType"],
        "remote": lambda job: job["isRemote"],
        "posted": lambda job: job["publishedAt"],
    },
    "workable": {
        "url": lambda job: job["url"],
        "external_id": lambda job: job["shortcode"],
        "title": lambda job: job["title"],
        "company": lambda _job: "Vasion",
        "description": lambda job: job["description"],
        "location": lambda job: ", ".join(job[key] for key in ("city", "state", "country") if job[key]),
        "job_type": lambda job: job["employment_type"],
        "remote": lambda job: job["telecommuting"],
        "posted": lambda job: job["published_on"],
    },
    "recruitee": {
        "url": lambda job: job["careers_url"],
        "external_id": lambda job: str(job["id"]),
        "title": lambda job: job["title"],
        "company": lambda job: job["company_name"],
        "description": lambda job: f"{job['description']}\n{job['requirements']}",
        "location": lambda job: job["location"],
        "job_type": lambda job: job["employment_type_code"],
        "remote": lambda job: job["remote"],
        "posted": lambda job: job["published_at"],
        "valid_through": lambda job: job["close_at"],
    },
    "remotive": {
        "url": lambda job: job["url"],
        "external_id": lambda job: str(job["id"]),
        "title": lambda job: job["title"],
        "company": lambda job: job["company_name"],
        "description": lambda job: job["description"],
        "location": lambda job: job["candidate_required_location"],
        "job_type": lambda job: job["job_type"] or None,
        "salary": lambda job: job["salary"] or None,
        "remote": lambda _job: True,
        "posted": lambda job: job["publication_date"],
    },
    "remoteok": {
        "url": lambda job: job["url"],
        "external_id": lambda job: job["id"],
        "title": lambda job: job["position"],
        "company": lambda job: job["company"] or None,
        "description": lambda job: job["description"],
        "location": lambda job: job["location"].strip() or None,
        "salary": lambda _job: None,  # zero in all of them
        "remote": lambda _job: True,
        "posted": lambda job: job["date"],
    },
    "arbeitnow": {
        "url": lambda job: job["url"],
        "external_id": lambda job: job["slug"],
        "title": lambda job: job["title"],
        "company": lambda job: job["company_name"],
        "description": lambda job: job["description"],
        "location": lambda job: job["location"],
        "job_type": lambda job: job["job_types"] or None,
        "remote": lambda job: job["remote"],
        "posted": lambda job: job["created_at"],
    },
    "himalayas": {
        "url": lambda job: job["applicationLink"],
        "external_id": lambda job: job["guid"],
        "title": lambda job: job["title"],
        "company": lambda job: job["companyName"],
        "description": lambda job: job["description"],
        "location": lambda job: job["locationRestrictions"][0],
        "job_type": lambda job: [job["employmentType"]],
        "remote": lambda _job: True,
        "posted": lambda job: job["pubDate"],
        "valid_through": lambda job: job["expiryDate"],
    },
    "jobicy": {
        "url": lambda job: job["url"],
        "external_id": lambda job: str(job["id"]),
        "title": lambda job: html.unescape(job["jobTitle"]),
        "company": lambda job: html.unescape(job["companyName"]),
        "description": lambda job: job["jobDescription"],
        "location": lambda job: job["jobGeo"],
        "job_type": lambda job: job["jobType"],
        "remote": lambda _job: True,
        "posted": lambda job: job["pubDate"],
    },
}


def read(name: str) -> Any:
    path = API / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path.name} absent: put the shared real data beside the checkout")
    return json.loads(path.read_text("utf-8"))


def jobs_of(name: str) -> list[JsonObject]:
    answer, key = read(name), FILES[name][3]
    jobs: list[JsonObject] = answer if key is None else answer[key]
    return [job for job in jobs if "legal" not in job]


@pytest.fixture
def postings_of(serve_board: ServeBoard, new_scrape: NewScrape) -> Callable[[str], list[Posting]]:
    """What the scraper finds on a copy of a real answer."""

    def found(name: str) -> list[Posting]:
        scraper, params, path, _ = FILES[name]
        answer = read(name)
        site = serve_board(lambda asked, _query: answer if asked == path else 404)
        pages = find_scraper(scraper, ScraperSettings())(new_scrape({**params, "base_url": site.url}))
        return [posting for page in pages for posting in page.postings]

    return found


def clean(posting: Posting) -> CleanJob:
    job = clean_posting(posting, base_url=None, fetched_at=NOW)
    assert isinstance(job, CleanJob)
    return job


@pytest.mark.parametrize("name", FILES)
def test_every_field_of_a_real_answer_arrives(
    name: str, postings_of: Callable[[str], list[Posting]], open_expected: dict[str, Any]
) -> None:
    postings, jobs = postings_of(name), jobs_of(name)
    assert len(postings) == len(jobs) == open_expected[f"api/{name}.json"]["jobs"]
    for posting, job in zip(postings, jobs, strict=True):
        for field, said in SAID[FILES[name][0]].items():
            assert getattr(posting, field) == blank_to_none(said(job)), field


@pytest.mark.parametrize("name", FILES)
def test_every_real_job_is_clean_with_its_date(name: str, postings_of: Callable[[str], list[Posting]]) -> None:
    for posting in postings_of(name):
        job = clean(posting)
        assert job.posted_at is not None
        assert job.posted_precision in {"exact", "day"}
        assert timedelta(0) < NOW - job.posted_at < timedelta(days=365 * 7)
        assert job.description or posting.description is None  # one says "*..."


def test_the_parts_of_a_real_description_are_all_there(postings_of: Callable[[str], list[Posting]]) -> None:
    for posting, job in zip(postings_of("lever-matchgroup"), jobs_of("lever-matchgroup"), strict=True):
        parts = [job["description"], job["additional"], *(part["content"] for part in job["lists"])]
        assert all(part in posting.description for part in parts)
        assert all(part["text"] in html.unescape(posting.description) for part in job["lists"])


def test_the_pay_of_real_jobs_is_as_the_api_states_it(postings_of: Callable[[str], list[Posting]]) -> None:
    stated = [
        *(
            _pay(job["salaryRange"], "min", "max", "currency")
            for job in jobs_of("lever-matchgroup")
            if "salaryRange" in job
        ),
        *(
            _pay(job["salaryRange"], "min", "max", "currency")
            for job in jobs_of("lever-peopleai")
            if "salaryRange" in job
        ),
        *(_pay(_salary_part(job), "minValue", "maxValue", "currencyCode") for job in jobs_of("ashby-ramp")),
        *(_pay(job, "salaryMin", "salaryMax", "salaryCurrency") for job in jobs_of("jobicy")),
        *(_pay(job, "minSalary", "maxSalary", "currency") for job in jobs_of("himalayas") if job["minSalary"]),
    ]
    names = ("lever-matchgroup", "lever-peopleai", "ashby-ramp", "jobicy", "himalayas")
    jobs = [clean(posting) for name in names for posting in postings_of(name)]
    found = [job for job in jobs if job.salary_min is not None]
    assert [(job.salary_min, job.salary_max, job.salary_currency) for job in found] == stated
    assert [job.salary_period for job in found] == ["year"] * (len(found) - 1) + ["hour"]


def _pay(stated: JsonObject, low: str, high: str, currency: str) -> tuple[Any, ...]:
    return stated[low], stated[high], stated[currency]


def _salary_part(job: JsonObject) -> JsonObject:
    parts: list[JsonObject] = job["compensation"]["summaryComponents"]
    return next(part for part in parts if part["compensationType"] == "Salary")


def test_all_places_of_real_jobs_arrive(postings_of: Callable[[str], list[Posting]]) -> None:
    for posting, job in zip(postings_of("ashby-ramp"), jobs_of("ashby-ramp"), strict=True):
        secondary = [place["location"] for place in job["secondaryLocations"]]
        assert (posting.locations or []) == secondary
    fellows = clean(postings_of("greenhouse-anthropic")[1])
    assert {place["region"] for place in fellows.locations} >= {"BC", "ON", "CA", "England"}
    first = clean(postings_of("recruitee-aikido")[0])
    assert (first.city, first.country, first.remote) == ("Tel Aviv", "IL", True)  # its text says only "Remote job"
    assert [job.country for job in map(clean, postings_of("lever-peopleai"))] == ["US", "US", "US", "PL"]


def test_a_real_board_of_two_pages_is_read_with_its_descriptions(
    serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    first, second, detail = (read(f"smartrecruiters-{part}") for part in ("page0", "page1", "detail"))
    prefix = "/v1/companies/AutomationAnywhere1/postings"

    def answer(path: str, query: dict[str, str]) -> Any:
        if path.startswith(prefix + "/"):
            return detail
        return 404 if path != prefix else first if query["offset"] == "0" else second

    site = serve_board(answer)
    scrape = new_scrape({"company": "AutomationAnywhere1", "base_url": site.url})
    pages = list(find_scraper("smartrecruiters", ScraperSettings())(scrape))
    assert [(len(page.postings), page.done, page.total) for page in pages] == [(3, 3, 4), (1, 4, 4)]
    for posting, job in zip(pages[0].postings, first["content"], strict=True):
        assert posting.url == f"https://jobs.smartrecruiters.com/AutomationAnywhere1/{job['id']}"
        assert (posting.external_id, posting.title) == (job["id"], job["name"])
        assert (posting.company, posting.posted) == ("Automation Anywhere", job["releasedDate"])
        assert (posting.location, posting.remote) == (job["location"]["fullLocation"], False)
        assert posting.job_type == job["typeOfEmployment"]["label"]
        sections = detail["jobAd"]["sections"].values()
        assert all(section["text"] in posting.description for section in sections)
