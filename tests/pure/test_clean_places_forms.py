"""Places in the forms of boards and networks: codes in chains, metro areas, rows of codes, streets, flags."""

from __future__ import annotations

from time import process_time

import pytest

from workers.clean.places import Place, parse_location

Found = tuple[str | None, str | None, str | None]


def _found(text: str) -> list[Found]:
    return [(place.city, place.region, place.country) for place in parse_location(text).places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IN-TN-Madurai", ("Madurai", "TN", "IN")),
        ("BR-PR-Londrina", ("Londrina", "PR", "BR")),
        ("Canada-Alberta-Lethbridge", ("Lethbridge", "AB", "CA")),
        ("Austria-Steiermark-Leoben", ("Leoben", "Steiermark", "AT")),
        ("FR-31-Toulouse", ("Toulouse", None, "FR")),
        ("IT-PI-PISA-VIA GARIBALDI 9", ("Pisa", "PI", "IT")),
        ("MX-QR-TOLUCA-AVENIDA HIDALGO 12", ("Toluca", None, "MX")),
        ("Omaha-NE-United States", ("Omaha", "NE", "US")),
        ("Tulsa-OK", ("Tulsa", "OK", "US")),
        ("USA:NM:Roswell", ("Roswell", "NM", "US")),
        ("US WI Oshkosh", ("Oshkosh", "WI", "US")),
        ("GRAZ AT", ("Graz", None, "AT")),
        ("Research-DE-Jena-Lab", ("Jena", None, "DE")),
        ("CA-Fresno-Warehouse", ("Fresno", "CA", "US")),
        ("CA-Ontario-Hamilton", ("Hamilton", "ON", "CA")),
        ("CO-Pueblo", ("Pueblo", "CO", "US")),
        ("CO-Pereira", ("Pereira", None, "CO")),
        ("Maringá/PR", ("Maringá", "PR", "BR")),
        ("POL Gdynia", ("Gdynia", None, "PL")),
    ],
)
def test_codes_in_a_chain_are_told_apart(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stratford-upon-Avon", ("Stratford-upon-Avon", "England", "GB")),
        ("Baden-Baden", ("Baden-Baden", None, "DE")),
        ("Guinea-Bissau", (None, None, "GW")),
        ("Clermont-Ferrand", ("Clermont-Ferrand", None, "FR")),
        ("Linz-Urfahr", ("Linz", None, "AT")),
        ("Praha 8-Karlín", ("Praha", None, "CZ")),
    ],
)
def test_a_hyphen_within_a_name_parts_nothing_but_its_quarter(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("Scranton-Wilkes-Barre Area", ["Scranton"]),
        ("Halle-Leipzig", ["Halle", "Leipzig"]),
        ("Tampa-Orlando Area", ["Tampa", "Orlando"]),
        ("Großraum Nürnberg", ["Nürnberg"]),
        ("Grenoble et alentours", ["Grenoble"]),
        ("Bilbao y alrededores", ["Bilbao"]),
        ("Ostrava a okolí", ["Ostrava"]),
        ("Metro Nashville", ["Nashville"]),
        ("Central Glasgow", ["Glasgow"]),
        ("Mysore Urban", ["Mysore"]),
    ],
)
def test_the_surroundings_of_a_town_are_the_town(text: str, cities: list[str]) -> None:
    assert [place.city for place in parse_location(text).places] == cities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Western Pennsylvania", [(None, "PA", "US")]),
        ("Northern Bavaria", [(None, "BY", "DE")]),
        ("South East England", [(None, "England", "GB")]),
        ("Central Canada", [(None, None, "CA")]),
        ("West Virginia", [(None, "WV", "US")]),
        ("South Shields", [("South Shields", "England", "GB")]),
        ("Southern Europe", []),
        ("Ruhrgebiet", [(None, None, "DE")]),
        ("Ede, Randstad", [("Ede", None, "NL")]),
        ("Twin Cities", [(None, "MN", "US")]),
        ("Haute-Savoie", [(None, "Haute-Savoie", "FR")]),
        ("US East Coast", [(None, None, "US")]),
    ],
)
def test_a_direction_does_not_hide_the_region_behind_it(text: str, expected: list[Found]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DE/PL/SK", ["DE", "PL", "SK"]),
        ("FR, DE, BE, LU", ["FR", "DE", "BE", "LU"]),
        ("NZ/AUS", ["NZ", "AU"]),
        ("IN | GB", ["IN", "GB"]),
        ("Remote (CA/US)", ["CA", "US"]),
        ("Remote (UK or EU)", ["GB"]),
        ("Canada, Mexico", ["CA", "MX"]),
        ("France and EMEA", ["FR"]),
        ("AI / ML", []),
        ("PR | HR", []),
    ],
)
def test_a_row_of_codes_that_are_no_states_is_one_of_countries(text: str, expected: list[str]) -> None:
    assert [place.country for place in parse_location(text).places] == expected


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("CA/OR/WA", ["CA", "OR", "WA"]),
        ("OH | PA", ["OH", "PA"]),
        ("WA, OR, CA", ["WA", "OR", "CA"]),
        ("Oregon or Idaho", ["OR", "ID"]),
        ("Ohio, New York, Indiana", ["OH", "NY", "IN"]),
        ("US, FL", ["FL"]),
    ],
)
def test_a_row_of_states_stays_one_of_states(text: str, regions: list[str]) -> None:
    assert [(place.city, place.region, place.country) for place in parse_location(text).places] == [
        (None, region, "US") for region in regions
    ]


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("LA or NY", ["Los Angeles", "New York"]),
        ("Denver | NY | Miami", ["Denver", "New York", "Miami"]),
        ("Dublin, NY, Seattle", ["Dublin", "New York", "Seattle"]),
        ("Miami / Austin / DC", ["Miami", "Austin", "Washington"]),
        ("NY, NY", ["New York"]),
        ("Albany, NY, Chicago", ["Albany", "Chicago"]),
        ("Graz (Austria) or Brno (Czechia)", ["Graz", "Brno"]),
        ("Portugal (Braga or Faro)", ["Braga", "Faro"]),
        ("USA: Boston, Denver; Ireland: Cork", ["Boston", "Denver", "Cork"]),
    ],
)
def test_a_state_code_among_cities_is_its_city(text: str, cities: list[str]) -> None:
    assert [place.city for place in parse_location(text).places] == cities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Goethestraße 12, 99423 Weimar", ("Weimar", None, "DE")),
        ("Lindenallee 5, Hamburg, Germany", ("Hamburg", None, "DE")),
        ("Goethestraße 12, 99423 Weimar, Germany", ("Weimar", None, "DE")),
        ("Via Manzoni 8, 56124 Pisa", ("Pisa", None, "IT")),
        ("Keizersgracht 40, 1015 CR Amsterdam", ("Amsterdam", None, "NL")),
        ("4200 Aspen Creek, Boulder, CO 80301", ("Boulder", "CO", "US")),
        ("Level 3, 20 Elizabeth Street, Hobart TAS 7000", ("Hobart", "TAS", "AU")),
        ("88 Oak St Dayton OH 45402", ("Dayton", "OH", "US")),
        ("EC2A London", ("London", "England", "GB")),
        ("Reno Nevada", ("Reno", "NV", "US")),
        ("Buffalo New York United States", ("Buffalo", "NY", "US")),
        ("Columbus, Franklin County", ("Columbus", "OH", "US")),
        ("Kalasatama, Helsinki", ("Helsinki", None, "FI")),
        ("Tartu, Estonia (TRT)", ("Tartu", None, "EE")),
        ("上海市浦东新区", ("上海市", None, "CN")),
    ],
)
def test_a_street_a_county_or_a_quarter_is_no_town(text: str, expected: Found) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("🇨🇿 Olomouc", [("Olomouc", None, "CZ")]),
        ("Bergen 🇳🇴, Malmö 🇸🇪", [("Bergen", None, "NO"), ("Malmö", None, "SE")]),
        ("🇮🇹 Italy, 🇬🇷 Greece", [(None, None, "IT"), (None, None, "GR")]),
        ("📍 Porto", [("Porto", None, "PT")]),
        ("Lisbon, Lisboa, Portugal", [("Lisbon", "Lisboa", "PT")]),
        ("Sofia, Sofia City, Bulgaria", [("Sofia", None, "BG")]),
        ("Lebanon, Tennessee, USA", [("Lebanon", "TN", "US")]),
        ("Kingston, Ontario, Canada", [("Kingston", "ON", "CA")]),
        ("Monterrey, NL", [("Monterrey", None, "MX")]),
        ("London, ON", [("London", "ON", "CA")]),
    ],
)
def test_flags_and_second_names_of_a_place_give_no_second_place(text: str, expected: list[Found]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("Corona | Cheese maker | Porto, Portugal | On-site", ["Porto"]),
        ("Oshkosh | Remote | Wisconsin", ["Oshkosh"]),
        ("Ghent | Cheese maker | Remote", ["Ghent"]),
    ],
)
def test_the_name_at_the_head_of_a_post_is_a_company(text: str, towns: list[str]) -> None:
    assert [place.city for place in parse_location(text).places if place.city] == towns


