"""What the hostile server answers: one method for each path, each of them bounded and ending with the server."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from tests.fix_hostile_server import HostileServer

_PIECE = 2**20  # of zeros; as deflate about 1 kB
_BOMB_PIECES = 10_000  # 10 GB
_ENDLESS_BYTES = 2**30  # where even an endless body ends, should nobody hang up
_UMLAUTS = "<html><head><title>Käse für 3 €</title></head><body><p>Köln</p></body></html>"


class HostileHandler(socketserver.StreamRequestHandler):
    """One connection; a path's first word names the method that answers."""

    server: HostileServer
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Speak TLS in the connection's own thread: a slow handshake must not hold up the others."""
        if self.server.tls is not None:
            self.request = self.server.secured(self.request, self.server.tls)
        super().setup()

    def finish(self) -> None:
        """Hang up; the server itself knows only the raw connection."""
        with contextlib.suppress(OSError):
            super().finish()
        self.server.shutdown_request(self.request)

    def handle(self) -> None:
        """Answer until one side hangs up."""
        while self._request() and not self.server.stopping.is_set():
            parts = urlsplit(self.target)
            word, _, self.rest = parts.path.lstrip("/").partition("/")
            self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            answer: Callable[[], None] = getattr(self, f"do_{word.replace('-', '_')}", self.do_ok)
            self.stays = True
            with self.server.counted(parts.path):
                answer()
            if not self.stays:
                return

    def _request(self) -> bool:
        words = self.rfile.readline(65_536).decode("latin-1").split()
        if len(words) != 3:
            return False
        self.method, self.target, _ = words
        self.headers: dict[str, str] = {}
        while line := self.rfile.readline(65_536).decode("latin-1").strip():
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.body = self.rfile.read(int(self.headers.get("content-length", "0")))
        return True

    def _answer(self, body: bytes | str = b"", status: int = 200, kind: str = "text/plain", **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        lines = {"content-type": kind, "content-length": str(len(content)), **headers}
        self._head(status, lines)
        if self.method != "HEAD":
            self.wfile.write(content)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items() if value)
        self.wfile.write(f"HTTP/1.1 {status} Hm\r\n{lines}\r\n".encode("latin-1"))

    def _forever(self, piece: bytes, pause_s: float = 0.0, most: int = _ENDLESS_BYTES) -> None:
        self.stays = False
        for _ in range(most // len(piece)):
            self.wfile.write(piece)
            if self.server.stopping.wait(pause_s):
                return

    def do_ok(self) -> None:
        """Plain text, at any path below too."""
        self._answer("ok")

    def do_html(self) -> None:
        """A page with a relative link."""
        self._answer("<html><body><a href='next?a=1'>Next</a></body></html>", kind="text/html")

    def do_never(self) -> None:
        """Take the request and say nothing."""
        self.stays = False
        self.server.stopping.wait()

    def do_drip_headers(self) -> None:
        """Headers without end, a byte at a time, quicker than any read timeout."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._forever(b"x", 0.05)

    def do_drip(self) -> None:
        """A body that comes a byte at a time."""
        self._head(200, {"content-length": "100000"})
        self._forever(b"x", 0.05)

    def do_drip_error(self) -> None:
        """A refusal whose page never ends."""
        self._head(403, {"content-length": "100000"})
        self._forever(b"x", 0.05)

    def do_endless(self) -> None:
        """A body without end, as quick as it goes."""
        self._head(200, {"connection": "close"})
        self._forever(b"x" * 65_536)

    def do_endless_redirect(self) -> None:
        """A redirect whose own body never ends."""
        self._head(302, {"location": "/ok", "connection": "close"})
        self._forever(b"x" * 65_536)

    def do_endless_chunks(self) -> None:
        """Chunks of one byte each, with extensions that are longer than they are."""
        self._head(200, {"transfer-encoding": "chunked"})
        self._forever(b"1;" + b"e" * 1_000 + b"\r\nx\r\n")

    def do_bomb(self) -> None:
        """10 GB of zeros as 10 MB of gzip; /bomb/2 compresses that once more."""
        self.stays = False
        codings = ["gzip"] * int(self.rest or 1)
        self._head(200, {"content-encoding": ", ".join(codings), "connection": "close"})
        outer = zlib.compressobj(9, zlib.DEFLATED, 31) if len(codings) > 1 else None
        for piece in _bomb():
            self.wfile.write(outer.compress(piece) if outer else piece)

    def do_redirect_loop(self) -> None:
        """Leads to itself."""
        self._answer(status=302, location="/redirect-loop")

    def do_redirect(self) -> None:
        """So many redirects, then /ok."""
        left = int(self.rest) - 1
        self._answer(status=302, location=f"/redirect/{left}" if left else "/ok")

    def do_redirect_to(self) -> None:
        """Leads to ?url= with status ?code=."""
        location = self.query["url"].encode().decode("latin-1")  # UTF-8 on the wire
        self._answer(status=int(self.query.get("code", "302")), location=location)

    def do_charset(self) -> None:
        """`wrong`: says UTF-8 and is latin-1; `none`: UTF-8 that says nothing; `latin1`: what it says."""
        codec, kind = {
            "wrong": ("cp1252", "text/html; charset=utf-8"),
            "none": ("utf-8", "text/html"),
            "latin1": ("cp1252", "text/html; charset=iso-8859-1"),
        }[self.rest]
        self._answer(_UMLAUTS.encode(codec), kind=kind)

    def do_chunked_broken(self) -> None:
        """A chunk whose length is no number."""
        self.stays = False
        self._head(200, {"transfer-encoding": "chunked"})
        self.wfile.write(b"5\r\nhello\r\nnonsense\r\n")

    def do_truncated(self) -> None:
        """Fewer bytes than announced."""
        self.stays = False
        self._head(200, {"content-length": "1000"})
        self.wfile.write(b"x" * 10)

    def do_lying_type(self) -> None:
        """HTML that calls itself JSON."""
        self._answer("<html><body>Please log in</body></html>", kind="application/json")

    def do_brotli(self) -> None:
        """A compression nobody asked for."""
        self._answer(b"\x0b\x02\x80ok\x03", content_encoding="br")

    def do_status(self) -> None:
        """The status in the path."""
        self._answer(f"status {self.rest}", int(self.rest))

    def do_retry_after(self) -> None:
        """429 with the wish in the path, or status ?code=; ?date= is the time of the server."""
        wish = unquote(self.rest, encoding="latin-1")
        status = int(self.query.get("code", "429"))
        self._answer("later", status, retry_after=wish, date=self.query.get("date", ""))

    def do_flaky(self) -> None:
        """Fails N times with ?code= (503; 0 is a reset), then is well; /flaky/N/key counts for itself."""
        code = int(self.query.get("code", "503"))
        if self.server.hits[f"/flaky/{self.rest}"] > int(self.rest.partition("/")[0]):
            self._answer("well again")
        elif code:
            self._answer("not yet", code)
        else:
            self.do_reset()

    def do_reset(self) -> None:
        """RST instead of an answer."""
        self.stays = False
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for file in (self.rfile, self.wfile):
            file.close()
        self.request.close()

    def do_big_header(self) -> None:
        """One header of 10 MB."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Big: ")
        self._forever(b"x" * 65_536, most=10 * 2**20)

    def do_many_headers(self) -> None:
        """Short headers without end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._forever(b"X-One: 1\r\n" * 1_000)

    def do_nul(self) -> None:
        """NUL bytes in a page."""
        self._answer(b"<html><body>a\0b</body></html>", kind="text/html")

    def do_slow(self) -> None:
        """Answers after so many seconds, or leads to ?then= after them."""
        self.server.stopping.wait(float(self.rest))
        then = self.query.get("then", "")
        self._answer("slow", 302 if then else 200, location=then)

    def do_challenge(self) -> None:
        """A gatekeeper's page with the status in the path."""
        page = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"
        self._answer(page, int(self.rest), kind="text/html")

    def do_cookie(self) -> None:
        """Sets a cookie."""
        self._answer("set", set_cookie="taste=sweet; Path=/")

    def do_echo(self) -> None:
        """The request as JSON."""
        told = {"method": self.method, "headers": self.headers, "body": self.body.decode("latin-1"), "at": self.target}
        self._answer(json.dumps(told), kind="application/json")


def _bomb() -> Iterator[bytes]:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = deflate.compress(bytes(_PIECE)) + deflate.flush(zlib.Z_FULL_FLUSH)  # a full flush: pieces can be repeated
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    for _ in range(_BOMB_PIECES):
        yield piece
