"""What the robots.txt of a host allows to our user agent."""

from __future__ import annotations

import re

from workers.response import Response

MOST_BYTES = 500_000  # RFC 9309 wants at least so much to be read
LONGEST_DELAY_S = 120.0  # a host that asks for more would rather not be asked at all, and says so by Disallow
_MOST_WORK = 500_000  # rules, each for every agent named above it: more is made to be slow
_AGENT = re.compile(r"\s*user[ -]?agent\b", re.IGNORECASE)


class Robots:
    """The rules of one origin for one user agent; no text, no rules."""

    def __init__(self, text: str | None, user_agent: str) -> None:
        """`user_agent` as sent: only the name that it begins with counts."""
        self._name = product_name(user_agent)
        self._rules = None
        if text and _work(text) <= _MOST_WORK:
            from protego import Protego  # only by those who meet a host with rules

            self._rules = Protego.parse(text)

    def allows(self, url: str) -> bool:
        """Whether this URL may be fetched."""
        if self._rules is None:
            return True
        try:
            return bool(self._rules.can_fetch(url, self._name))
        except ValueError:  # an address that cannot be taken apart is allowed nowhere and forbidden nowhere
            return True

    @property
    def asked_delay_s(self) -> float:
        """Crawl-delay as the host wants it; 0: it wants none."""
        return (self._rules.crawl_delay(self._name) or 0.0) if self._rules is not None else 0.0

    @property
    def crawl_delay_s(self) -> float:
        """Crawl-delay as it is kept."""
        return min(self.asked_delay_s, LONGEST_DELAY_S)


def product_name(user_agent: str) -> str:
    """`scrapewarden` of `scrapewarden/1.0 (+https://…)`."""
    return re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0]


def rules_in(response: Response) -> str | None:
    """The text of a robots.txt; None for what is none: a page, a picture, nothing."""
    body = response.content[:MOST_BYTES]
    if response.status >= 300 or b"\0" in body or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    if len(body) == MOST_BYTES:
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r"))]  # half a line would forbid more than the whole one
    text = body.decode("utf-8-sig", "replace")
    return text if any(map(_AGENT.match, text.splitlines())) else None


def _work(text: str) -> int:
    """How many rules a parser has to note: each line counts for every agent of its group."""
    work = agents = 0
    in_rules = True
    for line in text.splitlines():
        if _AGENT.match(line):
            agents = 1 if in_rules else agents + 1
            in_rules = False
            work += agents // 100  # each is looked for among those before it
        elif ":" in line:
            in_rules = True
            work += agents
    return work
