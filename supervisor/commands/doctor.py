"""`supervisor doctor`: whether the guards can work here, shown by letting them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from supervisor.commands.common import config_option, json_option, read_config
from supervisor.commands.output import say, write_json, write_table


@click.command()
@config_option
@json_option
def doctor(*, config_path: Path | None, as_json: bool) -> int:
    """Prove that the guards can work in this very container; exit code 1 if one cannot.

    Kills, times out and overfeeds scrapes of its own, and names what the container cannot do. Takes some fifteen
    seconds, needs no database, and touches no process but its own.
    """
    from supervisor.doctor import examine
    from supervisor.late_signals import TO_END, leaving_in_good_order

    config = read_config(config_path, None, web__enabled=False)
    findings = []
    with leaving_in_good_order(*TO_END):
        for finding in examine(config):
            findings.append(finding)
            if sys.stderr.isatty():
                say(f"{finding.check}: {finding.verdict}")
    if as_json:
        write_json([asdict(finding) for finding in findings])
    else:
        headings = ("CHECK", "VERDICT", "FOUND", "WHAT TO DO")
        write_table(headings, [(each.check, each.verdict, each.found, each.advice) for each in findings])
    return int(any(finding.verdict == "fail" for finding in findings))
