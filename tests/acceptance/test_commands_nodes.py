from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supervisor.commands.node_rows import COLUMNS
from tests.fix_command import Run, supervisor
from tests.fix_database import Connection

FEED = ("--scraper", "feed", "-p", "url=http://127.0.0.1:9/feed")


def columns_of(connection: Connection, name: str) -> dict[str, Any]:
    row = connection.execute("select * from nodes where name = %s", [name]).fetchone()
    assert row is not None
    return row


def open_run(connection: Connection, name: str) -> None:
    """A run that somebody seems to be carrying out."""
    connection.execute(
        "insert into scrape_runs (node_id, source, tick, attempt, owner, epoch, supervisor_id)"
        " select id, name, now(), 1, gen_random_uuid(), 1, gen_random_uuid() from nodes where name = %s",
        [name],
    )


def test_a_node_is_added_with_every_option(good: Run, connection: Connection) -> None:
    good(
        *("nodes", "add", "a", *FEED, "--cron", "30 6 * * 1-5", "--timezone", "Europe/Berlin", "--jitter", "10s"),
        *("--priority", "-3", "--timeout", "10m", "--stall", "90", "--memory", "256", "--max-attempts", "5"),
        *("--gap", "0", "--gap-jitter", "1.5", "--proxy-pool", "eu", "--disabled", "--no-data-limit"),
        *("--pause-after", "4"),
    )
    row = columns_of(connection, "a")
    assert {key: row[key] for key in COLUMNS} == {
        "name": "a",
        "scraper": "feed",
        "params": {"url": "http://127.0.0.1:9/feed"},
        "schedule": "30 6 * * 1-5",
        "timezone": "Europe/Berlin",
        "jitter_s": 10,
        "priority": -3,
        "timeout_s": 600,
        "stall_s": 90,
        "memory_mb": 256,
        "data_limit": False,
        "max_attempts": 5,
        "gap_s": 0,
        "gap_jitter_s": 1.5,
        "proxy_pool": "eu",
        "location_pool": None,
        "pause_after": 4,
        "enabled": False,
    }


