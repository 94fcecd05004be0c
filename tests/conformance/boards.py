"""Small boards of our own in the shapes of the public job APIs, answering the paths and queries of the originals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fix_boards import Answer
from workers.records import JsonObject

Job = dict[str, Any]
Wrap = Callable[[list[Any], int, int], Any]  # the jobs of a page, how many come before, how many there are


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """One API: where it answers, and what a job looks like."""

    scraper: str
    params: JsonObject
    path: str
    job: Callable[[int], Job]
    title: str = "title"  # what the API calls it
    wrap: Wrap = lambda jobs, _at, _of: {"jobs": jobs}
    skip: str | None = None  # the query that says how many jobs, or which page
    size: int = 100  # jobs per page where the query does not say
    details: Any = None  # what is answered below the path
    pages: JsonObject = field(default_factory=dict)  # params for several pages
    needs: JsonObject = field(default_factory=dict)  # query without which the API leaves out what we want

    def answer(self, jobs: list[Any]) -> Answer:
        """A server's answers for a board with these jobs."""

        def reply(path: str, query: dict[str, str]) -> Any:
            if self.details is not None and path.startswith(self.path + "/"):
                return self.details
            if path != self.path or not self.needs.items() <= query.items():
                return 404
            size, number = int(query.get("limit", self.size)), int(query.get(self.skip or "", 0))
            at = 0 if not self.skip else (number - 1) * size if self.skip == "page" else number
            shown = jobs[at : at + size] if self.skip else jobs
            return self.wrap(shown, at, len(jobs))

        return reply

    def jobs(self, count: int) -> list[Job]:
        """So many different jobs."""
        return [self.job(number) for number in range(1, count + 1)]


def _greenhouse(n: int) -> Job:
    place = {"name": "Bergen, Norway", "location": "Bergen, Vestland, Norway"}
    return {
        "id": n,
        "absolute_url": f"https://boards.test/acme/jobs/{n}",
        "title": f"Baker {n}",
        "company_name": "Acme",
        "location": {"name": "Oslo, Norway"},
        "offices": [{"name": "Oslo", "location": "Oslo, Norway"}, place],
        "content": "&lt;p&gt;Bread &amp;amp; butter&lt;/p&gt;",
        "first_published": "2026-03-04T05:06:07-04:00",
    }


def _lever(n: int) -> Job:
    return {
        "id": f"id-{n}",
        "hostedUrl": f"https://boards.test/acme/{n}",
        "text": f"Baker {n}",
        "categories": {"location": "Oslo, Norway", "allLocations": ["Oslo, Norway", "Bergen, Norway"]},
        "createdAt": 1772600767000,
        "workplaceType": "onsite",
    }


def _ashby(n: int) -> Job:
    return {
        "id": f"id-{n}",
        "jobUrl": f"https://boards.test/acme/{n}",
        "title": f"Baker {n}",
        "location": "Oslo, Norway",
        "secondaryLocations": [{"location": "Bergen, Norway"}],
        "publishedAt": "2026-03-04T05:06:07.000+00:00",
        "isRemote": False,
    }


def _workable(n: int) -> Job:
    return {
        "shortcode": f"C{n}",
        "url": f"https://boards.test/j/C{n}",
        "title": f"Baker {n}",
        "telecommuting": False,
        "published_on": "2026-03-04",
        "locations": [{"country": "Norway", "city": "Oslo"}, {"country": "Norway", "city": "Bergen"}],
    }


def _smartrecruiters(n: int) -> Job:
    place = {"city": "Oslo", "country": "no", "remote": False, "fullLocation": "Oslo, Norway"}
    return {"id": str(n), "name": f"Baker {n}", "location": place, "releasedDate": "2026-03-04T05:06:07.000Z"}


def _recruitee(n: int) -> Job:
    return {
        "id": n,
        "careers_url": f"https://acme.test/o/{n}",
        "title": f"Baker {n}",
        "locations": [{"city": "Oslo", "country": "Norway"}, {"city": "Bergen", "country": "Norway"}],
        "published_at": "2026-03-04 05:06:07 UTC",
        "remote": False,
    }


