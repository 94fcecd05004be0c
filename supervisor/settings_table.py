"""The table of settings: section, name, type, default, limits and one sentence for each, written once.

Times are in seconds, memory in MB of 1,048,576 bytes. `config.toml` shows the same table to people; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from supervisor import settings_rules as rules
from supervisor.settings_rules import Rules, Shape

T = TypeVar("T", str, int, float, bool, tuple[str, ...])
DAY = 86400.0
TERABYTE = 1048576  # in MB; more than any machine's limit, less than a database integer


def setting(
    default: T,
    sentence: str,
    *,
    within: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    shape: Shape | None = None,
    secret: bool = False,
) -> T:
    """One row of the table; it becomes a field of the section's class."""
    limits = Rules(within=within, choices=choices, shape=shape, secret=secret)
    return field(default=default, metadata={"sentence": sentence, "rules": limits})


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """Where the rows live."""

    url: str = setting(
        "", "Address of the Postgres server; empty starts an embedded one.", shape=rules.DATABASE, secret=True
    )
    connect_timeout_s: float = setting(
        10.0, "How long to try to reach the server before giving up with exit code 69.", within=(0.1, 3600)
    )
    statement_timeout_s: float = setting(15.0, "How long one statement may take.", within=(1, 3600))


@dataclass(frozen=True, kw_only=True, slots=True)
class Supervisor:
    """The loop."""

    max_concurrent: int = setting(10, "How many scrapes may run at the same time.", within=(1, 1000))
    poll_s: float = setting(2.0, "Longest sleep between two looks at the tables.", within=(0.05, 60))
    lease_s: float = setting(30.0, "How long the right to run a node lasts without renewal.", within=(2, 3600))
    renew_s: float = setting(10.0, "How often that right is renewed.", within=(0.05, 1800))
    drain_s: float = setting(20.0, "How long running scrapes may go on after SIGTERM.", within=(0, 3600))
    ageing_s: float = setting(600.0, "After this wait for memory a node is overtaken no more.", within=(1, DAY))
    host_id: str = setting("", "Name of this machine; empty takes its machine id.")
    pulse_file: str = setting("", "File touched at every turn of the loop, for health checks; empty touches none.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Launcher:
    """What turns an assignment into a process."""

    kind: str = setting("local", "Where scrapes run: on this machine, or on a Ray cluster.", choices=("local", "ray"))
    start_method: str = setting(
        "forkserver", "How a local process is born; spawn is slower and larger.", choices=("forkserver", "spawn")
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """The sign of life that every scrape writes into its row."""

    every_s: float = setting(10.0, "How often a scrape writes it.", within=(0.05, 600))
    stale_after_s: float = setting(90.0, "A scrape silent for longer is killed.", within=(0.2, 3600))


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """The ladder that ends a scrape: ask, SIGTERM, SIGKILL."""

    soft_s: float = setting(10.0, "How long a scrape that was asked to stop may take.", within=(0, 600))
    term_s: float = setting(3.0, "How long it has between SIGTERM and SIGKILL.", within=(0, 600))


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """How much of the machine scrapes may use."""

    reserve_percent: float = setting(
        10.0,
        "Kept free: this part of the smallest limit, else of the machine; the larger reserve counts.",
        within=(0, 90),
    )
    reserve_mb: int = setting(64, "Kept free: this amount; the larger reserve counts.", within=(0, TERABYTE))
    default_budget_mb: int = setting(
        256, "Budget of a node without one, until its own use is known.", within=(16, TERABYTE)
    )
    max_budget_mb: int = setting(512, "Highest budget that is ever learned from use.", within=(16, TERABYTE))
    recycle_percent: float = setting(
        85.0, "Above this part of its budget a scrape goes on in a fresh process.", within=(1, 100)
    )
    cgroup_root: str = setting(
        "/sys/fs/cgroup", "Where control groups are mounted; read for limits and use.", shape=rules.NOT_EMPTY
    )
    proc_root: str = setting("/proc", "Where memory figures of the machine are read.", shape=rules.NOT_EMPTY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """What follows a failed attempt."""

    attempts: int = setting(3, "How often a tick is tried before it becomes a dead letter.", within=(1, 100))
    base_s: float = setting(2.0, "Wait after the first failure; it doubles with each further one.", within=(0, 3600))
    cap_s: float = setting(30.0, "Longest wait between two attempts.", within=(0, DAY))


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """When a host that keeps failing is left alone."""

    failures: int = setting(5, "So many failures of a host open its breaker.", within=(1, 1000))
    window_s: float = setting(600.0, "Time within which they are counted.", within=(1, DAY))
    open_s: float = setting(
        60.0, "How long it stays open the first time; it doubles with each further one.", within=(0.05, DAY)
    )
    open_max_s: float = setting(1800.0, "Longest time it stays open.", within=(0.05, DAY))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetch:
    """How pages are asked for."""

    timeout_s: float = setting(30.0, "Limit of one whole request, connection and body included.", within=(0.05, 3600))
    max_body_mb: float = setting(20.0, "Largest body, after decompression.", within=(0.001, 1024))
    user_agent: str = setting("scrapewarden", "Name sent with every request.", shape=rules.HEADER)
    contact: str = setting("", "Address or page of yours, added to that name.", shape=rules.HEADER_OR_EMPTY)
    robots: bool = setting(True, "Whether robots.txt is obeyed.")
    conditional: bool = setting(True, "Whether pages are kept, so that unchanged ones need not be sent again.")
    gap_s: float = setting(1.0, "Pause between two requests to one host.", within=(0, 3600))
    gap_jitter_s: float = setting(0.5, "Random part added to that pause, at most.", within=(0, 3600))
    gap_loopback_s: float = setting(0.0, "The pause for hosts on loopback.", within=(0, 3600))


@dataclass(frozen=True, kw_only=True, slots=True)
class Scrapers:
    """Which code may run."""

    allow: tuple[str, ...] = setting(
        (), "Packages whose functions a node may name as package.module:function.", shape=rules.PACKAGE
    )
    path: tuple[str, ...] = setting((".",), "Folders searched for them, relative to this file.", shape=rules.NOT_EMPTY)
    env: tuple[str, ...] = setting(
        (), "Environment variables that ${NAME} in a node's params may use.", shape=rules.VARIABLE
    )
    allow_command: bool = setting(False, "Whether nodes may run any program of this machine.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxies:
    """The check that a proxy hides our own address."""

    check_url: str = setting(
        "https://ifconfig.me/ip", "Page that answers with the caller's address.", shape=rules.WEB_ADDRESS
    )
    own_address: str = setting("", "Our own address; empty asks that page directly.", shape=rules.IP_ADDRESS)
    recheck_s: float = setting(300.0, "How long an answer is trusted.", within=(1, DAY))
    env: tuple[str, ...] = setting(
        ("*PROXY*",), "Environment variables that ${NAME} in a proxy's address may use; * stands for anything."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """The dashboard."""

    enabled: bool = setting(True, "Whether it is started together with the loop.")
    host: str = setting(
        "127.0.0.1", "Address to listen on; beyond loopback a password is needed.", shape=rules.NOT_EMPTY
    )
    port: int = setting(6090, "Port to listen on; 0 takes any free one.", within=(0, 65535))
    password_env: str = setting(
        "SCRAPEWARDEN_PASSWORD", "Environment variable that holds the password.", shape=rules.VARIABLE
    )
    token_env: str = setting(
        "SCRAPEWARDEN_TOKEN", "Environment variable that holds the token for POST /api/run-due.", shape=rules.VARIABLE
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshots:
    """The daily picture of nodes and jobs."""

    timezone: str = setting("UTC", "Whose days are counted.", shape=rules.TIMEZONE)
    at: str = setting("00:05", "Time of day, in that zone, from which it is taken.", shape=rules.CLOCK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """When old rows are deleted; 0 keeps them."""

    runs_days: int = setting(90, "Runs that have ended.", within=(0, 36500))
    logs_days: int = setting(14, "Lines of their logs.", within=(0, 36500))
    pages_days: int = setting(14, "Pages they fetched.", within=(0, 36500))
    samples_days: int = setting(14, "Samples of their memory.", within=(0, 36500))
    jobs_days: int = setting(0, "Jobs that no run has seen since.", within=(0, 36500))


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerts:
    """Who is told when something needs a person."""

    sentry_dsn_env: str = setting(
        "SENTRY_DSN", "Environment variable that holds the Sentry address.", shape=rules.VARIABLE
    )
    webhook_url: str = setting(
        "", "Address that gets every alert as JSON by POST.", shape=rules.WEB_ADDRESS, secret=True
    )
    command: str = setting("", "Program with its arguments that gets every alert as JSON on stdin.")
    every_s: float = setting(
        300.0, "Between two messages of one kind; what comes meanwhile is told in one.", within=(0.1, DAY)
    )


SECTIONS: dict[str, type[Any]] = {
    section.__name__.lower(): section
    for section in (
        Database, Supervisor, Launcher, Heartbeat, Kill, Memory, Retry, Breaker, Fetch, Scrapers, Proxies, Web,
        Snapshots, Retention, Alerts,
    )
}  # fmt: skip
