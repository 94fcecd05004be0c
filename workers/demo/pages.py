"""What people see of the demo's board: plain pages without anything from outside; pure."""

from __future__ import annotations

import json
from html import escape

from workers.demo.catalogue import Listing
from workers.demo.machine import Dated
from workers.demo.site import Job
from workers.demo.words import FIELDS

STYLE = """
:root { color-scheme: light dark; --ink: #1f2937; --soft: #6b7280; --line: #e5e7eb; --card: #fff; --ground: #f6f5f1;
  --accent: #0f766e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --soft: #9ca3af; --line: #374151; --card: #1f2430;
  --ground: #14171f; --accent: #5eead4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
header, main, footer { max-width: 46rem; margin: 0 auto; padding: 1rem; }
header a { color: inherit; text-decoration: none; font-weight: 700; font-size: 1.2rem; }
a { color: var(--accent); }
h1 { font-size: 1.6rem; line-height: 1.2; }
.fields { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
.fields a { display: block; padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 1rem;
  background: var(--card); text-decoration: none; }
article.job { margin: .7rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--card); }
article.job h2 { margin: 0 0 .2rem; font-size: 1.1rem; }
.facts { margin: 0; color: var(--soft); }
.facts span + span::before { content: " · "; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, footer, .odd { color: var(--soft); }
dd { margin: 0; }
.pages { display: flex; justify-content: space-between; margin: 1.2rem 0; }
"""

ODD_CORNERS = (
    ("/stall", "takes the request and never answers"),
    ("/endless", "a listing whose body never ends"),
    ("/lies", "an error page that claims to be JSON and a success"),
    ("/lies/charset", "a listing in another encoding than it declares"),
    ("/lies/empty", "a listing that says 240 jobs and shows none"),
    ("/refused/jobs", "a listing for nobody"),
    ("/slow/jobs", "a listing that takes a second a page"),
)


def document(title: str, body: str, head: str = "") -> str:
    """A whole page around `body`."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{head}<style>{STYLE}</style></head>\n'
        f'<body><header><a href="/">Bellwether Jobs</a></header>\n<main>\n{body}\n</main>\n'
        "<footer>An invented board with invented postings, served by this computer to itself.</footer></body></html>\n"
    )


def front(jobs: list[Job]) -> str:
    """The front page: fields of work, the newest postings, and the odd corners."""
    newest = sorted(jobs, key=lambda job: job.age_hours)[:5]
    fields = "".join(f'<li><a href="/jobs?field={field.key}">{field.title}</a></li>' for field in FIELDS)
    odd = "".join(f'<li><a href="{path}">{path}</a>: {what}</li>' for path, what in ODD_CORNERS)
    body = (
        f'<h1>{len(jobs)} jobs, all of them invented</h1>\n<ul class="fields">{fields}</ul>\n'
        f'<h2>Newest</h2>\n{"".join(map(item, newest))}\n<p><a href="/jobs">All jobs</a>, also as '
        '<a href="/api/jobs">JSON</a>, <a href="/feed.rss">RSS</a>, <a href="/feed.atom">Atom</a> and '
        f'<a href="/sitemap.xml">sitemap</a>.</p>\n<h2>Odd corners</h2>\n<ul class="odd">{odd}</ul>'
    )
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed.rss">\n'
    return document("Bellwether Jobs", body, feed)


def item(job: Job) -> str:
    """One posting on a listing page."""
    pay = f'<span class="salary">{escape(job.pay.text)}</span>' if job.pay else ""
    return (
        f'<article class="job" data-id="{job.number}"><h2><a href="/jobs/{job.number}">{escape(job.title)}</a></h2>'
        f'<p class="facts"><span class="company">{escape(job.company)}</span><span class="place">{escape(job.place)}'
        f'</span>{pay}<span class="posted">{job.posted}</span></p></article>\n'
    )


def listing_page(page: Listing, path: str) -> str:
    """One listing page with links to its neighbours under the same `path`."""
    heading = f"{page.found} jobs, page {page.number} of {page.last}"
    neighbours = ""
    if page.number > 1:
        neighbours += f'<a rel="prev" href="{path}?{escape(page.query(page.number - 1))}">Newer</a>'
    if page.number < page.last:
        neighbours += f'<a rel="next" href="{path}?{escape(page.query(page.number + 1))}">Older</a>'
    body = f'<h1>{heading}</h1>\n{"".join(map(item, page.jobs))}<nav class="pages">{neighbours}</nav>'
    return document(f"Jobs, page {page.number}", body)


def detail_page(dated: Dated) -> str:
    """One posting in full, with the same facts as schema.org JSON-LD in its head."""
    job = dated.job
    facts = {
        "company": ("Company", job.company),
        "place": ("Place", job.place),
        "type": ("Type", job.job_type),
        "salary": ("Pay", job.pay.text if job.pay else None),
        "posted": ("Posted", job.posted),
        "number": ("Number", f"BW-{job.number}"),
    }
    rows = "".join(
        f'<dt>{label}</dt><dd class="{key}">{escape(value)}</dd>' for key, (label, value) in facts.items() if value
    )
    text = "".join(f"<p>{escape(part)}</p>" for part in job.description.split("\n"))
    # "</" inside a script would end it early.
    data = json.dumps(dated.json_ld(), ensure_ascii=False).replace("</", "<\\/")
    head = f'<script type="application/ld+json">{data}</script>\n'
    body = f'<h1>{escape(job.title)}</h1>\n<dl>{rows}</dl>\n<div class="description">{text}</div>'
    return document(f"{job.title} at {job.company}", body, head)


def message_page(title: str, text: str) -> str:
    """A page with one sentence on it, for errors and lies."""
    return document(title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>")
