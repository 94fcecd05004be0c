"""What the hostile server answers: a path's first word chooses the way in which it misbehaves."""

from __future__ import annotations

import gzip
import socket
import struct
import zlib
from collections.abc import Callable

from tests.hostile_server import LONGEST_S, Closed, Visit, head

PAUSE_S = 0.02
PAGE = "<html><head><title>Fine</title></head><body><p>Grüße</p></body></html>".encode()
CHARSETS = {  # Content-Type and body
    "utf8": ("text/html; charset=utf-8", "<p>Grüße, 東京</p>".encode()),
    "none": ("text/html", "<p>Grüße, 東京</p>".encode()),
    "latin1": ("text/html; charset=iso-8859-1", "<p>Grüße</p>".encode("latin-1")),
    "unknown": ("text/html; charset=klingon", "<p>Grüße</p>".encode()),
    "wrong": ("text/html; charset=utf-8", "<p>Grüße</p>".encode("cp1252")),
}


def _missing(visit: Visit) -> None:
    visit.answer(404, b"nothing here")


def _ok(visit: Visit) -> None:
    visit.answer(200, b"ok", Content_Type="text/plain; charset=utf-8")


def _html(visit: Visit) -> None:
    visit.answer(200, PAGE, Content_Type="text/html; charset=utf-8")


def _echo(visit: Visit) -> None:
    lines = [f"{visit.asked.method} {visit.asked.path}"]
    lines += [f"{name}: {value}" for name, value in sorted(visit.asked.headers.items())]
    visit.answer(200, "\n".join([*lines, "", visit.asked.body.decode("latin-1")]).encode(), Content_Type="text/plain")


def _never(visit: Visit) -> None:
    visit.server.stopping.wait(LONGEST_S)
    raise Closed


def _drip(visit: Visit) -> None:
    visit.send(head(200, {"Content-Length": "100000"}))
    visit.repeat(b"x", PAUSE_S)


def _drip_unmeasured(visit: Visit) -> None:
    visit.send(head(200, {"Connection": "close"}))
    visit.repeat(b"x", PAUSE_S)


def _drip_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    visit.repeat(b"x", PAUSE_S)


def _continue(visit: Visit) -> None:
    visit.repeat(b"HTTP/1.1 100 Continue\r\n\r\n", PAUSE_S)


def _endless(visit: Visit) -> None:
    visit.send(head(200, {"Connection": "close"}))
    visit.repeat(b"x" * 65_536)


def _bomb(visit: Visit) -> None:
    """`/bomb/N?status=`: N megabytes of zeros, a thousandth of that on the wire."""
    status = int(visit.query("status")) if "?" in visit.asked.path else 200
    packer = zlib.compressobj(9, wbits=31)
    head_of_it = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    visit.send(head(status, {"Content-Encoding": "gzip", "Connection": "close", "Location": "/ok"}) + head_of_it)
    for _ in range(int(visit.words[0])):
        visit.send(piece)
    raise Closed


def _redirect(visit: Visit) -> None:
    left = int(visit.words[0])
    visit.answer(302, b"", Location=f"/redirect/{left - 1}" if left > 1 else "/ok")


def _redirect_loop(visit: Visit) -> None:
    visit.answer(302, b"", Location="/redirect-loop")


def _redirect_slowly(visit: Visit) -> None:
    visit.server.stopping.wait(0.15)
    visit.answer(302, b"", Location="/redirect-slowly")


def _redirect_to(visit: Visit) -> None:
    """`/redirect-to?url=&status=`: the target goes into the header byte by byte."""
    status = int(visit.query("status")) if "status=" in visit.asked.path else 302
    visit.answer(status, b"moved", Location=visit.query("url"))


def _redirect_endless(visit: Visit) -> None:
    visit.send(head(302, {"Location": "/ok", "Connection": "close"}))
    visit.repeat(b"x" * 65_536)


def _charset(visit: Visit) -> None:
    kind, body = CHARSETS[visit.words[0]]
    visit.answer(200, body, Content_Type=kind)