def _remotive(n: int) -> Job:
    url = f"https://boards.test/{n}"
    where = "Norway, Sweden"
    day = "2026-03-04T05:06:07"
    return {"id": n, "url": url, "title": f"Baker {n}", "candidate_required_location": where, "publication_date": day}


def _remoteok(n: int) -> Job:
    return {"id": str(n), "url": f"https://boards.test/{n}", "position": f"Baker {n}", "epoch": 1772600767}


def _arbeitnow(n: int) -> Job:
    return {"slug": f"baker-{n}", "url": f"https://boards.test/{n}", "title": f"Baker {n}", "created_at": 1772600767}


def _himalayas(n: int) -> Job:
    url = f"https://boards.test/{n}"
    where = ["Norway", "Sweden"]
    return {
        "guid": url,
        "applicationLink": url,
        "title": f"Baker {n}",
        "locationRestrictions": where,
        "pubDate": 1772600767,
    }


def _jobicy(n: int) -> Job:
    return {"id": n, "url": f"https://boards.test/{n}", "jobTitle": f"Baker {n}", "jobGeo": "Norway,  Sweden"}


BOARDS = (
    Board(
        scraper="greenhouse",
        params={"board": "acme"},
        path="/v1/boards/acme/jobs",
        job=_greenhouse,
        wrap=lambda jobs, _at, of: {"jobs": jobs, "meta": {"total": of}},
        needs={"content": "true"},
    ),
    Board(
        scraper="lever",
        params={"site": "acme"},
        path="/v0/postings/acme",
        job=_lever,
        title="text",
        wrap=lambda jobs, _at, _of: jobs,
        skip="skip",
        pages={"limit": 2},
        needs={"mode": "json"},
    ),
    Board(
        scraper="ashby",
        params={"board": "acme"},
        path="/posting-api/job-board/acme",
        job=_ashby,
        needs={"includeCompensation": "true"},
    ),
    Board(
        scraper="workable",
        params={"account": "acme"},
        path="/api/v1/widget/accounts/acme",
        job=_workable,
        wrap=lambda jobs, _at, _of: {"name": "Acme", "jobs": jobs},
        needs={"details": "true"},
    ),
    Board(
        scraper="smartrecruiters",
        params={"company": "acme"},
        path="/v1/companies/acme/postings",
        job=_smartrecruiters,
        title="name",
        wrap=lambda jobs, at, of: {"offset": at, "totalFound": of, "content": jobs},
        skip="offset",
        details={"jobAd": {"sections": {"jobDescription": {"title": "What to do", "text": "<p>Bake</p>"}}}},
        pages={"limit": 2},
    ),
    Board(
        scraper="recruitee",
        params={"company": "acme"},
        path="/api/offers/",
        job=_recruitee,
        wrap=lambda jobs, _at, _of: {"offers": jobs},
    ),
    Board(
        scraper="remotive",
        params={},
        path="/api/remote-jobs",
        job=_remotive,
        wrap=lambda jobs, _at, _of: {"0-legal-notice": "link to us", "job-count": len(jobs), "jobs": jobs},
    ),
    Board(
        scraper="remoteok",
        params={},
        path="/api",
        job=_remoteok,
        title="position",
        wrap=lambda jobs, _at, _of: [{"last_updated": 1, "legal": "link to us"}, *jobs],
    ),
    Board(
        scraper="arbeitnow",
        params={},
        path="/api/job-board-api",
        job=_arbeitnow,
        wrap=lambda jobs, at, of: {"data": jobs, "links": {"next": "more" if at + len(jobs) < of else None}},
        skip="page",
        size=2,
    ),
    Board(
        scraper="himalayas",
        params={},
        path="/jobs/api",
        job=_himalayas,
        wrap=lambda jobs, at, of: {"offset": at, "totalCount": of, "jobs": jobs},
        skip="offset",
        pages={"limit": 2},
    ),
    Board(scraper="jobicy", params={}, path="/api/v2/remote-jobs", job=_jobicy, title="jobTitle"),
)
