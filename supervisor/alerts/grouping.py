"""A storm is one message: alerts of a kind are gathered for a moment, then sent as one, then held back for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from supervisor.alerts.kinds import Kind
from supervisor.alerts.message import MOST_NAMES, Message, trimmed

LONGEST_S = 3600.0  # between two messages of a kind that does not cease
_SHOWN = 5  # names in a sentence


@dataclass(kw_only=True, slots=True)
class _Group:
    kind: Kind
    due_at: float
    first_at: datetime
    last_at: datetime
    facts: dict[str, Any]
    count: int = 0
    names: list[str] = field(default_factory=list)
    run_ids: list[int] = field(default_factory=list)
    more: bool = False

    def add(self, facts: Mapping[str, Any], at: datetime) -> None:
        self.count += 1
        self.last_at = at
        name = str(facts.get("host") or facts.get("node") or "")[:200]
        if name and name not in self.names:
            self.more = self.more or len(self.names) >= MOST_NAMES
            self.names = [*self.names, name][:MOST_NAMES]
        run_id = facts.get("run_id")
        if isinstance(run_id, int) and len(self.run_ids) < MOST_NAMES:
            self.run_ids.append(run_id)


@dataclass(slots=True)
class _Rest:
    until: float  # no message of this kind before
    pause_s: float  # the length of that rest


class Groups:
    """What has come and is not sent yet: at most one group for each kind. Pure; times are monotonic seconds."""

    def __init__(self, *, gather_s: float, every_s: float) -> None:
        """`gather_s` after the first alert of a kind a message is due; the next one of that kind `every_s` later.

        A kind that goes on gets twice that rest each time, up to an hour; one that has been quiet begins anew.
        """
        self._gather_s = gather_s
        self._every_s = every_s
        self._groups: dict[str, _Group] = {}
        self._rests: dict[str, _Rest] = {}

    def add(self, kind: Kind, facts: Mapping[str, Any], *, at: datetime, now: float) -> None:
        """One more alert."""
        group = self._groups.get(kind.name)
        if group is None:
            rest = self._rests.get(kind.name)
            due_at = max(now + self._gather_s, rest.until if rest else 0.0)
            group = _Group(kind=kind, due_at=due_at, first_at=at, last_at=at, facts=trimmed(dict(facts)))
            self._groups[kind.name] = group
        group.add(facts, at)

    def next_s(self, now: float) -> float | None:
        """Seconds until a message is due; None: nothing has come."""
        return max(0.0, min(group.due_at for group in self._groups.values()) - now) if self._groups else None

    def take(self, now: float, *, supervisor: str = "", host: str = "") -> list[Message]:
        """The messages that are due."""
        due = [group for group in self._groups.values() if group.due_at <= now]
        for group in due:
            del self._groups[group.kind.name]
            self._rest(group.kind.name, now)
        return [_message(group, supervisor, host) for group in due]

    def take_all(self, *, supervisor: str = "", host: str = "") -> list[Message]:
        """All that has come, due or not: there will be no other time."""
        groups, self._groups = self._groups, {}
        return [_message(group, supervisor, host) for group in groups.values()]

    def _rest(self, name: str, now: float) -> None:
        last = self._rests.get(name)
        goes_on = last is not None and now < last.until + last.pause_s
        pause_s = min(last.pause_s * 2, max(LONGEST_S, self._every_s)) if last and goes_on else self._every_s
        self._rests[name] = _Rest(until=now + pause_s, pause_s=pause_s)


def _message(group: _Group, supervisor: str, host: str) -> Message:
    shown, more = group.names[:_SHOWN], group.more or len(group.names) > _SHOWN
    return Message(
        kind=group.kind.name,
        level=group.kind.level,
        sentence=group.kind.sentence(group.count, shown, group.facts, more=more),
        count=group.count,
        first_at=group.first_at,
        last_at=group.last_at,
        nodes=tuple(group.names),
        run_ids=tuple(group.run_ids),
        facts=group.facts,
        supervisor=supervisor,
        host=host,
    )
