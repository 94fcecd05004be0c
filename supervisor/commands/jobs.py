"""`supervisor jobs`: what was found."""

from __future__ import annotations

import click

from supervisor.commands.jobs_search import search


@click.group()
def jobs() -> None:
    """Jobs that were found: search them."""


jobs.add_command(search)
