"""The rows of the table of settings, as loading, messages and documentation see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from supervisor.settings_rules import Rules, Value
from supervisor.settings_table import SECTIONS

UNITS = {"_s": "seconds", "_mb": "MB", "_percent": "percent", "_days": "days"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One row of the table."""

    section: str
    key: str
    default: Value
    sentence: str
    rules: Rules

    @property
    def path(self) -> str:
        """Its name in messages: `memory.reserve_mb`."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides the file."""
        return f"SCRAPEWARDEN_{self.section}_{self.key}".upper()

    @property
    def kind(self) -> type:
        """One of str, int, float, bool, tuple."""
        return type(self.default)

    @property
    def unit(self) -> str:
        """Told by the end of its key: seconds, MB, percent or days; empty for counts and texts."""
        return next((unit for suffix, unit in UNITS.items() if self.key.endswith(suffix)), "")

    @property
    def hint(self) -> str:
        """Unit, range and choices, as the manual writes them behind the value."""
        if self.rules.choices:
            return "or ".join(f'"{choice}" ' for choice in self.rules.choices).strip()
        if not self.rules.within:
            return ""
        low, high = self.rules.within
        return f"{self.unit}, {low:g} to {high:.15g}".lstrip(", ")


def _rows() -> Iterator[Setting]:
    for section, table in SECTIONS.items():
        defaults = table()
        for row in fields(table):
            yield Setting(
                section=section,
                key=row.name,
                default=getattr(defaults, row.name),
                sentence=row.metadata["sentence"],
                rules=row.metadata["rules"],
            )


SETTINGS: dict[str, Setting] = {row.path: row for row in _rows()}


def describe_settings() -> tuple[Setting, ...]:
    """Every setting in the order of `config.toml`."""
    return tuple(SETTINGS.values())
