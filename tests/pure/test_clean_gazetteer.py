"""The generated gazetteer: towns nobody listed by hand, found in microseconds, in a file that no process loads."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clean._places.gazetteer import cities_of, regions_of, towns_within
from workers.clean._places.gazetteer_file import BUCKETS, ENTRY, FILE, MAGIC, REGION, entries
from workers.clean._places.tables import country_of, key, listed_city


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Monaco di Baviera", "DE"),
        ("Muenchen", "DE"),
        ("Вена", "AT"),
        ("東京", "JP"),
        ("서울", "KR"),
        ("Βερολίνο", "DE"),
        ("Obertshausen", "DE"),
        ("Kaukauna", "US"),
        ("Cherrapunji", "IN"),
        ("Ft. Wayne", "US"),
        ("St. Albans", "GB"),
        ("CITY OF WAKEFIELD", "GB"),
    ],
)
def test_a_town_is_known_by_each_of_its_names(name: str, country: str) -> None:
    assert cities_of(name)[0].country == country


def test_the_largest_town_of_a_name_comes_first() -> None:
    found = cities_of("Springfield")
    assert len(found) > 5
    assert [town.size for town in found] == sorted((town.size for town in found), reverse=True)
    assert cities_of("Hamilton")[0].country == "CA"
    assert towns_within("Hamilton", "NZ")[0].region == "WKO"


@pytest.mark.parametrize(
    ("name", "country", "code"),
    [
        ("MI", "IT", "25"),
        ("KA", "IN", "KA"),
        ("Lombardia", "IT", "25"),
        ("Noord-Brabant", "NL", "NB"),
        ("東京", "JP", "13"),
    ],
)
def test_a_region_is_known_by_name_and_by_code(name: str, country: str, code: str) -> None:
    assert code in {region.code for region in regions_of(name, country)}


@pytest.mark.parametrize(
    ("name", "country"),
    [("Deutschland", "DE"), ("Saksa", "DE"), ("डेनमार्क", "DK"), ("Hoa Kỳ", "US"), ("Österreich", "AT")],
)
def test_a_country_is_known_in_many_languages(name: str, country: str) -> None:
    assert country_of(name) == country


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="qxzjkvw", min_size=5, max_size=30))
def test_what_is_no_name_is_no_place(name: str) -> None:
    assert entries(name) == ()


def test_the_file_is_sorted_small_and_whole() -> None:
    data = FILE.read_bytes()
    assert data.startswith(MAGIC)
    assert len(data) < 4_000_000
    regions = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
    directory = len(MAGIC) + 4 + regions * REGION.size
    ends = memoryview(data)[directory : directory + BUCKETS * 4].cast("I")
    assert all(earlier <= later for earlier, later in pairwise(ends))
    assert directory + BUCKETS * 4 + ends[-1] * ENTRY.size == len(data)


def test_attribution_travels_with_the_file() -> None:
    notice = FILE.with_suffix(".NOTICE").read_text("utf-8")
    for wanted in ("GeoNames", "creativecommons.org/licenses/by/4.0", "ISO 3166-2", "Unicode License v3"):
        assert wanted in notice


def test_a_thousand_new_names_are_looked_up_in_a_moment() -> None:
    names = [key(f"{name} {number}") for number in range(250) for name in ("Berlin", "Kaukauna", "東京", "nowhere")]
    before = process_time()
    for name in names:
        entries(name)
    assert process_time() - before < 0.5  # seconds; it takes a hundredth


_HELD = """
import re, sys
from pathlib import Path
def held():
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"Private_(?:Clean|Dirty): +(\\d+) kB", rollup)), rollup
from workers.clean.places import parse_location
before, _ = held()
for text in ("Kaukauna", "Obertshausen, Deutschland", "Milano, MI", "東京", "Remote (US only)"):
    parse_location(text)
print(held()[0] - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="smaps_rollup is Linux's")
def test_it_weighs_next_to_nothing_in_a_process() -> None:
    answer = subprocess.run([sys.executable, "-c", _HELD], check=True, capture_output=True, text=True)
    assert int(answer.stdout) < 4_000  # kB, most of it the tables written by hand; the file alone would be as much


def test_hand_and_generated_tables_agree_on_the_country_of_large_cities() -> None:
    for name in ("Berlin", "Toronto", "Pune", "Kraków", "São Paulo", "Melbourne", "Austin", "Leeds"):
        listed = listed_city(name)
        assert listed is not None
        assert cities_of(name)[0].country == listed.country
