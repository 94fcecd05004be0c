"""What came back: bytes, decoded with care, as text, HTML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import lxml.html
from lxml import etree
from w3lib.encoding import html_to_unicode

from workers.errors import FetchError

_EMPTY = "<html><body></body></html>"


class Response:
    """One answer. `text` is decoded by BOM, header, declaration, then UTF-8 if it fits, then windows-1252."""

    def __init__(self, *, status: int, url: str, headers: Mapping[str, str], content: bytes, elapsed_ms: int) -> None:
        """`url` is the final one, after redirects; `content` is decompressed."""
        self.status = status
        self.url = url
        self.headers = headers
        self.content = content
        self.elapsed_ms = elapsed_ms

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        # Bytes without a declared charset given straight to lxml turn to mojibake: decode first.
        return html_to_unicode(
            self.headers.get("Content-Type"), self.content, default_encoding="utf8", auto_detect_fun=_guess
        )

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
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        body = self.text.strip().encode("utf-8", "replace") or _EMPTY.encode()
        try:
            return lxml.html.document_fromstring(body, parser=parser, base_url=self.url)
        except etree.ParserError:  # nothing but comments or a declaration
            return lxml.html.document_fromstring(_EMPTY, base_url=self.url)

    def json(self) -> Any:
        """The body as JSON. Raises FetchError that names what came instead."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("Content-Type", "no content type")
            message = f"{self.url} did not answer JSON but {kind}: {error}"
            raise FetchError(message, url=self.url, status=self.status) from error


def _guess(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
