"""Jobs of the test's own, as rows that stand there."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.fix_database import Connection


class Jobs:
    """Writes jobs and reads them back, with plain SQL as a person would."""

    def __init__(self, connection: Connection) -> None:
        """None is there yet."""
        self.connection = connection
        self._made = 0

    def add(self, **columns: Any) -> int:
        """Insert a job and its sighting; answers its id."""
        self._made += 1
        row = {
            "url": f"https://jobs.example.org/{self._made}",
            "source": "board",
            "title": f"Job {self._made}",
            "content_hash": "x",
            **columns,
        }
        if "locations" in row:
            row["locations"] = Jsonb(row["locations"])
        names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        statement = f"insert into jobs ({names}) values ({places}) returning id"  # noqa: S608 - a test's own names
        (inserted,) = self.connection.execute(statement.encode(), row).fetchall()
        self.connection.execute("insert into job_seen (job_id, last_run_id) values (%s, 7)", (inserted["id"],))
        return int(inserted["id"])

    def add_many(self, count: int, characters: int = 20) -> None:
        """So many at once, with descriptions of that length and nothing to search them by."""
        self.connection.execute("alter table jobs alter column search drop expression if exists")
        self.connection.execute(
            "insert into jobs (url, source, title, description, content_hash, posted_at, locations)"
            " select 'https://many.example.org/' || i, 'many', 'Job ' || i,"
            " left(repeat(md5(i::text), %(characters)s / 32 + 1), %(characters)s), md5(i::text),"
            ' now() - i * interval \'1 minute\', \'[{"city": "Leeds", "region": "England", "country": "GB"}]\''
            " from generate_series(1, %(count)s) i",
            {"characters": characters, "count": count},
        )
        self.connection.execute("insert into job_seen (job_id) select id from jobs on conflict do nothing")
        self.connection.execute("analyze jobs, job_seen")

    def looked_twice(self, node: int) -> None:
        """The node `board` has looked at its whole site one day and two days ago."""
        self.connection.execute(
            "insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, part, status, cause,"
            " started_at, finished_at, inserted_count)"
            " select %s, 'board', gen_random_uuid(), gen_random_uuid(), 1, at, 1, 0, 'ok', 'done', at, at, 5"
            " from generate_series(1, 2) i, lateral (select now() - i * interval '1 day' as at) a",
            (node,),
        )

    def view(self) -> list[dict[str, Any]]:
        """All of jobs_view, the newest first."""
        return self.connection.execute("select * from jobs_view order by id desc").fetchall()


@pytest.fixture
def jobs(connection: Connection) -> Jobs:
    """Jobs of the test's database."""
    return Jobs(connection)
