"""Turns a claimed row into an assignment: everything a fresh process needs, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.guard import boottime
from workers.records import Assignment, BreakerSettings, FetchSettings, ProxySettings, ScraperSettings

_BEATS = 3  # at least so many within each limit that judges them
_QUICKEST_BEAT_S = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where and as whom this supervisor launches."""

    supervisor_id: str
    host: str
    database_url: str
    awake_since: datetime  # database time


def assign(config: Config, place: Place, node: DictRow, claim: DictRow, *, owner: str, budget_mb: int) -> Assignment:
    """The assignment of a claim that was granted."""
    shortest_s = min(node["stall_s"], config.heartbeat.stale_after_s) / _BEATS
    return Assignment(
        run_id=claim["run_id"],
        node_id=node["id"],
        node=node["name"],
        epoch=claim["epoch"],
        owner=owner,
        supervisor_id=place.supervisor_id,
        scraper=claim["scraper"],
        params=claim["params"],
        checkpoint=claim["checkpoint"],
        tick=claim["tick"],
        attempt=claim["attempt"],
        part=claim["part"],
        now=claim["now_at"],
        launched_at=boottime(),
        timeout_s=node["timeout_s"],
        database_url=place.database_url,
        budget_mb=budget_mb,
        data_limit=node["data_limit"],
        recycle_percent=config.memory.recycle_percent,
        heartbeat_s=max(min(config.heartbeat.every_s, shortest_s), _QUICKEST_BEAT_S),
        fetch=fetch_settings(config, node),
        breaker=breaker_settings(config),
        proxies=proxy_settings(config, node),
        scrapers=scraper_settings(config),
    )


def breaker_settings(config: Config) -> BreakerSettings:
    """Section [breaker] as the workers know it."""
    breaker = config.breaker
    return BreakerSettings(
        failures=breaker.failures, window_s=breaker.window_s, open_s=breaker.open_s, open_max_s=breaker.open_max_s
    )


def proxy_settings(config: Config, node: DictRow | dict[str, Any] | None = None) -> ProxySettings:
    """Section [proxies] as the workers know it, with the pool of a node."""
    proxies = config.proxies
    return ProxySettings(
        pool=(node or {}).get("proxy_pool") or "",
        check_url=proxies.check_url,
        own_address=proxies.own_address,
        recheck_s=proxies.recheck_s,
        env=tuple(proxies.env),
    )


def fetch_settings(config: Config, node: DictRow | dict[str, Any] | None = None) -> FetchSettings:
    """Section [fetch] as the workers know it; a node's own gap counts for loopback too."""
    fetch = config.fetch
    gap_s = (node or {}).get("gap_s")
    jitter_s = (node or {}).get("gap_jitter_s")
    return FetchSettings(
        timeout_s=fetch.timeout_s,
        max_body_mb=fetch.max_body_mb,
        user_agent=fetch.user_agent,
        contact=fetch.contact,
        gap_s=fetch.gap_s if gap_s is None else gap_s,
        gap_jitter_s=fetch.gap_jitter_s if jitter_s is None else jitter_s,
        gap_loopback_s=fetch.gap_loopback_s if gap_s is None else gap_s,
        robots=fetch.robots,
        conditional=fetch.conditional,
    )


def scraper_settings(config: Config) -> ScraperSettings:
    """Section [scrapers] as the workers know it."""
    return ScraperSettings(
        allow=tuple(config.scrapers.allow),
        path=tuple(str(folder) for folder in config.scraper_folders),
        env=tuple(config.scrapers.env),
        allow_command=config.scrapers.allow_command,
    )
