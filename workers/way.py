"""The hosts that one request leads to, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from workers.errors import FetchError
from workers.politeness import Politeness, Turn
from workers.verdict import Failed


class Way:
    """The hosts that a request leads to, one after the other: whose turn it is, and who is to blame."""

    def __init__(self, politeness: Politeness, turn: Callable[[str], Turn]) -> None:
        self._politeness = politeness
        self._turn = turn
        self._at = Turn(None)

    @property
    def on_trial(self) -> bool:
        """Whether this run tries if the host is well again."""
        return self._at.probing

    def begin(self, url: str) -> None:
        """Wait for the first host's turn."""
        self._at = self._turn(url)

    def go_on(self, url: str) -> None:
        """The host has answered with a redirect."""
        self._politeness.answered(self._at)
        self._at = self._turn(url)

    def arrive(self) -> None:
        """The last host has given a good answer."""
        self._politeness.answered(self._at)

    def fail(self, failure: Failed, error: FetchError) -> None:
        """The request has failed for good."""
        self._politeness.failed(self._at, failure, str(error))

    def hold(self, seconds: float) -> None:
        """The host wants to be left alone for so long."""
        self._politeness.hold(self._at, seconds)
