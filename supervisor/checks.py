"""What `supervisor check` looks at, each as a finding with its verdict and the next step."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Literal

import psycopg

from supervisor import connections, embedded, schema, where
from supervisor import embedded_locks as locks
from supervisor.config import Config, load_config
from supervisor.embedded import EmbeddedPostgres
from supervisor.memory import MemoryReading, read_memory, reserve_mb
from supervisor.settings_table import Snapshots
from supervisor.tables import proxies, snapshots, supervisors
from supervisor.where import DatabaseUnreachable
from workers.database import Connection
from workers.errors import ConfigError
from workers.processes import rss_mb

OLDEST, NEWEST = 15, 18  # versions of Postgres that the tests know
SKEW_S = 2.0
_FEW = 3  # names in a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""  # the next step, where there is one


def findings(path: Path | None, database_url: str | None) -> Iterator[Finding]:
    """All findings, one after the other; without a configuration there is nothing more to look at."""
    try:
        config = load_config(path, environ=os.environ, flags={"database.url": database_url})
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Finding(check="config", verdict="fail", found=line, advice="correct it")
        return
    yield Finding(check="config", verdict="ok", found=str(config.path or "defaults, there is no ./config.toml"))
    yield from _database(config)
    yield from _memory(config)
    yield _packages()
    yield _platform()


def _database(config: Config) -> Iterator[Finding]:
    if config.database.url:
        yield from _server(config.database.url, config)
        return
    directory = config.state_directory
    if not embedded.exists(directory):
        found = f"none is named and there is none in {directory}"
        yield Finding(check="database", verdict="warn", found=found, advice="`supervisor run` will create one there")
        return
    if locks.server_pid(locks.home_of(directory.resolve())) is None:
        found = f"embedded in {directory}, not running now"
        yield Finding(check="database", verdict="ok", found=found, advice="commands that need it start it")
        return
    with EmbeddedPostgres(directory) as server:
        yield from _server(server.start(), config)


def _server(url: str, config: Config) -> Iterator[Finding]:
    began = time.monotonic()
    try:
        connection = where.connect(url, config, lambda _: None)
    except (DatabaseUnreachable, ConfigError) as error:
        yield Finding(check="database", verdict="fail", found=str(error))
        return
    with connection:
        answered = f"{where.shown(url)} answers after {time.monotonic() - began:.2f} s"
        yield Finding(check="database", verdict="ok", found=answered)
        try:
            yield from _of_the_server(connection, config)
        except psycopg.Error as error:
            refused = f"{where.shown(url)} refuses: {where.reason_of(error)}"
            yield Finding(check="database", verdict="fail", found=refused, advice="correct the user's rights")


def _of_the_server(connection: Connection, config: Config) -> Iterator[Finding]:
    asked = datetime.now(UTC)
    row = supervisors.clock(connection)
    answered = datetime.now(UTC)
    yield _version(row["version_num"])
    tables = _schema(connection)
    yield tables
    yield _skew((row["now_at"] - (asked + (answered - asked) / 2)).total_seconds())
    yield _connections(connections.most_of(connection), config.supervisor.max_concurrent)
    if tables.verdict == "ok":
        yield _snapshots(connection, config.snapshots)
        yield _proxies(proxies.nodes_without_proxy(connection))


def _version(number: int) -> Finding:
    major = number // 10_000
    found = f"Postgres {major}.{number % 10_000}"
    if major < OLDEST:
        return Finding(check="server", verdict="fail", found=found, advice=f"use {OLDEST} to {NEWEST}")
    if major > NEWEST:
        return Finding(check="server", verdict="warn", found=found, advice=f"tested are {OLDEST} to {NEWEST}")
    return Finding(check="server", verdict="ok", found=found)


def _schema(connection: Connection) -> Finding:
    version = schema.schema_version(connection)
    known = len(schema.schema_files())
    found = "no tables yet" if version is None else f"version {version} of {known}"
    if version is not None and version > known:
        return Finding(check="schema", verdict="fail", found=found, advice="install the newer scrapewarden")
    if version != known:
        return Finding(check="schema", verdict="warn", found=found, advice="run `supervisor migrate`")
    return Finding(check="schema", verdict="ok", found=found)


def _skew(seconds: float) -> Finding:
    found = f"the database's clock is {abs(seconds):.2f} s {'ahead of' if seconds > 0 else 'behind'} this machine's"
    if abs(seconds) <= SKEW_S:
        return Finding(check="clock", verdict="ok", found=found)
    advice = "schedules follow the database's clock; set both by NTP"
    return Finding(check="clock", verdict="warn", found=found, advice=advice)


def _connections(most: int | None, max_concurrent: int) -> Finding:
    if most is None:
        found = "a pooler answers: what it keeps for us is not to be seen from here"
        advice = f"see that it takes {connections.A_SCRAPE} a scrape; notifications come only over a direct URL"
        return Finding(check="connections", verdict="ok", found=found, advice=advice)
    if words := connections.shortage(most, max_concurrent):
        found, _, advice = words.partition("; ")
        return Finding(check="connections", verdict="fail", found=found, advice=advice)
    wanted = connections.needed(max_concurrent)
    found = (
        f"max_connections leaves us {most}, {wanted} needed for {max_concurrent} scrapes at once "
        f"({connections.parts_of_needed()})"
    )
    return Finding(check="connections", verdict="ok", found=found)


def _snapshots(connection: Connection, settings: Snapshots) -> Finding:
    last = snapshots.last_snapshot(connection)
    try:
        today = snapshots.read_today(connection, settings.timezone, settings.at)
        missing = snapshots.missing_days(connection, settings.timezone)
    except psycopg.errors.InvalidParameterValue:
        found = f"the database knows no time zone {settings.timezone}, so none is taken"
        return Finding(check="snapshots", verdict="fail", found=found, advice="name another in snapshots.timezone")
    if last is None:
        return Finding(check="snapshots", verdict="ok", found="none yet: `supervisor run` takes the first")
    found = f"the last is of {last['snapshot_date']} ({settings.timezone}); days without one: {len(missing)}"
    if today["created_at"] is None and today["due_in_s"] <= 0:
        advice = "today's is due: start `supervisor run`, or take it with `supervisor snapshot`"
        return Finding(check="snapshots", verdict="warn", found=found, advice=advice)
    return Finding(check="snapshots", verdict="ok", found=found)


def _proxies(nodes: list[str]) -> Finding:
    if not nodes:
        return Finding(check="proxies", verdict="ok", found="every pool that a node goes through has one")
    others = f" and {len(nodes) - _FEW} more" if len(nodes) > _FEW else ""
    found = f"the pool of {', '.join(nodes[:_FEW])}{others} has no proxy that is enabled"
    advice = "`supervisor proxies add`, or clear proxy_pool of the node"
    return Finding(check="proxies", verdict="warn", found=found, advice=advice)


def _memory(config: Config) -> Iterator[Finding]:
    memory = config.memory
    reading = read_memory(memory.cgroup_root, memory.proc_root)
    reserve = reserve_mb(reading, memory.reserve_percent, memory.reserve_mb)
    limit = f"limit {reading.limit_mb:.0f} MB, {reading.available_mb:.0f} MB available now ({reading.source})"
    yield Finding(check="memory", verdict="ok", found=limit)
    yield _budgets(reading, reserve, memory.default_budget_mb, memory.max_budget_mb)


def _budgets(reading: MemoryReading, reserve: float, default_mb: float, most_mb: float) -> Finding:
    largest = max(0.0, reading.limit_mb - reserve - rss_mb(os.getpid()))
    found = f"reserve {reserve:.0f} MB, largest possible budget {largest:.0f} MB, default {default_mb:.0f} MB"
    if default_mb > largest:
        advice = "lower memory.default_budget_mb or raise the limit"
        return Finding(check="budgets", verdict="fail", found=found, advice=advice)
    if most_mb > largest:
        advice = f"memory.max_budget_mb ({most_mb:.0f} MB) can never be used"
        return Finding(check="budgets", verdict="warn", found=found, advice=advice)
    return Finding(check="budgets", verdict="ok", found=found)


def _packages() -> Finding:
    """Another distribution may own an import package `supervisor`; which of the two is imported is then chance."""
    with contextlib.suppress(OSError):
        others = sorted(set(packages_distributions().get("supervisor", [])) - {"scrapewarden"})
        if others:
            found = f"{', '.join(others)} has installed a package `supervisor` as well"
            return Finding(check="packages", verdict="warn", found=found, advice=f"pip uninstall {others[0]}")
    return Finding(check="packages", verdict="ok", found="nobody else has installed a package `supervisor`")


def _platform() -> Finding:
    system = platform.system()
    if system == "Linux":
        return Finding(check="platform", verdict="ok", found="Linux")
    advice = "memory limits and hard kills are only sure on Linux"
    return Finding(check="platform", verdict="warn", found=system, advice=advice)
