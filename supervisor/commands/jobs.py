"""`supervisor jobs`: what the scrapes have found."""

from __future__ import annotations

import click

from supervisor.commands.jobs_export import export_jobs
from supervisor.commands.jobs_search import search
from supervisor.commands.jobs_stats import show_stats


@click.group()
def jobs() -> None:
    """Jobs that the scrapes have found: search them, write them into a file, show them in numbers."""


jobs.add_command(search)
jobs.add_command(export_jobs)
jobs.add_command(show_stats)
