from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fix_boards import ServeBoard
from tests.fix_command import SCRIPT, Done, Run, environment, supervisor
from tests.fix_site import WrittenSite
from tests.wait import wait_for

LISTING = """<article><h2><a href="/1">Developer</a></h2><p>Berlin, Germany</p></article>
<article><h2><a href="/2">Gardener</a></h2><p>Remote</p></article>
<article><h2><a href="/1">Developer, again</a></h2></article>
<article><h2><a href="/3"></a></h2></article>"""
FIELDS = json.dumps({"title": "h2", "url": "a@href", "location": "p"})

GUESTS = '''
import ctypes, os, subprocess, sys, time
from workers import Page, Posting

def good(scrape):
    print("said by the scraper")
    for number in range(50):
        yield Page(url="http://board.example/", postings=[Posting(url=f"/{number}", title=f"Job {number}")])

def raises(scrape):
    yield Page(url="http://board.example/", postings=[Posting(url="/1", title="One")])
    raise ValueError("first line\\nsecond line")

def rubbish(scrape):
    yield {"title": "no page"}

def crashes(scrape):
    ctypes.string_at(0)
    yield Page()

def leaves(scrape):
    os._exit(0)
    yield Page()

def hungry(scrape):
    kept = []
    while True:
        kept.append(b"x" * 4_000_000)
        time.sleep(0.01)
    yield Page()

def hangs(scrape):
    """With a daemon in a session of its own, whose pid it tells."""
    program = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(300)"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    yield Page(url="http://board.example/", postings=[Posting(url="/1", title=f"pid {child.stdout.readline()}")])
    while True:
        time.sleep(1)

def environment(scrape):
    names = ("DATABASE_URL", "SCRAPEWARDEN_TOKEN", "MINE")
    title = " ".join(f"{name}={os.environ.get(name)}" for name in names) + f" key={scrape.params['key']}"
    yield Page(url="http://board.example/", postings=[Posting(url="/1", title=title)])
'''
Try = Callable[..., Done]


@pytest.fixture
def attempt(tmp_path: Path) -> Try:
    """`supervisor try` with guests of the test's own, no database within reach."""
    (tmp_path / "guests.py").write_text(GUESTS)
    (tmp_path / "config.toml").write_text('[scrapers]\nallow = ["guests"]\nenv = ["MINE"]\n')

    def run(*words: str, **environ: Any) -> Done:
        return supervisor("try", *words, cwd=tmp_path, **environ)

    return run


def titles(done: Done) -> list[str]:
    return [job["title"] for job in done.json]


def test_a_built_in_is_tried_and_its_jobs_are_clean(
    attempt: Try, write_site: Callable[[dict[str, Any]], WrittenSite]
) -> None:
    site = write_site({"/": LISTING})
    words = ("html", "-p", f"start={site.url}/", "-p", "items=article", "-p", f"fields={FIELDS}")
    done = attempt(*words, "--json")
    assert done.code == 0, done.err
    assert titles(done) == ["Developer", "Gardener"]
    assert done.json[0]["url"] == f"{site.url}/1"
    assert (done.json[0]["city"], done.json[0]["country"]) == ("Berlin", "DE")
    assert done.json[1]["remote"] is True
    assert "2 jobs from 1 pages" in done.err
    assert "1 postings rejected" in done.err
    shown = attempt(*words)
    assert "Developer | Berlin, DE" in shown.out
    assert f"{site.url}/2" in shown.out


def test_a_board_of_a_job_api_is_shown_with_place_remote_pay_and_date(attempt: Try, serve_board: ServeBoard) -> None:
    job = {
        "id": 7,
        "url": "https://boards.test/7",
        "jobTitle": "Baker",
        "companyName": "Acme",
        "jobGeo": "Norway, Sweden",
        "jobType": ["Part-Time"],
        "pubDate": "2026-03-04T05:06:07+00:00",
        "salaryMin": 15.5,
        "salaryMax": 18,
        "salaryCurrency": "EUR",
        "salaryPeriod": "hourly",
    }
    site = serve_board(lambda path, _query: {"jobs": [job]} if path == "/api/v2/remote-jobs" else 404)
    shown = attempt("jobicy", "-p", f"base_url={site.url}").out.splitlines()
    assert shown[0].strip() == "1  Baker | Acme | NO and 1 more"
    assert shown[1].strip() == "remote | Part-Time | 15.50 to 18 EUR per hour | posted 2026-03-04 (exact)"
    assert shown[2].strip() == "https://boards.test/7"
    [row] = attempt("jobicy", "-p", f"base_url={site.url}", "--json").json
    assert (row["country"], row["countries"], row["remote"]) == ("NO", ["NO", "SE"], True)
    assert (row["salary_min"], row["salary_max"], row["salary_period"]) == (15.5, 18, "hour")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((404, {}), "does not exist (HTTP 404): check params board and base_url"),
        ("<title>Sign in</title>", "did not answer JSON but text/html"),
        ({"message": "moved"}, 'in place of a list of jobs under "jobs" ("moved"): check params board and base_url'),
        ({"jobs": [{"id": 1}]}, "none of 1 elements has both a title and an address"),
    ],
)
def test_a_board_that_is_none_is_exit_1_with_the_param_to_check(
    attempt: Try, serve_board: ServeBoard, answer: Any, sentence: str
) -> None:
    site = serve_board(lambda _path, _query: answer)
    done = attempt("greenhouse", "-p", "board=acme", "-p", f"base_url={site.url}")
    assert done.code == 1
    assert sentence in done.err
    assert "check params board and base_url" in done.err


