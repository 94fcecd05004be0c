"""`supervisor jobs`: what the scrapes have found."""

from __future__ import annotations

import click

from supervisor.commands.jobs_export import export_jobs
from supervisor.commands.jobs_stats import show_stats


@click.group()
def jobs() -> None:
    """Jobs that the scrapes have found: into a file, and in numbers."""


jobs.add_command(export_jobs)
jobs.add_command(show_stats)
