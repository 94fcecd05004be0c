"""A connection that breaks at statements of its own choosing, in each of the three ways a connection can break."""

from __future__ import annotations

import random
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

FATES = ("unsent", "undone", "unanswered")


class Fragile(psycopg.Connection[DictRow]):
    """Before the statement is sent; after it was done, without its commit; or after its commit, without its answer."""

    dice: random.Random
    odds = 0.0  # that a statement meets its fate
    fates: dict[str, int]  # how often it met which

    @classmethod
    def open(cls, url: str, dice: random.Random, odds: float, fates: dict[str, int]) -> Fragile:
        """Connect; `fates` is counted up."""
        connection = cls.connect(url, autocommit=True, row_factory=dict_row)
        assert isinstance(connection, Fragile)
        connection.dice, connection.odds, connection.fates = dice, odds, fates
        return connection

    def execute(self, *statement: Any, **options: Any) -> psycopg.Cursor[DictRow]:
        """Psycopg's own, or OperationalError."""
        if self.dice.random() >= self.odds:
            return super().execute(*statement, **options)
        fate = self.dice.choice(FATES)
        self.fates[fate] = self.fates.get(fate, 0) + 1
        if fate != "unsent":
            with self.transaction(force_rollback=fate == "undone"):
                super().execute(*statement, **options)
        self.close()
        raise psycopg.OperationalError(f"the connection broke: {fate}")
