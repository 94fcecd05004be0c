"""Named queries: one `sql/<noun>.sql` file per table, each query under a name and a sentence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def sql_folder() -> Path:
    """The folder `sql/`: inside the package when installed from a wheel, beside it in a checkout."""
    packaged = Path(__file__).parent / "sql"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "sql"


@cache
def load(noun: str) -> dict[str, bytes]:
    """All queries of `sql/<noun>.sql`: name → text, without comments, as psycopg wants it."""
    parts = _NAME.split((sql_folder() / f"{noun}.sql").read_text("utf-8"))[1:]
    return {name: _strip(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _strip(text: str) -> bytes:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().rstrip(";").encode()
