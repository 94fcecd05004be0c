"""Categories of real inputs with known answers, and the verdict on each answer; tests and the report share them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import thread_time
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """One answer beside the expected one."""

    asked: str  # the text, or the file and the field
    got: Any
    expected: Any
    hit: bool
    micros: float | None = None  # of processor time of the one call; None where a page was read for many fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """Real inputs of one kind; `floor` is the share of hits that the tests ask for."""

    name: str
    floor: float
    judge: Callable[[Path], Iterable[Verdict]]  # of the folder with the real data
    page: str | None = "realdata.md"  # of docs/, which names each miss; None where inputs have no known answer

    def verdicts(self, folder: Path) -> list[Verdict]:
        """The verdict on each input."""
        return list(self.judge(folder))


Answer = Callable[[Any], Any]
Right = Callable[[Any, Any], bool]
Cases = Callable[[Path], Iterable[tuple[Any, Any]]]


def strings(cases: Cases, answer: Answer, right: Right) -> Callable[[Path], Iterator[Verdict]]:
    """Judges (input, expected) pairs of a category, each call timed by itself."""

    def judge(folder: Path) -> Iterator[Verdict]:
        for given, expected in cases(folder):
            before = thread_time()
            got = answer(given)
            micros = (thread_time() - before) * 1e6
            yield Verdict(asked=str(given), got=got, expected=expected, hit=right(got, expected), micros=micros)

    return judge


def table(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the real data."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def share(verdicts: list[Verdict]) -> float:
    """The part of the verdicts that are hits; 0 for none."""
    return sum(verdict.hit for verdict in verdicts) / max(1, len(verdicts))
