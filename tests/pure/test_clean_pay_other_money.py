"""Money in a posting that is not the pay, and pay that stands beside it."""

from __future__ import annotations

import pytest

from workers.clean.pay import Salary, parse_salary


@pytest.mark.parametrize(
    "text",
    [
        # both ends of a range are other money, or neither is
        "$9,000 - $14,000 stipend",
        "yearly bonus of $4,000 to $9,000",
        "Bonus $3,000 / $5,500",
        # allowances, with the time they are for and what they are for
        "Up to $240/month gym reimbursement",
        "€450 monthly car allowance",
        "$85/month wellness benefit",
        "$750 home office setup",
        "Relocation assistance up to $6,500",
        "We reimburse up to $900",
        "$7,500 hiring bonus",
        "$0.58 per mile",
        "$300 birthday voucher",
        "$180 one-time home office stipend",
        "$120 quarterly reading credit",
        "Monthly commuter subsidy of $90",
        "Tuition assistance of up to $2,800 a year",
        "€650 per year for personal development",
        # insurance and savings
        "PPO plan with $400 deductible",
        "Short-term disability up to $800 per week",
        "Life insurance of $80,000",
        "$40,000 company-paid life insurance",
        "Medical cover up to ₹7L",
        "401k matching up to $2,400",
        "Employer HSA contribution of $900 per year",
        # what a seller sells, and what a company has
        "Annual quota of $700K",
        "Average deal size of $60,000",
        "Own a P&L of $14M",
        "Managing a budget of $6 million",
        "$45M in annual recurring revenue",
        "moving $300B a year",
        "Sales target of €2M",
        "Manage projects from $2M to $15M",
        "We have secured $18M to date",
        "Commission up to £8k",
        "Shift differential $1.25 per hour",
        "ESOPs worth 4 LPA",
        "Application fee £15",
        # in other languages
        "Prime de 1 200 €",
        "Tickets restaurant 11€",
        "Fahrtkostenzuschuss 80 €",
        "35 € Sachbezug monatlich",
        "Vale refeição de R$ 28,00 por dia",
        "Buoni pasto da 7 euro",
        "Stravenky 110 Kč",
        "nástupní prémie 35 000 Kč",
        "Премия до 25 000 руб.",
        "餐补25元/天",
        "식대 월 15만원",
        "Treuebonus 900 €",
        "Indemnité repas 12 €/jour",
        "Vales de despensa $950 mensuales",
        "Příplatek 25 Kč/hod",
        "通勤手当 月上限3万円",
        "交通补贴300元",
        # what is paid by those who apply, or spent on them
        "Security deposit ₹8,000",
        "Conference budget $1,100",
        "Visa costs up to AED 4,000",
    ],
)
def test_other_money_is_no_pay(text: str) -> None:
    assert parse_salary(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        ("Insurance broker, $52,000 - $67,000 a year", 52_000, 67_000, None, "year"),
        ("Base plus commission: $62k - $71k", 62_000, 71_000, None, None),
        ("Budget analyst $73,500", 73_500, 73_500, None, None),
        ("Training lead ($56,000)", 56_000, 56_000, None, None),
        ("$49,000 plus car allowance", 49_000, 49_000, None, None),
        ("$24/hr, full benefits and meal credit", 24, 24, None, "hour"),
        ("$22/hr plus tips", 22, 22, None, "hour"),
        ("$88,000 with relocation assistance", 88_000, 88_000, None, None),
        ("Health insurance, 401k. Pay: $23.00 - $26.50 per hour", 23, 26.5, None, "hour"),
        ("28 000 Kč + stravenky + bonus 8%", 28_000, 28_000, "CZK", None),
        ("R$ 2.900,00 + Vale alimentação R$ 450,00", 2_900, 2_900, "BRL", None),
        ("42K€ + primes", 42_000, 42_000, "EUR", None),
        ("оклад 65 000 руб. + премия", 65_000, 65_000, "RUB", None),
        ("9-14K·13薪，餐补20元/天", 9_000, 14_000, None, None),
        ("$61,000 + $90/month phone allowance", 61_000, 61_000, None, None),
        ("$2 billion", 2_000_000_000, 2_000_000_000, None, None),
        # the word for pay tells the pay from money of another kind before it
        ("Licences cost us $49. Salary: $93,000", 93_000, 93_000, None, None),
        ("Medical cover up to ₹8L. CTC: 15 LPA", 1_500_000, 1_500_000, "INR", "year"),
        ("$19/hr, which makes a yearly salary of $39,520", 19, 19, None, "hour"),
    ],
)
def test_pay_is_kept_apart_from_other_money_beside_it(
    text: str, low: float, high: float, currency: str | None, period: str | None
) -> None:
    assert parse_salary(text) == Salary(low, high, currency, period)
