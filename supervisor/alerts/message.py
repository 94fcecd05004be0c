"""What is sent: one message for all alerts of a kind that came together."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

MOST_NAMES = 20  # nodes or hosts, and runs, that a message names
_MOST_FACTS = 20
_LONGEST = 500  # characters of a fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message to a person; every field of it is JSON."""

    kind: str  # the same for all that are grouped together
    level: str  # warning, error or critical
    sentence: str  # what has happened, and what to do next
    count: int  # how many alerts it stands for
    first_at: datetime  # by this machine's clock
    last_at: datetime
    nodes: tuple[str, ...] = ()  # the first of them; hosts where it is hosts that are in trouble
    run_ids: tuple[int, ...] = ()  # the first of them
    facts: dict[str, Any] = field(default_factory=dict)  # of the first alert
    supervisor: str = ""  # its id in the table of that name
    host: str = ""

    def as_json(self) -> bytes:
        """The message as an object; `text` repeats the sentence for those who look for that."""
        fields = asdict(self) | {"text": f"[{self.level}] {self.sentence}"}
        return json.dumps(fields, default=_plain).encode()


def trimmed(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of an event, cut to what a message may carry."""
    return {str(name)[:100]: _fact(value) for name, value in list(facts.items())[:_MOST_FACTS]}


def _fact(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_LONGEST]


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
