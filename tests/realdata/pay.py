"""Pay as boards, applicant tracking systems, sentences and web pages write it; amount and currency as the text says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.realdata.judging import Category, strings, table
from workers.clean.pay import Salary, parse_salary

# Signs beside an amount that name one currency wherever they stand; a bare "$", "kr" or "L" names none.
_SIGNS = {
    "€": "EUR",
    "EUR": "EUR",
    "euro": "EUR",
    "£": "GBP",
    "￡": "GBP",
    "GBP": "GBP",
    "CHF": "CHF",
    "Kč": "CZK",
    "zł": "PLN",
    "pln": "PLN",
    "PLN": "PLN",
    "R$": "BRL",
    "₹": "INR",
    "DKK": "DKK",
    "NOK": "NOK",
    "Ft": "HUF",
    "руб": "RUB",
    "руб.": "RUB",
    "грн": "UAH",
    "грн.": "UAH",
    "лв": "BGN",
    "лв.": "BGN",
    "₫": "VND",
    "TL": "TRY",
    "円": "JPY",
    "원": "KRW",
    "AED": "AED",
    "NZD": "NZD",
    "SGD": "SGD",
    "C$": "CAD",
    "CAN$": "CAD",
    "AU$": "AUD",
    "NT$": "TWD",
    "MX$": "MXN",
    "₱": "PHP",
    "₴": "UAH",
    "₽": "RUB",
    "RM": "MYR",
    "Rp": "IDR",
    "บาท": "THB",
}


class Stated(NamedTuple):
    """What a text says; a currency of None is not looked at."""

    low: float | None
    high: float | None
    currency: str | None


def _boards(folder: Path) -> Iterator[tuple[str, Stated]]:
    for row in table(folder, "salaries/job-board-salary-text.csv"):
        yield row["text"], Stated(float(row["min"]), float(row["max"]), row["currency_prefix"])


def _compensation(folder: Path) -> Iterator[tuple[str, Stated]]:
    for line in (folder / "salaries/ats-compensation.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        # Currency and period stand in other fields of that response; a bare "$" names no country.
        yield row["text"], Stated(row["min"], row["max"], "")


def _money(folder: Path) -> Iterator[tuple[str, Stated]]:
    for row in table(folder, "salaries/money-strings.csv"):
        amount = float(row["amount"]) if row["amount"] else None
        sign = row["currency"] if row["currency"] in row["text"] else None  # else it stands in the hint, which we lack
        yield row["text"], Stated(amount, amount, _SIGNS.get(sign or ""))


def _sentences(folder: Path) -> Iterator[tuple[str, Stated]]:
    text = (folder / "salaries/currency-in-sentence-english.json").read_text("utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    for row in rows:
        first: dict[str, Any] = next(
            (found["Resolution"] for found in row["Results"] if found["Resolution"].get("value")), {}
        )
        amount = float(first["value"]) if first else None
        yield row["Input"], Stated(amount, amount, first.get("isoCurrency"))


def _exactly(got: Salary | None, stated: Stated) -> bool:
    if got is None or stated.low is None:
        return got is None and stated.low is None
    return (got.min, got.max, got.currency or "") == stated


def _first_amount(got: Salary | None, stated: Stated) -> bool:
    """The first amount in the text; a bound ("from") is one, and of a range the lower."""
    if got is None or stated.low is None:
        return got is None and stated.low is None
    amount = got.max if got.min is None else got.min
    return amount == stated.low and stated.currency in (None, got.currency)


CATEGORIES = (
    Category(name="pay-board", floor=1, judge=strings(_boards, parse_salary, _exactly)),
    Category(name="pay-ats", floor=1, judge=strings(_compensation, parse_salary, _exactly)),
    Category(name="pay-sentence", floor=0.97, judge=strings(_sentences, parse_salary, _first_amount)),
    Category(name="pay-money", floor=0.97, judge=strings(_money, parse_salary, _first_amount)),
)