def _chunked_broken(visit: Visit) -> None:
    visit.send(head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n")
    raise Closed


def _chunked_cut(visit: Visit) -> None:
    visit.send(head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n")
    raise Closed


def _truncated(visit: Visit) -> None:
    visit.send(head(200, {"Content-Length": "100"}) + b"only this")
    raise Closed


def _head_cut(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    raise Closed


def _gzip(visit: Visit) -> None:
    """`/gzip/WAY`: compressed rightly, or broken in some way."""
    whole = gzip.compress(PAGE)
    raw = zlib.compressobj(wbits=-15)
    ways = {
        "right": ("gzip", whole),
        "twice": ("gzip, gzip", gzip.compress(whole)),
        "members": ("x-gzip", gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:])),
        "padded": ("gzip", whole + bytes(40)),
        "deflate": ("deflate", zlib.compress(PAGE)),
        "raw-deflate": ("deflate", raw.compress(PAGE) + raw.flush()),
        "empty": ("gzip", b""),
        "unknown": ("utf-8", PAGE),
        "rubbish": ("gzip", b"this is no gzip"),
        "damaged": ("gzip", whole[:15] + b"\xff\xff" + whole[17:]),
        "short": ("gzip", whole[:-20]),
        "brotli": ("br", b"\x0b\x02\x80abc\x03"),
    }
    encoding, body = ways[visit.words[0]]
    visit.answer(200, body, Content_Encoding=encoding, Content_Type="text/html; charset=utf-8")


def _lying_type(visit: Visit) -> None:
    visit.answer(200, b"%PDF-1.7 \xff\xfe\x00 rubbish", Content_Type="application/json")


def _status(visit: Visit) -> None:
    visit.answer(int(visit.words[0]), b"as ordered")


def _retry_after(visit: Visit) -> None:
    """`/retry-after?status=&value=&date=`: once, then all is well."""
    if visit.server.fails(visit.asked.path, 1):
        date = {"Date": visit.query("date")} if "date=" in visit.asked.path else {}
        visit.answer(int(visit.query("status")), b"later", **{"Retry-After": visit.query("value"), **date})
    else:
        _ok(visit)


def _flaky(visit: Visit) -> None:
    """`/flaky/N/HOW`: fails N times, by a status or by hanging up."""
    times, how = visit.words
    if not visit.server.fails(visit.asked.path, int(times)):
        _ok(visit)
    elif how == "hang-up":
        raise Closed
    else:
        visit.answer(int(how), b"not now")


def _reset(visit: Visit) -> None:
    # Closing with a linger time of nought sends RST.
    visit.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Closed


def _big_header(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\nX-Big: ")
    for _ in range(160):
        visit.send(b"x" * 65_536)
    visit.send(b"\r\nContent-Length: 2\r\n\r\nok")


def _many_headers(visit: Visit) -> None:
    visit.answer(200, b"ok", **{f"X-{number}": "x" for number in range(1000)})


def _raw_header(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\x80\r\nContent-Length: 2\r\n\r\nok")


def _rubbish(visit: Visit) -> None:
    visit.send(b"\x00\xff SSH-2.0-OpenSSH_9.2 what?\r\n\r\n")
    raise Closed


def _nul(visit: Visit) -> None:
    visit.answer(200, b"<p>a\x00b\x01c</p>", Content_Type="text/html")


def _slow(visit: Visit) -> None:
    visit.server.stopping.wait(min(float(visit.words[0]), LONGEST_S))
    _ok(visit)


def _set_cookie(visit: Visit) -> None:
    visit.answer(200, b"ok", Set_Cookie="seen=yes; Path=/")


def _challenge(visit: Visit) -> None:
    body = b"<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script></html>"
    visit.answer(200, body, Content_Type="text/html")


HANDLERS: dict[str, Callable[[Visit], None]] = {
    "": _missing,
    "ok": _ok,
    "html": _html,
    "echo": _echo,
    "never": _never,
    "drip": _drip,
    "drip-unmeasured": _drip_unmeasured,
    "drip-headers": _drip_headers,
    "continue": _continue,
    "endless": _endless,
    "bomb": _bomb,
    "redirect": _redirect,
    "redirect-loop": _redirect_loop,
    "redirect-slowly": _redirect_slowly,
    "redirect-to": _redirect_to,
    "redirect-endless": _redirect_endless,
    "charset": _charset,
    "chunked-broken": _chunked_broken,
    "chunked-cut": _chunked_cut,
    "truncated": _truncated,
    "head-cut": _head_cut,
    "gzip": _gzip,
    "lying-type": _lying_type,
    "status": _status,
    "retry-after": _retry_after,
    "flaky": _flaky,
    "reset": _reset,
    "big-header": _big_header,
    "many-headers": _many_headers,
    "raw-header": _raw_header,
    "rubbish": _rubbish,
    "nul": _nul,
    "slow": _slow,
    "set-cookie": _set_cookie,
    "challenge": _challenge,
}
