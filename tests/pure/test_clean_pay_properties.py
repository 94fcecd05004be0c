"""Whatever the text, pay is in range; and pay that is written out again is read as the same pay."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clean._pay import money_words as words
from workers.clean.pay import Salary, parse_salary

PERIODS = (None, "hour", "day", "week", "month", "year")
_PIECES = st.sampled_from(
    (
        "$ € £ ¥ USD CHF kr zł R$ ₹ 万 만원 k K m million LPA lakh T€ - – to bis à 1 12 .5 ,50 1,234.50 1.234,50 1 "
        "234 1'234 12,00,000 45 60k /hr per year monthly salary bonus 401k 10% 2015 40 hours up from "
        "+ ( ) . , \u00a0 \u200b "
        "five hundred and cents ١٢ ４５ ² ½ ⅓"
    ).split(" ")
)
_JOINED = st.lists(_PIECES, max_size=10)
_TEXTS = _JOINED.map(" ".join) | _JOINED.map("".join) | st.text(max_size=40)
_FIELDS = st.sampled_from(["min", "max", "value", "currency", "period"])


def _is_in_range(salary: Salary) -> bool:
    ends = [end for end in (salary.min, salary.max) if end is not None]
    return (
        bool(ends)
        and all(math.isfinite(end) and end > 0 for end in ends)
        and ends == sorted(ends)
        and (salary.currency is None or (len(salary.currency) == 3 and salary.currency.isupper()))
        and salary.period in PERIODS
    )


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_any_text_gives_pay_in_range_or_none(text: str) -> None:
    salary = parse_salary(text)
    assert salary is None or _is_in_range(salary)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["min", "max", "value", "currency", "period"]), _TEXTS | st.floats() | st.integers()
    )
)
def test_any_mapping_gives_pay_in_range_or_none(stated: dict[str, Any]) -> None:
    salary = parse_salary(stated)
    assert salary is None or _is_in_range(salary)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_text_without_a_digit_or_a_number_word_is_no_pay(text: str) -> None:
    shown = "".join(" " if c.isnumeric() else c for c in text).replace("five", "").replace("hundred", "")
    assert parse_salary(shown) is None


def _written(salary: Salary) -> str:
    low, high = (None if end is None else f"{end:,.2f}" for end in (salary.min, salary.max))
    code, period = salary.currency or "$", f" per {salary.period}" if salary.period else ""
    if low is None:
        return f"up to {code} {high}{period}"
    return f"from {code} {low}{period}" if high is None else f"{code} {low} - {code} {high}{period}"


_AMOUNTS = st.integers(100, 900_000_000).map(lambda cents: cents / 100)
_CODES = st.none() | st.sampled_from([code for code in words.CODES.split() if code not in words.WORDY_CODES.split()])


@settings(max_examples=400, deadline=None)
@given(_AMOUNTS, _AMOUNTS, _CODES, st.sampled_from(PERIODS), st.sampled_from(["both", "from", "up to"]))
def test_pay_written_out_is_read_as_the_same_pay(
    one: float, other: float, currency: str | None, period: str | None, bound: str
) -> None:
    low, high = min(one, other), max(one, other)
    salary = Salary(None if bound == "up to" else low, None if bound == "from" else high, currency, period)
    assert parse_salary(_written(salary)) == salary


_STYLES = {"1,234.50": (",", "."), "1.234,50": (".", ","), "1 234,50": (" ", ","), "1'234.50": ("'", ".")}


_PLACES = ("€ {}", "{} €", "EUR {}", "{} EUR", "€{}", "{}€")


@pytest.mark.parametrize(("style", "sign"), list(product(_STYLES, _PLACES)))
def test_every_style_of_thousands_beside_every_place_of_the_sign(style: str, sign: str) -> None:
    thousands, decimals = _STYLES[style]
    for amount in (1_234.5, 45_000.0, 1_234_567.25):
        shown = f"{amount:,.2f}".replace(",", "_").replace(".", decimals).replace("_", thousands)
        assert parse_salary(sign.format(shown)) == Salary(amount, amount, "EUR", None), shown


@pytest.mark.parametrize("code", [code for code in words.CODES.split() if code not in words.WORDY_CODES.split()])
def test_every_code_is_read_before_and_behind_an_amount(code: str) -> None:
    for text in (f"{code} 4,500", f"4,500 {code}", f"{code}4,500", f"4,500{code}", f"{code.lower()} 4500"):
        found = parse_salary(text)
        assert found is not None, text
        assert (found.min, found.currency) == (4_500, code)
