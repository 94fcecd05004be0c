"""Takes compression off a body in small pieces, so that a bomb is noticed before it has grown."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

OFFERED = "gzip, deflate"  # what every Python can undo, whatever else is installed
_PIECE = 65_536
_MOST_LAYERS = 3
_GZIP = frozenset({"gzip", "x-gzip"})
_UNREADABLE = frozenset({"br", "zstd", "dcb", "dcz", "compress", "x-compress"})


class Unreadable(ValueError):
    """A body is compressed in a way that cannot be undone, or its compression is broken."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The body behind a Content-Encoding, in pieces of 64 kB; unknown words count as none. Raises Unreadable."""
    layers = [word for part in encoding.split(",") if (word := part.strip().lower())]
    if strange := next((layer for layer in layers if layer in _UNREADABLE), None):
        raise Unreadable(f"the body is compressed as {strange}, which was not offered")
    known = [layer for layer in layers if layer in _GZIP or layer == "deflate"]
    if len(known) > _MOST_LAYERS:
        raise Unreadable(f"the body is compressed {len(known)} times over")
    for layer in reversed(known):
        chunks = _inflated(chunks, layer)
    return iter(chunks)


def _inflated(chunks: Iterable[bytes], layer: str) -> Iterator[bytes]:
    machine = None
    members = 0
    for chunk in chunks:
        rest = chunk
        while rest and (machine or not members or rest.startswith(b"\x1f\x8b")):  # behind the last: padding
            machine = machine or zlib.decompressobj(_window(layer, rest))
            yield _inflate(machine, rest)
            rest = machine.unconsumed_tail
            if machine.eof:
                rest, machine, members = machine.unused_data, None, members + 1
    if machine is not None:
        yield machine.flush()
        if not machine.eof:
            raise Unreadable("the compressed body ends early")


def _inflate(machine: zlib._Decompress, data: bytes) -> bytes:
    try:
        return machine.decompress(data, _PIECE)
    except zlib.error as error:
        raise Unreadable(f"the compressed body is broken ({error})") from error


def _window(layer: str, head: bytes) -> int:
    """What zlib calls wbits: some servers send deflate with the header of zlib, some without."""
    if layer in _GZIP:
        return 16 + zlib.MAX_WBITS
    return zlib.MAX_WBITS if head[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
