from __future__ import annotations

import io
import json
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from supervisor import console
from supervisor.commands.logs import Tail
from supervisor.commands.output import as_json, one_line, write_table
from workers import events

AT = datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=timezone(timedelta(hours=2)))


def test_times_are_written_in_utc() -> None:
    assert json.loads(as_json({"at": AT})) == {"at": "2026-01-02T01:04:05.123456+00:00"}


def test_numbers_and_ids_of_the_database_become_json() -> None:
    value = {"number": Decimal("1.5"), "id": UUID(int=1)}
    assert json.loads(as_json(value)) == {"number": 1.5, "id": "00000000-0000-0000-0000-000000000001"}


def test_json_is_whole_in_every_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("ascii", "utf-8", "latin-1"):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace"))
        sys.stdout.write(as_json({"name": "Zürich 東京"}))
        sys.stdout.seek(0)
        assert json.loads(sys.stdout.read()) == {"name": "Zürich 東京"}


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\nb", "a\0b", "a\rb", "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_text_from_anywhere_cannot_steer_a_terminal(text: str) -> None:
    assert one_line(text).isprintable()


def test_a_table_without_a_terminal_cuts_and_wraps_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    name = "n" * 150
    write_table(("NODE", "COUNT", "WHY"), [(name, 7, "w " * 100), ("[bold]b", None, None)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert name in lines[1]
    assert lines[2].split() == ["[bold]b", "-", "-"]
    assert all(line == line.rstrip() for line in lines)


def test_an_event_is_one_line_with_its_time_on_the_console() -> None:
    stream = io.StringIO()
    leave = console.speak(stream)
    try:
        events.emit("run_ended", run_id=3, node="a\nb", status="ok", cause="done", error=None)
        events.emit("never_heard_of", number=1)
    finally:
        leave()
    first, second = stream.getvalue().splitlines()
    assert first.endswith("Z  a b: run 3 ended ok/done")
    assert second.endswith("never_heard_of number=1")


def test_a_console_that_is_gone_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    stream.close()
    leave = console.speak(stream)
    events.emit("draining", running=1)
    leave()
    assert not caplog.records


def test_a_line_with_missing_facts_is_still_a_line() -> None:
    assert all(console.line_of(name, {}) for name in console.LINES)


def test_a_log_line_that_is_committed_late_is_shown_once_and_not_lost() -> None:
    tail = Tail()
    row = {"id": 0}
    assert [line["id"] for line in tail.fresh([row | {"id": 2}, row | {"id": 4}], 0.0)] == [2, 4]
    assert [line["id"] for line in tail.fresh([row | {"id": n} for n in (2, 3, 4)], 1.0)] == [3]
    assert tail.floor == 0
    assert tail.fresh([row | {"id": n} for n in (2, 3, 4)], 20.0) == []
    assert tail.floor == 4
