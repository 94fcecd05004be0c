"""`supervisor dead-letters`: ticks that were given up, for a person to judge: try again, or let be."""

from __future__ import annotations

from collections.abc import Callable

import click
import psycopg
from psycopg.rows import DictRow

from supervisor.commands import letter_view, outcomes
from supervisor.commands.common import (
    all_or_nothing,
    configured,
    connected,
    json_option,
    living_supervisors,
    no_such_node,
    require_nodes,
)
from supervisor.commands.control import waiting_options
from supervisor.commands.output import say, write, write_json
from supervisor.config import Config
from supervisor.tables import dead_letters as table
from supervisor.tables import nodes, runs
from workers.database import Connection
from workers.errors import ConfigError

STATES = ("open", "retried", "discarded", "all")
HIGHEST_ID = 2**63 - 1
Decide = Callable[[Connection, int], DictRow | None]

letters_argument = click.argument("letters", nargs=-1, metavar="ID|NODE...")
all_option = click.option("--all", "everything", is_flag=True, help="Every open letter.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Ticks that failed for good: what they died of, and whether they are tried again."""


@dead_letters.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Only of this state.")
@click.option("--node", metavar="NAME", help="Only of this node.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="The newest so many.")
@json_option
@configured
def list_letters(*, config: Config, state: str, node: str | None, limit: int, as_json: bool) -> None:
    """Show letters, the newest dead tick first."""
    wanted = None if state == "all" else state
    with connected(config) as connection:
        rows = table.list_dead_letters(connection, state=wanted, source=node, limit=limit)
        if node is not None and not rows and runs.newest_run_of(connection, node) is None:
            require_nodes(connection, [node])
    if as_json:
        return write_json(rows)
    if not rows:
        return write(f"There are no {wanted} dead letters." if wanted else "There are no dead letters.")
    return letter_view.write_list(rows)


@dead_letters.command("show")
@click.argument("letter_id", metavar="ID", type=click.IntRange(1, HIGHEST_ID))
@json_option
@configured
def show_letter(*, config: Config, letter_id: int, as_json: bool) -> None:
    """Show one letter: every attempt, where it had got to, and what became of its retry."""
    with connected(config) as connection:
        row = table.get_dead_letter(connection, letter_id)
    if row is None:
        raise ConfigError(_no_such_letter(letter_id))
    write_json(row) if as_json else letter_view.write_letter(row)


@dead_letters.command("retry")
@letters_argument
@all_option
@click.option("--fresh", is_flag=True, help="Drop the letter's checkpoint: begin at the beginning.")
@waiting_options
@configured
def retry(
    *, config: Config, letters: tuple[str, ...], everything: bool, fresh: bool, wait: bool, wait_limit: float
) -> int:
    """Ask for one run of each letter, from where its tick had got to; with --wait tell what came of it.

    Exit code 1 says that one was not open any more, could not be retried, or with --wait did not end well.
    """

    def ask(connection: Connection, letter_id: int) -> DictRow | None:
        return table.retry_dead_letter(connection, letter_id, fresh=fresh)

    with connected(config) as connection:
        chosen = _chosen(connection, letters, everything=everything)
        asked = [row for each in chosen if (row := _decide(connection, config, each, ask))]
        failed = len(asked) < len(chosen)
        wishes = [_wish(connection, row) for row in asked]
        alive = bool(living_supervisors(connection))
        if wait and alive and wishes:
            judge = outcomes.redriven({row["node_id"]: row["id"] for row in asked})
            return max(outcomes.follow(connection, wishes, judge, wait_limit), int(failed))
        for row, wish in zip(asked, wishes, strict=True):
            letter_view.write_asked(row, blocked=wish.blocked, alive=alive)
    if len(chosen) != 1:
        write(f"{len(asked)} asked to be retried")
    return int(failed or (wait and bool(wishes)))  # a wait for nobody


@dead_letters.command("discard")
@letters_argument
@all_option
@configured
def discard(*, config: Config, letters: tuple[str, ...], everything: bool) -> int:
    """Close letters that nobody needs to retry; they stay, to be read.

    Exit code 1 says that one was not open any more.
    """
    with connected(config) as connection:
        chosen = _chosen(connection, letters, everything=everything)
        done = [row for each in chosen if (row := _decide(connection, config, each, table.discard_dead_letter))]
    for row in done:
        write(f"letter {row['id']} of {row['source']}: discarded")
    if len(chosen) != 1:
        write(f"{len(done)} discarded")
    return int(len(done) < len(chosen))


def _chosen(connection: Connection, letters: tuple[str, ...], *, everything: bool) -> list[int]:
    """Ids of the letters that are meant: a number is an id, a name means the open letter of its node."""
    if bool(letters) == everything:
        raise click.UsageError("name letters or nodes" + (" or use --all, not both" if everything else ""))
    if everything:
        return [row["id"] for row in table.open_dead_letters(connection)]
    found = [_letter_of(connection, each) for each in dict.fromkeys(letters)]
    if complaints := [each for each in found if isinstance(each, str)]:
        raise ConfigError("\n".join(complaints))
    return list(dict.fromkeys(each for each in found if isinstance(each, int)))


def _letter_of(connection: Connection, text: str) -> int | str:
    """Its id, or the complaint."""
    if text.isascii() and text.isdigit():
        known = int(text) <= HIGHEST_ID and table.get_dead_letter(connection, int(text))
        return int(text) if known else _no_such_letter(text)
    if rows := table.open_dead_letters(connection, source=text):
        return int(rows[-1]["id"])  # letters of a removed node of that name are older
    if nodes.get_node(connection, text) is None:
        return no_such_node(text, nodes.node_names(connection))
    return f'node "{text}" has no open dead letter: see `supervisor dead-letters list --state all`'


def _no_such_letter(text: object) -> str:
    return f"there is no dead letter {text}: see `supervisor dead-letters list --state all`"


def _decide(connection: Connection, config: Config, letter_id: int, decide: Decide) -> DictRow | None:
    """The letter, decided now; None: it cannot be, which has been said."""
    try:
        with all_or_nothing(connection, config):
            row = decide(connection, letter_id)
    except psycopg.errors.CheckViolation as error:
        say(f"letter {letter_id}: {error.diag.message_primary}")
        return None
    if row is None and (found := table.get_dead_letter(connection, letter_id)):
        say(letter_view.decided_before(found))
    return row


def _wish(connection: Connection, letter: DictRow) -> outcomes.Wish:
    node = nodes.get_node(connection, letter["source"]) or {}
    return outcomes.Wish(
        name=letter["source"],
        node_id=letter["node_id"],
        since=letter["decided_at"],
        open_run_id=None,
        newest_run_id=0,
        blocked=bool(node.get("stop_requested")),
    )
