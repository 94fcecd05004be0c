"""XML exports of jobs that are no feeds: find the element that repeats for each job, and read it by its names."""

from __future__ import annotations

from typing import Any

from lxml import etree

from workers.scrapers.fields import NAMES, Record, every, normal

JOBS = frozenset(
    normal(name)
    for name in (
        "job item offer offre offre_emploi annonce position position_opening job_posting posting vacancy vacature "
        "stelle stellenangebot anzeige oferta empleo vaga annuncio offerta praca nabidka listing opening entry"
    ).split()
)


def read_xml(content: bytes) -> Any:
    """The root of a document, or None where nothing of it can be read; without entities and network."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None


def job_records(root: Any, item: str | None = None) -> list[Record]:
    """One record for each job of an export; `item` names its element where the usual names do not."""
    groups: dict[str, list[Record]] = {}
    for element in root.iter(etree.Element):
        name = _name(element)
        if len(element) and (name == normal(item) if item else name in JOBS):
            record = record_of(element)
            if every(record, NAMES["title"]):
                groups.setdefault(name, []).append(record)
    # Elements of one name are the jobs; where two names qualify the rarer one wraps or decorates.
    return max(groups.values(), key=len, default=[])


def record_of(element: Any) -> Record:
    """Every text below an element, with the names that lead to it."""
    record: Record = []
    waiting: list[tuple[Any, tuple[str, ...]]] = [(child, ()) for child in reversed(element)]
    while waiting:
        node, above = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        path = (*above, _name(node))
        text = (node.text or "").strip()
        if text:
            record.append((path, text))
        waiting += [(child, path) for child in reversed(node)]
    return record


def _name(element: Any) -> str:
    return normal(etree.QName(element).localname)
