"""The address of a proxy: as it is stored, as it may be shown, and filled in for the process that goes through it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import quote, urlsplit

from workers.errors import FetchError, ProxyRefused
from workers.plain import hide
from workers.request import checked

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHAPE = re.compile(r"https?://[^\s/?#]+/?")
_LEFT_OVER = re.compile(r"[${}]")
_LONG_ENOUGH = 8  # of what is no password, or stands in the row: hiding "admin" or "3128" would cut holes into pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """One to go through, for the whole run."""

    id: int
    shown: str  # its address as stored, a password in it masked
    url: str = field(repr=False)  # filled in: never stored, never logged
    on_failure: Callable[[str], None] = field(default=lambda _sentence: None, repr=False, compare=False)

    @property
    def address(self) -> str:
        """Scheme, host and port, without a login. Raises FetchError when it is no URL."""
        return checked(self.url)[0]

    @property
    def login(self) -> str | None:
        """The Proxy-Authorization header."""
        return checked(self.url)[1]


def shown(url: str) -> str:
    """The stored address as it may stand anywhere: what is no ${NAME} in its password is masked, a lone user too."""
    scheme, slashes, rest = url.partition("//")
    login, at, place = rest.rpartition("@")
    if not at:
        return url
    user, colon, password = login.partition(":")
    kept = f"{user}:{_masked(password)}" if colon else _masked(user)
    return f"{scheme}{slashes}{kept}@{place}"


def holds_password(url: str) -> bool:
    """Whether a password stands in the address as it is, instead of a ${NAME}."""
    return shown(url) != url


def complaint(url: str, allowed: Collection[str]) -> str | None:
    """What is wrong with an address, before it is stored; None: nothing. `allowed`: patterns of names."""
    if not _SHAPE.fullmatch(url):
        hint = "; in a login write / as %2F, ? as %3F and # as %23" if "@" in url else ""
        return f"{shown(url)} should look like http://user:${{PROXY_PASSWORD}}@host:port, with http or https{hint}"
    if refused := [name for name in _REFERENCE.findall(url) if not _may_use(name, allowed)]:
        return f"{shown(url)} uses ${{{refused[0]}}}: add the name to `[proxies] env` to allow that"
    trial = _REFERENCE.sub("1", url)
    if _LEFT_OVER.search(trial):
        return f"{shown(url)} holds a $ or a bracket that is no ${{NAME}}: write it as %24, %7B or %7D"
    try:
        checked(trial)
    except FetchError:
        return f"{shown(url)} is no URL of a proxy: check its host and port"
    return None


def fill(url: str, allowed: Collection[str], environ: Mapping[str, str] = os.environ) -> str:
    """The address with each ${NAME} replaced, percent-encoded in user and password. Raises ProxyRefused.

    What is filled in is hidden from everything that this process writes from now on: passwords always, the rest where
    it is long enough to be nothing else.
    """
    if wrong := complaint(url, allowed):
        raise ProxyRefused(f"the proxy {wrong}")
    names = _REFERENCE.findall(url)
    if unset := [name for name in names if not environ.get(name)]:
        raise ProxyRefused(
            f"the proxy {shown(url)} uses {unset[0]}, which no environment variable sets: export it where the "
            "supervisor runs and start it again"
        )
    scheme, slashes, rest = url.partition("//")
    login, at, place = rest.rpartition("@")
    secrets = set(_REFERENCE.findall(login.partition(":")[2] or login))
    hide({name: environ[name] for name in names if name in secrets or len(environ[name]) >= _LONG_ENOUGH})
    login = _REFERENCE.sub(lambda match: quote(environ[match[1]], safe=""), login)
    filled = f"{scheme}{slashes}{login}{at}{_REFERENCE.sub(lambda match: environ[match[1]], place)}"
    _hide_login(url, filled)
    return filled


def _hide_login(url: str, filled: str) -> None:
    """The same for the header that is made of it, and for a password that stands in the row."""
    if not _SHAPE.fullmatch(filled):
        raise ProxyRefused(f"the proxy {shown(url)} is no URL once it is filled in: check the variables that it uses")
    try:
        _, header = checked(filled)
    except FetchError as error:
        raise ProxyRefused(f"the proxy {shown(url)} is no URL once it is filled in: check its host and port") from error
    if header:
        hide({"PROXY_AUTHORIZATION": header.partition(" ")[2]})
    password = urlsplit(filled).password or ""
    if holds_password(url) and len(password) >= _LONG_ENOUGH:
        hide({"PROXY_PASSWORD": password})


def _may_use(name: str, allowed: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in allowed)


def _masked(text: str) -> str:
    return "***" if _REFERENCE.sub("", text) else text
