"""Pay: amounts, currency and period as stated, None where nothing is stated."""

from __future__ import annotations

from typing import Any

import pytest

from workers.clean.pay import Salary, parse_salary


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        ("$59K-$99K", 59_000, 99_000, None, None),
        ("£30k", 30_000, 30_000, "GBP", None),
        ("USD 100,000 - 150,000", 100_000, 150_000, "USD", None),
        ("$170-225K + equity", 170_000, 225_000, None, None),
        ("$211.4K – $290.6K • Offers Equity", 211_400, 290_600, None, None),
        ("up to $120,000", None, 120_000, None, None),
        ("from €50.000 per year", 50_000, None, "EUR", "year"),
        ("$100k+", 100_000, None, None, None),
        ("$18 - $22/hr", 18, 22, None, "hour"),
        ("$80,000.00/yr - $100,000.00/yr", 80_000, 100_000, None, "year"),
        ("Between $100,000 and $120,000 per annum", 100_000, 120_000, None, "year"),
        ("€4.500,00 pro Monat", 4_500, 4_500, "EUR", "month"),
        ("12,50 € / Stunde", 12.5, 12.5, "EUR", "hour"),
        ("45 k€ - 55 k€", 45_000, 55_000, "EUR", None),
        ("40 000 - 60 000 Kč / měsíc", 40_000, 60_000, "CZK", "month"),
        ("15 000 – 20 000 PLN brutto miesięcznie", 15_000, 20_000, "PLN", "month"),
        ("CHF 100'000 - 120'000", 100_000, 120_000, "CHF", None),
        ("A$120k + super", 120_000, 120_000, "AUD", None),
        ("₹12,00,000 - ₹18,00,000 a year", 1_200_000, 1_800_000, "INR", "year"),
        ("月給 30万円", 300_000, 300_000, "JPY", "month"),
        ("от 100 000 до 150 000 руб.", 100_000, 150_000, "RUB", None),
        ("£200-£250 per day", 200, 250, "GBP", "day"),
        ("20-25 per hour", 20, 25, None, "hour"),
        ("$1,234.50 a week", 1_234.5, 1_234.5, None, "week"),
        ("45000", 45_000, 45_000, None, None),
        # both sides of an amount may name its currency, and a code elsewhere names that of a bare "$"
        ("$139,000—$163,000 USD", 139_000, 163_000, "USD", None),
        ("NZD $45.50/hr", 45.5, 45.5, "NZD", "hour"),
        ("C $ 300", 300, 300, "CAD", None),
        ("A $4,000 monthly wage", 4_000, 4_000, None, "month"),
        ("S$5,000–S$7,000", 5_000, 7_000, "SGD", None),
        ("R$ 3.500,00 por mês", 3_500, 3_500, "BRL", "month"),
        ("R15 000 - R20 000 a month", 15_000, 20_000, "ZAR", "month"),
        ("AED 8,000 (USD 2,179)", 8_000, 8_000, "AED", None),
        ("10 rmb 20 usd", 10, 10, "CNY", None),
        ("10,000 Swiss francs", 10_000, 10_000, "CHF", None),
        # scales
        ("60-70 T€", 60_000, 70_000, "EUR", None),
        ("30 MUSD", 30_000_000, 30_000_000, "USD", None),
        ("12-15 LPA", 1_200_000, 1_500_000, "INR", "year"),
        ("1.5-3 Cr P.A.", 15_000_000, 30_000_000, None, "year"),
        ("50,000-1 Lakh P.A.", 50_000, 100_000, None, "year"),
        ("₹12,34,567.89", 1_234_567.89, 1_234_567.89, "INR", None),
        ("연봉 3,500만원 ~ 5,000만원", 35_000_000, 50_000_000, "KRW", "year"),
        ("8千-1.2万/月", 8_000, 12_000, None, "month"),
        ("時給1500円", 1_500, 1_500, "JPY", "hour"),
        ("80 - 110 tys. zł rocznie", 80_000, 110_000, "PLN", "year"),
        # words
        ("five million yen", 5_000_000, 5_000_000, "JPY", None),
        ("a quarter million US dollars", 250_000, 250_000, "USD", None),
        ("thirteen dollars and forty-five cents", 13.45, 13.45, None, None),
        ("75 USD million", 75_000_000, 75_000_000, "USD", None),
        # small parts of an amount
        ("35€ 99", 35.99, 35.99, "EUR", None),
        ("15 USD 50 more", 15.5, 15.5, "USD", None),
        ("$119. 95", 119.95, 119.95, None, None),
        ("CHF 110'000.– bis 130'000.–", 110_000, 130_000, "CHF", None),
        ("€ 3.200,- tot € 4.100,- bruto per maand", 3_200, 4_100, "EUR", "month"),
        ("OMR 123,456.789", 123_456.789, 123_456.789, "OMR", None),
        # joints and bounds of other languages
        ("Entre 35 et 45 k€", 35_000, 45_000, "EUR", None),
        ("35.000 až 45.000 Kč", 35_000, 45_000, "CZK", None),
        ("van € 2.500 tot € 3.200 bruto per maand", 2_500, 3_200, "EUR", "month"),
        ("42.000 bis 48.000 € brutto im Jahr", 42_000, 48_000, "EUR", "year"),
        ("Hasta 45.000€", None, 45_000, "EUR", None),
        ("до 300 000 руб.", None, 300_000, "RUB", None),
        ("$45,000+ per year", 45_000, None, None, "year"),
        ("£23,114 to £25,874 pro rata", 23_114, 25_874, "GBP", None),
        ("£450pd outside IR35", 450, 450, "GBP", "day"),
        ("$75,000 in Pittsburgh, PA", 75_000, 75_000, None, None),
        # beside other money and numbers
        ("£50,000 - £60,000 + 10% bonus", 50_000, 60_000, "GBP", None),
        ("$10,000 sign-on bonus, salary $90,000", 90_000, 90_000, None, None),
        ("£95,000 plus bonus up to £20,000", 95_000, 95_000, "GBP", None),
        ("fell from 1987, to $ 10.05 billion", 10_050_000_000, 10_050_000_000, None, None),
        # a text of one number and a sign too short for a sentence
        ("250 L", 250, 250, None, None),
        ("4 000 Br", 4_000, 4_000, None, None),
        ("40.00/each", 40, 40, None, None),
    ],
)
def test_pay_is_read_as_stated(
    text: str, low: float | None, high: float | None, currency: str | None, period: str | None
) -> None:
    assert parse_salary(text) == Salary(low, high, currency, period)


