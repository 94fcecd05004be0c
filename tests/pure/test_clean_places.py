"""Places: cities, regions, countries, several of them, and remote."""

from __future__ import annotations

import pytest

from workers.clean.places import Place, country_code, parse_location


def _places(text: str) -> list[tuple[str | None, str | None, str | None]]:
    return [(place.city, place.region, place.country) for place in parse_location(text).places]


@pytest.mark.parametrize(
    ("text", "city", "region", "country"),
    [
        ("San Francisco, CA", "San Francisco", "CA", "US"),
        ("San Mateo, California, United States", "San Mateo", "CA", "US"),
        ("San Mateo, CA United States", "San Mateo", "CA", "US"),
        ("US, CA, Santa Clara", "Santa Clara", "CA", "US"),
        ("US-CA-Menlo Park", "Menlo Park", "CA", "US"),
        ("NY - Waverly", "Waverly", "NY", "US"),
        ("1000 Nicollet Mall, Minneapolis,MN 55403-2542", "Minneapolis", "MN", "US"),
        ("Washington, DC", "Washington", "DC", "US"),
        ("Washington D.C.", "Washington", "DC", "US"),
        ("Washington, District of Columbia, United States", "Washington", "DC", "US"),
        ("Washington - Seattle", "Seattle", "WA", "US"),
        ("New York", "New York", "NY", "US"),
        ("New York, NY (HQ)", "New York", "NY", "US"),
        ("Dublin, IE", "Dublin", None, "IE"),
        ("Bengaluru, IN", "Bengaluru", "KA", "IN"),
        ("Toronto, CA", "Toronto", "ON", "CA"),
        ("London, ON", "London", "ON", "CA"),
        ("Barcelona, CT, Spain", "Barcelona", "CT", "ES"),
        ("Ikeja, LA, Nigeria", "Ikeja", "LA", "NG"),
        ("Hallein, Salzburg, Austria", "Hallein", "Salzburg", "AT"),
        ("Tbilisi, , Georgia", "Tbilisi", None, "GE"),
        ("Atlanta, Georgia", "Atlanta", "GA", "US"),
        ("London, UK", "London", "England", "GB"),
        ("Leipzig, Deutschland", "Leipzig", None, "DE"),
        ("Praha, Česko", "Praha", None, "CZ"),
        ("Masarykova třida 936/50, Olomouc – Hodolany", "Olomouc", None, "CZ"),
        ("Singapore, , Singapore", "Singapore", None, "SG"),
        ("Israel, Yokneam", "Yokneam", None, "IL"),
        ("PRC, Shanghai", "Shanghai", None, "CN"),
        ("IRL - Galway", "Galway", None, "IE"),
        ("Paris, TX", "Paris", "TX", "US"),
        ("New South Wales, Australia", None, "NSW", "AU"),
        ("Bosnia and Herzegovina", None, None, "BA"),
        ("Pohang, Korea, Republic of", "Pohang", None, "KR"),
        ("Kingstown, St. Vincent and the Grenadines", "Kingstown", None, "VC"),
        ("Marco Island, United States", "Marco Island", "FL", "US"),
        ("South Jordan, Utah", "South Jordan", "UT", "US"),
    ],
)
def test_one_place(text: str, city: str | None, region: str | None, country: str) -> None:
    assert _places(text) == [(city, region, country)]


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("Seattle, San Francisco, New York City", ["Seattle", "San Francisco", "New York"]),
        ("Geneva, Switzerland, Paris, France", ["Geneva", "Paris"]),
        ("Denver, CO; New York City, NY; San Francisco, CA", ["Denver", "New York", "San Francisco"]),
        ("Livingston, NJ / New York, NY", ["Livingston", "New York"]),
        ("San Francisco, CA • New York, NY", ["San Francisco", "New York"]),
        ("London | Dublin", ["London", "Dublin"]),
        ("Berlin\nHamburg", ["Berlin", "Hamburg"]),
        ("Berlin/Hamburg", ["Berlin", "Hamburg"]),
        ("London or Dublin", ["London", "Dublin"]),
        ("Traunstein, Wasserburg, Landshut, , Germany", ["Traunstein", "Wasserburg", "Landshut"]),
        ("US-SF-HQ, US-NYC, US-CHI", ["San Francisco", "New York", "Chicago"]),
    ],
)
def test_several_places(text: str, cities: list[str]) -> None:
    assert [place.city for place in parse_location(text).places] == cities
    assert all(place.country for place in parse_location(text).places)


@pytest.mark.parametrize(
    ("text", "remote", "places"),
    [
        ("Remote", True, ()),
        ("Remote (US only)", True, (Place(country="US"),)),
        ("Remote - United States", True, (Place(country="US"),)),
        ("Remote via NYC (hybrid option available)", True, (Place(region="NY", country="US"),)),
        ("Remote - New York", True, (Place(region="NY", country="US"),)),
        ("CT - Work from home", True, (Place(region="CT", country="US"),)),
        ("Spain (Madrid - Remote)", True, (Place("Madrid", None, "ES"),)),
        ("Anywhere (100% Remote) Only", True, ()),
        ("Remote - EMEA", True, ()),
        ("Remote job", True, ()),
        ("Hybrid - London", False, (Place("London", "England", "GB"),)),
        ("Not remote", False, ()),
        ("London", None, (Place("London", "England", "GB"),)),
        ("Europe", None, ()),
        ("North America", None, ()),
    ],
)
def test_remote_is_yes_no_or_unknown(text: str, remote: bool | None, places: tuple[Place, ...]) -> None:
    assert parse_location(text).remote is remote
    assert parse_location(text).places == places


@pytest.mark.parametrize(
    "text", ["2 Locations", "N/A", "Headquarter", "Success, ", "", "Multiple Locations", None, 7, []]
)
def test_no_place_is_made_up(text: object) -> None:
    assert parse_location(text).places == ()


def test_two_hundred_and_fifty_countries_in_a_row_are_kept() -> None:
    from workers.clean._places.country_words import COUNTRIES

    names = [listed.split("|")[1] for listed in COUNTRIES.values()]
    found = {place.country for place in parse_location("; ".join(names)).places}
    assert len(found) > len(COUNTRIES) - 5


@pytest.mark.parametrize(
    ("text", "code"),
    [("UK", "GB"), ("us", "US"), ("USA", "US"), ("Deutschland", "DE"), ("Europe", None), ("XX", None), (None, None)],
)
def test_a_field_of_its_own_gives_a_country_code(text: object, code: str | None) -> None:
    assert country_code(text) == code


def test_a_place_that_a_board_names_again_is_not_read_again() -> None:
    assert parse_location("Ghent, Belgium") is parse_location("Ghent, Belgium")
    long = "Ghent, Belgium; " * 30
    assert parse_location(long) is not parse_location(long)
