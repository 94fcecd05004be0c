"""What an experiment is, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from supervisor.chaos.stage import Stage

Result = Literal["kept", "BROKEN", "not run"]


class Missed(Exception):
    """What had to happen did not; the text says what."""


class NotRun(Exception):
    """The experiment cannot be made here; the text says why."""


class Interrupted(Exception):
    """Somebody has ended the whole play."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One promise under one fault."""

    promise: str  # P1 to P20
    fault: str  # what was done to it
    rounds: int
    kept: bool | None  # None: not run
    figure: str  # what was measured, or why it was not
    seconds: float = 0.0  # that it took

    @property
    def result(self) -> Result:
        """The word for the table."""
        if self.kept is None:
            return "not run"
        return "kept" if self.kept else "BROKEN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an experiment saw."""

    rounds: int = 1
    kept: bool
    figure: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """A fault, the promise that it must not break, and the function that shows it."""

    promise: str
    fault: str
    show: Callable[[Stage], Found] | str  # or the reason why nothing can be shown here

    def trial(self, stage: Stage) -> Trial:
        """Show it on a stage of its own. Whatever goes wrong breaks the promise: an unproven one is not kept."""
        if isinstance(self.show, str):
            return self._trial(0, None, self.show)
        try:
            found = self.show(stage)
        except NotRun as reason:
            return self._trial(0, None, str(reason))
        except Missed as missed:
            return self._trial(0, False, str(missed))  # noqa: FBT003 - of Trial.kept
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - of a product under fault anything may come
            return self._trial(0, False, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")  # noqa: FBT003 - the same
        return self._trial(found.rounds, found.kept, found.figure)

    def _trial(self, rounds: int, kept: bool | None, figure: str) -> Trial:
        return Trial(promise=self.promise, fault=self.fault, rounds=rounds, kept=kept, figure=figure)
