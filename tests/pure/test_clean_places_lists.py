"""Lists of towns against towns in regions, quarters of a town, "and more" behind a town, hybrid work."""

from __future__ import annotations

import pytest

from workers.clean.places import Place, parse_location

Found = tuple[str | None, str | None, str | None]


def _found(text: str) -> list[Found]:
    return [(place.city, place.region, place.country) for place in parse_location(text).places]


@pytest.mark.parametrize(
    "text",
    [
        "Leeds, Bristol",
        "Liverpool, London, Sheffield",
        "Glasgow, Aberdeen, Edinburgh",
        "Málaga, Sevilla, Granada",
        "Gent, Antwerpen",
        "Leeds, Bristol, UK",
        "Hanoi, Ho Chi Minh City",
        "Montreal, Quebec City",
        "Cork, Limerick, Galway",
    ],
)
def test_large_towns_in_a_row_are_no_regions_of_each_other(text: str) -> None:
    towns = [town for town in text.split(", ") if town != "UK"]
    assert [place.city for place in parse_location(text).places] == towns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vigo, Pontevedra", ("Vigo", "Pontevedra", "ES")),
        ("Mechelen, Antwerpen", ("Mechelen", "Antwerpen", "BE")),
        ("Alcobendas, Madrid", ("Alcobendas", "Madrid", "ES")),
        ("Solihull, West Midlands", ("Solihull", "West Midlands", "GB")),
        ("Laval, Québec", ("Laval", "QC", "CA")),
        ("Wales, UK", (None, "Wales", "GB")),
        ("Swansea, Wales, UK", ("Swansea", "Wales", "GB")),
    ],
)
def test_a_region_stays_one_though_a_town_is_called_so_too(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("Alexandria, Cairo", ["EG", "EG"]),
        ("Brest, Minsk", ["BY", "BY"]),
        ("Cambridge, Boston", ["US", "US"]),
        ("Brno – Černovice", ["CZ", "CZ"]),
        ("London, Toronto", ["GB", "CA"]),  # the one in Ontario is far smaller
        ("Paris, Brest, Minsk", ["FR", "FR", "BY"]),  # two countries around it tell nothing
    ],
)
def test_a_name_of_several_towns_is_the_one_in_the_country_of_the_others(text: str, countries: list[str]) -> None:
    assert [place.country for place in parse_location(text).places] == countries


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Praha – Holešovice", "Praha"),
        ("Wien - Leopoldstadt", "Wien"),
        ("Hamburg - Altona", "Hamburg"),
        ("Budapest, XI", "Budapest"),
        ("Paris 03", "Paris"),
        ("Marseille 6e", "Marseille"),
    ],
)
def test_a_quarter_is_found_under_its_town(text: str, town: str) -> None:
    assert [place.city for place in parse_location(text).places] == [town]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Utrecht + 4 more", ("Utrecht", None, "NL")),
        ("Oslo +2", ("Oslo", None, "NO")),
        ("Denver, CO + 3 locations", ("Denver", "CO", "US")),
        ("Graz und 2 weitere", ("Graz", None, "AT")),
        ("Lyon et 3 autres lieux", ("Lyon", None, "FR")),
        ("Plzeň + 1 další lokalita", ("Plzeň", None, "CZ")),
        ("Dallas, TX, and 7 other locations", ("Dallas", "TX", "US")),
        ("Lisbon (+5 others)", ("Lisbon", None, "PT")),
    ],
)
def test_a_number_of_further_places_is_no_place_and_costs_none(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "remote", "places"),
    [
        ("Hybrid remote in Tampa, FL", False, (Place("Tampa", "FL", "US"),)),
        ("Hybrid-Remote", False, ()),
        ("Hybrid or remote", True, ()),
        ("Remote (hybrid possible), Spain", True, (Place(None, None, "ES"),)),
        ("Hybrid remote or fully remote", True, ()),
    ],
)
def test_hybrid_remote_in_one_word_is_hybrid(text: str, remote: bool, places: tuple[Place, ...]) -> None:
    found = parse_location(text)
    assert (found.remote, found.places) == (remote, places)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vietnam, Da_Nang", [("Da Nang", None, "VN")]),
        ("Peru - Update Location", [(None, None, "PE")]),
        ("Remote (US), Denver USA, & Lima Peru", [("Denver", "CO", "US"), ("Lima", None, "PE")]),
        ("Remote (US/Canada, ET/CT/MT)", [(None, None, "US"), (None, None, "CA")]),
        ("Remote ET/PT", []),
        ("Nantes France and Turin Italy", [("Nantes", None, "FR"), ("Turin", None, "IT")]),
    ],
)
def test_marks_and_words_of_boards_are_no_part_of_a_name(text: str, expected: list[Found]) -> None:
    assert _found(text) == expected
