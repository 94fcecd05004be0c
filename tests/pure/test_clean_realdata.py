"""How much of the real strings is understood; the floors stand just under what was reached."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workers.clean._gazetteer import city_of, country_of, key
from workers.clean.dates import parse_posted
from workers.clean.pay import parse_salary
from workers.clean.places import parse_location

REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "open"
NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_LARGE_LANGUAGES = frozenset(
    "English French German Italian Portuguese Turkish Russian Czech Spanish Chinese Polish sk sv da nb nl".split()
)

pytestmark = pytest.mark.skipif(not REALDATA.is_dir(), reason=f"{REALDATA} absent")


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REALDATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _share(verdicts: list[bool]) -> float:
    return sum(verdicts) / len(verdicts)


def _ago(offset: dict[str, float], direction: str) -> datetime | None:
    sign = -1 if direction == "in" else 1
    months = int(offset.pop("months", 0) + 12 * offset.pop("years", 0)) * sign
    index = NOW.year * 12 + NOW.month - 1 - months
    if not 1 <= index // 12 <= 9999:
        return None
    return NOW.replace(year=index // 12, month=index % 12 + 1) - sign * timedelta(**offset)


def _right_date(row: dict[str, str]) -> bool:
    expected, found = _ago(json.loads(row["offset_json"]), row["direction"]), parse_posted(row["text"], NOW)
    if expected is None or found is None:
        return expected is None and found is None
    return abs(found.at - expected) < timedelta(hours=1)


def test_relative_text_of_ninety_nine_languages() -> None:
    rows = list(_rows("dates/relative-multilang.csv"))
    assert _share([_right_date(row) for row in rows]) >= 0.99
    assert _share([_right_date(row) for row in rows if row["language"] in _LARGE_LANGUAGES]) >= 0.99


@pytest.mark.parametrize(("language", "floor"), [("english", 0.5), ("spanish", 0.54), ("german", 0.69)])
def test_phrases_out_of_sentences(language: str, floor: float) -> None:
    verdicts = []
    for line in (REALDATA / f"dates/in-sentence-{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = parse_posted(row["text"], datetime.fromisoformat(row["reference"][:19]))
        form = "%Y-%m-%d" if len(row["value"]) == len("2026-08-15") else "%Y-%m-%d %H:%M:%S"
        verdicts.append(found is not None and found.at.strftime(form) == row["value"])
    assert _share(verdicts) >= floor  # holidays, bare weekdays and years in words are not read


def test_every_posted_text_of_a_job_board_and_no_date_from_its_rubbish() -> None:
    for row in _rows("dates/job-board-posted-strings.csv"):
        found = parse_posted(row["text"], NOW)
        if row["unit"] == "not a date":
            assert found is None, row
            continue
        distance = timedelta(**{row["unit"] + "s": int(row["amount_min"])})
        assert found is not None, row
        assert found.at == NOW - distance, row
        assert (found.precision == "at_least") == (not row["amount_max"]), row


def test_relative_text_agrees_with_the_date_beside_it() -> None:
    fetched = datetime(2020, 5, 5, 10, tzinfo=UTC)
    for row in _rows("dates/linkedin-listing-times.csv"):
        found = parse_posted(row["text"], fetched)
        stated = parse_posted(row["datetime_attribute"], fetched)
        assert found is not None
        assert stated is not None
        slack = timedelta(days=7 if found.precision == "week" else 1)
        assert abs(found.at - stated.at) <= slack + timedelta(hours=12), row


def _same_city(found: str | None, expected: str) -> bool:
    if key(found or "") == key(expected):
        return True
    ours, theirs = city_of(found or ""), city_of(expected)
    return ours is not None and theirs is not None and ours.city == theirs.city


def test_cities_and_countries_of_structured_places() -> None:
    countries, cities = [], []
    for row in _rows("locations/city-region-country.csv"):
        places = parse_location(row["text"]).places
        countries.append(bool(places) and places[0].country == country_of(row["country"]))
        cities.append(bool(places) and _same_city(places[0].city, row["city"]))
    assert _share(countries) >= 0.99
    assert _share(cities) >= 0.97


@pytest.mark.parametrize("form", ["{name}, {country}", "{name}, {subcountry}, {country}"])
def test_cities_of_the_world_written_out_in_full(form: str) -> None:
    with gzip.open(REALDATA / "locations/world-cities.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in list(csv.DictReader(file))[::20] if row["subcountry"]]
    found = [(row, parse_location(form.format(**row)).places[:1]) for row in rows]
    assert _share([bool(first) and first[0].country == country_of(row["country"]) for row, first in found]) >= 0.99
    assert _share([bool(first) and _same_city(first[0].city, row["name"]) for row, first in found]) >= 0.98


def test_a_remote_flag_read_from_text_is_nearly_always_the_one_of_the_platform() -> None:
    verdicts = []
    for row in _rows("locations/platform-remote-flag.csv"):
        remote = parse_location(row["locations"]).remote
        if remote is not None:
            verdicts.append(remote == (row["is_remote"] == "True"))
    assert _share(verdicts) >= 0.88  # the platform itself calls "JP-Japan-Remote" not remote


def test_most_raw_places_have_a_country() -> None:
    texts = [row["text"] for row in _rows("locations/raw-strings.csv")]
    assert _share([any(place.country for place in parse_location(text).places) for text in texts]) >= 0.93


def test_every_salary_text_of_a_job_board() -> None:
    for row in _rows("salaries/job-board-salary-text.csv"):
        found = parse_salary(row["text"])
        assert found is not None, row
        assert (found.min, found.max, found.currency or "") == (
            float(row["min"]),
            float(row["max"]),
            row["currency_prefix"],
        )


def test_amounts_of_compensation_texts() -> None:
    with (REALDATA / "salaries/ats-compensation.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            found = parse_salary(row["text"])
            assert found is not None, row
            # currency and period stand in other fields of that response; a bare "$" names no country
            assert (found.min, found.max, found.currency, found.period) == (row["min"], row["max"], None, None)


def test_most_prices_of_web_shops_though_they_are_no_pay() -> None:
    verdicts = []
    for row in _rows("salaries/money-strings.csv"):
        found = parse_salary(row["text"])
        verdicts.append((found.min if found else None) == (float(row["amount"]) if row["amount"] else None))
    assert _share(verdicts) >= 0.75
