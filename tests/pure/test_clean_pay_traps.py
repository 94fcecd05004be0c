"""Pay beside grades, telephone numbers, sums of companies and other numbers that look like it."""

from __future__ import annotations

import pytest

from workers.clean.pay import Salary, parse_salary


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        # cents on both sides of a hyphen are no day of a calendar
        ("$19.50-24.25 hourly", 19.5, 24.25, None, "hour"),
        ("17.75-21.50 per hour", 17.75, 21.5, None, "hour"),
        ("13.20-14.10 €/h", 13.2, 14.1, "EUR", "hour"),
        ("£11.60-12.40ph", 11.6, 12.4, "GBP", "hour"),
        ("£27,500-29,000pa", 27_500, 29_000, "GBP", "year"),
        # a grade before the amounts is no amount
        ("Band 7 - £46,148 to £52,809 pa", 46_148, 52_809, "GBP", "year"),
        ("Grade 4 - £23,750", 23_750, 23_750, "GBP", None),
        ("Level 2 – $58k to $71k", 58_000, 71_000, None, None),
        ("Scale 9 - 31,100 to 36,900 per year", 31_100, 36_900, None, "year"),
        ("$6 - 12/hr", 6, 12, None, "hour"),
        # terms behind a plain number
        ("47500 DOE", 47_500, 47_500, None, None),
        ("26,250 neg", 26_250, 26_250, None, None),
        ("38000 brutto", 38_000, 38_000, None, None),
        ('"118,000"', 118_000, 118_000, None, None),
        # scales of India and Vietnam
        ("₹ 9 - 14 Lacs PA", 900_000, 1_400_000, "INR", "year"),
        ("12 - 18 triệu / tháng", 12_000_000, 18_000_000, "VND", "month"),
        ("Rp 6 juta per bulan", 6_000_000, 6_000_000, "IDR", "month"),
        # other money beside the pay
        ("$92,000 + $8K sign-on", 92_000, 92_000, None, None),
        ("$64k relocation available", 64_000, 64_000, None, None),
        ("$1.4M", 1_400_000, 1_400_000, None, None),
    ],
)
def test_pay_is_read_beside_what_looks_like_it(
    text: str, low: float, high: float, currency: str | None, period: str | None
) -> None:
    assert parse_salary(text) == Salary(low, high, currency, period)


@pytest.mark.parametrize(
    "text",
    [
        "1-800-555-0147",
        "1 (888) 555-0122",
        "$7k sign on",
        "$12K sign-on",
        "$6,000 relocation",
        "backed by over $80M",
        "a $2B company",
        "$3B+ startup",
        "$25M+ in revenue",
        "$40M annual revenue",
        "portfolio of $9M",
        "$4M in savings",
        "01-09-26",
        "12.05.2026",
        "2025 DOE",
        "38 hours DOE",
        "11a",
    ],
)
def test_numbers_that_are_no_pay_make_none(text: str) -> None:
    assert parse_salary(text) is None
