"""The configuration: what flags, environment and file say about the table of settings, judged as a whole."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from supervisor import settings_table as table
from supervisor.contradictions import contradictions
from supervisor.settings import SETTINGS, Setting, describe_settings
from supervisor.settings_rules import Complaint, Value, from_text, judge, shortened, shown
from supervisor.settings_table import SECTIONS
from workers.errors import ConfigError

__all__ = ["Config", "describe_settings", "load_config"]

PREFIX = "SCRAPEWARDEN_"
LARGEST_FILE = 1_000_000  # bytes; a larger one is not a configuration
VARIABLES = {row.variable: row for row in SETTINGS.values()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All settings, `config.<section>.<key>`, and where they came from."""

    database: table.Database = field(default_factory=table.Database)
    supervisor: table.Supervisor = field(default_factory=table.Supervisor)
    launcher: table.Launcher = field(default_factory=table.Launcher)
    heartbeat: table.Heartbeat = field(default_factory=table.Heartbeat)
    kill: table.Kill = field(default_factory=table.Kill)
    memory: table.Memory = field(default_factory=table.Memory)
    retry: table.Retry = field(default_factory=table.Retry)
    breaker: table.Breaker = field(default_factory=table.Breaker)
    fetch: table.Fetch = field(default_factory=table.Fetch)
    scrapers: table.Scrapers = field(default_factory=table.Scrapers)
    proxies: table.Proxies = field(default_factory=table.Proxies)
    web: table.Web = field(default_factory=table.Web)
    snapshots: table.Snapshots = field(default_factory=table.Snapshots)
    retention: table.Retention = field(default_factory=table.Retention)
    alerts: table.Alerts = field(default_factory=table.Alerts)
    path: Path | None = None  # the file that was read, absolute
    directory: Path = field(default_factory=Path.cwd)  # its folder, else the current one

    @property
    def state_directory(self) -> Path:
        """Where the embedded server lives; not created here."""
        return self.directory / ".scrapewarden"

    @property
    def pulse_file(self) -> Path | None:
        """`[supervisor] pulse_file` as an absolute path."""
        return self.directory / self.supervisor.pulse_file if self.supervisor.pulse_file else None

    @property
    def secret_names(self) -> set[str]:
        """Environment variables that are no scraper's business, unless `[scrapers] env` names them."""
        ours = {"DATABASE_URL", "SCRAPEWARDEN_DATABASE_URL", "PGPASSWORD", "SCRAPEWARDEN_ALERTS_WEBHOOK_URL"}
        named = {self.web.password_env, self.web.token_env, self.alerts.sentry_dsn_env}
        return (ours | named) - set(self.scrapers.env)

    @property
    def scraper_folders(self) -> tuple[Path, ...]:
        """`[scrapers] path` as absolute folders."""
        return tuple(self.directory / folder for folder in self.scrapers.path)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that somebody gave a setting, and who, where that is not the file."""

    value: object
    origin: str = ""


def load_config(
    path: Path | None = None, *, environ: Mapping[str, str], flags: Mapping[str, object] | None = None
) -> Config:
    """The configuration by flag > DATABASE_URL > SCRAPEWARDEN_... > file > default.

    `path` is the file named by `--config`; without one `./config.toml` is read if it is there. `flags` maps
    "section.key" to a value, None where the flag was not given. An empty variable counts as not set.
    Raises ConfigError with all complaints at once, one a line, each beginning with the setting's path.
    """
    file = path or _file_here()
    document = _parsed(file) if file else {}
    given = _from_file(document) | _from_environment(environ) | _from_flags(flags or {})
    values: dict[str, Value] = {}
    broken: dict[str, str] = {}
    for name, row in SETTINGS.items():
        try:
            values[name] = judge(given[name].value, row.kind, row.rules) if name in given else row.default
        except Complaint as complaint:
            broken[name] = f"{name}: {complaint}, got {_got(given[name], row)}"
    config = _built(values, file)
    lines = [*_strangers(document), *broken.values(), *_strange_variables(environ, config)]
    lines += contradictions(config, environ, broken=broken)
    if lines:
        raise ConfigError("\n".join(lines))
    return config


def _file_here() -> Path | None:
    here = Path("config.toml")
    return here if here.exists() or here.is_symlink() else None


def _parsed(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ConfigError(f"{file}: is larger than {LARGEST_FILE:,} bytes; name a configuration file")
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: there is no such file; leave --config out to go by the defaults") from error
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        raise ConfigError(f"{file}: cannot be read ({words}); name a file that you may read") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}: is not UTF-8 (line {line}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # bad syntax, a number of too many digits, lists a thousand deep
        raise ConfigError(f"{file}: is not TOML; correct this: {error!s:.300}") from error


def _from_file(document: Mapping[str, object]) -> dict[str, Given]:
    return {
        f"{section}.{key}": Given(value)
        for section, content in document.items()
        if isinstance(content, dict)
        for key, value in content.items()
        if f"{section}.{key}" in SETTINGS
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    given = {
        row.path: Given(from_text(environ[name], row.kind), name)
        for name, row in VARIABLES.items()
        if environ.get(name)
    }
    if environ.get("DATABASE_URL"):
        given["database.url"] = Given(environ["DATABASE_URL"], "DATABASE_URL")
    return given


def _from_flags(flags: Mapping[str, object]) -> dict[str, Given]:
    return {SETTINGS[name].path: Given(value, "the command line") for name, value in flags.items() if value is not None}


def _got(given: Given, row: Setting) -> str:
    value = "something else" if row.rules.secret else shown(given.value)
    return f"{value} from {given.origin}" if given.origin else value


def _built(values: Mapping[str, Value], file: Path | None) -> Config:
    sections = {
        name: section(
            **{row.name: values[f"{name}.{row.name}"] for row in fields(section) if f"{name}.{row.name}" in values}
        )
        for name, section in SECTIONS.items()
    }
    absolute = file.absolute() if file else None
    return Config(**sections, path=absolute, directory=absolute.parent if absolute else Path.cwd())


def _strangers(document: Mapping[str, object]) -> Iterator[str]:
    """A line for each section and key of the file that is in no table."""
    for section, content in document.items():
        if section in SECTIONS and isinstance(content, dict):
            yield from (_stranger(section, key) for key in content if f"{section}.{key}" not in SETTINGS)
        elif section in SECTIONS:
            yield f"{section}: should be a section, written [{section}], got {shown(content)}"
        else:
            yield f"{_printable(section)}: {_no_such_section(section)}"


def _no_such_section(name: str) -> str:
    near = [f"[{section}]" for section in get_close_matches(name, SECTIONS, n=1)] or _elsewhere(name)
    return f"no such section; did you mean {near[0]}?" if near else "no such section; take it out"


def _stranger(section: str, key: str) -> str:
    keys = [row.key for row in SETTINGS.values() if row.section == section]
    near = [f"{section}.{match}" for match in get_close_matches(key, keys, n=1)] or _elsewhere(key)
    advice = f"did you mean {near[0]}?" if near else "take it out"
    return f"{section}.{_printable(key)}: no such setting; {advice}"


def _elsewhere(key: str) -> list[str]:
    return [row.path for row in SETTINGS.values() if row.key == key]


def _printable(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,60}", key) else shortened(json.dumps(key))


def _strange_variables(environ: Mapping[str, str], config: Config) -> Iterator[str]:
    """A line for each variable that looks like a setting of ours and is none: a typing error that nobody would see."""
    ours = {config.web.password_env, config.web.token_env, config.alerts.sentry_dsn_env, *config.scrapers.env}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in VARIABLES or name in ours:
            continue
        rest = name.removeprefix(PREFIX)
        near = get_close_matches(rest, [known.removeprefix(PREFIX) for known in VARIABLES], n=1, cutoff=0.8)
        if near:
            yield f"{_printable(name)}: no such setting; did you mean {PREFIX}{near[0]}?"
        elif rest.startswith(tuple(f"{section.upper()}_" for section in SECTIONS)):
            yield f"{_printable(name)}: no such setting; unset it"
