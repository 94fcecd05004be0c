"""`supervisor proxies`, as a person or a program would use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fix_command import Done, Run
from tests.fix_database import Connection
from tests.fix_proxies import NewProxy, Watched
from tests.forward_proxy import ELSEWHERE

SECRET, LITERAL = "s3cret/of+tests", "s3cret-of-tests"
WITH_LOGIN = "http://user:${PROXY_PASSWORD}@"


@pytest.fixture
def checks(command: Run, check_page: Watched) -> Run:
    """The command with the test's page to check with."""

    def run(*words: str, **options: Any) -> Done:
        done = command("proxies", *words, SCRAPEWARDEN_PROXIES_CHECK_URL=check_page.url, **options)
        assert SECRET not in done.out + done.err
        return done

    return run


def test_proxies_are_added_once_and_listed_with_masked_passwords(good: Run, connection: Connection) -> None:
    urls = ("http://127.0.0.1:1", f"{WITH_LOGIN}127.0.0.1:2", f"http://user:{LITERAL}@127.0.0.1:3")
    done = good("proxies", "add", "eu", *urls)
    assert done.out.splitlines() == [
        "pool eu: http://127.0.0.1:1 added",
        f"pool eu: {WITH_LOGIN}127.0.0.1:2 added",
        "pool eu: http://user:***@127.0.0.1:3 added",
    ]
    assert "http://user:***@127.0.0.1:3 is stored with its login as it stands" in done.err
    assert done.err.count("write ${PROXY_PASSWORD} in its place") == 1
    assert "no node uses pool eu yet: `supervisor nodes edit NODE --proxy-pool eu`" in done.err
    connection.execute("insert into nodes (name, scraper, proxy_pool) values ('n', 'feed', 'eu')")
    again = good("proxies", "add", "eu", urls[0], "http://127.0.0.1:4")
    assert again.out.splitlines() == [
        "pool eu: http://127.0.0.1:1 is there already",
        "pool eu: http://127.0.0.1:4 added",
    ]
    assert again.err == ""
    rows = good("proxies", "list", "--json").json
    assert [(row["pool"], row["state"]) for row in rows] == [("eu", "unchecked")] * 4
    assert [row["url"] for row in rows][2] == "http://user:***@127.0.0.1:3"
    assert {"id", "latency_ms", "exit_address", "quarantined_until", "failures", "last_used_at", "last_error"} < set(
        rows[0]
    )
    shown = good("proxies", "list", "eu")
    assert f"{WITH_LOGIN}127.0.0.1:2" in shown.out
    assert LITERAL not in done.out + done.err + shown.out + str(rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "eu", "socks5://127.0.0.1:1"), "should look like http://user:${PROXY_PASSWORD}@host:port"),
        (("add", "eu", "http://u:${DATABASE_URL}@h:1"), "uses ${DATABASE_URL}: add the name to `[proxies] env`"),
        (("add", " ", "http://127.0.0.1:1"), "the name of a pool should be printable and not empty"),
        (("list", "us"), 'there is no pool "us": see `supervisor proxies list`'),
        (("check", "eux"), 'there is no pool "eux": did you mean eu?'),
        (("add", "eu", f"http://user:{SECRET}@127.0.0.1:1"), "in a login write / as %2F"),
        (("enable", "4711"), "there is no proxy 4711: see `supervisor proxies list`"),
        (("remove", str(2**63)), "see `supervisor proxies remove --help`"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_2(words: tuple[str, ...], said: str, good: Run, command: Run) -> None:
    good("proxies", "add", "eu", "http://127.0.0.1:1")
    done = command("proxies", *words)
    assert done.code == 2
    assert said in done.err
    assert SECRET not in done.err
    assert len(good("proxies", "list", "--json").json) == 1


def test_check_tells_of_each_proxy_and_writes_it_down(
    checks: Run, good: Run, new_proxy: NewProxy, connection: Connection
) -> None:
    login = {"login": ("user", SECRET)}
    ok, leaking, dead = new_proxy(**login), new_proxy(exits_at="127.0.0.1"), new_proxy()
    dead.die()
    urls = (WITH_LOGIN + ok.place, f"http://{leaking.place}", f"http://{dead.place}")
    good("proxies", "add", "eu", *urls)
    connection.execute("update proxies set failures = 3, quarantined_until = clock_timestamp() + interval '1 h'")
    done = checks("check", PROXY_PASSWORD=SECRET)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith(f"ok      pool eu  {urls[0]}  exits at {ELSEWHERE} after ")
    assert "shows our own address 127.0.0.1; set aside until " in lines[1]
    assert lines[1].startswith("leak ")
    assert "cannot be used (connection refused); set aside until " in lines[2]
    assert lines[2].startswith("failed")
    assert "our own address is 127.0.0.1" in done.err
    rows = good("proxies", "list", "--json").json
    assert [row["state"] for row in rows] == ["ok", "quarantined", "quarantined"]
    assert (rows[0]["exit_address"], rows[0]["failures"], rows[0]["last_error"]) == (ELSEWHERE, 0, None)
    assert "quarantined until 2" in good("proxies", "list").out


def test_check_says_yes_by_exit_0_and_as_json(checks: Run, good: Run, new_proxy: NewProxy) -> None:
    good("proxies", "add", "eu", f"http://{new_proxy().place}")
    good("proxies", "add", "us", "http://127.0.0.1:9")
    done = checks("check", "eu", "--json")
    assert done.code == 0
    (row,) = done.json
    assert (row["pool"], row["verdict"], row["exit_address"], row["error"]) == ("eu", "ok", ELSEWHERE, None)


def test_check_names_a_variable_that_is_missing_and_a_page_that_does_not_answer(
    checks: Run, good: Run, command: Run
) -> None:
    good("proxies", "add", "eu", f"{WITH_LOGIN}127.0.0.1:9")
    done = checks("check")
    assert done.code == 1
    assert "uses PROXY_PASSWORD, which no environment variable sets" in done.out
    done = command("proxies", "check", SCRAPEWARDEN_PROXIES_CHECK_URL="http://127.0.0.1:9/")
    assert done.code == 1
    assert "our own address cannot be learned from http://127.0.0.1:9/ (connection refused)" in done.err


def test_a_proxy_is_disabled_enabled_and_removed(checks: Run, good: Run, connection: Connection) -> None:
    good("proxies", "add", "eu", "http://127.0.0.1:9")
    (row,) = good("proxies", "list", "--json").json
    assert good("proxies", "disable", str(row["id"])).out == f"proxy {row['id']} is out of use\n"
    assert good("proxies", "list", "--json").json[0]["state"] == "disabled"
    checked = checks("check")
    assert (checked.code, "every proxy is disabled" in checked.out) == (0, True), "nothing is checked that is not used"
    connection.execute("update proxies set quarantined_until = clock_timestamp() + interval '1 h'")
    good("proxies", "enable", str(row["id"]))
    assert good("proxies", "list", "--json").json[0]["state"] == "unchecked"
    good("proxies", "remove", str(row["id"]))
    assert good("proxies", "list").out == "There are no proxies yet: add some with `supervisor proxies add POOL URL`.\n"
