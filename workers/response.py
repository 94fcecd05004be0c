"""What came back: bytes, decoded with care, as text, HTML or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import lxml.html
from lxml import etree
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

from workers.errors import FetchError

_EMPTY = b"<html><body></body></html>"
# Codecs that Python counts as text and no page is written in; punycode takes quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


class Response:
    """One answer. `text` is decoded by BOM, header, declaration, then UTF-8 if it fits, then windows-1252."""

    def __init__(self, *, status: int, url: str, headers: Mapping[str, str], content: bytes, elapsed_ms: int) -> None:
        """`url` is the final one, after redirects; `content` is decompressed."""
        self.status = status
        self.url = url
        self.headers = headers
        self.content = content
        self.elapsed_ms = elapsed_ms

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.url}, {len(self.content)} bytes>"

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        # Bytes without a declared charset given straight to lxml turn to mojibake: decode first.
        mark, bom = read_bom(self.content)
        if mark is not None and bom is not None:
            return mark, to_unicode(self.content[len(bom) :], mark)
        charset = next(self._declared(), None) or _guessed(self.content)
        return charset, to_unicode(self.content, charset)

    def _declared(self) -> Iterator[str]:
        """What the header and then the body itself say, if it can be used."""
        header = http_content_type_encoding(self.headers.get("Content-Type"))
        if header is not None and _is_charset(header):
            yield f"{header}-le" if header in {"utf-16", "utf-32"} else header  # without a mark, as browsers do
        body = html_body_declared_encoding(self.content)
        # A declaration that can be read as ASCII disproves the UTF-16 it declares.
        if body is not None and _is_charset(body) and not body.startswith(("utf-16", "utf-32")):
            yield body

    @property
    def encoding(self) -> str:
        """The charset that was used."""
        return self._decoded[0]

    @cached_property
    def text(self) -> str:
        """The body as text, without NUL; what cannot be decoded is replaced."""
        return self._decoded[1].replace("\0", "")

    @cached_property
    def html(self) -> lxml.html.HtmlElement:
        """The body as an lxml document; an empty body is an empty document."""
        # As bytes: lxml refuses a str that declares an encoding.
        body = self.text.strip().encode("utf-8", "replace")
        try:
            return lxml.html.document_fromstring(body, parser=_parser(), base_url=self.url)
        except etree.ParserError:  # nothing, or nothing but comments and declarations
            return lxml.html.document_fromstring(_EMPTY, parser=_parser(), base_url=self.url)

    def json(self) -> Any:
        """The body as JSON in UTF-8, UTF-16 or UTF-32. Raises FetchError that names what came instead."""
        try:
            return json.loads(self.content, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("Content-Type") or "something without a content type"
            message = (
                f"{self.url} did not answer JSON but {kind} ({error}); look at what the address gives in a browser"
            )
            raise FetchError(message, url=self.url, status=self.status) from error


def _parser() -> lxml.html.HTMLParser:
    # huge_tree: without it everything deeper than 256 elements is lost, and unclosed tags get that deep.
    return lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)


def _is_charset(name: str) -> bool:
    if name in _NO_CHARSETS:
        return False
    try:
        b" ".decode(name, "replace")  # not b"": that is answered without asking the codec
    except (LookupError, ValueError):  # zlib, base64 and their like do not lead from bytes to text
        return False
    return True


def _guessed(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
