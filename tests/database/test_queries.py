"""Every named query is sound, explained, and used by one function of its name."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import getsource
from pathlib import Path
from string import ascii_lowercase

import psycopg
import pytest

from tests.fix_database import Connection
from workers import queries

NOUNS = sorted(path.stem for path in queries.sql_folder().glob("*.sql"))
EVERY = [(noun, name) for noun in NOUNS for name in queries.load(noun)]
ROOT = Path(__file__).parent.parent.parent
# `scrape` is what a child says; its statements are asked for by name in workers/.
OF_THE_CHILD = "scrape"


def test_every_query_prepares(connection: Connection) -> None:
    unsound = {f"{noun}.{name}": complaint for noun, name in EVERY if (complaint := prepare(connection, noun, name))}
    assert unsound == {}


def prepare(connection: Connection, noun: str, name: str) -> str | None:
    """What the server says against a query; None: nothing."""
    numbers: dict[str, int] = {}
    text = queries.load(noun)[name].decode()
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", text)
    statement = text if text.startswith("create") else f"prepare statement as {numbered.replace('%%', '%')}"
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
            connection.execute("deallocate all")
    except psycopg.Error as error:
        return str(error)
    return None


@pytest.mark.parametrize("noun", NOUNS)
def test_every_query_has_a_sentence_and_a_name_of_its_own(noun: str) -> None:
    text = (queries.sql_folder() / f"{noun}.sql").read_text("utf-8")
    names = re.findall(r"^-- name: (\w+)\n(?:-- .*\n)*-- .*\.$", text, re.MULTILINE)
    assert names == re.findall(r"^-- name: (.*)$", text, re.MULTILINE)
    assert len(names) == len(set(names)) == len(queries.load(noun))
    assert all(set(name) <= {*ascii_lowercase, "_"} for name in names)


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun != OF_THE_CHILD])
def test_every_query_is_used_by_the_function_of_its_name(noun: str) -> None:
    module = import_module(f"supervisor.tables.{noun}")
    used = re.findall(r'_SQL\["(\w+)"\]', getsource(module))
    assert sorted(used) == sorted(queries.load(noun))
    for name in queries.load(noun):
        assert f'_SQL["{name}"]' in getsource(getattr(module, name)), name


def test_every_statement_of_a_child_is_used_in_workers() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "workers").rglob("*.py"))
    unused = [name for name in queries.load(OF_THE_CHILD) if f'"{name}"' not in source]
    assert unused == []


def test_no_python_file_spells_sql() -> None:
    # The server's own catalogue is asked before there is any schema.
    verbs = (
        r"(select [^\"]*\bfrom (?!pg_)|insert into |update \w+ set |delete from |create (table|view|index|function) )"
    )
    spelled = re.compile(rf"(execute\(\s*f?|\"\"|= )\"\s*{verbs}", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for folder in ("supervisor", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if spelled.search(path.read_text("utf-8"))
    ]
    assert found == []
