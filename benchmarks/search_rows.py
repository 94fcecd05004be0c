"""Half a million jobs to search in, recombined from real postings: their words keep their real frequencies."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

DAYS = 60
LENGTH = 2_000  # characters of a description
SEED = 1
HANDS = 2
COLUMNS = (
    "url source title company description locations city region country countries remote salary_min salary_max"
    " salary_currency salary_period posted_at content_hash"
).split()


def real_parts(real: Path) -> tuple[list[str], list[str], list[list[Any]], list[str]]:
    """Titles, companies, places (as often as they occur) and descriptions of the real postings."""
    from benchmarks.real_files import bulk
    from workers.clean.places import parse_location

    titles: list[Any] = []
    companies: list[Any] = []
    locations: list[str] = []
    texts: list[Any] = []
    for _, content in bulk(real):
        for row in content if isinstance(content, list) else content.get("jobs") or content.get("data") or []:
            titles.append(row.get("title") or row.get("name"))
            company = row.get("company") or "Uber"
            companies.append(company if isinstance(company, str) else company.get("name"))
            texts.append(row.get("description") or row.get("contents"))
            places = row.get("locations") or [row.get("location")]
            locations.extend(place for place in places if isinstance(place, str) and place)
    parsed = {text: parse_location(text).places for text in set(locations)}
    places = [[p.city, p.region, p.country] for text in locations for p in parsed[text][:1] if p.country]
    return ([t for t in titles if t], [c for c in companies if c], places, [t for t in texts if t and len(t) > 500])


def fill(url: str, rows: int, real: Path) -> None:
    """Write the jobs; their indexes are dropped before and built afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        built = connection.execute(
            "select indexdef from pg_indexes where indexname in ('jobs_search_idx', 'jobs_listed_idx',"
            " 'jobs_fingerprint_idx', 'jobs_counted_idx')"
        ).fetchall()
        connection.execute("drop index jobs_search_idx, jobs_listed_idx, jobs_fingerprint_idx")
        connection.execute("drop index jobs_counted_idx")
    share = rows // HANDS
    newest = datetime.now(UTC)
    with ProcessPoolExecutor(HANDS) as hands:
        list(hands.map(partial(_copy, url, share, newest, real), range(HANDS)))
    with psycopg.connect(url, autocommit=True) as connection:
        for (definition,) in built:
            connection.execute(definition)
        connection.execute("vacuum analyze jobs")


def _copy(url: str, count: int, newest: datetime, real: Path, part: int) -> None:
    text = f"copy jobs ({', '.join(COLUMNS)}) from stdin"
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(text.encode()) as copy:
        for number, row in enumerate(recombined(real, count, newest, random.Random(SEED + part))):
            copy.write_row((f"https://example.org/{part}/{number}", *row))


def recombined(real: Path, count: int, newest: datetime, dice: random.Random) -> Iterator[tuple[Any, ...]]:
    """The columns of so many jobs, without the URL."""
    titles, companies, places, texts = real_parts(real)
    for number in range(count):
        city, region, country = dice.choice(places)
        pay = dice.choice((30_000, 45_000, 60_000, 90_000, 140_000)) if dice.random() < 0.25 else None
        yield (
            f"board-{dice.randrange(100)}", dice.choice(titles), dice.choice(companies),
            " ".join(_piece(dice.choice(texts), dice) for _ in range(3)),
            json.dumps([{"city": city, "region": region, "country": country}]), city, region, country, [country],
            dice.choice((None, None, None, True, False)), pay, pay and pay * 1.2, pay and "USD", pay and "year",
            newest - timedelta(seconds=dice.random() * DAYS * 86_400), str(number),
        )  # fmt: skip


def _piece(text: str, dice: random.Random) -> str:
    """A third of a description, out of the midst of a real one."""
    size = LENGTH // 3
    start = text.find(" ", dice.randrange(max(1, len(text) - size)))
    return text[start + 1 : start + 1 + size].replace("\0", "")
