"""`supervisor migrate`: the schema up to date."""

from __future__ import annotations

import click

from supervisor import schema, where
from supervisor.commands.common import configured
from supervisor.commands.output import say, write
from supervisor.config import Config


@click.command()
@configured
def migrate(*, config: Config) -> None:
    """Bring the schema up to date, on a new embedded server if no database is named; a newer schema is refused."""
    with where.database_of(config, create=True) as place:
        where.connect(place.url, config, say).close()
        applied = schema.migrate(place.url)
    version = len(schema.schema_files())
    steps = "step" if applied == 1 else "steps"
    write(f"schema version {version}: " + (f"{applied} {steps} applied" if applied else "nothing to do"))
