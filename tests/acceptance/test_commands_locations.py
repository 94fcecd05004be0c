"""`supervisor locations`, and the options that name a pool, as a person or a program would use them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supervisor.commands.node_rows import COLUMNS
from tests.fix_boards import ServeBoard
from tests.fix_command import Run, supervisor
from tests.fix_database import Connection

NO_POOL = "location_pool: there is no such pool; add it with `supervisor locations add`"
ODD = ("Saint-Étienne", "Nowhere\u202e", "São Paulo; drop table nodes", "東京", 'Ba\'a "b" 100% {term}', "--help")


def walks(url: str) -> tuple[str, ...]:
    start = f"start={url}/{{location}}"
    return ("-p", start, "-p", "items=body", "-p", 'fields={"title": "p"}')


def walked_by_n(connection: Connection) -> None:
    """Pools p and q, and a node that walks p."""
    connection.execute("insert into location_pools (name, places) values ('p', '{Ulm}'), ('q', '{Ulm}')")
    query = "insert into nodes (name, scraper, params, location_pool) values ('n', 'feed', %s, 'p')"
    connection.execute(query, ['{"url": "http://127.0.0.1:9/{location}"}'])


def pools(connection: Connection) -> list[dict[str, Any]]:
    query = "select name, country, places, proxy_pool from location_pools order by name"
    return connection.execute(query.encode()).fetchall()


def test_pools_are_added_given_other_places_and_listed(good: Run, connection: Connection) -> None:
    assert "There are no location pools yet" in good("locations", "list").out
    assert good("locations", "list", "--json").json == []
    added = good("locations", "add", "germany", "Berlin", "Ulm", "Berlin", "--country", "de", "--proxy-pool", "eu")
    assert added.out == "pool germany: 2 places added\n"
    assert added.err == "no node walks it yet: `supervisor nodes edit NODE --location-pool germany`\n"
    again = good("locations", "add", "germany", "Bad Tölz", "Ulm", "Jena", "Köln")
    assert (again.out, again.err) == ("pool germany: 4 places in place of the old ones\n", "")
    good("nodes", "add", "n", "--scraper", "html", *walks("http://127.0.0.1:9"), "--location-pool", "germany")
    good("locations", "add", "austria", "Wien")
    austria, germany = good("locations", "list", "--json").json
    assert set(austria) == {"name", "country", "places", "proxy_pool", "created_at", "nodes"}
    assert (austria["name"], austria["places"], austria["country"], austria["nodes"]) == ("austria", ["Wien"], None, [])
    assert germany["places"] == ["Bad Tölz", "Ulm", "Jena", "Köln"], "in the order given"
    assert (germany["country"], germany["proxy_pool"], germany["nodes"]) == ("DE", "eu", ["n"])
    assert germany["created_at"].endswith("+00:00")
    shown = next(line for line in good("locations", "list").out.splitlines() if line.startswith("germany"))
    assert shown.split() == ["germany", "DE", "4", "eu", "n", "Bad", "Tölz,", "Ulm,", "Jena"]
    assert len(pools(connection)) == 2


def test_odd_places_and_names_are_kept_as_they_are_and_steer_no_terminal(good: Run, connection: Connection) -> None:
    good("locations", "add", "an odd 'pool'", "--", *ODD)
    assert [row["places"] for row in pools(connection)] == [list(ODD)]
    assert good("locations", "list", "--json").json[0]["places"] == list(ODD)
    good("locations", "add", "turned\u202e", "Nowhere\u202e")
    assert "\u202e" not in good("locations", "list").out
    good("locations", "remove", "an odd 'pool'")
    assert [row["name"] for row in pools(connection)] == ["turned\u202e"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "p"), "Missing argument 'PLACE...'"),
        (("add", "p", "Ulm", " \t"), '"p" can be no pool'),
        (("add", "p", "Ulm\nJena"), '"p" can be no pool'),
        (("add", "p", "x" * 201), '"p" can be no pool'),
        (("add", " ", "Ulm"), '"" can be no pool'),
        (("add", "a\x1b[2Jb", "Ulm"), "can be no pool"),
        (("add", "p", *map(str, range(10_001))), '"p" can be no pool'),
        (("add", "p", "Ulm", "--country", "ß"), "the country two letters"),
        (("add", "p", "Ulm", "--proxy-pool", " "), '"p" can be no pool'),
        (("add", "p", "K\udcf6ln"), "is not text in UTF-8: write it again"),
        (("remove", "K\udcf6ln"), "is not text in UTF-8: write it again"),
        (("add", "default", "Ulm"), '"default" is what `--location-pool` takes for none'),
        (("remove", "germany"), 'there is no location pool "germany": see `supervisor locations list`'),
    ],
)
def test_what_can_be_no_pool_is_one_sentence_and_exit_2(
    words: tuple[str, ...], said: str, command: Run, connection: Connection
) -> None:
    done = command("locations", *words)
    assert done.code == 2, done.err
    assert said in done.err
    assert "\x1b" not in done.err
    assert pools(connection) == []


def test_a_pool_that_a_node_walks_stays_until_the_node_walks_another(
    good: Run, command: Run, connection: Connection
) -> None:
    walked_by_n(connection)
    done = command("locations", "remove", "p")
    assert (done.code, done.out) == (1, "")
    assert done.err == "nodes walk pool p: give them another with `supervisor nodes edit` first\n"
    good("nodes", "edit", "n", "--location-pool", "q")
    assert good("locations", "remove", "p").out == "pool p is forgotten\n"
    good("nodes", "edit", "n", "--location-pool", "default")
    assert good("nodes", "show", "n", "--json").json["location_pool"] is None
    good("locations", "remove", "q")
    assert good("locations", "list", "--json").json == []


def test_a_pool_that_is_not_there_is_refused_wherever_a_node_is_written(command: Run, connection: Connection) -> None:
    walked_by_n(connection)
    row = {"name": "m", "scraper": "feed", "params": {"url": "http://127.0.0.1:9/"}, "location_pool": "nowhere"}
    asked: list[tuple[tuple[str, ...], str | None]] = [
        (("add", "m", "--scraper", "html", *walks("http://127.0.0.1:9"), "--location-pool", "nowhere"), None),
        (("edit", "n", "--location-pool", "nowhere", "--timeout", "7s"), None),
        (("import", "-"), json.dumps([row])),
    ]
    for words, stdin in asked:
        done = command("nodes", *words, stdin=stdin)
        assert (done.code, done.err.startswith(NO_POOL)) == (2, True), done.err
    rest = connection.execute("select name, location_pool, timeout_s from nodes").fetchall()
    assert rest == [{"name": "n", "location_pool": "p", "timeout_s": 600}]


def test_another_pool_drops_the_checkpoint_and_other_places_do_not(good: Run, connection: Connection) -> None:
    walked_by_n(connection)
    saved = "insert into checkpoints (node_id, state, epoch, config_version) select id, '{\"at\": 1}', 1, 1 from nodes"
    connection.execute(saved)
    good("locations", "add", "p", "Ulm", "Jena")
    good("nodes", "edit", "n", "--location-pool", "p")
    assert good("nodes", "show", "n", "--json").json["checkpoint"] == {"at": 1}
    good("nodes", "edit", "n", "--location-pool", "q")
    assert good("nodes", "show", "n", "--json").json["checkpoint"] is None


def test_export_and_import_carry_the_pool(good: Run, connection: Connection) -> None:
    good("locations", "add", "p", "Ulm")
    good("nodes", "add", "n", "--scraper", "html", *walks("http://127.0.0.1:9"), "--location-pool", "p")
    exported = good("nodes", "export").out
    assert [row["location_pool"] for row in json.loads(exported)] == ["p"]
    assert good("nodes", "import", "-", stdin=exported).err == "0 added, 0 changed, 1 unchanged\n"
    good("nodes", "remove", "n")
    assert good("nodes", "import", "-", stdin=exported).err == "1 added, 0 changed, 0 unchanged\n"
    assert good("nodes", "export").out == exported
    change = json.dumps([{"name": "n", "scraper": "html", "location_pool": None}])
    assert good("nodes", "import", "-", stdin=change).err == "0 added, 1 changed, 0 unchanged\n"
    row = connection.execute("select * from nodes").fetchone()
    assert row is not None
    assert {key: row[key] for key in COLUMNS} == {**json.loads(exported)[0], "location_pool": None}


def test_try_walks_the_places_it_is_given_without_a_database_and_those_of_a_pool_with_one(
    good: Run, command: Run, serve_board: ServeBoard, tmp_path: Any
) -> None:
    site = serve_board(lambda path, _query: f"<html><body><p>Baker {path}</p></body></html>")
    words = ("try", "html", *walks(site.url), "--json")
    done = supervisor(*words, "--location", "Ulm", "--location", "Bad Tölz", cwd=tmp_path)
    assert done.code == 0, done.err
    assert [job["url"] for job in done.json] == [f"{site.url}/Ulm", f"{site.url}/Bad%20T%C3%B6lz"]
    good("locations", "add", "p", "Jena", "Köln")
    done = good(*words, "--location-pool", "p")
    assert [job["title"] for job in done.json] == ["Baker /Jena", "Baker /K%C3%B6ln"]
    for options, code, said in (
        (("--location-pool", "q"), 2, 'there is no location pool "q": see `supervisor locations list`'),
        ((), 1, "there is no place to fill in: name a pool with `--location-pool`"),
    ):
        done = command(*words, *options)
        assert (done.code, said in done.err) == (code, True), done.err
