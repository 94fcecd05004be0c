"""Hacker News "Ask HN: Who is hiring?": one posting per top-level comment, from either API or from a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lxml import html

from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import check_page, fetch_details
from workers.scrapers.hnlines import read_comment
from workers.scrapers.params import Param, read_params
from workers.scrapers.selectors import absolute

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

SITE = "https://news.ycombinator.com/"
PARAMS = (
    Param(name="thread", kind="whole", sentence="Number of the thread; without it the newest of user whoishiring."),
    Param(name="url", kind="url", sentence="A thread's page, or its API address, in place of thread and base_url."),
    Param(
        name="base_url",
        kind="url",
        default="https://hn.algolia.com",
        sentence="Where the API is: Algolia's, Firebase's (https://hacker-news.firebaseio.com), or a copy of either.",
    ),
)
GROUP = 25  # comments of the Firebase API per page
_THREAD = re.compile(r"\bwho(?:'|\u2019)?s? (?:is )?hiring\b", re.IGNORECASE)
_NOBODY = frozenset({"", "[deleted]", "[dead]", "[flagged]", "[delayed]"})


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("hackernews", PARAMS, params)
    if values["url"] and values["thread"]:
        raise ScraperRefused("hackernews: url and thread exclude each other; name one")
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the top-level comments of a "Who is hiring" thread as postings."""
    params = read(scrape.params)
    saved = scrape.checkpoint or {}
    base = params["base_url"].rstrip("/")
    if address := saved.get("page") or params["url"]:
        response = scrape.fetch(address)
    else:
        number = saved.get("thread") or params["thread"] or _newest(scrape, base)
        response = _first_answer(scrape, [f"{base}/api/v1/items/{number}", f"{base}/v0/item/{number}.json"])
    if not response.text.lstrip().startswith(("{", "[", "null")):
        yield from _html_pages(scrape, response)
        return
    item = response.json()
    if isinstance(item, dict) and isinstance(item.get("children"), list):
        found = [_posting(c.get("id"), c.get("text"), c.get("created_at_i")) for c in item["children"]]
        yield Page(url=response.url, postings=[posting for posting in found if posting])
    elif isinstance(item, dict) and item.get("type") == "story":
        yield from _firebase_pages(scrape, response, item, saved)
    else:
        raise ValueError(f"{response.url} is no thread: look at it in a browser and check thread or url")


def _newest(scrape: Scrape, base: str) -> int:
    """The newest thread's number: asked by Algolia's path, and where there is none by Firebase's."""
    search = f"{base}/api/v1/search_by_date?tags=story,author_whoishiring&hitsPerPage=20"
    found = _first_answer(scrape, [search, f"{base}/v0/user/whoishiring.json"]).json() or {}
    for hit in found.get("hits", []):
        if _THREAD.search(hit.get("title") or ""):
            return int(hit.get("objectID") or hit["story_id"])
    for number in found.get("submitted", [])[:10]:
        if _THREAD.search((scrape.fetch(f"{base}/v0/item/{number}.json").json() or {}).get("title") or ""):
            return int(number)
    raise ValueError(f"{base} names no thread of whoishiring: name the number of one as thread")


def _first_answer(scrape: Scrape, urls: list[str]) -> Response:
    """Of the first address; of the second where the host does not know the first."""
    if "firebaseio" in urls[1]:
        return scrape.fetch(urls[1])
    response = scrape.fetch(urls[0], allow_status=(404,))
    return response if response.status != 404 else scrape.fetch(urls[1])


def _firebase_pages(scrape: Scrape, response: Response, item: JsonObject, saved: JsonObject) -> Iterator[Page]:
    kids: list[int] = item.get("kids") or []
    for at in range(saved.get("kid", 0), len(kids), GROUP):
        urls = [absolute(f"{kid}.json", response.url) or "" for kid in kids[at : at + GROUP]]
        answers = (answer.json() or {} for _, answer in fetch_details(scrape, urls, 4) if answer)
        found = [_posting(a.get("id"), a.get("text"), a.get("time")) for a in answers if not a.get("deleted")]
        done = min(at + GROUP, len(kids))
        yield Page(
            url=response.url,
            postings=[posting for posting in found if posting],
            checkpoint={"thread": item.get("id"), "kid": done},
            done=done,
            total=len(kids),
        )


def _html_pages(scrape: Scrape, response: Response) -> Iterator[Page]:
    seen: set[str] = set()
    while True:
        check_page(response)
        rows = response.html.xpath("//tr[contains(concat(' ', normalize-space(@class), ' '), ' comtr ')]")
        if not rows and not response.html.xpath("//table[contains(@class, 'fatitem')]"):
            raise ValueError(f"{response.url} is no thread of Hacker News: look at it in a browser and check url")
        seen.add(response.url)
        onward = response.html.xpath("string((//a[contains(@class, 'morelink')]/@href)[1])")
        next_url = absolute(onward, response.url) if onward else None
        postings = [posting for row in rows if _is_top(row) and (posting := _row(row))]
        yield Page(url=response.url, postings=postings, checkpoint={"page": next_url} if next_url else None)
        if not next_url or next_url in seen:
            return
        response = scrape.fetch(next_url)


def _is_top(row: Any) -> bool:
    """Indented by nothing: said by the cell today, by the width of a picture before."""
    indent = row.xpath("string((.//td[contains(concat(' ', @class, ' '), ' ind ')]/@indent)[1])")
    width = row.xpath("string((.//td[contains(concat(' ', @class, ' '), ' ind ')]//img/@width)[1])")
    return (indent or width or "0").strip() == "0"


def _row(row: Any) -> Posting | None:
    texts = row.xpath(
        ".//*[contains(concat(' ', @class, ' '), ' commtext ')] | .//*[contains(concat(' ', @class, ' '), ' comment ')]"
        "//*[self::span or self::font][starts-with(@class, 'c') or @color][1]"
    )
    if not texts:
        return None
    for reply in texts[0].xpath(".//div[contains(@class, 'reply')]"):  # left inside by markup that is not closed
        reply.drop_tree()
    markup = (texts[0].text or "") + "".join(html.tostring(child, encoding="unicode") for child in texts[0])
    age = row.xpath("(.//*[contains(concat(' ', @class, ' '), ' age ')])[1]")
    said = (age[0].get("title") or "").split(" ")[0] or age[0].text_content() if age else None
    return _posting(row.get("id"), markup, said)


def _posting(number: Any, markup: str | None, posted: Any) -> Posting | None:
    """None for what was deleted or says nothing."""
    if (markup or "").strip() in _NOBODY or not number:
        return None
    fields = read_comment(markup or "")
    return Posting(url=f"{SITE}item?id={number}", external_id=number, posted=posted, **fields) if fields else None
