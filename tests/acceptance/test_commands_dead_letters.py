"""`supervisor dead-letters` as a person or a program uses it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fix_claims import Hand
from tests.fix_command import SCRIPT, Run, environment
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes
from tests.wait import wait_for
from workers.processes import own_identity

CLICKS = 10
NOBODY = "but no supervisor is running: run `supervisor run`"


@pytest.fixture
def letters(hand: Hand, nodes: Nodes) -> dict[str, int]:
    """Node → its open letter: of `alpha` with a checkpoint, of `beta` without."""
    for name, page in (("alpha", 41), ("beta", None)):
        claim = hand.start(name, params={"url": "http://board.test/{term}"})
        if page:
            hand.page(claim, 1, checkpoint={"page": page})
        hand.close(claim, "error", "timeout", "retry", error="killed after 600 s: hard timeout")
        again = hand.claimed(nodes.get(name)["id"])
        hand.close(again, "error", "exception", "bury", error="ValueError: upside down\nsecond line")
    return {letter["source"]: letter["id"] for letter in hand.letters()}


@pytest.fixture
def alive(connection: Connection) -> None:
    """A supervisor that is alive by all that can be seen of it: this process."""
    me = own_identity()
    connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks) "
        "values (gen_random_uuid(), 'here', %s, %s, %s, %s)",
        [me.boot_id, me.pid_ns, me.pid, me.start_ticks],
    )


def states(hand: Hand) -> dict[str, str]:
    """Node → state of its letter."""
    return {letter["source"]: letter["state"] for letter in hand.letters()}


def test_list_shows_open_letters_and_others_when_asked(good: Run, hand: Hand, letters: dict[str, int]) -> None:
    rows = good("dead-letters", "list", "--json").json
    assert [(row["id"], row["source"], row["last_cause"], row["attempts"]) for row in rows] == [
        (letters["beta"], "beta", "exception", 2),
        (letters["alpha"], "alpha", "exception", 2),
    ]
    assert {"tick", "params", "checkpoint", "causes", "count", "created_at"} <= set(rows[0])
    told = good("dead-letters", "list").out
    assert "ValueError: upside down second line" in told
    hand.connection.execute("update dead_letters set state = 'discarded' where source = 'alpha'")
    assert [row["source"] for row in good("dead-letters", "list", "--json").json] == ["beta"]
    assert [row["source"] for row in good("dead-letters", "list", "--state", "discarded", "--json").json] == ["alpha"]
    assert len(good("dead-letters", "list", "--state", "all", "--limit", "1", "--json").json) == 1
    assert good("dead-letters", "list", "--node", "alpha").out == "There are no open dead letters.\n"


def test_show_tells_every_attempt_where_it_had_got_to_and_the_next_step(good: Run, letters: dict[str, int]) -> None:
    told = good("dead-letters", "show", str(letters["alpha"])).out
    assert re.search(r"^1\.0 .*timeout .*killed after 600 s: hard timeout$", told, re.MULTILINE)
    assert re.search(r"^2\.0 .*exception .*ValueError: upside down second line$", told, re.MULTILINE)
    assert re.search(r'^checkpoint +\{"page": 41\}$', told, re.MULTILINE)
    assert f"`supervisor dead-letters retry {letters['alpha']}`" in told
    shown = good("dead-letters", "show", str(letters["alpha"]), "--json").json
    assert [cause["cause"] for cause in shown["causes"]] == ["timeout", "exception"]
    assert (shown["state"], shown["retry_run_id"], shown["node_stop_requested"]) == ("open", None, False)


def test_show_tells_what_was_there_before_and_what_became_of_the_retry(
    good: Run, hand: Hand, nodes: Nodes, letters: dict[str, int]
) -> None:
    nodes.update("alpha", run_requested=True)
    hand.close(hand.claimed(nodes.get("alpha")["id"]), "error", "crashed", "bury", error="the second death")
    told = good("dead-letters", "show", str(letters["alpha"])).out
    assert '{"page": 41}' in told.split("Dead ticks of this letter before that")[1]
    good("dead-letters", "retry", "alpha")
    assert "its retry waits for the node's next run" in good("dead-letters", "show", str(letters["alpha"])).out
    retry = hand.claimed(nodes.get("alpha")["id"])
    hand.close(retry, "error", "blocked", "bury", error="the host refuses us")
    told = good("dead-letters", "show", str(letters["alpha"])).out
    again = hand.letters()[-1]["id"]
    assert f"retried as run {retry['run_id']}; now run {retry['run_id']}, attempt 1.0: error/blocked: the host" in told
    assert f"dead again: see `supervisor dead-letters show {again}`" in told
    assert f"letter {letters['alpha']}, whose retry died of this" in good("dead-letters", "show", str(again)).out


@pytest.mark.usefixtures("alive")
def test_retry_asks_by_id_or_node_and_says_where_it_goes_on(
    good: Run, hand: Hand, nodes: Nodes, letters: dict[str, int]
) -> None:
    done = good("dead-letters", "retry", str(letters["alpha"]), "beta", "beta")
    assert done.out.splitlines() == [
        f'letter {letters["alpha"]} of alpha: its retry goes on from {{"page": 41}}',
        f"letter {letters['beta']} of beta: its retry begins at the beginning",
        "2 asked to be retried",
    ]
    assert states(hand) == {"alpha": "retried", "beta": "retried"}
    assert [nodes.get(name)["redrive_id"] for name in letters] == list(letters.values())


@pytest.mark.usefixtures("alive")
def test_fresh_drops_the_letters_checkpoint(good: Run, hand: Hand, nodes: Nodes, letters: dict[str, int]) -> None:
    assert "begins at the beginning" in good("dead-letters", "retry", str(letters["alpha"]), "--fresh").out
    assert hand.claimed(nodes.get("alpha")["id"])["checkpoint"] is None


def test_what_a_retry_waits_for_is_said(command: Run, nodes: Nodes, letters: dict[str, int], alive: None) -> None:  # noqa: ARG001 - it is there
    nodes.update("alpha", stop_requested=True)
    done = command("dead-letters", "retry", "alpha")
    told = 'of alpha: its retry goes on from {"page": 41}, but the node is stopped: run `supervisor start alpha`'
    assert (done.code, done.out) == (0, f"letter {letters['alpha']} {told}\n")
    assert (
        "because the node is stopped: run `supervisor start alpha`"
        in command(*("dead-letters", "show", str(letters["alpha"]))).out
    )
    nodes.update("beta", stop_requested=True)
    done = command("dead-letters", "retry", "beta", "--wait")
    assert (done.code, "run `supervisor start`" in done.out) == (1, True)


def test_without_a_supervisor_it_is_asked_for_and_that_is_said(
    command: Run, hand: Hand, letters: dict[str, int]
) -> None:
    done = command("dead-letters", "retry", "--all")
    assert (done.code, len(letters)) == (0, 2)
    assert [line.endswith(NOBODY) for line in done.err.splitlines()] == [True, True]
    assert set(states(hand).values()) == {"retried"}
    done = command("dead-letters", "retry", "--all", "--wait")
    assert (done.code, done.out) == (0, "0 asked to be retried\n")


def test_ten_commands_at_once_and_one_of_them_retries(
    database_url: str, hand: Hand, nodes: Nodes, letters: dict[str, int], tmp_path: Path
) -> None:
    """P10."""
    words = [str(SCRIPT), "dead-letters", "retry", str(letters["alpha"])]
    environ = environment(DATABASE_URL=database_url)
    options: dict[str, Any] = {"cwd": tmp_path, "env": environ, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(words, text=True, **options) for _ in range(CLICKS)]
    told = [process.communicate(timeout=60)[1] for process in started]
    assert sorted(process.returncode for process in started) == [0] + [1] * (CLICKS - 1)
    late = [said for said in told if NOBODY not in said]
    assert len(late) == CLICKS - 1
    wanted = rf"letter {letters['alpha']} of alpha was retried at [-0-9: ]+ UTC, its run has not begun yet: see "
    assert all(re.match(wanted, said) for said in late), late
    claim = hand.claimed(nodes.get("alpha")["id"])
    hand.done(claim)
    assert hand.claim(nodes.get("alpha")["id"])["verdict"] == "not_due"


def test_a_letter_that_was_decided_is_refused_with_what_became_of_it(
    command: Run, hand: Hand, nodes: Nodes, letters: dict[str, int]
) -> None:
    command("dead-letters", "retry", "alpha")
    claim = hand.claimed(nodes.get("alpha")["id"])
    done = command("dead-letters", "retry", str(letters["alpha"]))
    assert (done.code, f"UTC as run {claim['run_id']}: see `supervisor dead-letters show" in done.err) == (1, True)
    assert command("dead-letters", "discard", str(letters["alpha"])).code == 1
    assert (
        command("dead-letters", "discard", str(letters["beta"])).out == f"letter {letters['beta']} of beta: discarded\n"
    )
    done = command("dead-letters", "retry", str(letters["beta"]), str(letters["alpha"]))
    assert (done.code, "ask for a run with `supervisor run-now beta`" in done.err) == (1, True)


def test_a_letter_of_a_removed_node_can_only_be_discarded(
    command: Run, good: Run, nodes: Nodes, letters: dict[str, int]
) -> None:
    nodes.connection.execute("update nodes set open_tick = null, open_attempt = null, open_part = null")
    good("nodes", "remove", "alpha")
    done = command("dead-letters", "retry", str(letters["alpha"]))
    assert done.code == 1
    assert done.err.startswith(f"letter {letters['alpha']}: node alpha of dead letter {letters['alpha']} was removed")
    assert f"`supervisor dead-letters discard {letters['alpha']}`" in good("dead-letters", "show", "1").out
    assert good("dead-letters", "discard", "--all").out.endswith("2 discarded\n")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("show", "99"), 2, "there is no dead letter 99: see `supervisor dead-letters list --state all`"),
        (("show", "nine"), 2, "'nine' is not a valid integer"),
        (("retry", "99", "alhpa"), 2, 'there is no node "alhpa": did you mean alpha?'),
        (("retry", "9" * 30), 2, "there is no dead letter 999"),
        (("discard", "quiet"), 2, 'node "quiet" has no open dead letter'),
        (("retry",), 2, "name letters or nodes"),
        (("discard", "--all", "1"), 2, "not both"),
        (("list", "--node", "alhpa"), 2, 'there is no node "alhpa": did you mean alpha?'),
        (("list", "--state", "dead"), 2, "'dead' is not one of"),
    ],
)
def test_what_there_is_not_gets_one_sentence(
    command: Run, hand: Hand, nodes: Nodes, letters: dict[str, int], words: tuple[str, ...], code: int, sentence: str
) -> None:
    nodes.add("quiet", "feed")
    done = command("dead-letters", *words)
    assert (done.code, sentence in done.err) == (code, True), done.err
    assert states(hand) == dict.fromkeys(letters, "open")


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("ends", ["done", "dead again"])
def test_wait_tells_what_came_of_the_retry(
    database_url: str, hand: Hand, nodes: Nodes, letters: dict[str, int], tmp_path: Path, ends: str
) -> None:
    words = [str(SCRIPT), "dead-letters", "retry", str(letters["alpha"]), "--wait"]
    environ = environment(DATABASE_URL=database_url)
    waiting = subprocess.Popen(words, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: nodes.get("alpha")["redrive_id"], 20, "the wish")
    first = hand.claimed(nodes.get("alpha")["id"])
    hand.close(first, "error", "lost", "part")
    assert waiting.poll() is None
    last = hand.claimed(nodes.get("alpha")["id"])
    hand.done(last) if ends == "done" else hand.close(last, "error", "crashed", "bury")
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == int(ends != "done")
    assert ("ok/done" if ends == "done" else f"dead again, see letter {hand.letters()[-1]['id']}") in out
