"""`supervisor check`: whether everything is as it must be; starts nothing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from supervisor import checks
from supervisor.commands.common import config_option, database_option, json_option
from supervisor.commands.output import write_json, write_table


@click.command()
@config_option
@database_option
@json_option
def check(*, config_path: Path | None, database_url: str | None, as_json: bool) -> int:
    """Judge configuration, database, schema, clocks, connections and memory; exit code 1 if anything fails."""
    findings = list(checks.findings(config_path, database_url))
    if as_json:
        write_json([asdict(finding) for finding in findings])
    else:
        headings = ("CHECK", "VERDICT", "FOUND")
        rows = [(f.check, f.verdict, f.found + (f"; {f.advice}" if f.advice else "")) for f in findings]
        write_table(headings, rows)
    return int(any(finding.verdict == "fail" for finding in findings))
