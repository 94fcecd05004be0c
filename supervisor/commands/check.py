"""`supervisor check`: whether everything is as it must be; starts nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from supervisor import alerts, checks
from supervisor.checks import Finding
from supervisor.commands.common import config_option, database_option, json_option, read_config
from supervisor.commands.output import write_json, write_table
from supervisor.config import Config
from workers.errors import ConfigError


@click.command()
@config_option
@database_option
@json_option
@click.option("--test-alert", is_flag=True, help="Send one test message to everybody who is told of alerts.")
def check(*, config_path: Path | None, database_url: str | None, as_json: bool, test_alert: bool) -> int:
    """Judge configuration, database, schema, clocks, connections and memory; exit code 1 if anything fails."""
    findings = list(checks.findings(config_path, database_url))
    if not any(finding.check == "config" and finding.verdict == "fail" for finding in findings):
        findings += _alerts(read_config(config_path, database_url), send=test_alert)
    if as_json:
        write_json([asdict(finding) for finding in findings])
    else:
        headings = ("CHECK", "VERDICT", "FOUND")
        rows = [(f.check, f.verdict, f.found + (f"; {f.advice}" if f.advice else "")) for f in findings]
        write_table(headings, rows)
    return int(any(finding.verdict == "fail" for finding in findings))


def _alerts(config: Config, *, send: bool) -> Iterator[Finding]:
    """What is wrong with the receivers of alerts; with `send` one finding for each that was sent a message."""
    try:
        receivers = alerts.receivers_of(config, os.environ)
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Finding(check="alerts", verdict="fail", found=line)
        return
    if not send:
        return
    if not receivers:
        advice = "set SENTRY_DSN, alerts.webhook_url or alerts.command"
        yield Finding(check="alerts", verdict="warn", found="nobody is told of anything", advice=advice)
    for name, place, problem in alerts.try_out(receivers, config):
        if problem is None:
            yield Finding(check="alerts", verdict="ok", found=f"{name} took a test message ({place})")
        else:
            yield Finding(check="alerts", verdict="fail", found=f"{name}: {problem}", advice="correct it and try again")
