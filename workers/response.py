"""What came back: bytes, decoded with care, as text, HTML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import lxml.html
from lxml import etree

from workers.charset import decode
from workers.errors import FetchError

_EMPTY = b"<html><body></body></html>"
_GAVE_UP = "ERR_RESOURCE_LIMIT"  # libxml2's name for its own limits
_MOST_NAMED = 80


class Response:
    """One answer. `text` is decoded by BOM, header, declaration, then UTF-8 if it fits, then windows-1252."""

    def __init__(
        self,
        *,
        status: int,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        elapsed_ms: int,
        unchanged: bool = False,
    ) -> None:
        """`url` is the final one, after redirects; `content` is decompressed.

        `unchanged`: the host said that it is as it was when it came last; status, headers and content are of then.
        """
        self.status = status
        self.url = url
        self.headers = headers
        self.content = content
        self.elapsed_ms = elapsed_ms
        self.unchanged = unchanged

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.url}, {len(self.content)} bytes>"

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        # Bytes without a declared charset given straight to lxml turn to mojibake: decode first.
        return decode(self.content, self.headers.get("Content-Type"))

    @property
    def encoding(self) -> str:
        """The charset that was used."""
        return self._decoded[0]

    @cached_property
    def text(self) -> str:
        """The body as text, without NUL; what cannot be decoded is replaced."""
        return self._decoded[1].replace("\0", "")

    @cached_property
    def _parsed(self) -> tuple[lxml.html.HtmlElement, bool]:
        body = self.text.strip().encode("utf-8", "replace")  # as bytes: lxml refuses a str that declares an encoding
        # huge_tree: without it all that is deeper than 256 elements is lost, and unclosed tags get that deep.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            tree = lxml.html.document_fromstring(body, parser=parser, base_url=self.url)
        except etree.ParserError:  # nothing, or nothing but comments and declarations
            tree = lxml.html.document_fromstring(_EMPTY, base_url=self.url)
        return tree, not any(entry.type_name == _GAVE_UP for entry in parser.error_log.filter_from_fatals())

    @property
    def html(self) -> lxml.html.HtmlElement:
        """The body as an lxml document; what holds no element is an empty document. Never raises."""
        return self._parsed[0]

    @property
    def html_is_whole(self) -> bool:
        """False where the parser gave up on the way: behind 2,048 elements within each other nothing is read."""
        return self._parsed[1]

    @property
    def kind(self) -> str:
        """What the host says that it is, for a sentence."""
        return self.headers.get("Content-Type", "something without a type")[:_MOST_NAMED]

    def json(self) -> Any:
        """The body as JSON. Raises FetchError that names what came instead."""
        try:
            return self._read_json()
        except (ValueError, RecursionError) as error:
            why = str(error).partition("\n")[0] if self.content else "the body is empty"
            message = f"{self.url} did not answer JSON but {self.kind} ({why}); look at it in a browser"
            raise FetchError(message, url=self.url, status=self.status) from error

    def _read_json(self) -> Any:
        try:
            return json.loads(self.content, parse_constant=_refuse)  # UTF-8, 16 or 32 by its first bytes
        except UnicodeDecodeError:
            return json.loads(self.text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
