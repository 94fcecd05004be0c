"""XML exports of jobs that are no feeds: find the element that repeats for each job, and read it by its names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from lxml import etree

from workers.scrapers.fields import NAMES, Record, every, normal
from workers.scrapers.jsonfields import address_line, text

JOBS = frozenset(
    normal(name)
    for name in (
        "job item offer offre offre_emploi annonce position position_opening job_posting posting vacancy vacature "
        "stelle stellenangebot anzeige oferta empleo vaga annuncio offerta praca nabidka listing opening entry ad "
        "anuncio emploi vacante aviso stilling"
    ).split()
)

PLACES = ("location", "place")  # how names of an element that is an address end
PLACE_TABLES = (("city", "town", "locality"), ("state", "region", "province"), ("country", "countrycode"))
PAGE = frozenset({"html", "body", "head"})
# An ampersand that begins no reference, unless CDATA says that it is one.
AMPERSAND = re.compile(rb"(<!\[CDATA\[.*?\]\]>)|&(?!#?\w{1,32};)", re.DOTALL)
TITLES = frozenset(name.lstrip("/") for name in NAMES["title"])
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def mended(content: bytes) -> bytes:
    """The document with the bare ampersands that are its most common fault written as references."""
    return content if content[:2] in UTF_16 else AMPERSAND.sub(lambda match: match[1] or b"&amp;", content)


def read_xml(content: bytes) -> Any:
    """The root of a document, or None where nothing of it can be read; without entities and network."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(mended(content), parser)
    except etree.XMLSyntaxError:
        return None


def job_records(root: Any, item: str | None = None) -> list[Record]:
    """One record for each job of an export; `item` names its element where the usual names do not."""
    wanted = {normal(item)} if item else JOBS
    groups = _groups(root, wanted)
    if not groups and not item and _name(root) not in PAGE:
        # Whatever it is called: what has both a title and an address is a job.
        groups = {name: records for name, records in _groups(root, None).items() if every(records[0], NAMES["url"])}
    # Elements of one name are the jobs; where two names qualify the rarer one wraps or decorates.
    return max(groups.values(), key=_likelihood, default=[])


def _groups(root: Any, names: Collection[str] | None) -> dict[str, list[Record]]:
    """The records with a title, by the name of their element."""
    groups: dict[str, list[Record]] = {}
    for element in root.iter(etree.Element):
        name = _name(element)
        if len(element) and (name in names if names else _is_titled(element)):
            record = record_of(element)
            if every(record, NAMES["title"]):
                groups.setdefault(name, []).append(record)
    return groups


def _is_titled(element: Any) -> bool:
    return any(isinstance(child.tag, str) and _name(child) in TITLES for child in element)


def _likelihood(records: list[Record]) -> tuple[int, int, int]:
    told = [name for name in ("title", "url") if every(records[0], NAMES[name])]
    depth = min(len(path) for path, _ in records[0] if path[-1:] == ("title",)) if _has_title(records[0]) else 1
    return len(records), len(told), -depth


def _has_title(record: Record) -> bool:
    return any(path[-1:] == ("title",) for path, _ in record)


def record_of(element: Any) -> Record:
    """Every text below an element, with the names that lead to it; then its own number, if that is an attribute."""
    record: Record = []
    waiting: list[tuple[Any, tuple[str, ...]]] = [(child, ()) for child in reversed(element)]
    while waiting:
        node, above = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        path = (*above, _name(node))
        if said := (node.text or "").strip():
            record.append((path, said))
        elif line := _place(node):
            record.append(((*above, "location"), line))
        waiting += [(child, path) for child in reversed(node)]
    ident = (element.get("id") or "").strip()
    return [*record, (("id",), ident)] if ident else record


def _place(node: Any) -> str | None:
    """The line that an address in several elements makes: of several addresses each is to keep its own parts."""
    if not len(node) or not _name(node).endswith(PLACES):
        return None
    said = {_name(child): child.text for child in reversed(node) if isinstance(child.tag, str) and child.text}
    parts = [next((said[name] for name in names if name in said), None) for names in PLACE_TABLES]
    return address_line(*parts) or text(said.get("name"))


def _name(element: Any) -> str:
    return normal(etree.QName(element).localname)