def test_it_ends_after_enough_jobs_or_pages(attempt: Try) -> None:
    done = attempt("guests:good", "--limit", "3", "--json")
    assert (done.code, titles(done)) == (0, ["Job 0", "Job 1", "Job 2"])
    assert "said by the scraper" in done.err
    done = attempt("guests:good", "--pages", "2", "--json")
    assert (done.code, len(done.json)) == (0, 2)


def test_nothing_is_written(attempt: Try, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert attempt("guests:good", "--json").code == 0
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "__pycache__"] == before


@pytest.mark.parametrize(
    ("scraper", "sentence"),
    [
        ("guests:raises", "failed (exception): ValueError: first line (guests.py:12 in raises)"),
        ("guests:rubbish", "failed (exception): TypeError: a scraper must yield Page objects, got dict"),
        ("guests:crashes", "failed (crashed): crashed: SIGSEGV"),
        ("guests:leaves", "failed (crashed): exited with status 0 without a result"),
        ("guests:absent", 'failed (exception): scraper "guests:absent" does not import'),
    ],
)
def test_a_failure_is_a_sentence_and_exit_1_and_the_json_stays_whole(attempt: Try, scraper: str, sentence: str) -> None:
    done = attempt(scraper, "--json")
    assert done.code == 1
    assert sentence in done.err
    assert titles(done) == (["One"] if scraper == "guests:raises" else [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fead",), "did you mean feed?"),
        (("other:scrape",), 'add "other" to `[scrapers] allow`'),
        (("command", "-p", 'argv=["ls"]'), "allow_command"),
        (("feed",), "feed: url is missing"),
        (("feed", "-p", "url"), "no key=value"),
    ],
)
def test_what_may_not_run_is_exit_2(attempt: Try, words: tuple[str, ...], sentence: str) -> None:
    done = attempt(*words)
    assert done.code == 2
    assert sentence in done.err


def test_too_much_memory_kills_it(attempt: Try) -> None:
    done = attempt("guests:hungry", "--memory", "64")
    assert done.code == 1
    assert "failed (memory): " in done.err


def test_a_budget_that_is_not_there_is_refused(attempt: Try) -> None:
    done = attempt("guests:good", "--memory", "99999999")
    assert done.code == 1
    assert "there is no room for it" in done.err


def test_at_its_limit_it_is_killed_with_all_that_it_started(attempt: Try) -> None:
    done = attempt("guests:hangs", "--timeout", "3s", "--json")
    assert done.code == 1
    assert "failed (timeout): killed after 3 s" in done.err
    [title] = titles(done)
    assert not _lives(int(title.split()[1]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_its_death_takes_everything_along(attempt: Try, tmp_path: Path, number: signal.Signals) -> None:
    assert callable(attempt)
    with subprocess.Popen(
        [SCRIPT, "try", "guests:hangs"],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        daemon = int(process.stdout.readline().split("pid")[1])
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        process.wait(10)
    wait_for(lambda: not _lives(daemon), 2, "the daemon is gone")
    wait_for(lambda: not any(_lives(child.pid) for child in children), 2, "all children are gone")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_gets_no_secret_of_ours_but_those_that_are_allowed(attempt: Try) -> None:
    secrets = {"DATABASE_URL": "postgresql://x", "SCRAPEWARDEN_TOKEN": "t", "MINE": "m"}
    done = attempt("guests:environment", "-p", "key=${MINE}", "--json", **secrets)
    assert titles(done) == ["DATABASE_URL=None SCRAPEWARDEN_TOKEN=None MINE=m key=m"]
    done = attempt("guests:environment", "-p", "key=${PATH}")
    assert done.code == 1
    assert "add the name to `[scrapers] env`" in done.err
    assert os.environ["PATH"] not in done.err


def test_scrapers_are_listed_and_shown(command: Run) -> None:
    rows = command("scrapers", "list", "--json").json
    assert {"html", "jobposting", "feed"} <= {row["name"] for row in rows}
    assert set(rows[0]) == {"name", "kind", "module", "summary"}
    shown = command("scrapers", "show", "feed", "--json").json
    assert shown["name"] == "feed"
    assert "url" in [param["name"] for param in shown["params"]]
    assert "url" in command("scrapers", "show", "feed").out
    assert "html" in command("scrapers", "list").out
    done = command("scrapers", "show", "fead")
    assert done.code == 2
    assert "did you mean feed?" in done.err
