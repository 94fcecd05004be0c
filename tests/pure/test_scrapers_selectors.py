from __future__ import annotations

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.scrapers.selectors import Node, absolute, base_of, parse_selector

PAGE = """<html><head><base href="/deep/"></head><body><ul>
<li class="job"><h2>Senior   <b>Python</b>\n developer</h2><a href="one.html#top"> More </a><p>Pay: $10 - $20</p></li>
<li class="job" data-id="7"><h2>Tester</h2><a href="http://other.test/two">More</a>
<script>var x = "no text";</script></li>
<li class="job"><h2> </h2><a href="mailto:a@b.test">Write</a></li>
</ul><div id="text"><p>First line</p><p>second<br>third<!-- unseen --> end</p></div></body></html>"""


@pytest.fixture
def tree() -> Node:
    return lxml.html.document_fromstring(PAGE)


@pytest.mark.parametrize(
    ("spec", "texts"),
    [
        ("li h2", ["Senior Python developer", "Tester"]),
        ("li@data-id", ["7"]),
        ("//li/h2", ["Senior Python developer", "Tester"]),
        ("(//li/h2)[1]", ["Senior Python developer"]),
        ("//li/@data-id", ["7"]),
        ({"select": "li p", "regex": r"\$(\d+) - \$(\d+)"}, ["10"]),
        ({"select": "li p", "regex": r"\d+"}, ["10"]),
        ({"select": "li", "attr": "data-id"}, ["7"]),
        ("#text", ["First line second third end"]),
        ("(count(//li))", ["3.0"]),
    ],
)
def test_a_selector_gives_texts_without_needless_white_space(tree: Node, spec: object, texts: list[str]) -> None:
    assert parse_selector(spec).texts(tree) == texts


def test_the_text_of_scripts_and_comments_is_not_read(tree: Node) -> None:
    assert "no text" not in " ".join(parse_selector("body").texts(tree))
    assert "unseen" not in " ".join(parse_selector("body").texts(tree))


def test_blocks_of_a_description_are_lines(tree: Node) -> None:
    assert parse_selector("#text").text(tree, lines=True) == "First line\nsecond\nthird end"


def test_within_an_item_only_the_item_is_searched(tree: Node) -> None:
    second = parse_selector("li").nodes(tree)[1]
    assert parse_selector("./h2").text(second) == "Tester"
    assert parse_selector("@data-id").text(second) == "7"
    assert parse_selector({"attr": "data-id"}).text(second) == "7"


def test_links_are_absolute_and_http_and_without_fragments(tree: Node) -> None:
    base = base_of(tree, "http://board.test/list?page=1")
    wanted = ["http://board.test/deep/one.html", "http://other.test/two"]
    assert parse_selector("li a").links(tree, base) == wanted
    assert parse_selector("li").links(tree, base) == wanted  # an item lends its first link
    assert parse_selector("li a@href").links(tree, base) == wanted
    assert parse_selector("//li/a/@href").links(tree, base) == wanted


@pytest.mark.parametrize("link", ["http://[broken", "javascript:void(0)", "ftp://a.test/", "data:,x"])
def test_a_link_that_cannot_be_fetched_is_none(link: str) -> None:
    assert absolute(link, "http://board.test/") is None


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "   ",
        "li[",
        "//li[",
        7,
        None,
        [],
        {"select": "li", "flags": "i"},
        {"select": "li", "regex": "("},
        {"select": 1},
    ],
)
def test_a_selector_that_does_not_compile_is_refused_with_a_sentence(spec: object) -> None:
    with pytest.raises(ValueError, match=r"selector|XPath|expression|select"):
        parse_selector(spec)


def test_a_page_nested_deeper_than_the_stack_is_read() -> None:
    inner = lxml.html.Element("div")
    outer = inner
    for _ in range(5_000):
        outer, wrapped = lxml.html.Element("div"), outer
        outer.append(wrapped)
    inner.text = "bottom"
    assert parse_selector("./.").text(outer) == "bottom"


@given(st.text(max_size=60))
def test_no_text_makes_the_parser_fail_otherwise_than_by_a_value_error(text: str) -> None:
    try:
        parse_selector(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - what matters is that nothing else is raised
