"""Places by the kinds of text that boards send: codes, lists, free text, streets, scripts, areas, remote work."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clean._places.country_words import COUNTRIES
from workers.clean.places import Place, parse_location

Found = tuple[str | None, str | None, str | None]


def _found(text: str) -> list[Found]:
    return [(place.city, place.region, place.country) for place in parse_location(text).places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Torino, TO, Italy", ("Torino", "TO", "IT")),
        ("Milano, MI", ("Milano", "MI", "IT")),
        ("Girona, CT, Spain", ("Girona", "CT", "ES")),
        ("Santos, SP, Brazil", ("Santos", "SP", "BR")),
        ("Geelong, VIC", ("Geelong", "VIC", "AU")),
        ("Pune, MH, India", ("Pune", "MH", "IN")),
        ("Wilmington, DE", ("Wilmington", "DE", "US")),
        ("Rostock, DE", ("Rostock", None, "DE")),
        ("Mysuru, IN", ("Mysuru", "KA", "IN")),
        ("Evansville, IN", ("Evansville", "IN", "US")),
        ("Medicine Hat, CA", ("Medicine Hat", "AB", "CA")),
        ("Fresno, CA", ("Fresno", "CA", "US")),
        ("Bangalore, KA, IN", ("Bangalore", "KA", "IN")),
        ("Berlin, BE, DE", ("Berlin", "BE", "DE")),
        ("Savannah, Georgia", ("Savannah", "GA", "US")),
        ("Batumi, Georgia", ("Batumi", None, "GE")),
        ("Georgia", (None, None, "GE")),
        ("Kansas, USA", (None, "KS", "US")),
        ("PL", (None, None, "PL")),
        ("GA", (None, "GA", "US")),
        ("Nowhere Falls, MT", ("Nowhere Falls", "MT", "US")),
        ("Fribourg, CH", ("Fribourg", None, "CH")),
        ("Toluca, Mexico", ("Toluca", None, "MX")),
    ],
)
def test_two_letters_mean_what_the_town_before_them_says(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ingolstadt, Bayern, Deutschland", ("Ingolstadt", "BY", "DE")),
        ("Linz, Oberösterreich, Österreich", ("Linz", "Oberösterreich", "AT")),
        ("TOULOUSE, OCCITANIE, FRANCE", ("Toulouse", "Occitanie", "FR")),
        ("frankfurt am main, germany", ("Frankfurt am Main", None, "DE")),
        ("Duesseldorf, Germany", ("Duesseldorf", None, "DE")),
        ("Москва, Россия", ("Москва", None, "RU")),
        ("大阪, 日本", ("大阪", None, "JP")),
        ("서울, 대한민국", ("서울", None, "KR")),
        ("DEU-Regensburg", ("Regensburg", None, "DE")),
        ("IND-Pune-Tower 7", ("Pune", "MH", "IN")),
        ("USA - TX - Plano", ("Plano", "TX", "US")),
        ("US, Oregon, Beaverton", ("Beaverton", "OR", "US")),
        ("Tampere (Finland)", ("Tampere", None, "FI")),
        ("Austria (Graz)", ("Graz", None, "AT")),
        ("Kaukauna (WI), USA", ("Kaukauna", "WI", "US")),
        ("80331 München, Germany", ("München", None, "DE")),
        ("Adelaide SA 5000, Australia", ("Adelaide", "SA", "AU")),
        ("Leeds LS1 4DY", ("Leeds", "England", "GB")),
        ("Praha 7", ("Praha", None, "CZ")),
        ("4100 Long Prairie Dr, Plano,TX 75024-1234", ("Plano", "TX", "US")),
        ("Greater Pittsburgh Area", ("Pittsburgh", "PA", "US")),
        ("Lyon Metropolitan Area", ("Lyon", None, "FR")),
        ("Long Beach Island, NJ", ("Long Beach Island", "NJ", "US")),
        ("Toledo-77 North Street", ("Toledo", "OH", "US")),
        ("Cheese works (Tilburg)", ("Tilburg", None, "NL")),
        ("Karnataka, , India", ("Karnataka", None, "IN")),
        ("Southern Germany", (None, None, "DE")),
        ("Boston MA", ("Boston", "MA", "US")),
        ("Jammu and Kashmir, India", (None, "Jammu and Kashmir", "IN")),
        ("Brooklyn, New York, United States", ("Brooklyn", "NY", "US")),
        ("Vancouver, Washington", ("Vancouver", "WA", "US")),
        ("Reading, United Kingdom", ("Reading", "England", "GB")),
        ("Singapore", ("Singapore", None, "SG")),
        ("Bundesweit", (None, None, "DE")),
        ("Various locations in Norway", (None, None, "NO")),
    ],
)
def test_a_town_is_found_however_it_is_written(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("Kiel, Lübeck, Rostock", ["Kiel", "Lübeck", "Rostock"]),
        ("Hamburg, Berlin, Germany", ["Hamburg", "Berlin"]),
        ("Germany: Bonn, Aachen, Ulm", ["Bonn", "Aachen", "Ulm"]),
        ("Boston, New York, Chicago", ["Boston", "New York", "Chicago"]),
        ("Portland, OR or Boise, ID", ["Portland", "Boise"]),
        ("Grafenwöhr/Wald-Michelbach, Germany", ["Grafenwöhr", "Wald-Michelbach"]),
        ("Lyon / Nantes / Remote", ["Lyon", "Nantes"]),
        ("Turku, Finland • Lund, Sweden", ["Turku", "Lund"]),
        ("Quality Cheese Inc | Cook | Leeds, UK | Full-time | ONSITE | https://cheese.test", ["Leeds"]),
        (
            "Curd.io (makers of curd) | Senior Engineer | SF or NYC | $100k-$120k + equity",
            ["San Francisco", "New York"],
        ),
        ("Cheese works | AI, Ripening | Austin, TX (+ remote)", ["Austin"]),
        ("Germany / Obertshausen / Remote", ["Obertshausen"]),
    ],
)
def test_lists_and_free_text_give_each_town_once(text: str, cities: list[str]) -> None:
    assert [place.city for place in parse_location(text).places] == cities
    assert all(place.country for place in parse_location(text).places)


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("Remote (US/Canada)", ["US", "CA"]),
        ("Remote, must be based in Portugal", ["PT"]),
        ("REMOTE (US) Full-Time", ["US"]),
        ("Remote (EU, CET +/- 2h)", []),
        ("Remote - US East", ["US"]),
        ("Home based - Poland", ["PL"]),
        ("[Remote] Spain", ["ES"]),
        ("London | Remote (UK)", ["GB"]),
    ],
)
def test_remote_work_keeps_the_country_that_it_is_bound_to(text: str, countries: list[str]) -> None:
    assert parse_location(text).remote is True
    assert [place.country for place in parse_location(text).places] == countries


@pytest.mark.parametrize(
    "text",
    [
        "Senior Data Engineer | Full-time",
        "Success",
        "14 Locations",
        "North America",
        "GMT+2",
        "Pacific time zone",
        "jobs@cheese.test",
        "Marketing | Sales | Support",
        "We would like to hear from you.",
    ],
)
def test_words_are_no_towns_though_some_town_is_called_so(text: str) -> None:
    assert _found(text) == []


_TOWNS = ["Kaukauna", "Obertshausen", "Milano", "Praha", "New York", "Cambridge", "São Paulo", "東京", "Leeds", "Nice"]
_REGIONS = ["WI", "Hessen", "Lombardia", "England", "California", "MI", "KA", "Ontario", "東京都"]
_NAMES = [listed.split("|")[1] for listed in COUNTRIES.values()]
_MODES = ["Remote", "Hybrid", "Onsite", "(US only)", "via", "or", "and", "100%"]
_MARKS = [",", " - ", "/", "|", ";", "(", ")", ", ,", "\n", " "]
_TEXTS = st.lists(st.sampled_from([*_TOWNS, *_REGIONS, *_NAMES, *_MODES, *_MARKS]), max_size=14).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_an_answer_is_in_range_and_the_same_a_second_time(text: str) -> None:
    location = parse_location(text)
    assert location == parse_location(text)
    for place in location.places:
        assert place.country is None or place.country in COUNTRIES
        assert all(part is None or part.strip() for part in (place.city, place.region))
        assert place != Place()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_TOWNS), st.sampled_from(["", " ", "  "]), st.sampled_from([", {}", " ({})", " - {}", " | {}"]))
def test_an_answer_written_out_reads_as_itself(town: str, blanks: str, form: str) -> None:
    first = parse_location(f"{blanks}{town}{blanks}").places[0]
    assert first.country is not None
    name = COUNTRIES[first.country].split("|")[1]
    written = ", ".join(filter(None, (first.city, first.region))) + form.format(name)
    assert parse_location(written).places == (first,)
