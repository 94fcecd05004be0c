"""Text that any database and any reader can take: no NUL, no lone surrogates, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

RAW_FACTOR = 10  # markup may weigh ten times the text in it; what lies beyond is not looked at

# NUL and surrogates break Postgres and UTF-8; the rest is invisible, so two equal-looking titles would differ
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
)
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_LOOKS_LIKE_HTML = re.compile(
    r"<(?:[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?|/[a-zA-Z][a-zA-Z0-9]*\s*|!--)>?|&(?:[a-z]{2,8}|#\d+|#[xX][0-9a-fA-F]+);"
)
_ENCODED_TAG = re.compile(r"&lt;/?[a-zA-Z][^<>]{0,200}?&gt;")
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tbody tr ul".split()
)
_SILENT = frozenset("script style noscript template head iframe object svg".split())
_APOSTROPHES = "\u02bc\u02bb\ua78c\uff07\u2035\u02b9\u2019\u2018\u00b4`\u2032"
_FOLDS = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "Ø": "o",
        "đ": "d",
        "Đ": "d",
        "ı": "i",
        "æ": "ae",
    }
)
_NAMING_KEYS = ("name", "title", "label", "text", "value", "@value", "#text")


def visible(text: str) -> str:
    """The text without NUL, control characters, lone surrogates and zero-width characters."""
    return _UNWANTED.sub("", text)


def one_line(text: str, limit: int) -> str:
    """Visible text on one line with single spaces, at most `limit` characters; may be empty."""
    return _SPACES.sub(" ", visible(text[: limit * RAW_FACTOR])).strip()[:limit].rstrip()


def many_lines(text: str, limit: int) -> str:
    """Visible text with its line breaks, at most one blank line in a row, at most `limit` characters."""
    shown = visible(text[: limit * RAW_FACTOR].replace("\r\n", "\n").replace("\r", "\n"))
    joined = _LINE_ENDS.sub("\n", _LINE_SPACES.sub(" ", shown))
    return _BLANK_LINES.sub("\n\n", joined).strip()[:limit].rstrip()


def as_text(value: object) -> str | None:
    """What a site meant by a value of any type: strings, numbers, the first of a list, the name in a mapping."""
    for _ in range(4):  # deeper nesting than this is not a title any more
        if isinstance(value, str):
            return value
        if isinstance(value, (list, tuple)) and value:
            value = value[0]
        elif isinstance(value, dict):
            value = next((value[key] for key in _NAMING_KEYS if value.get(key) is not None), None)
        else:
            return _scalar(value)
    return None


def _scalar(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else str(value)
    return str(value) if value.bit_length() < 256 else None


def readable(text: str, limit: int) -> str:
    """Plain text of plain text or HTML, with paragraphs and list items on lines of their own."""
    raw = text[: limit * RAW_FACTOR]
    if not _LOOKS_LIKE_HTML.search(raw):
        return many_lines(raw, limit)
    if _ENCODED_TAG.search(raw) and "<" not in raw:  # escaped twice, as some APIs send it
        raw = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    return many_lines(_html_text(raw), limit)


def _html_text(raw: str) -> str:
    from lxml import etree, html

    shown = visible(raw)
    # huge_tree: without it all that is deeper than 256 elements is lost, and unclosed tags get that deep.
    parser = etree.HTMLParser(huge_tree=True)
    try:
        try:
            root = html.fragment_fromstring(shown, create_parent="div", parser=parser)
        except AssertionError:  # lxml's way to say: frames, or more than one body
            root = html.document_fromstring(shown, parser=parser)
    except (etree.LxmlError, ValueError):
        return re.sub(r"<[^<>]{0,1000}>", " ", raw)
    pieces: list[str] = []
    silent = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        starts = event == "start"
        silent += (tag in _SILENT) * (1 if starts else -1)
        if tag in _BLOCKS:
            pieces.append(_break(tag, starts=starts))
        fragment = node.text if starts else node.tail
        if fragment and not silent:
            pieces.append(_SPACES.sub(" ", fragment))
    return "".join(pieces)


def _break(tag: str, *, starts: bool) -> str:
    if tag == "li":
        return "\n- " if starts else ""
    if tag == "br":
        return "\n" if starts else ""
    return "\n" if tag in ("tr", "div", "ul", "ol") else "\n\n"


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A key for look-ups: lower case, no accents, one kind of apostrophe."""
    plain = unicodedata.normalize("NFKD", text.translate(_FOLDS))
    return "".join(c for c in plain if unicodedata.category(c)[0] != "M").casefold().translate(_FOLDS)
