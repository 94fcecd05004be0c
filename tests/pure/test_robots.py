"""What is read out of a robots.txt: rules for our name, of what really is one, and never more work than it is worth."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.response import Response
from workers.robots import MOST_BYTES, Robots, product_name, rules_in

AGENT = "scrapewarden/1.0 (+https://example.org/bot)"
RULES = b"User-agent: *\nDisallow: /private\n"


def answer(content: bytes, status: int = 200) -> Response:
    return Response(status=status, url="http://h/robots.txt", headers={}, content=content, elapsed_ms=1)


def allows(text: str, path: str, agent: str = AGENT) -> bool:
    return Robots(text, agent).allows(f"http://h{path}")


@pytest.mark.parametrize(
    ("agent", "name"),
    [(AGENT, "scrapewarden"), ("Bot 2 (x)", "Bot"), (" bot ", "bot"), ("bot", "bot"), ("", "")],
)
def test_only_the_name_that_a_user_agent_begins_with_counts(agent: str, name: str) -> None:
    assert product_name(agent) == name


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: scrapewarden\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: scrapewarden\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: Scrapewarden\nDisallow: /", "/a", False),
        ("User-agent: example\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /jobs\nAllow: /jobs/open", "/jobs/open/1", True),
        ("User-agent: *\nDisallow: /*?page=", "/jobs?page=2", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\r\nDisallow: /stra%C3%9Fe # here", "/stra\u00dfe", False),
    ],
)
def test_rules_are_obeyed(text: str, path: str, *, allowed: bool) -> None:
    assert allows(text, path) is allowed


@pytest.mark.parametrize(
    ("said", "asked_s", "kept_s"),
    [("2.5", 2.5, 2.5), ("3600", 3600, 120), ("-1", 0, 0), ("soon", 0, 0), ("inf", 0, 0), ("nan", 0, 0)],
)
def test_a_crawl_delay_is_kept_up_to_two_minutes(said: str, asked_s: float, kept_s: float) -> None:
    robots = Robots(f"User-agent: *\nCrawl-delay: {said}\n", AGENT)
    assert (robots.asked_delay_s, robots.crawl_delay_s) == (asked_s, kept_s)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 200),
        (RULES, 404),
        (b"\xef\xbb\xbf\n <!DOCTYPE html>\nUser-agent: *\nDisallow: /", 200),
        (b"\x89PNG\0\0User-agent: *\nDisallow: /", 200),
        (b"Disallow: /\n", 200),
        (b"\xff" * 1000, 200),
    ],
)
def test_what_is_no_robots_txt_has_no_rules(content: bytes, status: int) -> None:
    assert rules_in(answer(content, status)) is None


def test_a_byte_order_mark_and_odd_bytes_do_no_harm() -> None:
    assert rules_in(answer(b"\xef\xbb\xbf" + RULES + b"# \xff\n")) == RULES.decode() + "# \ufffd\n"


def test_of_a_giant_one_as_much_counts_as_must_and_no_half_line() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    text = RULES + filler * ((MOST_BYTES - len(RULES)) // len(filler) - 1)
    text += b"#" * (MOST_BYTES - len(text) - len("\nDisallow: /pub")) + b"\nDisallow: /public/not-this\nDisallow: /\n"
    rules = rules_in(answer(text))
    assert rules is not None
    assert len(rules) < MOST_BYTES
    assert not allows(rules, "/private")
    assert allows(rules, "/public"), "cut off in the middle the rule would forbid more"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"user-agent:{n}\n" for n in range(20_000)) + "disallow:/a\n" * 20_000,
        "".join(f"user-agent:{n}\n" for n in range(17_000)) * 2,
    ],
    ids=["every rule for every agent", "every agent twice"],
)
def test_one_that_is_made_to_be_slow_has_no_rules(text: str) -> None:
    began = time.process_time()
    assert Robots(text + "user-agent: *\ndisallow: /", AGENT).allows("http://h/")
    assert time.process_time() - began < 2


LINES = st.sampled_from(
    """User-agent: *|user-agent:scrapewarden|Disallow: /|Allow: %|Disallow: *$*|Crawl-delay: 1e999|Request-rate: 1/
    |Visit-time: x|Sitemap: //[|Host:|:|Disallow: /%zz""".split("|")
)


@given(st.lists(LINES | st.text(max_size=20)), st.sampled_from(["http://h/", "http://h/%", "http://[::1]/?\u00fc=%zz"]))
def test_no_text_makes_it_fail(lines: list[str], url: str) -> None:
    robots = Robots("\n".join(lines), AGENT)
    assert robots.allows(url) in (True, False)
    assert 0 <= robots.crawl_delay_s <= 120
