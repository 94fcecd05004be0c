"""The real postings that the benchmarks recombine: where they are, and what is in each file."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

USUAL_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "realdata" / "open"


def bulk(folder: Path) -> Iterator[tuple[str, Any]]:
    """Name and content of each file. Raises FileNotFoundError where there is none."""
    files = sorted((folder / "bulk").glob("*.json.xz"))
    if not files:
        raise FileNotFoundError(f"{folder}/bulk holds no *.json.xz: name the folder with real postings")
    for file in files:
        with lzma.open(file, "rt", encoding="utf-8") as stream:
            yield file.name, json.load(stream)
