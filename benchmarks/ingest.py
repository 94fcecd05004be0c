"""How many postings a second find their way into the table, new ones and ones that were there already.

`python benchmarks/ingest.py [--rows 5000] [--rounds 3] [--data FOLDER] [--json FILE]`: an embedded server with the
settings of the product. Postings of about 2 kB go through `commit_page`, page by page, in open runs with leases. The
floors are measured in the same rounds: COPY into a table without index or search vector, COPY into one with the same.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.ingest_rows import Material
from benchmarks.real_files import USUAL_FOLDER

PAGES = (50, 500, 5_000)
AIMS = (  # figure, against, share that it has to reach
    ("new, pages of 500", "COPY, same indexes, pages of 500", 0.9),
    ("new, two writers", "COPY, same indexes, two writers", 0.9),
)
UNCHANGED_ROWS_S, UNCHANGED_WAL = 10_000, 300


def main() -> int:
    """Measure, print, judge."""
    options = _options()
    material = Material(options.data)
    figures: dict[str, list[dict[str, float]]] = {}
    with _server() as url:
        print(f"{options.rows} rows, {os.cpu_count()} cores, load {os.getloadavg()}", flush=True)
        for number in range(options.rounds):
            for name, figure in _round(url, material, options.rows, number):
                figures.setdefault(name, []).append(figure)
                print(f"  round {number + 1}  {name:42} {figure['rows_s']:>9,.0f} rows/s {figure['cpu_us']:>7,.0f} us "
                      f"{figure['wal']:>7,.0f} B", flush=True)  # fmt: skip
    medians = {name: _median(found) for name, found in figures.items()}
    _print(medians)
    if options.json:
        options.json.write_text(json.dumps({"medians": medians, "rounds": figures}, indent=1), "utf-8")
    return 0 if _reached(medians) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000, help="postings in each measurement and of each writer")
    parser.add_argument("--rounds", type=int, default=3, help="the figures are medians of so many")
    parser.add_argument("--data", type=Path, default=USUAL_FOLDER, help="folder with bulk/*.json.xz")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


@contextmanager
def _server() -> Iterator[str]:
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate

    folder = Path(tempfile.mkdtemp(prefix="sw-bench-")).resolve()
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "db") as server:
            url = server.start()
            migrate(url)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _round(url: str, material: Material, rows: int, number: int) -> Iterator[tuple[str, dict[str, float]]]:
    from benchmarks.ingest_writers import Bench

    bench = Bench(url, material, rows, number)
    yield "COPY, bare table, pages of 500", bench.copy("bare", 500)
    for size in PAGES:
        yield f"COPY, same indexes, pages of {size}", bench.copy("twin", size)
        yield f"new, pages of {size}", bench.new(size)
        yield f"unchanged, pages of {size}", bench.unchanged(size)
    yield "COPY, same indexes, two writers", bench.copy("twin", 500, writers=2)
    yield "new, two writers", bench.new(500, writers=2)
    yield "unchanged, two writers", bench.unchanged(500, writers=2)
    yield "unchanged, naive upsert, pages of 500", bench.naive(500)
    yield "cleaning alone", bench.cleaning()
    yield "end to end, new, pages of 500", bench.end_to_end(500)
    yield "end to end, unchanged, pages of 500", bench.end_to_end_again(500)


def _median(found: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(figure[key] for figure in found) for key in found[0]}


def _print(medians: dict[str, dict[str, float]]) -> None:
    print(f"\n{'median':42} {'rows/s':>9} {'server us':>9} {'client us':>9} {'WAL B/row':>10} {'rows written':>13}")
    for name, figure in medians.items():
        own = f"{figure['own_us']:>9,.0f}" if "own_us" in figure else f"{'-':>9}"
        numbers = f"{figure['rows_s']:>9,.0f} {figure['cpu_us']:>9,.0f} {own} {figure['wal']:>10,.0f}"
        print(f"{name:42} {numbers} {figure['gin']:>13,.0f}")


def _reached(medians: dict[str, dict[str, float]]) -> bool:
    verdicts = [medians[name]["rows_s"] / medians[floor]["rows_s"] >= share for name, floor, share in AIMS]
    for (name, floor, share), reached in zip(AIMS, verdicts, strict=True):
        found = medians[name]["rows_s"] / medians[floor]["rows_s"]
        worked = medians[floor]["cpu_us"] / medians[name]["cpu_us"]  # what is left of it on a machine with other work
        print(f"{name}: {found:.0%} of {floor}, {worked:.0%} by processor time", end=" ")
        print(f"(aim {share:.0%}): {'met' if reached else 'MISSED'}")
    again = medians["unchanged, pages of 500"]
    verdicts.append(again["rows_s"] >= UNCHANGED_ROWS_S and again["wal"] <= UNCHANGED_WAL and again["gin"] == 0)
    print(f"unchanged: {again['rows_s']:,.0f} rows/s, {again['wal']:.0f} B: {'met' if verdicts[-1] else 'MISSED'}")
    print(f"load at the end {os.getloadavg()}", flush=True)
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(main())
