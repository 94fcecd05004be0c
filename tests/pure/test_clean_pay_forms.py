"""Pay in the forms of boards of many countries: scales, joints, bounds and periods, and what stands close to them."""

from __future__ import annotations

import pytest

from workers.clean.pay import Salary, parse_salary

_READ: list[tuple[str, float | None, float | None, str | None, str | None]] = [
    # the marks of Markdown are none of the amount
    (r"**Base:** $71,500\.00 \- $88,250\.00 per year", 71_500, 88_250, None, "year"),
    (r"hourly pay of $31\-36/hr", 31, 36, None, "hour"),
    # a range from nothing is a bound, and a range may have an end without a scale of its own
    ("$0 - $72,000 per annum", None, 72_000, None, "year"),
    ("95 to $118K", 95_000, 118_000, None, None),
    ("38/44 K€", 38_000, 44_000, "EUR", None),
    ("연봉 3,200~4,100만원", 32_000_000, 41_000_000, "KRW", "year"),
    ("₹18L – 27L per annum", 1_800_000, 2_700_000, "INR", "year"),
    ("3.2M - 4.8M JPY", 3_200_000, 4_800_000, "JPY", None),
    ("$128,000-149,000k a year", 128_000, 149_000, None, "year"),
    ("TRY 640K – TRY 1.1M", 640_000, 1_100_000, "TRY", None),
    ("3——6万/年", 30_000, 60_000, None, "year"),
    ("MYR4200-MYR5600", 4_200, 5_600, "MYR", None),
    ("74,000 - USD 91,000", 74_000, 91_000, "USD", None),
    ("2.7m", 2_700_000, 2_700_000, None, None),
    # bounds behind an amount
    ("$57,000 minimum", 57_000, None, None, None),
    ("£41,000 max.", None, 41_000, "GBP", None),
    ("월 260만원 이상", 2_600_000, None, "KRW", "month"),
    ("時給1,250円以上", 1_250, None, "JPY", "hour"),
    ("mind. 38.500 EUR/Jahr", 38_500, None, "EUR", "year"),
    ("Min: 41000 Max: 52500", 41_000, 52_500, None, None),
    # scales of other languages
    ("1,3 Millionen Euro", 1_300_000, 1_300_000, "EUR", None),
    ("4,6 Mrd. USD", 4_600_000_000, 4_600_000_000, "USD", None),
    ("85 millions de $", 85_000_000, 85_000_000, None, None),
    ("31.000 millones de dólares", 31_000_000_000, 31_000_000_000, None, None),
    ("€ 2,4 mil milhões", 2_400_000_000, 2_400_000_000, "EUR", None),
    ("14,5 miljoen euro", 14_500_000, 14_500_000, "EUR", None),
    ("$ 6,2 miliardi", 6_200_000_000, 6_200_000_000, None, None),
    ("7 euro en 20 cent", 7.2, 7.2, "EUR", None),
    # signs that folding or a blank would hide
    ("730.000đ", 730_000, 730_000, "VND", None),
    ("د.إ 4,200", 4_200, 4_200, "AED", None),
    ("R 380 000 – R 440 000 per annum", 380_000, 440_000, "ZAR", "year"),
    ("Bs 4.200", 4_200, 4_200, None, None),
    ("2 349:-", 2_349, 2_349, None, None),
    ("from 7.49", 7.49, None, None, None),
    # periods in other words
    ("27.40 p/hr", 27.4, 27.4, None, "hour"),
    ("1650+ Weekly", 1_650, None, None, "week"),
    ("41000-52000 USD YEAR", 41_000, 52_000, "USD", "year"),
    ("€ 2.600 - € 3.050 bruto p/m", 2_600, 3_050, "EUR", "month"),
    ("kr 480 000 - 530 000 pr år", 480_000, 530_000, None, "year"),
    ("€1.350 mensili", 1_350, 1_350, "EUR", "month"),
    ("21.000 € all'anno", 21_000, 21_000, "EUR", "year"),
    ("90元/时", 90, 90, "CNY", "hour"),
    ("每月 7000元", 7_000, 7_000, "CNY", "month"),
    # the period of work is none of the pay
    ("$27.50, 36 hours per week", 27.5, 27.5, None, None),
    ("From $61,400 pa (3 days per week)", 61_400, None, None, "year"),
    ("£33,000 paid monthly", 33_000, 33_000, "GBP", None),
    ("$66,000 and an annual bonus", 66_000, 66_000, None, None),
    ("$64,000, with a weekly team lunch", 64_000, 64_000, None, None),
    ("$1,150 weekly", 1_150, 1_150, None, "week"),
    # a grade is no end of a range
    ("Level 3 - $64k to $79k", 64_000, 79_000, None, None),
    ("Schaal 8 (€ 2.950 - € 4.050)", 2_950, 4_050, "EUR", None),
]


@pytest.mark.parametrize(("text", "low", "high", "currency", "period"), _READ)
def test_pay_is_read_in_the_forms_of_boards(
    text: str, low: float | None, high: float | None, currency: str | None, period: str | None
) -> None:
    assert parse_salary(text) == Salary(low, high, currency, period)


@pytest.mark.parametrize(
    "text",
    [
        "3D printing",
        "10 ft ladders",
        "45km",
        "8K display",
        "120k monthly active users",
        "250 Millionen Nutzer",
        "90 millones de clientes",
        "40 tisíc obyvatel",
        "Springfield, IL 62704-5835",
        "Vagas (20871-20872-20873)",
        "Oficina coletiva - 027",
        "Company size: 1000-5000",
        "a $7T industry",
        "36 hours per week",
    ],
)
def test_numbers_close_to_such_forms_are_no_pay(text: str) -> None:
    assert parse_salary(text) is None
