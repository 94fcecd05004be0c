"""What a scrape's process sends back is short: a writer killed in mid-message would block its reader for ever."""

from __future__ import annotations

import pickle

import pytest

from workers.ending import judge
from workers.records import Outcome
from workers.states import Cause
from workers.stop import StopSwitch

PIPE_BUF = 4096  # what a pipe takes whole or not at all


def outcome_of(error: BaseException) -> Outcome:
    try:
        raise error
    except type(error):
        return judge(error, StopSwitch())


class Nasty(Exception):
    """Its text cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f4a5", "\ud800", "\n"])
def test_however_much_an_exception_says_its_outcome_fits_into_a_pipe(letter: str) -> None:
    outcome = outcome_of(ValueError(letter * 1_000_000))
    assert outcome.cause is Cause.EXCEPTION
    assert len(pickle.dumps(outcome)) < PIPE_BUF - 500


@pytest.mark.parametrize("error", [Nasty(), type("N" * 100_000, (Exception,), {})(), SystemExit("x" * 100_000)])
def test_an_odd_exception_becomes_a_short_outcome_too(error: BaseException) -> None:
    outcome = outcome_of(error)
    assert outcome.error
    assert len(pickle.dumps(outcome)) < PIPE_BUF - 500


def test_the_end_of_a_traceback_is_kept_and_the_beginning_of_a_sentence() -> None:
    outcome = outcome_of(ValueError("begins " + "\U0001f4a5" * 10_000))
    assert (outcome.error or "").startswith("ValueError: begins \U0001f4a5")
    assert (outcome.traceback or "").endswith("\U0001f4a5\n")
