"""What a person sees of the demo: where to look, what happens, and what became of each node."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from supervisor import demo
from supervisor.console import speak
from supervisor.loop import Supervisor


def play(stage: demo.Stage, for_s: float | None, *, as_json: bool) -> None:
    """Run the supervisor in this process until the time or the person ends it, then print the summary."""
    if not as_json:
        _greet(stage, for_s)
        speak(sys.stderr)
    Supervisor(stage.config, stage.database_url, last_words=stage.last_words).run(for_s=for_s)
    lines = demo.summary(stage)
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], indent=2))
    else:
        _print_summary(lines)


def _greet(stage: demo.Stage, for_s: float | None) -> None:
    end = f"Ends by itself after {for_s:g} s" if for_s else "Runs until Ctrl-C"
    click.echo(f"{len(stage.nodes)} nodes scrape the job board at {stage.board_url} . {end}.")
    click.echo("Look around from a second terminal:")
    click.echo(f"  export DATABASE_URL='{stage.database_url}'")
    click.echo("  supervisor status --watch        supervisor runs        supervisor logs -f")
    click.echo("  supervisor stop html --wait      supervisor start html  supervisor kill stubborn\n")


def _print_summary(lines: list[demo.Line]) -> None:
    table = Table(title="What each node was, and what became of it", show_lines=False, pad_edge=False)
    for title in ("node", "what it shows", "ended as", "jobs", "peak MB"):
        table.add_column(title, justify="right" if title in ("jobs", "peak MB") else "left", overflow="fold")
    for line in lines:
        ended = ", ".join(f"{cause} x{count}" if count > 1 else cause for cause, count in line.causes.items())
        mark = "" if line.as_expected else " (still under way)"
        table.add_row(line.name, line.shows, (ended or "not yet") + mark, str(line.jobs), f"{line.peak_mb:.0f}")
    Console(width=None if sys.stdout.isatty() else 130).print(table)
    click.echo(f"{sum(line.jobs for line in lines)} jobs stored. What the bad ones left to read:")
    for line in lines:
        if line.sentence:
            click.echo(f"  {line.name}: {line.sentence}")
