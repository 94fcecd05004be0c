"""The proxy of this run for whoever does not ask through `scrape.fetch`: guests' own HTTP clients, and programs."""

from __future__ import annotations

import os

_SET = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")  # and in lower case: some programs read only one of them
_CLEARED = ("NO_PROXY",)
_given: dict[str, str] = {}


def give_proxy(url: str) -> None:
    """Put the proxy into this process's environment; exceptions from it are taken out."""
    for name in _both(_CLEARED):
        os.environ.pop(name, None)
    _given.update(dict.fromkeys(_both(_SET), url))
    os.environ.update(_given)


def given_proxy() -> dict[str, str]:
    """The variables that a program of this run needs; empty without a proxy."""
    return dict(_given)


def _both(names: tuple[str, ...]) -> list[str]:
    return [form for name in names for form in (name, name.lower())]
