"""Hacker News' monthly "Who is hiring?": the thread from the search API, or a saved page of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.errors import FetchError
from workers.records import JsonObject, Page
from workers.scrapers.crawl import fetch_details
from workers.scrapers.hnposts import posting_of
from workers.scrapers.jsonapi import address, ask, base_url
from workers.scrapers.params import Param, read_params
from workers.scrapers.selectors import absolute

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

PARAMS = (
    Param(name="thread", kind="whole", sentence="The thread's number; without it the newest of whoishiring."),
    Param(name="url", kind="url", sentence="A page of the thread, or a copy of one, in place of the search API."),
    base_url("https://hn.algolia.com"),
)
CHECK = "params thread and base_url"
AT_ONCE = 8
GROUP = 100  # comments a page: what a kill may cost
NEWEST = {"tags": "story,author_whoishiring", "query": "who is hiring", "hitsPerPage": 10}
_LISTS = ("children", "comments", "hits", "jobs", "posts", "items")
_IDS, _TEXTS = ("id", "objectID", "story_id"), ("text", "comment_text", "content", "html")
_TIMES = ("time", "created_at_i", "created_at", "date")
_ROWS = '//tr[contains(concat(" ", @class, " "), " athing ")][.//td[contains(@class, "ind")]]'
_MORE = '//a[contains(@class, "morelink")]/@href'
_CELL = './/td[contains(@class, "ind")]'
Comment = tuple[Any, Any, Any]  # number, HTML, time


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("hackernews", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads a "Who is hiring?" thread of Hacker News: each top-level comment is one posting."""
    params = read(scrape.params)
    if params["url"]:
        yield from _pages(scrape, params["url"])
        return
    saved = scrape.checkpoint or {}
    thread = saved.get("thread") or params["thread"] or _newest(scrape, params["base_url"])
    response, data = ask(scrape, address(params["base_url"], "api", "v1", "items", str(thread)), {}, CHECK)
    yield from _groups(scrape, response.url, _comments(response, data), {"thread": thread})


def _newest(scrape: Scrape, base: str) -> int:
    response, data = ask(scrape, address(base, "api", "v1", "search_by_date"), NEWEST, CHECK)
    hits = data.get("hits") if isinstance(data, dict) else None
    for hit in hits if isinstance(hits, list) else []:
        number = str(hit.get("objectID")) if isinstance(hit, dict) else ""
        if number.isdecimal() and re.search(r"who is hiring", str(hit.get("title")), re.IGNORECASE):
            return int(number)
    raise FetchError(f'{response.url} names no "Who is hiring?" thread: check {CHECK}', url=response.url)


def _pages(scrape: Scrape, start: str) -> Iterator[Page]:
    """Saved pages, one after another by their "More" link; or an API's answer."""
    url: str | None = (scrape.checkpoint or {}).get("page") or start
    number = (scrape.checkpoint or {}).get("number", 0)
    while url:
        response = scrape.fetch(url)
        if response.content.lstrip()[:1] in (b"{", b"["):
            data = response.json()
            kids = data.get("kids") if isinstance(data, dict) else None
            comments = _kids(scrape, response.url, kids) if isinstance(kids, list) else _comments(response, data)
            yield from _groups(scrape, response.url, comments, {"page": url})
            return
        comments = _comments_of_page(response)
        onward = [
            absolute(link, response.url) for link in response.html.xpath('//a[contains(@class, "morelink")]/@href')
        ]
        url, number = next(iter(onward), None), number + 1
        yield Page(
            url=response.url,
            postings=[posting_of(*comment) for comment in comments],
            checkpoint={"page": url, "number": number},
            done=number,
            stage=f"page {number}, {len(comments)} comments",
        )


