"""An export that is interrupted, finds no room, has no reader or lacks a library; and one of very many jobs."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_command import SCRIPT, Run, environment
from tests.fix_database import Connection, connect
from tests.fix_jobs import Jobs
from tests.wait import wait_for

# No file may become larger; Python ignores the signal that would come with it.
SMALL_DISK = ("prlimit", "--fsize=200000")


def names_in(folder: Path) -> list[str]:
    """Hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def stuck(database_url: str, connection: Connection, jobs: Jobs, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """An export onto `jobs.csv`, where an old one stands, that waits for a table that somebody holds."""
    jobs.add()
    (tmp_path / "jobs.csv").write_text("old", encoding="utf-8")
    with connect(database_url) as looking, connection.transaction():
        connection.execute("lock table job_seen in access exclusive mode")
        process = subprocess.Popen(
            [SCRIPT, "jobs", "export", "-o", "jobs.csv"],
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            stderr=subprocess.PIPE,
            text=True,
        )
        waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        wait_for(lambda: looking.execute(waiting).rowcount, 15, "the export waits")
        yield process
    process.kill()
    process.wait(5)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_whatever_interrupts_it_the_old_file_stays_and_nothing_is_beside_it(
    stuck: subprocess.Popen[str], tmp_path: Path, name: str
) -> None:
    number = signal.Signals[name]
    stuck.send_signal(number)
    _, said = stuck.communicate(timeout=10)
    assert stuck.returncode == {"SIGINT": 130, "SIGKILL": -9}.get(name, 128 + number)
    assert said == ""
    assert names_in(tmp_path) == ["jobs.csv"]
    assert (tmp_path / "jobs.csv").read_text("utf-8") == "old"


def piped(url: str, folder: Path) -> subprocess.Popen[bytes]:
    """An export into a pipe that nobody reads yet."""
    return subprocess.Popen(
        [SCRIPT, "jobs", "export"],
        cwd=folder,
        env=environment(DATABASE_URL=url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_an_interruption_while_the_reader_sleeps_is_silent(
    database_url: str, connection: Connection, jobs: Jobs, tmp_path: Path
) -> None:
    jobs.add_many(3_000, 500)
    process = piped(database_url, tmp_path)
    written = "select from pg_stat_activity where state = 'idle in transaction' and query like 'FETCH%'"
    wait_for(lambda: connection.execute(written).rowcount, 15, "the pipe is full")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130  # with all in the pipe that was there: nothing waits for its reader
    _, said = process.communicate(timeout=10)
    assert said == b""


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "csv.gz"])
def test_a_disk_that_fills_up_is_one_sentence_and_leaves_nothing(
    database_url: str, jobs: Jobs, tmp_path: Path, form: str
) -> None:
    jobs.add_many(30_000 if form in {"parquet", "csv.gz"} else 3_000, 500)
    done = subprocess.run(
        [*SMALL_DISK, SCRIPT, "jobs", "export", "-o", f"jobs.{form}"],
        cwd=tmp_path,
        # Compiled modules, too, would be cut off at the limit, for all tests after this one.
        env=environment(DATABASE_URL=database_url, PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    sentence = f"jobs.{form}: no room is left for it: make some, or name a file on another disk\n"
    assert (done.returncode, done.stderr) == (2, sentence)
    assert names_in(tmp_path) == []


def test_a_reader_that_has_seen_enough_is_no_error(database_url: str, jobs: Jobs, tmp_path: Path) -> None:
    jobs.add_many(3_000, 500)
    process = piped(database_url, tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"id,url,")
    process.stdout.close()
    assert process.wait(20) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_file_that_is_there_is_replaced_through_a_link_and_a_pipe_is_written(
    good: Run, jobs: Jobs, tmp_path: Path
) -> None:
    jobs.add(title="one")
    (tmp_path / "real.csv").write_text("old", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("real.csv")
    good("jobs", "export", "-o", "link.csv", "--columns", "title")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"title\r\none\r\n"
    done = good("jobs", "export", "-o", "/dev/stdout", "--format", "jsonl", "--columns", "title")
    assert done.out == '{"title":"one"}\n'


def test_without_pyarrow_one_sentence_names_the_extra_and_the_others_work(
    command: Run, good: Run, jobs: Jobs, tmp_path: Path
) -> None:
    jobs.add()
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n", encoding="utf-8")
    done = command("jobs", "export", "-o", "jobs.parquet", PYTHONPATH=str(tmp_path))
    assert done.code == 2
    assert done.err == (
        "Parquet needs pyarrow, which is not installed: run `pip install 'scrapewarden[parquet]'`, or export to CSV or "
        "JSON Lines\n"
    )
    assert not (tmp_path / "jobs.parquet").exists()
    good("jobs", "export", "-o", "jobs.csv", PYTHONPATH=str(tmp_path))


def test_a_terminal_is_shown_how_far_it_is_and_a_file_is_not(
    database_url: str, jobs: Jobs, good: Run, tmp_path: Path
) -> None:
    jobs.add_many(3_000)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [SCRIPT, "jobs", "export", "-o", "jobs.csv"],
        cwd=tmp_path,
        env=environment(DATABASE_URL=database_url, COLUMNS="120", TERM="xterm"),
        stderr=theirs,
    ):
        os.close(theirs)
        said = "".join(_read_all(ours))
    os.close(ours)
    assert "3,000 of about 3,000 jobs, " in said
    assert " a second" in said
    assert said.rstrip().endswith("3000 jobs exported to jobs.csv")
    assert good("jobs", "export", "-o", "jobs.csv").err == "3000 jobs exported to jobs.csv\n"


def _read_all(descriptor: int) -> Iterator[str]:
    while True:
        try:
            yield os.read(descriptor, 10_000).decode("utf-8", "replace")
        except OSError:  # the last one at the other end has gone
            return


_MEASURED = """
import json, sys
from pathlib import Path
from supervisor.cli import run_command
code = run_command(["jobs", "export", "-o", sys.argv[1], "--limit", sys.argv[2]])
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps({"code": code, "peak_mb": int(status["VmHWM"].split()[0]) / 1024}))
"""


# The most that a tenth of the rows may leave open: a row group of 16 MB that had not filled up, and its packing.
@pytest.mark.parametrize(("form", "most_mb"), [("csv", 8), ("jsonl", 8), ("parquet", 60)])
def test_ten_times_the_jobs_take_no_more_memory(
    database_url: str, jobs: Jobs, tmp_path: Path, form: str, most_mb: float
) -> None:
    jobs.add_many(50_000, 2_000)  # 100 MB of text
    peaks = []
    for limit in ("5000", "50000"):
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, f"jobs.{form}", limit],
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        answer = json.loads(done.stdout)
        assert answer["code"] == 0, done.stderr
        peaks.append(answer["peak_mb"])
    assert peaks[1] - peaks[0] < most_mb, peaks
