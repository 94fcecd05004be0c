"""A schema.org JobPosting, however a page writes it, as a Posting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from workers.clean.blanks import blank_to_none
from workers.clean.pay import parse_salary
from workers.records import JsonObject, Posting
from workers.scrapers.jsonfields import address_line
from workers.scrapers.jsonfields import remote as is_remote
from workers.scrapers.jsonld import unescaped
from workers.scrapers.selectors import squeezed

PERIODS = {"ANN": "year", "MON": "month", "WEE": "week", "DAY": "day", "HUR": "hour"}  # codes of UN/CEFACT
TAG = re.compile(r"</?(?:a|b|br|div|em|font|i|p|small|span|strong|sub|sup|u)\b[^<>]{0,200}>", re.IGNORECASE)
WORDS = re.compile(r"[^\W\d_]{4}")


def to_posting(job: JsonObject, page_url: str, *, alone: bool) -> Posting:
    """A JobPosting as a Posting; `alone`: it is the only one of the page at `page_url`."""
    places = list(dict.fromkeys(_places(job.get("jobLocation"))))
    remote = is_remote(*map(_bare, _texts(job.get("jobLocationType"))))
    if remote and not places:
        places = list(dict.fromkeys(_places(job.get("applicantLocationRequirements"))))
    return Posting(
        url=_url(job, page_url, alone=alone),
        external_id=_named(job.get("identifier"), "value", "propertyID", "name"),
        title=_clean(_named(job.get("title") or job.get("name"), "name")),
        company=_clean(_named(job.get("hiringOrganization"), "name", "legalName")),
        description=_markup(job.get("description")),
        location=places[0] if len(places) == 1 else None,
        locations=places if len(places) > 1 else None,
        remote=remote,
        job_type=", ".join(map(_bare, _texts(job.get("employmentType")))) or None,
        salary=_salary(job.get("baseSalary") or job.get("estimatedSalary"), job.get("salaryCurrency")),
        posted=_first(job.get("datePosted")),
        valid_through=_first(job.get("validThrough")),
    )


def _url(job: JsonObject, page_url: str, *, alone: bool) -> str | None:
    url = next(iter(_texts(job.get("url"))), None)
    try:
        full = urljoin(page_url, url) if url else None
        own = full is not None and urlsplit(full).netloc == urlsplit(page_url).netloc and urlsplit(full).path != "/"
    except ValueError:
        full, own = None, False
    # Many pages name the employer's home page here: then the page itself is where the posting can be read.
    return page_url if alone and not own else full


def _places(value: Any) -> Iterator[str]:
    for place in _list(value):
        address = place.get("address") or place if isinstance(place, dict) else place
        told = [line for single in _list(address) for line in _lines(single)]
        name = _clean(_named(place.get("name"))) if isinstance(place, dict) and not told else None
        yield from told or ([name] if name else [])


def _lines(address: Any) -> list[str]:
    """The address in one line, or one for each town where as many towns as regions stand in a row."""
    if not isinstance(address, dict):
        return [text for text in [_clean(_named(address))] if text]
    keys = ("addressLocality", "addressRegion", "addressCountry")
    town, region, country = (_clean(_named(address.get(key), "name")) for key in keys)
    towns, regions = (_row(town), _row(region))
    if len(towns) > 1 and len(towns) == len(regions):
        return [_line(*parts, country) for parts in zip(towns, regions, strict=True)]
    line = _line(town, region, country) or _clean(_named(address.get("name"), "name"))
    return [line] if line else []


def _row(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _line(town: str | None, region: str | None, country: str | None) -> str:
    if country and not town and not region:
        return address_line(None, None, country) or country  # "DE" alone would be Delaware
    return ", ".join(dict.fromkeys(part for part in (town, region, country) if part))


def _salary(value: Any, currency: Any) -> Any:
    pay = _first(value)
    if not isinstance(pay, dict):
        bare = pay and currency and not _told(pay)
        return {"min": pay, "max": pay, "currency": _first(currency), "period": None} if bare else pay
    amount = _first(pay.get("value"))
    inner: JsonObject = amount if isinstance(amount, dict) else {"value": amount}
    low, high = (_amount(inner, pay, side) for side in ("min", "max"))
    if low is None and high is None:
        return None
    periods = [text for box in (inner, pay) for key in ("unitText", "unitCode") for text in _texts(box.get(key))]
    period = next(iter(periods), None)
    stated = {
        "currency": _first(pay.get("currency") or inner.get("currency") or pay.get("priceCurrency") or currency),
        "period": PERIODS.get(period.upper(), period.lower()) if period else None,
    }
    return _read(low, stated) if low == high and _told(low) else {"min": low, "max": high} | stated


def _amount(inner: JsonObject, pay: JsonObject, side: str) -> Any:
    names = (f"{side}Value", f"{side}Price")
    bounds = (box.get(name) for name in names for box in (inner, pay))
    return next((_first(bound) for bound in bounds if bound), None) or _first(inner.get("value") or pay.get("price"))


def _told(value: Any) -> bool:
    return isinstance(value, str) and WORDS.search(value) is not None


def _read(text: str, stated: JsonObject) -> Any:
    """A sentence in place of an amount: what it says, and for the rest what stands beside it."""
    found = parse_salary(text)
    if found is None:
        return {"min": text, "max": text} | stated
    said = {"currency": found.currency, "period": found.period}
    return {"min": found.min, "max": found.max} | stated | {key: value for key, value in said.items() if value}


def _markup(value: Any) -> str | None:
    text = _named(value)
    if text is None:
        return None
    # Escaped twice: the tags are text inside the string.
    return unescaped(text) if "&lt;" in text and "<" not in text else text


def _clean(text: str | None) -> str | None:
    squeezed_text = squeezed(TAG.sub(" ", unescaped(text))) if text else None
    return None if blank_to_none(squeezed_text) is None else squeezed_text


def _named(value: Any, *keys: str) -> str | None:
    """A text or number, or that which one of the keys of an object holds, of the first in a list."""
    first = _first(value)
    if isinstance(first, dict):
        return next((text for key in keys if (text := _named(first.get(key)))), None)
    return str(first) if isinstance(first, (str, int, float)) and not isinstance(first, bool) else None


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    texts: Iterable[str] = (text for inner in _list(value) if isinstance(inner, str) and (text := squeezed(inner)))
    return list(texts)


def _bare(text: str) -> str:
    """A value of an enumeration without the address of its vocabulary."""
    return text.rpartition("/")[2] if text.startswith("http") else text
