"""TLS as every fetch uses it: authorities that are read once, and sockets that leave nothing behind."""

from __future__ import annotations

import ssl
from functools import cache

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

AUTHORITIES: str = DEFAULT_CA_BUNDLE_PATH  # the file that a requests session names unless it is told another


class _Socket(ssl.SSLSocket):
    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """As the base class does; one that fails while it is being made is closed, as nobody else knows of it."""
        try:
            return super().recv(buflen, flags)
        except OSError:
            if not hasattr(self, "_connected"):
                self.close()
            raise


def new_context() -> ssl.SSLContext:
    """A context that trusts nobody yet."""
    context = create_urllib3_context()
    context.sslsocket_class = _Socket
    return context


@cache
def usual_context() -> ssl.SSLContext:
    """The context of all connections that trust the usual authorities: to read them takes 40 ms of processor time."""
    context = new_context()
    context.load_verify_locations(AUTHORITIES)
    return context
