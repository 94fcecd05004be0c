from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fix_scrape import NewScrape, PlainScrape
from tests.wait import wait_for
from workers.errors import ScraperRefused
from workers.records import Page
from workers.scrapers import command, programs

Run = Callable[..., PlainScrape]


@pytest.fixture
def program(new_scrape: NewScrape) -> Run:
    """A Scrape whose command is a Python program of one text."""

    def new(code: str, checkpoint: Any = None, **params: Any) -> PlainScrape:
        return new_scrape({"argv": [sys.executable, "-c", code], **params}, checkpoint)

    return new


def pages_of(scrape: PlainScrape) -> list[Page]:
    return list(command.scrape(scrape))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_lines_are_pages_and_a_posting_alone_is_one(program: Run) -> None:
    page = {
        "url": "u",
        "postings": [{"title": "A", "url": "x", "stranger": 1}],
        "checkpoint": {"n": 1},
        "done": 1,
        "stage": "s",
    }
    lines = [json.dumps(page), "", json.dumps({"title": "B"}), json.dumps({"done": 2})]
    code = f"for line in {lines!r}: print(line)"
    first, second, third = pages_of(program(code))
    assert (first.url, first.checkpoint, first.done, first.total, first.stage) == ("u", {"n": 1}, 1, None, "s")
    assert [posting.title for posting in first.postings + second.postings] == ["A", "B"]
    assert (third.done, third.postings) == (2, [])


def test_the_program_gets_checkpoint_and_params_and_no_secret(program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SCRAPEWARDEN_DATABASE_URL", "API_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("SCRAPEWARDEN_RUN", "tag")
    code = "import os, json; print(json.dumps({'title': 'x', 'description': dict(os.environ)}))"
    [page] = pages_of(program(code, {"page": 7}, own={"a": "ü"}, env={"EXTRA": "yes"}))
    environ = page.postings[0].description
    assert json.loads(environ["SCRAPEWARDEN_CHECKPOINT"]) == {"page": 7}
    params = json.loads(environ["SCRAPEWARDEN_PARAMS"])
    assert params["own"] == {"a": "ü"}
    assert "env" not in params
    assert (environ["EXTRA"], environ["SCRAPEWARDEN_RUN"]) == ("yes", "tag")
    assert "secret" not in environ.values()


def test_stderr_is_the_log_and_a_status_is_the_verdict(program: Run) -> None:
    scrape = program("import sys; print('one', file=sys.stderr); print('it broke', file=sys.stderr); sys.exit(3)")
    with pytest.raises(RuntimeError, match="exited with status 3; last stderr line: it broke"):
        pages_of(scrape)
    assert scrape.logged == [("stderr", {"level": "info", "message": text}) for text in ("one", "it broke")]


@pytest.mark.parametrize(("number", "name"), [(11, "SIGSEGV"), (40, "signal 40")])
def test_a_program_that_dies_of_a_signal_is_said_so(program: Run, number: int, name: str) -> None:
    with pytest.raises(RuntimeError, match=f"ended by {name};"):
        pages_of(program(f"import os; os.kill(os.getpid(), {number})"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hello", "print logs to stderr"),
        ("[1]", "JSON object"),
        ('{"postings": 3}', "postings of a page should be list"),
        ('{"postings": [3]}', "posting should be a JSON object"),
        ('{"checkpoint": [1]}', "checkpoint of a page should be dict"),
        ('{"done": true}', "done of a page should be int"),
        ("[" * 100_000, "JSON lines"),
    ],
)
def test_rubbish_on_stdout_is_an_error_with_its_sentence(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        command.page_of(programs.Line("stdout", line))


def test_an_endless_line_is_an_error_and_kills_the_program(program: Run) -> None:
    scrape = program("import sys\nwhile True: sys.stdout.write('x' * 100_000)")
    with pytest.raises(ValueError, match="longer than 1,000,000 bytes"):
        pages_of(scrape)


def test_a_long_line_of_stderr_is_cut_and_the_next_is_whole(program: Run) -> None:
    scrape = program("import sys; sys.stderr.write('x' * 50_000 + '\\nnext\\n')")
    assert pages_of(scrape) == []
    assert [facts["message"] for _, facts in scrape.logged] == ["x" * 10_000, "next"]


def test_all_output_of_a_quick_program_arrives_however_slowly_it_is_taken(program: Run) -> None:
    scrape = program("for n in range(200): print('{\"done\": %d}' % n)")
    done = []
    for page in command.scrape(scrape):
        done.append(page.done)
        if len(done) % 50 == 0:
            time.sleep(programs.DRAIN_S)  # a commit that takes as long as all patience after the end
    assert done == list(range(200))


def test_a_grandchild_that_holds_the_pipes_open_holds_nothing_up(program: Run, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"""
import subprocess, pathlib
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
pathlib.Path({str(pid_file)!r}).write_text(str(child.pid))
print('{{"done": 1}}')
"""
    began = time.monotonic()
    assert [page.done for page in pages_of(program(code))] == [1]
    took = time.monotonic() - began
    os.kill(int(pid_file.read_text()), 9)
    assert took < 5  # half a second and the starts of two programs; never the minute that the grandchild sleeps


def test_closing_the_pages_ends_a_program_that_ignores_term(program: Run) -> None:
    code = """
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
print('{"done": %d, "total": %d}' % (os.getpid(), child.pid), flush=True)
time.sleep(60)
"""
    pages: Any = command.scrape(program(code))
    page = next(pages)
    began = time.monotonic()
    pages.close()
    assert time.monotonic() - began < programs.TERM_S + 1.5
    wait_for(lambda: not alive(page.done), 2, "program gone")
    wait_for(lambda: not alive(page.total), 2, "its child gone")


def test_the_program_dies_with_a_killed_scrape(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    inner = f"import os, time, pathlib; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); time.sleep(60)"
    outer = f"""
import sys
from workers.scrapers.programs import Program
program = Program([sys.executable, "-c", {inner!r}], cwd=None, env={{}})
list(program.lines())
"""
    scrape = psutil.Popen([sys.executable, "-c", outer])
    pid = int(wait_for(lambda: pid_file.exists() and pid_file.read_text(), 10, "program up"))
    scrape.kill()
    scrape.wait()
    wait_for(lambda: not alive(pid), 2, "program dead with its scrape")


def test_the_soft_data_limit_of_the_scrape_is_not_the_programs() -> None:
    outer = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, resource.getrlimit(resource.RLIMIT_DATA)[1]))
from workers.scrapers.programs import Program
code = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
print([line.text for line in Program([sys.executable, "-c", code], cwd=None, env={}).lines()])
"""
    done = psutil.Popen([sys.executable, "-c", outer], stdout=-1, text=True)
    out, _ = done.communicate(timeout=20)
    assert "-1" in out


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"argv": ["no-such-program-here"]}, "there is no program no-such-program-here"),
        ({"argv": ["./absent"], "cwd": "/"}, "there is no program ./absent"),
        ({"argv": ["true"], "cwd": "/no/such/folder"}, "there is no folder"),
        ({}, "argv is missing"),
    ],
)
def test_what_cannot_start_is_refused_at_once(new_scrape: NewScrape, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScraperRefused, match=sentence):
        pages_of(new_scrape(params))


def test_a_checkpoint_too_large_for_an_environment_is_said_so(program: Run) -> None:
    with pytest.raises(RuntimeError, match=r"does not start.*120 kB"):
        pages_of(program("pass", {"much": "x" * 200_000}))