@pytest.mark.parametrize(
    "text",
    [
        "Competitive",
        "DOE",
        "3-5 years experience",
        "40 hours per week",
        "5 days a week",
        "401k match",
        "15% bonus",
        "$0 - $0",
        "Team of 20-30",
        "2024-05-01",
        "call 555-123-4567",
        "Series B, $20M raised",
        "backed by $125M in funding",
        "$1B valuation",
        "$5,000 sign-on bonus",
        "bonus up to $15k",
        "$1,000/year learning stipend",
        "Founded in 2015, 50 employees",
        "Salary competitive, founded 2012",
        "Competitive salary, 2025 intake",
        "1,000-5,000 employees",
        "10k+ users",
        "serving 2 million customers",
        "ability to lift 50 pounds",
        "they won 3 awards",
        "60 - 100 %",
        "2012 - 2016",
        "Ref: 2023-4567",
        "+49 171 1234567",
        "9:00 - 17:30",
        "1 Sep 2025 to 30 Jun 2026",
        "3x per week",
        "25 Tage Urlaub",
        "Experience 3/5 ans",
        "in the third quarter",
        "ALL 5 openings",
        "All 700 of us",
        "I tried to call Bob 300 times",
        "dollars",
        "$",
        "",
        "N/A",
        None,
        True,
        float("nan"),
        -5,
        [],
        {},
        {"min": 0, "max": 0},
        {"currency": "USD"},
    ],
)
def test_no_pay_is_made_up(text: object) -> None:
    assert parse_salary(text) is None


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"min": 1, "max": 2, "currency": "usd", "period": "1 YEAR"}, Salary(1, 2, "USD", "year")),
        (
            {"currency": "GBP", "value": {"minValue": "85000", "maxValue": 110000, "unitText": "YEAR"}},
            Salary(85_000, 110_000, "GBP", "year"),
        ),
        ({"currency": "USD", "value": {"value": "55000", "unitCode": "ANN"}}, Salary(55_000, 55_000, "USD", "year")),
        ({"min": 20, "unit": "hourly"}, Salary(20, None, None, "hour")),
        ({"min": 9, "max": 3}, Salary(3, 9, None, None)),
    ],
)
def test_a_mapping_is_read_as_json_ld_gives_it(stated: dict[str, Any], expected: Salary) -> None:
    assert parse_salary(stated) == expected
