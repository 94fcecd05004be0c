"""Searching half a million jobs: the function of the product beside the indexes of the article, on the same rows.

`python benchmarks/search.py [--rows 500000] [--folder DIR] [--real DIR] [--rounds 5] [--json FILE]`: an embedded server
with the settings of the product. With --folder the rows are kept there and used again. The mix is 16 pairs of words,
from rare to very common, in a large, a middle and a small country: the newest 50 of the last seven days.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.real_files import USUAL_FOLDER

WORDS = (
    "rust backend", "kubernetes terraform", "penetration testing", "machine learning", "python data", "java spring",
    "sales manager", "customer success", "data engineer", "product design", "security cloud", "team experience",
    "work team", "role experience", "react typescript", "forklift warehouse",
)  # fmt: skip
COUNTRIES = ("US", "GB", "MX")  # two thirds, a thirtieth, a hundredth of the jobs
OURS = (
    "select id from search_jobs(p_query => %(words)s::text, p_countries => %(countries)s::text[],"
    " p_since => %(since)s::timestamptz, p_remote => %(remote)s::boolean, p_pay => %(pay)s::double precision,"
    " p_order => %(order)s::text, p_after => %(after)s::text)"
)
ARTICLE = (
    "select id from article_jobs where (%(words)s::text = '' or search @@ websearch_to_tsquery('english', %(words)s))"
    " and (%(countries)s::text[] is null or country = any(%(countries)s)) and posted_at >= %(since)s::timestamptz"
    " and (%(remote)s::boolean is null or remote = %(remote)s)"
    " and (%(pay)s::float8 is null or salary_max >= %(pay)s::float8) order by {order} limit 50 offset %(skip)s"
)
ARTICLE_INDEXES = (
    "(country)", "(region)", "(city)", "(country, region, city)", "(posted_at)", "(first_seen_at)",
    "using gin (search)",
)  # fmt: skip
SIZES = (
    "select relname as name, pg_relation_size(oid) / 1048576 as mb from pg_class"
    " where relname ~ '^(jobs|article)' and relkind in ('r', 'i') order by 1"
)
Ask = Callable[[psycopg.Connection[dict[str, Any]], dict[str, Any]], list[dict[str, Any]]]


def main() -> int:
    """Build or find the rows, measure both cold and warm, print, judge ours."""
    options = _options()
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()}", flush=True)
    with _folder(options.folder) as folder:
        _build(folder, options.rows, options.real)
        with _server(folder) as connection:
            figures: dict[str, Any] = {"sizes": {row["name"]: row["mb"] for row in connection.execute(SIZES.encode())}}
            figures |= _warm(connection, options.rounds)
            mix = _mix(connection)
        figures["cold"] = _cold(folder, mix)
    print(json.dumps(figures, indent=1, default=str))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, default=str), "utf-8")
    ours = figures["mix"]["ours"]
    return int(ours["p95"] > 15 or ours["slowest"] > 50)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5, help="each query's time is the median of so many")
    parser.add_argument("--folder", type=Path, help="where the rows are kept; else they are thrown away")
    parser.add_argument("--real", type=Path, default=USUAL_FOLDER, help="the folder of real data")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as name:
        Path(name).chmod(0o711)
        yield Path(name).resolve()


@contextmanager
def _server(folder: Path, **settings: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    from supervisor.embedded import EmbeddedPostgres

    with (
        EmbeddedPostgres(folder / "db", settings=settings) as server,
        psycopg.connect(server.start(), autocommit=True, row_factory=dict_row) as connection,
    ):
        yield connection


def _build(folder: Path, rows: int, real: Path) -> None:
    """The rows and both sets of indexes, unless they are there."""
    from benchmarks.search_rows import fill
    from supervisor.schema import migrate

    with _server(folder, maintenance_work_mem="256MB", max_wal_size="4GB") as connection:
        if connection.execute("select to_regclass('article_ready') as there").fetchone()["there"]:  # type: ignore[index]
            return
        url = connection.info.dsn
        migrate(url)
        began = time.monotonic()
        fill(url, rows, real)
        print(f"rows written after {time.monotonic() - began:.0f} s", flush=True)
        article(connection)
        print(f"indexes built after {time.monotonic() - began:.0f} s", flush=True)


def article(connection: psycopg.Connection[dict[str, Any]]) -> None:
    """The same rows with the article's indexes: its vector is of title and description, and has no tags."""
    # A tag has no position, so no weight either; weight B is the company.
    connection.execute(
        "create table article_jobs as select id, title, company, description, city, region, country, remote,"
        " salary_max, posted_at, first_seen_at, ts_filter(search, '{a,c}') as search from jobs"
    )
    for columns in ARTICLE_INDEXES:
        connection.execute(f"create index on article_jobs {columns}".encode())
    connection.execute("vacuum analyze article_jobs")
    connection.execute("create table article_ready ()")


