"""`supervisor jobs export`: jobs as CSV, JSON Lines or Parquet, however many there are."""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from supervisor.commands.common import configured, connected
from supervisor.commands.export_progress import progress
from supervisor.commands.jobs_filters import TEXT, Country, making_sense
from supervisor.commands.moments import MOMENTS, Moment
from supervisor.commands.output import say
from supervisor.config import Config
from supervisor.exports.columns import COLUMNS
from supervisor.exports.formats import FORMATS, format_of, is_packed, new_writer, packing
from supervisor.exports.target import replacing
from supervisor.exports.writing import Pipe, Sink, Writer
from supervisor.late_signals import BUT_CTRL_C, leaving_in_good_order
from supervisor.tables import job_exports
from supervisor.tables.job_exports import JobRows
from workers.database import wait_longer
from workers.errors import ConfigError

_ANSWER_S = 600.0  # for one batch: where few jobs pass the filters the server has long to search
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Columns(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """Names of columns between commas."""

    name = "columns"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Each once, in the order given."""
        names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
        if unknown := [name for name in names if name not in COLUMNS]:
            self.fail(f'there is no column "{unknown[0]}": there are {", ".join(COLUMNS)}', param, ctx)
        if not names:
            self.fail(f"name at least one of {', '.join(COLUMNS)}", param, ctx)
        return names


@click.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Else to standard output.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="By default what FILE ends in, else csv.")
@click.option("--columns", type=Columns(), metavar="A,B,...", help="Only these, in this order; else all.")
@click.option("--excel-safe", is_flag=True, help="CSV for spreadsheets: nothing in it is a formula.")
@click.option("--query", type=TEXT, metavar="WORDS", help='Full-text search as on the web: rust "back end" -senior.')
@click.option("--country", "countries", type=Country(), multiple=True, metavar="NAME", help="In one of these.")
@click.option("--region", type=TEXT, metavar="NAME", help="In this region, as the table spells it.")
@click.option("--city", type=TEXT, metavar="NAME", help="In this city.")
@click.option("--remote/--no-remote", default=None, help="Only where it is offered, or where it is ruled out.")
@click.option("--source", "sources", type=TEXT, multiple=True, metavar="NODE", help="Stored by one of these nodes.")
@click.option("--since", type=Moment(), metavar="TIME", help=f"Posted, else first seen, from then on: {MOMENTS}.")
@click.option("--until", type=Moment(end=True), metavar="TIME", help="And not after that; a date includes its day.")
@click.option("--limit", type=click.IntRange(1, 2**63 - 1), help="The newest so many.")
@configured
def export_jobs(
    *,
    config: Config,
    output: Path | None,
    form: str | None,
    columns: list[str] | None,
    excel_safe: bool,
    countries: tuple[str, ...],
    sources: tuple[str, ...],
    **filters: Any,
) -> None:
    """Write jobs to a file or to standard output, newest first, as they all were at one moment.

    FILE appears when it is complete. Its ending says the format: .csv, .jsonl, .parquet; .csv.gz and .jsonl.gz are
    packed. Several filters all have to be passed.
    """
    output = None if output == Path("-") else output
    form = _format(output, form, excel_safe=excel_safe)
    chosen = columns or list(COLUMNS)
    filters |= {"countries": list(countries) or None, "sources": list(sources) or None}
    with (
        leaving_in_good_order(*BUT_CTRL_C, for_good=True),
        connected(config) as connection,
        job_exports.begin_export(connection) as began_at,
    ):
        wait_longer(connection, _ANSWER_S)
        for name in ("since", "until"):
            filters[name] = _moment(filters[name], began_at)
        with making_sense():
            job_exports.check_words(connection, filters["query"])
        found = job_exports.export_jobs(connection, chosen, **filters)
        with _explaining(output), _sink(output) as sink:
            writer = new_writer(form, sink, chosen, excel_safe=excel_safe)
            count = _write(found, writer, to_terminal=output is None and sys.stdout.isatty())
    if output is not None:
        _tell(output, count, 0 if excel_safe else getattr(writer, "formulas", 0))


def _format(output: Path | None, form: str | None, *, excel_safe: bool) -> str:
    """The format asked for. Raises UsageError, ConfigError for one that cannot be written there."""
    form = form or (format_of(output) if output else "csv")
    if form is None:
        raise click.UsageError(f"{output}: its ending tells no format: add --format {', '.join(FORMATS)}")
    if excel_safe and form != "csv":
        raise click.UsageError("--excel-safe goes with CSV")
    if form == "parquet":
        if output is None:
            raise click.UsageError("Parquet needs a file: add -o FILE")
        if is_packed(output):
            raise click.UsageError("Parquet is packed by itself: leave .gz out of the file's name")
        from supervisor.exports.parquet_writer import require

        require()
    return form


def _moment(value: float | datetime | None, began_at: datetime) -> datetime | None:
    return began_at - timedelta(seconds=value) if isinstance(value, float) else value


@contextlib.contextmanager
def _sink(output: Path | None) -> Iterator[Sink]:
    if output is None:
        sys.stdout.flush()
        yield Pipe()
        return
    with replacing(output) as stream:
        if not is_packed(output):
            yield stream
            return
        with packing(stream) as packed:
            yield packed


def _write(found: JobRows, writer: Writer, *, to_terminal: bool) -> int:
    count = 0
    try:
        with (
            progress(found.estimate, to_terminal=to_terminal) as advance,
            contextlib.closing(found.batches()) as batches,
        ):
            for rows in batches:
                writer.write(rows)
                count += len(rows)
                advance(len(rows))
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return count


@contextlib.contextmanager
def _explaining(output: Path | None) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        where = output or "standard output"
        if error.errno in _FULL:
            raise ConfigError(f"{where}: no room is left for it: make some, or name a file on another disk") from error
        raise ConfigError(
            f"{where}: {(error.strerror or str(error)).lower()}; check the path and your rights"
        ) from error


def _tell(output: Path, count: int, formulas: int) -> None:
    say(f"{count} {'job' if count == 1 else 'jobs'} exported to {output}")
    if formulas:
        what = "1 text begins" if formulas == 1 else f"{formulas} texts begin"
        say(f"{what} like a formula: for a spreadsheet export with --excel-safe")
