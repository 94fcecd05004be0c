"""`supervisor scrapers`: what nodes can name."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from supervisor.assign import scraper_settings
from supervisor.commands.common import config_option, json_option, read_config
from supervisor.commands.output import as_json as to_json
from supervisor.commands.output import say, write, write_json, write_table
from workers.scrapers import ScraperDoc, describe, list_scrapers


@click.group()
def scrapers() -> None:
    """Scrapers that nodes can name, and their params."""


@scrapers.command("list")
@json_option
@config_option
def list_all(*, config_path: Path | None, as_json: bool) -> None:
    """List built-ins and installed scrapers."""
    config = read_config(config_path)
    infos = list_scrapers(scraper_settings(config))
    if as_json:
        return write_json([asdict(info) for info in infos])
    write_table(("SCRAPER", "KIND", "SUMMARY"), [(i.name, i.kind, i.summary or i.module) for i in infos])
    if config.scrapers.allow:
        say(f"and every package.module:function of {', '.join(config.scrapers.allow)}")
    return None


@scrapers.command("show")
@click.argument("name")
@json_option
@config_option
def show(*, config_path: Path | None, name: str, as_json: bool) -> None:
    """Show what a scraper does and which params it takes."""
    doc = describe(name, scraper_settings(read_config(config_path)))
    if as_json:
        params = [asdict(param) for param in doc.params]
        return write_json({**asdict(doc.info), "text": doc.text, "params": params})
    return _write_doc(doc)


def _write_doc(doc: ScraperDoc) -> None:
    write(f"{doc.info.name} ({doc.info.kind}, {doc.info.module})")
    if doc.text:
        write(f"\n{doc.text}\n")
    if doc.params:
        rows = [
            (
                param.name,
                param.kind,
                "required" if param.required else "-" if param.default is None else to_json(param.default),
                param.sentence,
            )
            for param in doc.params
        ]
        write_table(("PARAM", "KIND", "DEFAULT", "WHAT"), rows)