def test_params_are_json_or_else_texts(good: Run, connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[scrapers]\nallow = ["mine"]\n')
    words = ["n=1", "l=[1, 2]", "t=true", "z=null", "s=a=b", "q=NaN", 'o={"a": {"b": 1}}', "e="]
    good("nodes", "add", "a", "--scraper", "mine:scrape", *[word for pair in words for word in ("-p", pair)])
    expected = {"n": 1, "l": [1, 2], "t": True, "z": None, "s": "a=b", "q": "NaN", "o": {"a": {"b": 1}}, "e": ""}
    assert columns_of(connection, "a")["params"] == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--scraper", "fead"), 'there is no scraper "fead": did you mean feed?'),
        (("--scraper", "mine:scrape"), 'add "mine" to `[scrapers] allow`'),
        (("--scraper", "command", "-p", 'argv=["ls"]'), "allow_command"),
        (("--scraper", "feed"), "feed: url is missing"),
        ((*FEED, "--every", "soon"), '"soon" is no duration'),
        ((*FEED, "--cron", "61 * * * *"), "cannot be read"),
        ((*FEED, "--every", "5m", "--cron", "* * * * *"), "exclude each other"),
        ((*FEED, "--every", "5m", "--timezone", "Mars/Base"), "time zone"),
        ((*FEED, "--timeout", "0"), "must be above 0"),
        ((*FEED, "--memory", "0"), "0 is not in the range"),
        ((*FEED, "-p", "novalue"), '"novalue" is no key=value'),
    ],
)
def test_what_could_never_run_is_refused_before_there_is_a_database(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = supervisor("nodes", "add", "a", *words, cwd=tmp_path)
    assert done.code == 2
    assert sentence in done.err
    assert not list(tmp_path.iterdir())


def test_a_name_that_exists_is_refused_with_the_next_step(good: Run, command: Run) -> None:
    good("nodes", "add", "a", *FEED)
    done = command("nodes", "add", "a", *FEED)
    assert done.code == 2
    assert done.err == 'node "a" exists already: change it with `supervisor nodes edit`\n'


def test_list_and_show_give_columns_as_json(good: Run) -> None:
    good("nodes", "add", "b", *FEED, "--every", "15m")
    good("nodes", "add", "a", *FEED)
    rows = good("nodes", "list", "--json").json
    assert [row["name"] for row in rows] == ["a", "b"]
    assert set(COLUMNS) | {"id", "status", "next_run_at", "stop_requested"} <= set(rows[0])
    assert rows[0]["created_at"].endswith("+00:00")
    shown = good("nodes", "show", "b", "--json").json
    assert shown["schedule"] == "every 15m"
    assert shown["checkpoint"] is None
    assert "every 15m" in good("nodes", "list").out
    assert "schedule" in good("nodes", "show", "b").out


def test_edit_changes_what_is_named_and_nothing_else(good: Run, connection: Connection) -> None:
    good("nodes", "add", "a", *FEED, "--every", "15m", "--memory", "100", "--gap", "2", "--pause-after", "3")
    before = columns_of(connection, "a")
    words = ("--memory", "learned", "--gap", "default", "--pause-after", "default")
    good("nodes", "edit", "a", "--timeout", "1h", *words, "--disabled")
    after = columns_of(connection, "a")
    changed = {key for key in COLUMNS if before[key] != after[key]}
    assert changed == {"timeout_s", "memory_mb", "gap_s", "pause_after", "enabled"}
    assert (after["memory_mb"], after["gap_s"], after["pause_after"], after["timeout_s"]) == (None, None, None, 3600)
    good("nodes", "edit", "a", "--no-schedule", "--enabled")
    assert columns_of(connection, "a")["schedule"] is None


def test_edit_changes_single_params(good: Run, command: Run, connection: Connection) -> None:
    html = ("-p", "start=http://127.0.0.1:9/", "-p", "items=.job", "-p", "max_pages=3")
    good("nodes", "add", "a", "--scraper", "html", *html)
    good("nodes", "edit", "a", "-p", "items=.posting", "--unset", "max_pages")
    assert columns_of(connection, "a")["params"] == {"start": "http://127.0.0.1:9/", "items": ".posting"}
    for words, sentence in (
        (("-p", "itmes=x"), "itmes is unknown, did you mean items?"),
        (("--unset", "nothing"), "there is no param nothing"),
        (("--scraper", "feed"), "feed: "),
        ((), "name at least one thing"),
    ):
        done = command("nodes", "edit", "a", *words)
        assert done.code == 2
        assert sentence in done.err
    assert columns_of(connection, "a")["scraper"] == "html"


@pytest.mark.parametrize("words", [("show",), ("edit", "--disabled"), ("remove",)])
def test_an_unknown_node_is_answered_with_close_names(good: Run, command: Run, words: tuple[str, ...]) -> None:
    good("nodes", "add", "alpha", *FEED)
    done = command("nodes", words[0], "alpah", *words[1:])
    assert done.code == 2
    assert done.err == 'there is no node "alpah": did you mean alpha?\n'


def test_remove_keeps_runs_and_refuses_while_one_is_open(good: Run, command: Run, connection: Connection) -> None:
    good("nodes", "add", "a", *FEED)
    open_run(connection, "a")
    done = command("nodes", "remove", "a")
    assert done.code == 1
    assert "is running: run `supervisor stop a --wait` first, or remove it with --force" in done.err
    done = command("nodes", "remove", "a", "--force")
    assert done.code == 1
    assert "no supervisor is alive to end it" in done.err
    connection.execute("update scrape_runs set status = 'ok', cause = 'done', finished_at = clock_timestamp()")
    good("nodes", "remove", "a")
    assert connection.execute("select source, node_id from scrape_runs").fetchall() == [
        {"source": "a", "node_id": None}
    ]


def test_export_and_import_are_a_round_trip(good: Run, command: Run, connection: Connection, tmp_path: Path) -> None:
    good("nodes", "add", "a", *FEED, "--every", "15m", "--gap", "0", "--pause-after", "2", "--disabled")
    good("nodes", "add", "b", *FEED)
    exported = good("nodes", "export").out
    assert "2 exported" in good("nodes", "export", "nodes.json").err
    assert (tmp_path / "nodes.json").read_text() == exported
    before = connection.execute("select * from nodes order by name").fetchall()
    assert good("nodes", "import", "nodes.json").err == "0 added, 0 changed, 2 unchanged\n"
    assert connection.execute("select * from nodes order by name").fetchall() == before
    good("nodes", "remove", "a", "b")
    assert good("nodes", "import", "-", stdin=exported).err == "2 added, 0 changed, 0 unchanged\n"
    assert json.loads(exported) == good("nodes", "export").json
    change = json.dumps([{"name": "a", "scraper": "feed", "timeout_s": 5, "schedule": None, "pause_after": 3}])
    assert good("nodes", "import", "-", stdin=change).err == "0 added, 1 changed, 0 unchanged\n"
    row = columns_of(connection, "a")
    assert (row["timeout_s"], row["schedule"], row["gap_s"], row["pause_after"]) == (5, None, 0, 3)
    assert command("nodes", "import", "absent.json").code == 2


def test_an_import_with_any_fault_changes_nothing_and_names_every_fault(command: Run, connection: Connection) -> None:
    rows: list[object] = [
        {"name": "good", "scraper": "feed", "params": {"url": "http://127.0.0.1:9/"}},
        {"name": "a", "scraper": "fead", "timeout_s": -1},
        {"scraper": "feed", "shedule": "every 5m"},
        {"name": "good", "scraper": "feed", "params": {"url": "http://127.0.0.1:9/"}},
        7,
    ]
    done = command("nodes", "import", "-", stdin=json.dumps(rows))
    assert done.code == 2
    for beginning in (
        'node 2 "a": there is no scraper "fead"',
        'node 2 "a": timeout_s: should be',
        'node 3: "shedule": no such column',
        "node 3: name: is missing",
        "node 5: should be an object",
        'node "good": stands there 2 times',
    ):
        assert any(line.startswith(beginning) for line in done.err.splitlines()), done.err
    assert not connection.execute("select from nodes").fetchall()


@pytest.mark.parametrize("text", ["", "{}", "[", '"a"', "[" * 100_000, "\ufeff7"])
def test_an_import_of_something_else_is_one_sentence(tmp_path: Path, text: str) -> None:
    done = supervisor("nodes", "import", "-", cwd=tmp_path, stdin=text)
    assert done.code == 2
    assert done.err.startswith("standard input: ")
    assert done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_import_judges_the_row_as_it_will_stand_there(command: Run, connection: Connection) -> None:
    rows = [{"name": "a", "scraper": "feed"}]
    done = command("nodes", "import", "-", stdin=json.dumps(rows))
    assert done.code == 2
    assert "feed: url is missing" in done.err
    assert not connection.execute("select from nodes").fetchall()
