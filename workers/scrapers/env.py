"""Secrets of params: ${NAME} is filled in the scrape's own process, and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

from workers.errors import ScraperRefused
from workers.plain import hide
from workers.records import JsonObject

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill_env(params: JsonObject, names_allowed: Collection[str], environ: Mapping[str, str] = os.environ) -> JsonObject:
    """The params with each ${NAME} replaced, deep in lists and mappings; keys stay as they are.

    What is filled in is hidden from everything that this process writes from now on.

    Raises ScraperRefused for names that `[scrapers] env` does not list, and for unset ones.
    """
    names = sorted(_names(params))
    if refused := [name for name in names if name not in names_allowed]:
        raise ScraperRefused(f"params use ${{{'}, ${'.join(refused)}}}: add the name to `[scrapers] env` to allow that")
    if unset := [name for name in names if name not in environ]:
        raise ScraperRefused(
            f"params use {', '.join(unset)}, which no environment variable sets: export it and restart"
        )
    hide({name: environ[name] for name in names})
    filled: JsonObject = _filled(params, environ)
    return filled


def _names(value: object) -> set[str]:
    if isinstance(value, str):
        return set(REFERENCE.findall(value))
    if isinstance(value, dict):
        return set().union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: environ[match[1]], value)
    if isinstance(value, dict):
        return {key: _filled(inner, environ) for key, inner in value.items()}
    return [_filled(inner, environ) for inner in value] if isinstance(value, list) else value
