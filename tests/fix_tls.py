"""Certificates of a test's own, and servers that do odd things where a TLS handshake is expected."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

LONGEST_S = 8.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

Answer = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed one; whoever trusts it as an authority has to trust it as a host."""

    file: Path  # certificate and key

    def context(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


@pytest.fixture(scope="session")
def certificate_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Certificate]:
    """Makes certificates for a subjectAltName such as `IP:127.0.0.1`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: certificates cannot be made")

    def make(name: str) -> Certificate:
        file = tmp_path_factory.mktemp("tls") / "both.pem"
        words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        words += ["-subj", "/CN=made by a test", "-addext", f"subjectAltName={name}", "-out", str(file)]
        subprocess.run([openssl, *words, "-keyout", f"{file}.key"], check=True, capture_output=True, timeout=30)
        file.write_text(file.read_text("ascii") + Path(f"{file}.key").read_text("ascii"), "ascii")
        return Certificate(file)

    return make


@contextmanager
def listening(answer: Answer) -> Iterator[str]:
    """The https address of a server that hands each connection to `answer`, one after the other."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not stopping.is_set():
                with contextlib.suppress(OSError):
                    sock, _ = listener.accept()
                    with sock:
                        sock.settimeout(LONGEST_S)
                        answer(sock, stopping)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(LONGEST_S)
        assert not thread.is_alive(), "an answer does not end"


def plain_text(sock: socket.socket, _stopping: threading.Event) -> None:
    """HTTP without the S."""
    sock.recv(10_000)
    sock.sendall(ANSWER)


def speaks_first(sock: socket.socket, _stopping: threading.Event) -> None:
    """Something else altogether, before anybody has asked."""
    sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    sock.recv(10_000)


def closes(sock: socket.socket, _stopping: threading.Event) -> None:
    """Hangs up in the middle of the handshake."""
    sock.recv(10_000)


def resets(sock: socket.socket, _stopping: threading.Event) -> None:
    """The same, with a reset."""
    sock.recv(10)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def alerts(sock: socket.socket, _stopping: threading.Event) -> None:
    """A fatal alert: handshake failure."""
    sock.recv(10_000)
    sock.sendall(b"\x15\x03\x03\x00\x02\x02\x28")


def says_nothing(sock: socket.socket, stopping: threading.Event) -> None:
    """Takes the hello and is silent."""
    sock.recv(10_000)
    stopping.wait(LONGEST_S)


def drips(sock: socket.socket, stopping: threading.Event) -> None:
    """A record of 16 kB, a byte at a time."""
    sock.recv(10_000)
    sock.sendall(b"\x16\x03\x03\x40\x00")
    while not stopping.wait(0.02):
        sock.sendall(b"\x00")


def after_handshake(certificate: Certificate, sends: bytes, *, goes_on: bool = False) -> Answer:
    """A good handshake, then these bytes in the clear of the tunnel, and silence if it `goes_on`."""
    context = certificate.context()

    def answer(sock: socket.socket, stopping: threading.Event) -> None:
        with context.wrap_socket(sock, server_side=True) as secured:
            secured.recv(10_000)
            secured.sendall(sends)
            if goes_on:
                stopping.wait(LONGEST_S)

    return answer


def after_handshake_in_the_clear(certificate: Certificate) -> Answer:
    """A good handshake, then an answer beside the tunnel."""
    context = certificate.context()

    def answer(sock: socket.socket, _stopping: threading.Event) -> None:
        secured = context.wrap_socket(sock, server_side=True)
        secured.recv(10_000)
        bare = socket.socket(fileno=secured.detach())
        with bare:
            bare.sendall(ANSWER)

    return answer