def _mix(connection: psycopg.Connection[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_asked(connection, words=words, countries=[country]) for words in WORDS for country in COUNTRIES]


def _asked(connection: psycopg.Connection[dict[str, Any]], **given: Any) -> dict[str, Any]:
    row = connection.execute("select max(listed_at) - interval '7 days' as since from jobs").fetchone()
    return {
        "words": "", "countries": None, "since": row["since"] if row else None, "remote": None, "pay": None,
        "order": "newest", "after": None, "skip": 0, **given,
    }  # fmt: skip


def _shapes(connection: psycopg.Connection[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Other kinds of questions, each with rare, middling and common words."""
    some = ("rust backend", "python data", "team experience")
    deep = []
    for words in some:
        asked = _asked(connection, words=words, countries=["US"], since="1970-01-01")
        for _ in range(10):
            rows = connection.execute(OURS.replace("select id", "select cursor").encode(), asked).fetchall()
            if len(rows) < 50:
                break
            asked = asked | {"after": rows[-1]["cursor"], "skip": asked["skip"] + 50}
        deep.append(asked)
    phrases = ('"machine learning"', '"penetration testing"', '"work with"')
    return {
        "by relevance": [_asked(connection, words=w, countries=["US"], order="relevance") for w in some],
        "phrase": [_asked(connection, words=w, countries=["US"]) for w in phrases],
        "no country": [_asked(connection, words=w) for w in some],
        "filters only": [_asked(connection, countries=[country]) for country in COUNTRIES],
        "eleventh page": deep,
        "remote and pay": [_asked(connection, words=w, countries=["US"], remote=True, pay=60_000) for w in some],
    }


def ours(connection: psycopg.Connection[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """A page by the function."""
    return connection.execute(OURS.encode(), asked).fetchall()


def theirs(connection: psycopg.Connection[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The same page by the article's indexes."""
    ranked = "ts_rank(search, websearch_to_tsquery('english', %(words)s)) desc"
    order = ranked if asked["order"] == "relevance" else "posted_at desc"
    with psycopg.ClientCursor(connection, row_factory=dict_row) as cursor:  # constants: the planner sees what is asked
        return cursor.execute(ARTICLE.format(order=order).encode(), asked).fetchall()


def _timed(ask: Ask, connection: psycopg.Connection[dict[str, Any]], asked: dict[str, Any]) -> tuple[float, float]:
    """Milliseconds that passed, and milliseconds of a core that the server's process had of them."""
    account = Path(f"/proc/{connection.info.backend_pid}/schedstat")
    cpu, began = int(account.read_text("ascii").split()[0]), time.perf_counter()
    ask(connection, asked)
    passed = time.perf_counter() - began
    return passed * 1e3, (int(account.read_text("ascii").split()[0]) - cpu) / 1e6


def _warm(connection: psycopg.Connection[dict[str, Any]], rounds: int) -> dict[str, Any]:
    """Each query's median over the rounds, both ways by turns; the first time does not count."""
    shapes = {"mix": _mix(connection), **_shapes(connection)}
    figures: dict[str, Any] = {}
    for name, queries in shapes.items():
        times: dict[str, list[float]] = {"ours": [], "ours cpu": [], "article": [], "article cpu": []}
        for asked in queries:
            taken = [(*_timed(ours, connection, asked), *_timed(theirs, connection, asked)) for _ in range(rounds + 1)]
            for way, each in zip(times, zip(*taken[1:], strict=True), strict=True):
                times[way].append(statistics.median(each))
        figures[name] = {way: _spread(found) for way, found in times.items()}
        print(f"{name:15} {figures[name]}", flush=True)
    return figures


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))]
          for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("slowest", 1.0))}  # fmt: skip
    return {name: round(value, 2) for name, value in at.items()}


def _cold(folder: Path, mix: list[dict[str, Any]]) -> dict[str, Any]:
    """Seven queries of the mix, each first thing after a restart, its files dropped from the system's cache too."""
    found: dict[str, list[float]] = {"ours": [], "article": []}
    for asked in mix[::7]:
        for way, ask in (("ours", ours), ("article", theirs)):
            for path in (folder / "db").rglob("*"):
                if path.is_file():
                    with path.open("rb") as file:
                        os.fsync(file.fileno())
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            with _server(folder) as connection:
                found[way].append(_timed(ask, connection, asked)[0])
    return {way: _spread(times) for way, times in found.items()}


if __name__ == "__main__":
    sys.exit(main())