@pytest.mark.parametrize(
    ("text", "remote", "places"),
    [
        ("Télétravail partiel, Angers", False, (Place("Angers", None, "FR"),)),
        ("Télétravail total", True, ()),
        ("Homeoffice möglich, Kassel", True, (Place("Kassel", None, "DE"),)),
        ("teilweise Homeoffice, Kassel", False, (Place("Kassel", None, "DE"),)),
        ("Smart working - Parma", True, (Place("Parma", None, "IT"),)),
        ("Trabajo a distancia, Uruguay", True, (Place(None, None, "UY"),)),
        ("Práce z domova, Zlín", True, (Place("Zlín", None, "CZ"),)),
        ("Praca zdalna", True, ()),
        ("远程办公", True, ()),
        ("混合办公", False, ()),
        ("Présentiel, Dijon", False, (Place("Dijon", None, "FR"),)),
        ("Hybrid (2 days/week) - Oulu", False, (Place("Oulu", None, "FI"),)),
        ("Remote (EST time zone)", True, ()),
        ("Remote - PST", True, ()),
        ("EST", None, (Place(None, None, "EE"),)),
        ("EST-Tartu", None, (Place("Tartu", None, "EE"),)),
        ("Remoto desde Chile", True, (Place(None, None, "CL"),)),
        ("Via Mazzini 4, Parma", None, (Place("Parma", None, "IT"),)),
        ("Remote - Reno, NV, USA", True, (Place("Reno", "NV", "US"),)),
        ("Remote - Nevada, USA", True, (Place(None, "NV", "US"),)),
        ("Reno, NV, United States (or Remote in the United States)", True, (Place("Reno", "NV", "US"),)),
    ],
)
def test_work_from_home_is_understood_in_other_words(text: str, remote: bool | None, places: tuple[Place, ...]) -> None:
    found = parse_location(text)
    assert (found.remote, found.places) == (remote, places)


@pytest.mark.parametrize(
    "piece",
    ["3 days ", "Ede, NY, ", "(US or EU) ", "CA/", "1 Elm St, ", "IN-TN-", "🇨🇿", "3 days/week|", "Graz-", "📍 "],
)
def test_a_text_of_one_form_over_and_over_is_read_in_no_time(piece: str) -> None:
    before = process_time()
    for _ in range(5):
        parse_location((piece * 2_000)[:2_000])
    assert process_time() - before < 1.5  # seconds; it takes a tenth, and minutes where blanks are left in a row
