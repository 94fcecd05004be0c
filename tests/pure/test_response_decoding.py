from __future__ import annotations

import pytest

from workers.errors import FetchError
from workers.response import Response

PAGE = "<html><head><title>Käse für 3 €</title></head><body><p>Köln</p></body></html>"


def response(content: bytes, content_type: str | None = "text/html") -> Response:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return Response(status=200, url="http://board.test/jobs/", headers=headers, content=content, elapsed_ms=1)


@pytest.mark.parametrize(
    ("content", "content_type", "encoding"),
    [
        (PAGE.encode(), "text/html", "utf-8"),
        (PAGE.encode(), None, "utf-8"),
        (PAGE.encode("cp1252"), "text/html", "cp1252"),
        (PAGE.encode("cp1252"), "text/html; charset=ISO-8859-1", "cp1252"),
        (PAGE.encode("iso8859-15"), 'text/html; charset="iso-8859-15"', "iso8859-15"),
        (PAGE.encode("utf-8-sig"), "text/html; charset=iso-8859-1", "utf-8"),
        (PAGE.encode("utf-16"), "text/html; charset=utf-8", "utf-16-le"),
        (PAGE.encode("utf-16-le"), "text/html; charset=utf-16", "utf-16-le"),
        (PAGE.replace("<head>", '<head><meta charset="cp1252">').encode("cp1252"), "text/html", "cp1252"),
        (PAGE.replace("<head>", '<head><meta charset="utf-16">').encode(), "text/html", "utf-8"),
        (b"<?xml version='1.0' encoding='iso-8859-15'?>" + PAGE.encode("iso8859-15"), "text/xml", "iso8859-15"),
        (
            PAGE.replace("<head>", '<head><meta http-equiv="Content-Type" content="text/html; charset=cp1252">').encode(
                "cp1252"
            ),
            "text/html",
            "cp1252",
        ),
    ],
)
def test_the_charset_is_taken_from_mark_header_declaration_and_then_from_the_bytes(
    content: bytes, content_type: str | None, encoding: str
) -> None:
    answer = response(content, content_type)
    assert answer.encoding == encoding
    assert "<title>Käse für 3 €</title>" in answer.text
    assert answer.html.findtext(".//title") == "Käse für 3 €"
    assert answer.html.findtext(".//p") == "Köln"


def test_a_wrong_charset_costs_only_the_letters_that_do_not_fit() -> None:
    answer = response(PAGE.encode("cp1252"), "text/html; charset=utf-8")
    assert "K\ufffdln" in answer.text
    assert answer.html.findtext(".//p") == "K\ufffdln"


@pytest.mark.parametrize(
    "charset",
    [
        "x-unknown",
        "base64",
        "zlib",
        "rot13",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "utf-7",
        "",
        "\x00",
        "ä",
    ],
)
def test_what_is_no_charset_is_not_used_as_one(charset: str) -> None:
    answer = response(PAGE.encode(), f"text/html; charset={charset}")
    assert answer.encoding == "utf-8"
    assert answer.html.findtext(".//p") == "Köln"
    declared = response(f'<meta charset="{charset}">{PAGE}'.encode())
    assert "Köln" in declared.text


def test_nul_bytes_stay_in_the_content_and_leave_the_text() -> None:
    answer = response(b"<p>a\0b</p>")
    assert answer.content == b"<p>a\0b</p>"
    assert answer.text == "<p>ab</p>"
    assert answer.html.text_content() == "ab"


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"\0", b"<!-- only this -->", b"<!doctype html>", b"<?xml version='1.0' encoding='utf-16'?>"],
)
def test_an_empty_body_is_an_empty_document(content: bytes) -> None:
    html = response(content).html
    assert html.tag == "html"
    assert html.text_content() == ""
    assert html.base_url == "http://board.test/jobs/"


@pytest.mark.parametrize("content", [b"\x01\x02\x0b\x1f x", "\ufffe\uffff x".encode(), bytes(range(256)), b"<" * 5_000])
def test_control_characters_and_noise_still_parse(content: bytes) -> None:
    assert response(content).html.tag == "html"


def test_elements_deeper_than_the_parser_s_habit_are_not_lost() -> None:
    html = response(b"<div>" * 1_000 + b"<p>deep</p>").html
    assert html.findtext(".//p") == "deep"


def test_links_resolve_against_the_address_of_the_page() -> None:
    html = response(b"<a href='next?a=1'>Next</a>").html
    html.make_links_absolute()
    assert html.xpath("//a/@href") == ["http://board.test/jobs/next?a=1"]


def test_html_and_text_are_made_once() -> None:
    answer = response(PAGE.encode())
    assert answer.html is answer.html
    assert answer.text is answer.text


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_is_read_in_every_unicode_form(codec: str) -> None:
    assert response('{"place": "Köln €"}'.encode(codec), "application/json").json() == {"place": "Köln €"}


@pytest.mark.parametrize(
    ("content", "content_type", "told"),
    [
        (b"<html>Please log in</html>", "text/html; charset=utf-8", "did not answer JSON but text/html; charset=utf-8"),
        (b"", None, "did not answer JSON but something without a content type"),
        (b'{"a": NaN}', "application/json", "NaN is no JSON value"),
        (b'{"a": -Infinity}', "application/json", "-Infinity is no JSON value"),
        (b"[" * 200_000, "application/json", "did not answer JSON"),
        (b'{"a": "\xff"}', "application/json", "did not answer JSON"),
        (b"9" * 10_000, "application/json", "did not answer JSON"),
        (b'{"a": 1} {"b": 2}', "application/json", "did not answer JSON"),
    ],
)
def test_what_is_no_json_gets_one_sentence_that_says_what_came(
    content: bytes, content_type: str | None, told: str
) -> None:
    with pytest.raises(FetchError) as caught:
        response(content, content_type).json()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.url == "http://board.test/jobs/"
    assert caught.value.status == 200
