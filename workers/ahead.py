"""Work that is begun before its result is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Ahead(Generic[Answer]):
    """Calls a function in a thread, while whoever wants the answer does something else first."""

    def __init__(self, function: Callable[[], Answer]) -> None:
        """Begin at once."""
        self._function = function
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        # A daemon: an interpreter that ends does not wait for a database that is away.
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by `result`, in the thread that asks
            self._error = error

    def result(self) -> Answer:
        """Wait for the answer, or raise what the function raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]
