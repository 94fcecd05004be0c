"""The chore that sorts words of new jobs into the index."""

from __future__ import annotations

from supervisor.search_index import SearchIndex
from tests.fix_database import Connection
from tests.snapshot_rows import NOON, job

_WAITING = b"select gin_clean_pending_list('jobs_search_idx'::regclass) as pages"


def waiting(connection: Connection) -> int:
    """Pages of the list; counting them empties it."""
    (row,) = connection.execute(_WAITING).fetchall()
    return int(row["pages"])


def test_words_of_new_jobs_wait_until_the_chore_comes_by(connection: Connection) -> None:
    job(connection, "a", "n", NOON)
    assert waiting(connection) > 0
    job(connection, "b", "n", NOON)
    SearchIndex().tend(connection)
    assert waiting(connection) == 0
    SearchIndex().tend(connection)


def test_who_does_not_own_the_index_leaves_it_alone(connection: Connection) -> None:
    job(connection, "a", "n", NOON)
    with connection.transaction(force_rollback=True):
        connection.execute("create role stranger_to_search")
        connection.execute("set local role stranger_to_search")
        SearchIndex().tend(connection)
    assert waiting(connection) > 0