def _kids(scrape: Scrape, url: str, kids: list[Any]) -> list[Comment]:
    """The comments of an answer of the site's own API, which names them by number alone."""
    after = (scrape.checkpoint or {}).get("after", 0)
    numbers = [kid for kid in kids if isinstance(kid, int) and kid > after]
    wanted = [re.sub(r"\d+(?=\.json)", str(number), url) for number in numbers]
    found = [item for _, response in fetch_details(scrape, wanted, AT_ONCE) if response for item in [response.json()]]
    shown = [item for item in found if isinstance(item, dict) and isinstance(item.get("text"), str)]
    return [(item.get("id"), item["text"], item.get("time")) for item in shown if not item.get("deleted")]


def _groups(scrape: Scrape, url: str, comments: list[Comment], state: JsonObject) -> Iterator[Page]:
    """In the order of their numbers, so that what is written meanwhile comes last."""
    ordered = sorted(comments, key=_number)
    after = (scrape.checkpoint or {}).get("after", 0)
    rest = [comment for comment in ordered if _number(comment) > after or not _number(comment)]
    done = len(ordered) - len(rest)
    for at in range(0, max(len(rest), 1), GROUP):
        group = rest[at : at + GROUP]
        done += len(group)
        yield Page(
            url=url,
            postings=[posting_of(*comment) for comment in group],
            checkpoint={**state, "after": _number(group[-1]) if group else after},
            done=done,
            total=len(ordered),
            stage=f"comment {done} of {len(ordered)}",
        )


def _comments(response: Response, data: Any) -> list[Comment]:
    """The top-level comments of an API's answer. Raises FetchError for an answer of another shape."""
    found = data if isinstance(data, list) else None
    if isinstance(data, dict):
        found = next((data[name] for name in _LISTS if isinstance(data.get(name), list)), None)
    if found is None:
        raise FetchError(f"{response.url} holds no list of comments: check {CHECK}, or url", url=response.url)
    items = [item for item in found if isinstance(item, dict)]
    wanted = [tuple(_first(item, names) for names in (_IDS, _TEXTS, _TIMES)) for item in items if _is_top(item)]
    comments = [(ident, text, time) for ident, text, time in wanted if ident and isinstance(text, str) and text.strip()]
    if items and not comments:
        raise FetchError(f"{response.url} holds no comment with a text: check {CHECK}, or url", url=response.url)
    return comments


def _comments_of_page(response: Response) -> list[Comment]:
    """Of a page of any year: indented by an image of that width, or by an attribute."""
    rows = response.html.xpath(_ROWS)
    if not rows:
        raise FetchError(f"{response.url} is no thread of Hacker News: check url", url=response.url)
    top = [row for row in rows if _indent(row) == 0]
    found = [(row.get("id"), _markup(row), _age(row)) for row in top]
    return [(ident, text, age) for ident, text, age in found if ident and text]


def _indent(row: Any) -> int:
    shown = row.xpath(f"{_CELL}/@indent") or row.xpath(f"{_CELL}//img/@width")
    return int(shown[0]) if shown and str(shown[0]).isdecimal() else 0


def _markup(row: Any) -> str | None:
    from lxml import html

    for block in row.xpath('.//*[contains(@class, "commtext")] | .//*[@class="comment"]'):
        for reply in block.xpath('.//*[@class="reply"]'):
            reply.drop_tree()
        if block.text_content().strip():
            return str(html.tostring(block, encoding="unicode", with_tail=False))
    return None


def _age(row: Any) -> str | None:
    """An exact time where the page has one, else how long ago."""
    exact = row.xpath('.//span[@class="age"]/@title')
    shown = (exact[0].split()[0] if exact else "") or " ".join(row.xpath('.//span[@class="age"]//text()'))
    return shown.strip() or None


def _number(comment: Comment) -> int:
    return int(comment[0]) if str(comment[0]).isdecimal() else 0


def _first(item: JsonObject, names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if item.get(name)), None)


def _is_top(item: JsonObject) -> bool:
    """A reply names another parent than the thread; what names none stands at the top."""
    parent, story = item.get("parent_id"), item.get("story_id")
    return parent is None or story is None or parent == story or "children" in item
