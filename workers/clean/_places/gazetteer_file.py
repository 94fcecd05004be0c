"""The generated file of the world's places: found by a hash of the name, read from the page cache, never loaded.

Layout: magic, number of regions, the regions (country, code), the end of each of 65,536 buckets, the entries. An
entry is the three bytes of the hash that are left after the bucket, the index of its region and a byte of kind and
size; those of one name stand together, the largest first. The names themselves are not in it: a word that is no place
meets another's five bytes once in two million times.
"""

from __future__ import annotations

import mmap
import struct
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

MAGIC = b"places1\n"
FILE = Path(__file__).with_name("gazetteer.bin")
BUCKETS = 1 << 16
REGION = struct.Struct("<2s4s")
ENTRY = struct.Struct("<3sHB")
CITY, OTHER_NAME, REGION_NAME, AREA = range(4)  # an area is a county, province or district within a region


class Entry(NamedTuple):
    """One meaning of a name: `region` is the code within the country, `size` 2.5 times the log2 of the population."""

    kind: int
    country: str
    region: str
    size: int


class _File(NamedTuple):
    data: mmap.mmap
    directory: int
    entries: int


def digest(name: str) -> bytes:
    """The five bytes under which a folded name is kept."""
    return blake2b(name.encode("utf-8", "replace"), digest_size=5).digest()


@cache
def _opened() -> _File:
    with FILE.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if data[: len(MAGIC)] != MAGIC:
        raise ValueError(f"{FILE.name} is not a gazetteer; install the package again.")
    (regions,) = struct.unpack_from("<I", data, len(MAGIC))
    directory = len(MAGIC) + 4 + regions * REGION.size
    return _File(data, directory, directory + BUCKETS * 4)


@cache
def _region(index: int) -> tuple[str, str]:
    country, code = REGION.unpack_from(_opened().data, len(MAGIC) + 4 + index * REGION.size)
    return country.decode(), code.rstrip(b"\0").decode()


@lru_cache(512)
def entries(name: str) -> tuple[Entry, ...]:
    """Every meaning of a folded name, the largest place first; empty for a name that is no place."""
    file, wanted = _opened(), digest(name)
    bucket, rest = int.from_bytes(wanted[:2], "big"), wanted[2:]
    begin = struct.unpack_from("<I", file.data, file.directory + bucket * 4 - 4)[0] if bucket else 0
    (end,) = struct.unpack_from("<I", file.data, file.directory + bucket * 4)
    found = []
    for at in range(file.entries + begin * ENTRY.size, file.entries + end * ENTRY.size, ENTRY.size):
        if file.data[at : at + 3] == rest:
            _, region, packed = ENTRY.unpack_from(file.data, at)
            found.append(Entry(packed >> 6, *_region(region), packed & 63))
    return tuple(found)
