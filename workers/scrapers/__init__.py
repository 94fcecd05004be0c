"""Which scrapers there are, and which of them a node row may name.

Built-ins, entry points of the group `workers.scrapers`, and `package.module:function` behind the allow list.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, ScraperSettings
from workers.scrapers.env import fill_env

if TYPE_CHECKING:
    from workers.scrape import Scrape
    from workers.scrapers.params import Param

__all__ = [
    "ScraperDoc",
    "ScraperInfo",
    "describe",
    "fill_env",
    "find_scraper",
    "judge_params",
    "judge_scraper",
    "list_scrapers",
]

GROUP = "workers.scrapers"
# The same table as the entry points of this distribution: a look at installed metadata costs milliseconds per scrape.
BUILT_IN = {
    name: f"workers.scrapers.{name}:scrape"
    for name in (
        "html",
        "jobposting",
        "feed",
        "command",
        "greenhouse",
        "lever",
        "ashby",
        "workable",
        "smartrecruiters",
        "recruitee",
        "remotive",
        "remoteok",
        "arbeitnow",
        "himalayas",
        "jobicy",
        "hackernews",
        "hrxml",
        "scrapy",
        "jobspy",
    )
}
EXTRAS = frozenset({"scrapy", "jobspy"})  # off until the extra of that name is installed
_MOST_SHOWN = 200
REFERENCE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)

Scraper = Callable[["Scrape"], Iterator[Page]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScraperInfo:
    """One scraper that a node row can name."""

    name: str
    kind: str  # "built-in", "entry point" or "function"
    module: str  # package.module:function
    summary: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScraperDoc:
    """A scraper with its documentation."""

    info: ScraperInfo
    text: str
    params: tuple[Param, ...]


def judge_scraper(name: str, settings: ScraperSettings) -> str | None:
    """Why a node with this scraper cannot run, as one sentence, or None; imports nothing of a guest."""
    if name in BUILT_IN:
        if name == "command" and not settings.allow_command:
            return "scraper command runs any program: set `[scrapers] allow_command` to true to allow that"
        return None
    if ":" in name:
        return _judge_reference(name, settings)
    return None if _entry_point(name) else _unknown(name)


def judge_params(name: str, params: JsonObject) -> str | None:
    """What a built-in would refuse about these params, as one sentence, or None (guests judge their own)."""
    if name not in BUILT_IN:
        return None
    try:
        importlib.import_module(BUILT_IN[name].partition(":")[0]).read(params)
    except ScraperRefused as refused:
        return str(refused)
    return None


def find_scraper(name: str, settings: ScraperSettings) -> Scraper:
    """The scraper's function; what it returns is iterated and must be Pages.

    Raises ScraperRefused with one sentence: unknown, not allowed, does not import.
    """
    if complaint := judge_scraper(name, settings):
        raise ScraperRefused(complaint)
    return _pages_of(name, _load(name, _target(name), settings))


def list_scrapers(settings: ScraperSettings) -> list[ScraperInfo]:
    """Built-ins (command only where allowed) and entry points, by name; summaries of built-ins alone are imported."""
    infos = [
        ScraperInfo(name=name, kind="built-in", module=target, summary=_summary_of(name, target, settings))
        for name, target in BUILT_IN.items()
        if not judge_scraper(name, settings)
    ]
    points = sorted(_entry_points().values(), key=lambda point: point.name)
    return infos + [ScraperInfo(name=point.name, kind="entry point", module=point.value) for point in points]


def describe(name: str, settings: ScraperSettings) -> ScraperDoc:
    """A scraper with its params; a guest's code is imported. Raises ScraperRefused like `find_scraper`."""
    if name != "command" and (complaint := judge_scraper(name, settings)):
        raise ScraperRefused(complaint)
    target = _target(name)
    function = _load(name, target, settings)
    kind = "built-in" if name in BUILT_IN else "function" if ":" in name else "entry point"
    info = ScraperInfo(name=name, kind=kind, module=target, summary=_summary(function))
    module = sys.modules.get(target.partition(":")[0])
    return ScraperDoc(info=info, text=inspect.getdoc(function) or "", params=tuple(getattr(module, "PARAMS", ())))


def _judge_reference(name: str, settings: ScraperSettings) -> str | None:
    if not REFERENCE.fullmatch(name):
        return f'scraper "{_shown(name)}" is malformed: write package.module:function'
    module = name.partition(":")[0]
    if module.startswith("workers.scrapers."):  # command by this name would walk around allow_command
        return f'scraper "{name}" is a built-in: name one of {", ".join(BUILT_IN)}'
    if any(module == allowed or module.startswith(allowed + ".") for allowed in settings.allow):
        return None
    return f'scraper "{name}" is not allowed: add "{module.split(".")[0]}" to `[scrapers] allow`'


def _unknown(name: str) -> str:
    close = get_close_matches(name, [*BUILT_IN, *_entry_points()], n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "see `supervisor scrapers list`"
    return f'there is no scraper "{_shown(name)}": {hint}'


def _shown(name: str) -> str:
    """What anybody may have written into a row, as it may stand in a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_MOST_SHOWN])


def _target(name: str) -> str:
    if name in BUILT_IN or ":" in name:
        return BUILT_IN.get(name, name)
    point = _entry_point(name)
    return point.value if point else name


@functools.cache
def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in BUILT_IN}


def _entry_point(name: str) -> EntryPoint | None:
    if name not in _entry_points():
        _entry_points.cache_clear()  # something may have been installed since
    return _entry_points().get(name)


def _load(name: str, target: str, settings: ScraperSettings) -> Callable[..., Any]:
    if name not in BUILT_IN:
        _extend_path(settings.path)
    module, _, attribute = target.partition(":")
    try:
        function = functools.reduce(getattr, attribute.split("."), importlib.import_module(module))
    # A guest's module may raise anything at all while it is imported, and also try to leave.
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {error}"
        raise ScraperRefused(f'scraper "{name}" does not import: {cause}; fix {target}') from error
    if not callable(function):
        raise ScraperRefused(f'scraper "{name}" is no function but {type(function).__name__}; fix {target}')
    return function


def _extend_path(folders: Iterable[str]) -> None:
    # Behind everything installed: a guest's json.py or workers/ must not shadow what the run itself needs.
    for folder in folders:
        if folder not in sys.path:
            sys.path.append(folder)
        # A template process may have listed the folder before the last edit. Forgetting the lists of every folder,
        # as importlib.invalidate_caches does, would cost a millisecond at each scrape.
        sys.path_importer_cache.pop(folder, None)


def _summary_of(name: str, target: str, settings: ScraperSettings) -> str:
    summary = _summary(_load(name, target, settings))
    absent = name in EXTRAS and importlib.util.find_spec(name) is None
    return f"{summary} (needs scrapewarden[{name}])" if absent else summary


def _summary(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _pages_of(name: str, function: Callable[..., Any]) -> Scraper:
    @functools.wraps(function)
    def pages(scrape: Scrape) -> Iterator[Page]:
        found = function(scrape)
        if not isinstance(found, Iterable) or isinstance(found, (str, bytes, dict)):
            kind = type(found).__name__
            raise TypeError(f'scraper "{name}" returned {kind}: write a generator function that yields Page')
        yield from found

    return pages
