"""Which events a person is told of, how urgent each is, and in which words: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supervisor import sentences
from workers.states import Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of trouble. Alerts of one kind are grouped; in Sentry they are one issue."""

    name: str
    level: str  # warning: look at it today; error: look now; critical: nothing runs, or something has leaked
    one: str  # the sentence, with facts of the event in braces
    many: str  # the same for more than one
    advice: str  # the next step

    def sentence(self, count: int, names: list[str], facts: Mapping[str, Any], *, more: bool) -> str:
        """What has happened, in one sentence that ends with the next step; `more`: not all of them are named."""
        shown = _Facts(facts)
        if count == 1:
            return f"{self.one.format_map(shown).rstrip('.;: ')}; {self.advice.format_map(shown)}"
        named = f" ({', '.join(names)}{' and others' if more else ''})" if names else ""
        return f"{self.many.format(count=count)}{named}; {self.advice.format_map(shown)}"


class _Facts(dict[str, Any]):
    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({key: "-" if value is None else value for key, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "-"


STUCK_RUN = Kind(
    name="stuck_run",
    level="error",
    one="{node}: run {run_id} was stuck ({cause}): {error}",
    many="{count} runs were stuck and killed",
    advice="see `supervisor logs {node}`",
)
MEMORY_KILL = Kind(
    name="memory_kill",
    level="error",
    one="{node}: run {run_id} ended for want of memory ({cause}): {error}",
    many="{count} runs ended for want of memory",
    advice="raise memory_mb of {node} if it needs that much, else look for what it keeps in `supervisor logs {node}`",
)
BOOT_FAILED = Kind(
    name="boot_failed",
    level="error",
    one="{node}: the process of run {run_id} never came up: {error}",
    many="{count} processes never came up",
    advice="see what this machine lacks in `supervisor doctor`",
)
DEAD_LETTER = Kind(
    name="dead_letter",
    level="error",
    one="{node}: a tick failed for good with run {run_id} ({cause}): {error}",
    many="{count} ticks failed for good",
    advice="see `supervisor dead-letters list`",
)
BREAKER_OPEN = Kind(
    name="breaker_open",
    level="warning",
    one="{host} is left alone after {failures} failures, the last: {error}",
    many="{count} hosts are left alone because they keep failing",
    advice="see `supervisor breakers list`",
)
PROXY_LEAK = Kind(
    name="proxy_leak",
    level="critical",
    one="{node}: a proxy showed our own address, so run {run_id} was refused: {error}",
    many="{count} runs were refused because their proxy shows our own address",
    advice="see `supervisor proxies list` and switch that proxy off",
)
SUSPICIOUSLY_EMPTY = Kind(
    name="suspiciously_empty",
    level="warning",
    one="{node}: run {run_id} {reason}",
    many="{count} runs found nothing where they used to find something",
    advice="look at the site, then at `supervisor try`",
)
NO_MEMORY = Kind(
    name="no_memory",
    level="error",
    one="{node} has waited for memory for {waited_min} min: {reason}",
    many="{count} nodes have waited long for memory",
    advice="see `supervisor status`, and give this machine more memory or the nodes smaller budgets",
)
TOO_BIG = Kind(
    name="too_big",
    level="error",
    one="{node} can never run here: {reason}",
    many="{count} ticks were skipped because their nodes can never run here",
    advice="change memory_mb by `supervisor nodes edit {node}`, or raise the machine's limit",
)
NODE_PAUSED = Kind(
    name="node_paused",
    level="error",
    one="{node} is paused, {reason}",
    many="nodes were paused {count} times",
    advice="see `supervisor nodes show {node}`",
)
GAVE_UP = Kind(
    name="gave_up",
    level="critical",
    one="the supervisor gave up: {failures} processes within {seconds} s ended before they came up",
    many="the supervisor gave up {count} times",
    advice="see what this machine lacks in `supervisor doctor`",
)
DATABASE_AWAY = Kind(
    name="database_away",
    level="critical",
    one="the database has failed for {lasted_s} s: {error}",
    many="the database has failed for long, {count} times",
    advice="nothing is started meanwhile: look after the server, then at `supervisor check`",
)
ROW_FAILING = Kind(
    name="row_failing",
    level="error",
    one="{node} could not be dealt with for {lasted_s} s: {error}",
    many="{count} nodes or chores could not be dealt with for long",
    advice="see whether somebody holds its row in an open transaction",
)
GUARD_FAILED = Kind(
    name="guard_failed",
    level="error",
    one="a guard met something odd and looks again: {error}",
    many="guards met something odd {count} times",
    advice="see `supervisor doctor`",
)
TEST = Kind(name="test", level="warning", one="this is a test", many="{count} tests", advice="nothing is to be done")

KINDS = (
    STUCK_RUN, MEMORY_KILL, BOOT_FAILED, DEAD_LETTER, BREAKER_OPEN, PROXY_LEAK, SUSPICIOUSLY_EMPTY, NO_MEMORY, TOO_BIG,
    NODE_PAUSED, GAVE_UP, DATABASE_AWAY, ROW_FAILING, GUARD_FAILED, TEST,
)  # fmt: skip

_OF_CAUSE = {
    Cause.TIMEOUT: STUCK_RUN,
    Cause.STALLED: STUCK_RUN,
    Cause.STALE: STUCK_RUN,
    Cause.MEMORY: MEMORY_KILL,
    Cause.OOM: MEMORY_KILL,
    Cause.BOOT_FAILED: BOOT_FAILED,
}
_OF_EVENT = {
    "breaker_opened": BREAKER_OPEN,
    "dead_letter": DEAD_LETTER,
    "gave_up": GAVE_UP,
    "guard_failed": GUARD_FAILED,
    "memory_awaited": NO_MEMORY,
    "node_paused": NODE_PAUSED,
    "proxy_leak": PROXY_LEAK,
    "scales_failed": GUARD_FAILED,
    "suspiciously_empty": SUSPICIOUSLY_EMPTY,
}
# One of them is no news; that they do not end is.
LASTING = {"database_failed": DATABASE_AWAY, "row_failed": ROW_FAILING}


def kind_of(event: str, facts: Mapping[str, Any]) -> Kind | None:
    """The kind of alert that this event is by itself; None: it is none."""
    if event == "run_ended":
        return _OF_CAUSE.get(facts["cause"])
    if event == "node_refused":
        return TOO_BIG if facts.get("cause") == Cause.TOO_BIG else None
    return _OF_EVENT.get(event)


def told(event: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with the sentence that a death without words gets."""
    if event == "run_ended" and not facts.get("error"):
        return {**facts, "error": sentences.of_end(Cause(facts["cause"]), None, {})}
    return dict(facts)
