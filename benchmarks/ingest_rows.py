"""Postings to ingest: titles, companies, places and sentences of real ones, put together anew by a seeded dice."""

from __future__ import annotations

import hashlib
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.real_files import bulk
from workers.clean.postings import CleanJob, clean_posting
from workers.records import Posting

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
DESCRIPTION = 2_000  # characters of each, about
_TAGS = re.compile(r"<[^>]+>")


class Material:
    """What postings are made of; read once."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError where the files are not."""
        files = list(bulk(folder))
        self._daily = [row for name, content in files if name.startswith("new-jobs") for row in content]
        self._sentences = [
            sentence
            for name, content in files
            if not name.startswith("new-jobs")
            for text in _texts(content)
            for sentence in re.split(r"(?<=[.!?])\s+", _TAGS.sub(" ", text))
            if 20 < len(sentence) < 400
        ]

    def postings(self, count: int, seed: int) -> list[Posting]:
        """So many, all different, the same ones for the same seed."""
        dice = random.Random(seed)
        return [self._posting(dice, seed, number) for number in range(count)]

    def _posting(self, dice: random.Random, seed: int, number: int) -> Posting:
        title, firm, place = (dice.choice(self._daily) for _ in range(3))
        text: list[str] = []
        length = 0
        while length < DESCRIPTION:
            text.append(dice.choice(self._sentences))
            length += len(text[-1]) + 1
        mark = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:12]
        return Posting(
            url=f"https://boards.example.org/{_slug(firm['company'])}/jobs/{mark}?utm_source=board",
            external_id=mark,
            title=title.get("title") or "Clerk",
            company=firm["company"],
            locations=place.get("locations"),
            remote=place.get("isRemote"),
            job_type=title.get("employmentType"),
            posted=place.get("postedAt"),
            description=" ".join(text),
        )


def cleaned(postings: list[Posting]) -> list[CleanJob]:
    """The jobs in them."""
    jobs = (clean_posting(posting, base_url=None, fetched_at=NOW) for posting in postings)
    return [job for job in jobs if isinstance(job, CleanJob)]


def _texts(value: Any) -> list[str]:
    """Long texts anywhere in a file."""
    if isinstance(value, str):
        return [value] if len(value) > 300 else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in _texts(item)]


def _slug(company: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-") or "firm"
