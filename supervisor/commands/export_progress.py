"""How far an export is, on a terminal; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Advance = Callable[[int], None]


@contextlib.contextmanager
def progress(estimate: Callable[[], int], *, to_terminal: bool) -> Iterator[Advance]:
    """Tells rows, rows a second and how many are expected on stderr; `to_terminal`: the rows themselves go there."""
    if to_terminal or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    words = TextColumn("{task.completed:,.0f} of about {task.total:,.0f} jobs, {task.fields[rate]:,.0f} a second")
    with Progress(words, BarColumn(), console=Console(stderr=True), transient=True) as shown:
        task_id = shown.add_task("", total=estimate(), rate=0.0)
        task = next(task for task in shown.tasks if task.id == task_id)

        def advance(rows: int) -> None:
            done = task.completed + rows
            rate = done / max(task.elapsed or 0, 1e-3)
            shown.update(task_id, completed=done, total=max(task.total or 0, done), rate=rate)

        yield advance
