"""Sitemaps and sitemap indexes, plain or gzipped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from workers.scrapers.selectors import absolute
from workers.unpack import Unreadable, unpacked

if TYPE_CHECKING:
    from workers.response import Response

MAX_BYTES = 60_000_000  # the protocol allows 50 MB unpacked; more is a bomb
ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)\b")
LOCATIONS: Any = etree.XPath("/*/*/*[local-name() = 'loc']/text()")
GZIP = b"\x1f\x8b"


def is_sitemap(response: Response) -> bool:
    """Whether the body is a sitemap, whatever its address and its type say."""
    return response.content[:2] == GZIP or bool(ROOT.search(response.content[:4096]))


def read_sitemap(content: bytes) -> tuple[list[str], list[str]]:
    """The addresses of further sitemaps and of pages; raises ValueError for a body that is neither or too large."""
    body = _unpacked(content)
    root = ROOT.search(body[:4096])
    if root is None:
        raise ValueError("a gzipped file holds no sitemap; start from the address of a sitemap or of a page")
    found = _locations(body)
    return (found, []) if root[1] == b"sitemapindex" else ([], found)


def _unpacked(content: bytes) -> bytes:
    if content[:2] != GZIP:
        return content
    body = bytearray()
    try:
        for piece in unpacked([content], "gzip"):
            body += piece
            if len(body) > MAX_BYTES:
                raise ValueError(f"a sitemap unpacks to more than {MAX_BYTES // 1_000_000} MB; start from its pages")
    except Unreadable as error:
        raise ValueError(f"a sitemap does not unpack ({error}); ask the site or start from its pages") from error
    return bytes(body)


def _locations(body: bytes) -> list[str]:
    # No entities and no network: a sitemap needs neither, and both are ways to make a reader suffer.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        tree = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        tree = None
    texts: list[str] = LOCATIONS(tree) if tree is not None else []
    if not texts and parser.error_log:
        raise ValueError("a sitemap is broken before its first address; start from the site's pages")
    # The protocol wants whole addresses; one that is broken costs only itself.
    whole = (str(text).strip() for text in texts)
    links = (absolute(link, link) for link in whole if link.startswith(("http://", "https://")))
    return list(dict.fromkeys(link for link in links if link))
