"""What programs see of the demo's board: JSON-LD, JSON, sitemap, RSS and Atom; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from workers.demo.catalogue import Listing
from workers.demo.site import Job, Pay

FEED_LENGTH = 50
OPEN_FOR = timedelta(days=60)
SCHEMA_TYPES = {
    "Full-time": "FULL_TIME",
    "Part-time": "PART_TIME",
    "Contract": "CONTRACTOR",
    "Temporary": "TEMPORARY",
    "Internship": "INTERN",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """A posting of a board that opened at a certain time under a certain address."""

    job: Job
    base_url: str  # without a slash at the end
    opened: datetime  # aware

    @property
    def url(self) -> str:
        """The posting's own address."""
        return f"{self.base_url}/jobs/{self.job.number}"

    @property
    def posted_at(self) -> datetime:
        """When the posting appeared; does not move while the board is open."""
        return self.opened - timedelta(hours=self.job.age_hours)

    @property
    def html(self) -> str:
        """The description as HTML."""
        return "".join(f"<p>{escape(part)}</p>" for part in self.job.description.split("\n"))

    def json_ld(self) -> dict[str, Any]:
        """The posting in the words of schema.org/JobPosting."""
        job = self.job
        country = {"@type": "Country", "name": job.country.code}
        place = {"addressLocality": job.city, "addressRegion": job.region, "addressCountry": job.country.code}
        remote = {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": country}
        on_site = {"jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", **place}}}
        return {
            "@context": "https://schema.org/",
            "@type": "JobPosting",
            "title": job.title,
            "url": self.url,
            "identifier": {"@type": "PropertyValue", "name": job.company, "value": f"BW-{job.number}"},
            "hiringOrganization": {"@type": "Organization", "name": job.company},
            "datePosted": self.posted_at.date().isoformat(),
            "validThrough": (self.posted_at + OPEN_FOR).isoformat(timespec="seconds"),
            "employmentType": SCHEMA_TYPES[job.job_type],
            "description": self.html,
            **(remote if job.remote else on_site),
            **({"baseSalary": base_salary(job.pay)} if job.pay else {}),
        }

    def api_object(self) -> dict[str, Any]:
        """The posting as the board's own JSON interface tells it."""
        job = self.job
        return {
            "id": f"BW-{job.number}",
            "url": self.url,
            "title": job.title,
            "company": job.company,
            "location": job.place,
            "remote": job.remote,
            "job_type": job.job_type,
            "salary": job.pay.text if job.pay else None,
            "posted_at": self.posted_at.isoformat(timespec="seconds"),
            "description": job.description,
        }


def base_salary(pay: Pay) -> dict[str, Any]:
    """Pay as a schema.org MonetaryAmount."""
    value = {"@type": "QuantitativeValue", "minValue": pay.low, "maxValue": pay.high, "unitText": pay.period}
    return {"@type": "MonetaryAmount", "currency": pay.currency, "value": value}


def api_page(page: Listing, dated: list[Dated], path: str) -> str:
    """One page of the JSON interface; `next` is the address of the following page or null."""
    following = f"{path}?{page.query(page.number + 1)}" if page.number < page.last else None
    jobs = [one.api_object() for one in dated]
    return json.dumps({"found": page.found, "page": page.number, "next": following, "jobs": jobs}, ensure_ascii=False)


def sitemap(dated: list[Dated]) -> str:
    """Every posting's address and date."""
    urls = "".join(f"<url><loc>{one.url}</loc><lastmod>{one.posted_at.date()}</lastmod></url>\n" for one in dated)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )


def rss(dated: list[Dated], base_url: str) -> str:
    """The newest postings as RSS 2.0."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Bellwether Jobs</title><link>{base_url}/</link><description>New jobs</description>\n"
        f"{''.join(map(rss_item, dated[:FEED_LENGTH]))}</channel></rss>\n"
    )


def rss_item(one: Dated) -> str:
    """One posting as an RSS item, with the further elements that job feeds have."""
    job = one.job
    pay = f"<salary>{escape(job.pay.text)}</salary>" if job.pay else ""
    return (
        f'<item><title>{escape(job.title)}</title><link>{one.url}</link><guid isPermaLink="true">{one.url}</guid>'
        f"<pubDate>{format_datetime(one.posted_at)}</pubDate><dc:creator>{escape(job.company)}</dc:creator>"
        f"<category>{job.field}</category><company>{escape(job.company)}</company>"
        f"<location>{escape(job.place)}</location><jobtype>{job.job_type}</jobtype>{pay}"
        f"<description>{escape(one.html)}</description></item>\n"
    )


def atom(dated: list[Dated], base_url: str, opened: datetime) -> str:
    """The newest postings as Atom; the company is the entry's author."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>Bellwether Jobs</title><id>{base_url}/feed.atom</id>"
        f"<updated>{opened.isoformat(timespec='seconds')}</updated>\n"
        f"{''.join(map(atom_entry, dated[:FEED_LENGTH]))}</feed>\n"
    )


def atom_entry(one: Dated) -> str:
    """One posting as an Atom entry."""
    job, at = one.job, one.posted_at.isoformat(timespec="seconds")
    return (
        f'<entry><title>{escape(job.title)}</title><id>{one.url}</id><link href="{one.url}"/>'
        f"<published>{at}</published><updated>{at}</updated><author><name>{escape(job.company)}</name></author>"
        f'<category term="{job.field}"/><content type="html">{escape(one.html)}</content></entry>\n'
    )
