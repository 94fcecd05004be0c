"""What a site said and nobody could read: a few samples, so that it can be looked at."""

from __future__ import annotations

from collections import Counter
from typing import Any

from workers.clean.blanks import blank_to_none
from workers.clean.postings import CleanJob
from workers.clean.text import as_text, one_line
from workers.records import Posting

_MOST = 20  # different ones of a field and run; more are only counted
_CHARACTERS = 200
_OTHERS = ""


class Unread:
    """Dates of one run. Costs two comparisons for a posting whose dates were read."""

    def __init__(self) -> None:
        """Everything could be read so far."""
        self.has_new = False  # whether there is a sample that has not been taken yet
        self._known: set[tuple[str, str]] = set()
        self._counts: Counter[tuple[str, str]] = Counter()

    def look(self, posting: Posting, job: CleanJob) -> None:
        """Note the dates that the posting states and the job lacks."""
        if job.posted_at is None and posting.posted is not None:
            self._note("posted", posting.posted)
        if job.valid_through is None and posting.valid_through is not None:
            self._note("valid_through", posting.valid_through)

    def take(self) -> list[dict[str, Any]]:
        """What was noted since the last time."""
        taken = [{"field": field, "sample": text, "count": n} for (field, text), n in self._counts.items()]
        self._counts.clear()
        self.has_new = False
        return taken

    def _note(self, field: str, value: object) -> None:
        text = one_line(as_text(value) or "", _CHARACTERS)
        if blank_to_none(text) is None:
            return
        key = (field, text)
        if key not in self._known:
            if sum(known == field for known, _ in self._known) >= _MOST:
                key = (field, _OTHERS)
            else:
                self._known.add(key)
                self.has_new = True
        self._counts[key] += 1
