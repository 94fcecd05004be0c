"""What the hostile server sends byte by byte: answers that break HTTP itself, or swell without end."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache

from tests.hostile_server import Closed, Visit, head

OK = b"HTTP/1.1 200 OK\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: "
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SHORT = b"Content-Length: 2\r\n\r\nok"
BLOCK = b"x" * 65_536
ANSWERS = {  # sent as they are; then the connection is closed
    "status-small": b"HTTP/1.1 99 Odd\r\n\r\n",
    "status-large": b"HTTP/1.1 1000 Odd\r\n\r\n",
    "status-negative": b"HTTP/1.1 -200 Odd\r\n\r\n",
    "status-word": b"HTTP/1.1 OK\r\n\r\n",
    "http-0.9": b"<html>hello</html>",
    "http-9": b"HTTP/9.9 200 OK\r\n" + SHORT,
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + SHORT,
    "length-negative": OK + b"Content-Length: -5\r\n\r\nhello",
    "length-word": OK + b"Content-Length: five\r\n\r\nhello",
    "length-long": OK + b"Content-Length: 50\r\n\r\nhello",
    "length-huge": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello",
    "length-twice": OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    "length-and-chunks": OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunk-negative": CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
    "nul-header": OK + b"X-\0A: b\0c\r\n" + SHORT,
    "no-colon": OK + b"nonsense\r\n" + SHORT,
    "folded": OK + b" X: a\r\n\tb\r\nY: c\r\n d\r\n" + SHORT,
    "bare-lines": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "encoded-much": OK + b"Content-Encoding: " + b"gzip, " * 10_000 + b"gzip\r\n\r\nx",
    "encoded-lie": OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nplain",
    "moved-nul": MOVED + b"http://127.0.0.1\0.test/\r\n\r\n",
    "moved-space": MOVED + b"http://a b/\r\n\r\n",
    "moved-bracket": MOVED + b"http://[::1]x/\r\n\r\n",
    "moved-label": MOVED + b"http://" + b"a" * 300 + b"/\r\n\r\n",
    "moved-idna": MOVED + "http://xn--\u00fc.\u2603../\r\n\r\n".encode(),
    "moved-data": MOVED + b"data:text/html,ok\r\n\r\n",
    "moved-far": MOVED + b"/" + b"a" * 60_000 + b"\r\n\r\n",
    "cookies-odd": OK + b"Set-Cookie: a=b; Expires=Mon, 99 Foo 99999; Max-Age=" + b"9" * 5000 + b"; Domain=..\r\n"
                   b"Set-Cookie: =\r\nSet-Cookie: ;;;\r\nSet-Cookie2: a='b\r\nSet-Cookie: \xff=\0\r\n" + SHORT,
}  # fmt: skip
SWELLING = {  # sent once, and then the second part again and again
    "chunk-of-minus-one": (CHUNKED + b"-1\r\n", BLOCK),
    "chunk-endless": (CHUNKED + b"ffffffffffff\r\n", BLOCK),
    "chunk-extension": (CHUNKED + b"5;a=", BLOCK),
    "chunks-of-one": (CHUNKED, b"1\r\nx\r\n" * 10_000),
    "trailers": (CHUNKED + b"2\r\nok\r\n0\r\n", b"X-A: b\r\n" * 1000),
    "headers-endless": (OK, b"X-A: " + b"x" * 60_000 + b"\r\n"),
    "headers-many": (OK, b"X-A: b\r\n" * 10_000),
    "hints-endless": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "members-empty": (OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 3000),
}


def _as_it_is(answer: bytes) -> Callable[[Visit], None]:
    def handler(visit: Visit) -> None:
        visit.send(answer)
        raise Closed

    return handler


def _swelling(begin: bytes, again: bytes) -> Callable[[Visit], None]:
    def handler(visit: Visit) -> None:
        visit.send(begin)
        visit.repeat(again)

    return handler


def _drip_slowly(visit: Visit) -> None:
    """A byte a second."""
    visit.send(head(200, {"Content-Length": "100000"}))
    visit.repeat(b"x", pause_s=1)


@cache
def _zeros(encoding: str, times: int) -> bytes:
    body = bytes(20 * 2**20)
    for _ in range(times):
        body = gzip.compress(body, 1) if encoding == "gzip" else zlib.compress(body, 1)
    return body


def _nested(visit: Visit) -> None:
    """`/nested/ENCODING/N`: 20 MB of zeros, compressed N times over."""
    encoding, times = visit.words[0], int(visit.words[1])
    visit.answer(200, _zeros(encoding, times), Content_Encoding=", ".join([encoding] * times))


def _longer_than_said(visit: Visit) -> None:
    """More than was announced, on a connection that stays open; `/length-short/go-on` is asked next."""
    visit.send(head(200, {"Content-Length": "2"}) + b"ok and HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")


def _cookies(visit: Visit) -> None:
    """`/cookies/N/LENGTH`: fifty cookies that no other answer has set."""
    number, length = visit.words
    lines = b"".join(
        b"Set-Cookie: %s-%d=%s; Path=/\r\n" % (number.encode(), at, b"x" * int(length)) for at in range(50)
    )
    visit.send(OK + lines + SHORT)


WIRES: dict[str, Callable[[Visit], None]] = {
    **{name: _as_it_is(answer) for name, answer in ANSWERS.items()},
    **{name: _swelling(*parts) for name, parts in SWELLING.items()},
    "drip-slowly": _drip_slowly,
    "nested": _nested,
    "length-short": _longer_than_said,
    "cookies": _cookies,
}
