"""From bytes to text: byte order mark, header, declaration, in that order, each believed as far as it can be true."""

from __future__ import annotations

import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

# Python knows codecs that are no charsets (base64, punycode), and some that are slow or turn text into markup.
_CHARSET = re.compile(r"utf-?(8|16|32)|iso|cp|koi8|gb|big5|euc|shift|mac|tis|hz|johab|ptcp|kz|latin|windows")
_LIKE_LATIN_1 = frozenset({"cp1252", "iso8859-1", "iso8859-15", "ascii"})
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def decode(content: bytes, content_type: str | None) -> tuple[str, str]:
    """The charset that was used and the text; what cannot be decoded is replaced. Never raises."""
    charset, mark = read_bom(content)
    if charset and mark:
        return charset, to_unicode(content[len(mark) :], charset)
    named = _known(http_content_type_encoding(content_type))
    # A declaration that could be read as ASCII cannot mean a charset of two bytes a letter.
    declared = _known(html_body_declared_encoding(content[:8192]))
    charset = named or (None if declared and declared.startswith(("utf-16", "utf-32")) else declared)
    charset = _believed(content, charset)
    return charset, to_unicode(content, charset)


def _known(charset: str | None) -> str | None:
    return charset if charset and _CHARSET.match(charset) else None


def _believed(content: bytes, charset: str | None) -> str:
    """The named charset, unless the bytes tell otherwise; without a name UTF-8 if it fits, else windows-1252."""
    if charset not in (None, "utf-8") and charset not in _LIKE_LATIN_1:
        return charset
    if _fits_utf8(content):
        # Western text that happens to be valid UTF-8 does not exist; servers that add their default charset do.
        return "utf-8" if charset is None or _BEYOND_ASCII.search(content) else charset
    if charset == "utf-8" and not content.decode("utf-8", "ignore").isascii():
        return "utf-8"  # some letters are right: the rest is damage
    return charset if charset in _LIKE_LATIN_1 else "cp1252"


def _fits_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
