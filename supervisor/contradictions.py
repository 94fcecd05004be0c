"""Settings that are right each by itself and cannot work together."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.config import Config

RENEWAL_LIMIT_S = 3.0  # of each renewal statement, on its own connection
Environ = Mapping[str, str]


def cutoff_s(lease_s: float) -> float:
    """Seconds after sending its last good renewal at which a supervisor must kill its children."""
    return max(lease_s / 2, lease_s - 5)


@dataclass(frozen=True, slots=True)
class Together:
    """A rule about several settings; the complaint is shown under the first of them."""

    paths: tuple[str, ...]
    complaint: Callable[[Config, Environ], str | None]


def contradictions(config: Config, environ: Environ, *, broken: Collection[str]) -> Iterator[str]:
    """One line for each rule that does not hold; rules about settings that are `broken` already are passed over."""
    for rule in TOGETHER:
        if not any(path in broken for path in rule.paths):
            words = rule.complaint(config, environ)
            if words:
                yield f"{rule.paths[0]}: {words}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _at_most(lower: str, upper: str) -> Together:
    def complaint(config: Config, _environ: Environ) -> str | None:
        low, high = _number(config, lower), _number(config, upper)
        return None if low <= high else f"should be at most {upper} ({high:g}), got {low:g}"

    return Together((lower, upper), complaint)


def _number(config: Config, path: str) -> float:
    section, key = path.split(".")
    return float(getattr(getattr(config, section), key))


def _stale(config: Config, _environ: Environ) -> str | None:
    every, stale = config.heartbeat.every_s, config.heartbeat.stale_after_s
    if stale > 2 * every:
        return None
    return f"should be more than twice heartbeat.every_s ({every:g}), got {stale:g}"


def _renewal(config: Config, _environ: Environ) -> str | None:
    lease, renew = config.supervisor.lease_s, config.supervisor.renew_s
    latest = cutoff_s(lease) - RENEWAL_LIMIT_S
    if renew <= latest:
        return None
    if latest <= 0:
        return f"has no room for a renewal within supervisor.lease_s ({lease:g}); make the lease at least 8 s"
    return f"should be at most {latest:g} with supervisor.lease_s {lease:g}, got {renew:g}"


def _password(config: Config, environ: Environ) -> str | None:
    web = config.web
    if not web.enabled or is_loopback(web.host) or environ.get(web.password_env):
        return None
    return f'"{web.host}" is beyond loopback and needs a password; put one into {web.password_env} or use 127.0.0.1'


TOGETHER = (
    _at_most("supervisor.poll_s", "supervisor.lease_s"),
    Together(("supervisor.renew_s", "supervisor.lease_s"), _renewal),
    Together(("heartbeat.stale_after_s", "heartbeat.every_s"), _stale),
    _at_most("memory.default_budget_mb", "memory.max_budget_mb"),
    _at_most("retry.base_s", "retry.cap_s"),
    _at_most("breaker.open_s", "breaker.open_max_s"),
    Together(("web.host", "web.enabled", "web.password_env"), _password),
)
