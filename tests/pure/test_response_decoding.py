"""Bytes become text, HTML and JSON without mojibake, and without ever raising where they must not."""

from __future__ import annotations

import json
import time
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.errors import FetchError
from workers.response import Response

TEXT = "Grüße, Łódź, 東京"


def response(content: bytes, kind: str | None = None) -> Response:
    """An answer with these bytes."""
    headers = {} if kind is None else {"Content-Type": kind}
    return Response(status=200, url="https://example.org/x", headers=headers, content=content, elapsed_ms=1)


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text/html; charset=utf-8", TEXT.encode(), TEXT),
        ("text/html; charset=windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("text/html; charset=Shift_JIS", "東京".encode("shift_jis"), "東京"),
        ("text/html; charset=gb2312", "中文镕".encode("gbk"), "中文镕"),
        ('text/html; charset="utf-8"', TEXT.encode(), TEXT),
        ("text/html; charset=utf-16", TEXT.encode("utf-16-le"), TEXT),
        # a byte order mark beats the header
        ("text/html; charset=iso-8859-1", b"\xef\xbb\xbf" + TEXT.encode(), TEXT),
        ("text/html; charset=utf-8", TEXT.encode("utf-16"), TEXT),
        # the header beats the declaration
        ("text/html; charset=utf-8", f'<meta charset="cp1251">{TEXT}'.encode(), f'<meta charset="cp1251">{TEXT}'),
        ("text/html", '<meta charset="cp1251">Привет'.encode("cp1251"), '<meta charset="cp1251">Привет'),
        (
            None,
            '<?xml version="1.0" encoding="koi8-r"?>Привет'.encode("koi8-r"),
            '<?xml version="1.0" encoding="koi8-r"?>Привет',
        ),
        # what can be read as ASCII is no UTF-16, whatever it declares
        (None, f'<meta charset="utf-16">{TEXT}'.encode(), f'<meta charset="utf-16">{TEXT}'),
        # no declaration: UTF-8 if it fits, else windows-1252
        (None, TEXT.encode(), TEXT),
        (None, "“Grüße” – 5 €".encode("cp1252"), "“Grüße” – 5 €"),
        # unknown names, and codecs that are no charsets
        ("text/html; charset=klingon", TEXT.encode(), TEXT),
        ("text/html; charset=base64", TEXT.encode(), TEXT),
        ("text/html; charset=punycode", TEXT.encode(), TEXT),
        ("text/html; charset=unicode_escape", rb"\d \x41", r"\d \x41"),
        ("text/html; charset=utf-7", b"+ADw-b", "+ADw-b"),
        ("text/html; charset=undefined", b"x", "x"),
        # lies that the bytes disprove
        ("text/html; charset=iso-8859-1", TEXT.encode(), TEXT),
        ("text/html; charset=utf-8", "Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        ("text/html; charset=utf-8", "Łódź".encode() + b"\xff", "Łódź\ufffd"),
        # odds and ends
        (None, b"", ""),
        (None, b"a\0b", "ab"),
    ],
)
def test_bytes_become_the_right_text(kind: str | None, content: bytes, text: str) -> None:
    assert response(content, kind).text == text


def test_a_page_without_a_declared_charset_is_no_mojibake_as_a_tree() -> None:
    assert response(f"<p>{TEXT}</p>".encode()).html.xpath("string(//p)") == TEXT


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"<!-- only this -->", b"<!doctype html>", b"<?xml version='1.0'?>", b"\0\0", b"{}", b"%PDF-1.7\xff"],
)
def test_whatever_came_there_is_a_document(content: bytes) -> None:
    assert response(content).html.tag == "html"


KINDS = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.builds("text/html; charset={}".format, st.text(max_size=20)),
    st.sampled_from(
        """utf-8 utf-16 utf-32 latin1 gb18030 big5 hz iso-2022-jp iso-2022-kr euc_jis_2004 shift_jis cp037 mac-roman
        base64 idna zlib rot13 unicode_escape mbcs utf_8_sig raw_unicode_escape cp65001 utf-7 johab tis-620
        x-user-defined none utf8mb4""".split()
    ).map("text/html; charset={}".format),
)
CONTENT = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: f"<p>{text}</p>".encode("utf-8", "surrogatepass")),
    st.builds(
        lambda name, rest: f'<meta charset="{name}"><title>x'.encode("utf-8", "replace") + rest,
        st.text(max_size=20),
        st.binary(max_size=100),
    ),
    st.builds(lambda mark, rest: mark + rest, st.sampled_from([b"\xff\xfe", b"\xfe\xff\0\0", b"+/v8"]), st.binary()),
)


@settings(max_examples=300, deadline=None)
@given(CONTENT, KINDS)
def test_no_bytes_and_no_content_type_make_text_or_html_raise(content: bytes, kind: str | None) -> None:
    answer = response(content, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "\0" not in answer.text
    assert answer.html.tag == "html"
    assert isinstance(answer.encoding, str)


@pytest.mark.parametrize(
    "content",
    [
        b"<div>" * 4_000_000,
        b"<a><b><p>" * 2_000_000,
        b"<p " + b" ".join(b"x%d=1" % number for number in range(20_000)) + b">",
        b"<" * 5_000_000,
        b"<meta charset=" * 1_000_000,
        b"&" * 10_000_000,
        b"\xff" * 20_000_000,
    ],
    ids=["deep", "unclosed", "attributes", "angles", "metas", "ampersands", "bytes"],
)
def test_a_monstrous_page_takes_a_few_seconds_at_most(content: bytes) -> None:
    began = time.process_time()  # of this process alone: others may be busy
    assert response(content, "text/html").html.tag == "html"
    assert time.process_time() - began < 6


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_every_charset_it_may_come_in(charset: str) -> None:
    assert response(json.dumps({"a": TEXT}, ensure_ascii=False).encode(charset)).json() == {"a": TEXT}


def test_json_in_the_charset_of_the_header() -> None:
    content = '{"a": "Grüße"}'.encode("latin-1")
    assert response(content, "application/json; charset=iso-8859-1").json() == {"a": "Grüße"}


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"{", b"[" * 200_000, b"1" * 10_000, b"NaN", b"\xff\xfe", b"\x80{}", b'{"a": Infinity}', b"[1]x"],
)
def test_what_is_no_json_gets_a_sentence(content: bytes) -> None:
    with pytest.raises(FetchError, match=r"https://example\.org/x did not answer JSON but text/html") as caught:
        response(content, "text/html").json()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@given(st.binary(max_size=200))
def test_json_raises_nothing_else(content: bytes) -> None:
    try:
        value: Any = response(content).json()
    except FetchError:
        return
    json.dumps(value)
