"""schema.org JobPosting out of the attributes of a page's own elements: microdata, and RDFa as far as it is alike."""

from __future__ import annotations

from typing import Any

from lxml import etree, html

from workers.records import JsonObject
from workers.scrapers.selectors import Node, inline_text

# Whose parts are marked up too, often without saying that they form a thing of their own.
THINGS = frozenset(
    "address applicantLocationRequirements baseSalary hiringOrganization identifier jobLocation value".split()
)
PARTS: Any = etree.XPath("boolean(.//*[@itemprop or @property])")
LINKED = {"a": "href", "link": "href", "img": "src", "time": "datetime", "data": "value"}
MOST_VALUES = 50  # of one name: places of work


def marked_up(tree: Node) -> list[JsonObject]:
    """The JobPosting objects of a page in the shape of JSON-LD; one pass, since pages nest deeper than the stack."""
    jobs: list[JsonObject] = []
    links: list[str | None] = []
    within: list[tuple[Node, JsonObject]] = []
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if event == "end":
            if within and within[-1][0] is node:
                _end(*within.pop())
        elif _is_posting(node):
            jobs.append({})
            links.append(None)
            within.append((node, jobs[-1]))
        elif within:
            links[-1] = links[-1] or (node.get("href") if node.tag == "a" else None)
            _add(node, within)
    if len(jobs) > 1:  # of several each has its own page
        jobs = [{"url": link} | job for job, link in zip(jobs, links, strict=True)]
    return [job for job in jobs if job]


def _is_posting(node: Node) -> bool:
    return (node.get("itemtype") or node.get("typeof") or "").rpartition("/")[2].rpartition(":")[2] == "JobPosting"


def _add(node: Node, within: list[tuple[Node, JsonObject]]) -> None:
    """Put the value of an element that has a name into the thing it belongs to."""
    said = (node.get("itemprop") or node.get("property") or "").split()
    names = [name.rpartition("/")[2].rpartition(":")[2] for name in said]
    holder = within[-1][1]
    wanted = [name for name in names if len(holder.get(name, ())) < MOST_VALUES]
    if not wanted:
        return
    thing: JsonObject | None = {} if _is_thing(node, wanted[0]) else None
    value = _value(node, wanted[0], holder) if thing is None else thing
    for name in wanted:
        holder.setdefault(name, []).append(value)
    if thing is not None:
        within.append((node, thing))


def _is_thing(node: Node, name: str) -> bool:
    if "content" in node.attrib:
        return False
    return "itemscope" in node.attrib or "typeof" in node.attrib or (name in THINGS and bool(PARTS(node)))


def _value(node: Node, name: str, holder: JsonObject) -> str | None:
    said = node.get("content") or node.get(LINKED.get(node.tag, "content"))
    if said and (name == "url" or node.tag != "a"):
        return str(said)
    if name == "description":
        return None if name in holder else str(html.tostring(node, encoding="unicode", with_tail=False))
    return inline_text(node)


def _end(node: Node, thing: JsonObject) -> None:
    """A thing without parts says its name as text."""
    if not thing and not _is_posting(node) and (text := inline_text(node)):
        thing["name"] = [text]
