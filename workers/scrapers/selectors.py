"""CSS and XPath selectors as params name them: `h2 a@href`, `./p[2]`, {"select": ..., "regex": ..., "attr": ...}."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

Node = Any  # an element of lxml, or the text that an XPath found
BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol "
    "p pre section table tbody td tfoot th thead tr ul".split()
)
UNREAD = frozenset({"script", "style", "template", "noscript"})
BASES: Any = etree.XPath("//base/@href")
LINKS: Any = etree.XPath(".//a/@href")
BREAK = "\n"
ATTRIBUTE = re.compile(r"@([A-Za-z_:][\w:.-]*)\s*$")


@dataclass(frozen=True, slots=True)
class Selector:
    """A compiled selector; everything it finds comes in the order of the page."""

    find: Any  # CSSSelector or XPath
    attribute: str | None = None
    regex: re.Pattern[str] | None = None

    def nodes(self, within: Node) -> list[Node]:
        """The elements (or texts) found within an element."""
        found = self.find(within)
        return found if isinstance(found, list) else [found]

    def texts(self, within: Node, *, lines: bool = False) -> list[str]:
        """What each match says, white space normalised, empty ones left out; `lines` keeps the breaks of blocks."""
        texts = (self._text(node, lines=lines) for node in self.nodes(within))
        return [text for text in texts if text]

    def text(self, within: Node, *, lines: bool = False) -> str | None:
        """What the first match with any text says."""
        return next(iter(self.texts(within, lines=lines)), None)

    def links(self, within: Node, base: str) -> list[str]:
        """Absolute http(s) addresses, each once, without fragments; an element without one lends its first link's."""
        texts = (self._link(node) for node in self.nodes(within))
        links = (absolute(text, base) for text in texts if text)
        return list(dict.fromkeys(link for link in links if link))

    def _text(self, node: Node, *, lines: bool) -> str | None:
        text = self._raw(node, lines=lines)
        if text is None or self.regex is None:
            return text
        match = self.regex.search(text)
        if match is None:
            return None
        return (match[1] if match.re.groups else match[0]) or None

    def _raw(self, node: Node, *, lines: bool) -> str | None:
        if not etree.iselement(node):
            return squeezed(str(node))
        if self.attribute is not None:
            return squeezed(node.get(self.attribute) or "")
        return block_text(node) if lines else inline_text(node)

    def _link(self, node: Node) -> str | None:
        if not etree.iselement(node) or self.attribute is not None or self.regex is not None:
            return self._text(node, lines=False)
        hrefs: list[str] = LINKS(node)
        return node.get("href") or next(iter(hrefs), None)


def parse_selector(spec: object) -> Selector:
    """Compile a param; raises ValueError with a sentence."""
    if isinstance(spec, dict):
        return _parse_mapping(spec)
    if not isinstance(spec, str) or not spec.strip():
        raise ValueError(f"should be a selector (a text, or a mapping with select), got {spec!r}")
    if spec.startswith(("/", "./", "(")):
        return Selector(_compiled(etree.XPath, spec))
    attribute = ATTRIBUTE.search(spec)
    css = spec[: attribute.start()] if attribute else spec
    # "@href" alone speaks of the item itself.
    find = _compiled(CSSSelector, css) if css.strip() else etree.XPath(".")
    return Selector(find, attribute[1] if attribute else None)


def _parse_mapping(spec: dict[str, Any]) -> Selector:
    if unknown := set(spec) - {"select", "regex", "attr"}:
        raise ValueError(f"a selector knows select, regex and attr, got {', '.join(sorted(map(str, unknown)))}")
    if not all(isinstance(value, str) for value in spec.values()):
        raise ValueError("select, regex and attr of a selector should be texts")
    inner = parse_selector(spec["select"]) if "select" in spec else Selector(etree.XPath("."))
    try:
        regex = re.compile(spec["regex"]) if "regex" in spec else None
    except re.error as error:
        raise ValueError(f"{spec['regex']!r} is no regular expression ({error})") from error
    return Selector(inner.find, spec.get("attr", inner.attribute), regex)


def _compiled(compiler: Any, text: str) -> Any:
    try:
        return compiler(text)
    except (SelectorError, etree.XPathError) as error:
        kind = "XPath" if compiler is etree.XPath else "CSS selector"
        raise ValueError(f"{text!r} is no {kind} ({error})") from error


def absolute(link: str, base: str) -> str | None:
    """The link as an absolute http(s) address without its fragment, or None where it is none."""
    try:
        url = urldefrag(urljoin(base, link.strip())).url
    except ValueError:  # such as "http://[broken"
        return None
    return url if url.startswith(("http://", "https://")) else None


def base_of(tree: Node, url: str) -> str:
    """What links of a page are relative to: its <base href>, else its own address."""
    hrefs: list[str] = BASES(tree)
    return (absolute(hrefs[0], url) if hrefs else None) or url


def squeezed(text: str) -> str | None:
    """The text with every run of white space as one blank, or None when nothing is left."""
    return " ".join(text.split()) or None


def inline_text(element: Node) -> str | None:
    """The text of an element in one line."""
    return squeezed("".join(_pieces(element)))  # the breaks of blocks part words, too


def block_text(element: Node) -> str | None:
    """The text of an element with a line for each block."""
    pieces = "".join(BREAK if piece is BREAK else piece.replace(BREAK, " ") for piece in _pieces(element))
    lines = (squeezed(line) for line in pieces.split(BREAK))
    return "\n".join(line for line in lines if line) or None


def _pieces(element: Node) -> Iterator[str]:
    """Pieces of text, and BREAKs between blocks; events and no recursion: pages nest deeper than Python's stack."""
    unread = 0
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            unread += node.tag in UNREAD
            text = node.text
        else:
            unread -= event == "end" and node.tag in UNREAD
            text = node.tail if node is not element else None
        if node.tag in BLOCKS:
            yield BREAK
        if text and not unread:
            yield text
