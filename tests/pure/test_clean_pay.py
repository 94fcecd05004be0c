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
