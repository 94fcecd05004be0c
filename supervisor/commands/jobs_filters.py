"""Options that choose among jobs, and what may stand in them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click
import psycopg


class Country(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """A country as people name it, as its ISO code."""

    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Two letters."""
        from workers.clean.places import country_code

        code = country_code(value)
        if code is None:
            self.fail(f'"{value}" is no country: write its name, or its two letters of ISO 3166', param, ctx)
        return code


class Text(click.ParamType):  # type: ignore[type-arg] # as above
    """Text that a database can take."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The same text."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("this is not text in UTF-8", param, ctx)
        if "\0" in value:
            self.fail("there is a NUL character in this text", param, ctx)
        return value


TEXT = Text()


@contextlib.contextmanager
def making_sense() -> Iterator[None]:
    """Turn what the search refuses, words or a cursor, into a complaint about the usage."""
    try:
        yield
    except psycopg.errors.InvalidParameterValue as error:
        raise click.UsageError(str(error.diag.message_primary)) from error
