"""What waits to be written into a run's log is bounded in number and in bytes, and what is left out is counted."""

from __future__ import annotations

from workers.progress import Logbook


def test_lines_beyond_two_thousand_are_counted_and_what_came_first_is_kept() -> None:
    book = Logbook()
    for number in range(2_010):
        book.write("info", "line", str(number))
    *lines, last = book.take()
    assert [line["message"] for line in lines] == [str(number) for number in range(2_000)]
    assert (last["event"], last["message"].split(":")[0]) == ("log_dropped", "10 lines were dropped")
    assert not book
    assert book.take() == []


def test_a_run_that_has_written_its_megabytes_may_write_a_little_every_second() -> None:
    book = Logbook()
    kept = 0
    for _ in range(20):
        for _ in range(100):
            book.write("info", "line", "x" * 7_900)
        kept += sum(len(line["message"]) for line in book.take() if line["event"] == "line")
    assert 3_900_000 < kept < 4_100_000


def test_that_all_of_it_was_left_out_is_said_too() -> None:
    book = Logbook()
    for _ in range(600):
        book.write("info", "line", "x" * 7_900)
    book.take()
    book.write("info", "line", "x" * 7_900)
    assert book
    (line,) = book.take()
    assert line["message"].startswith("1 lines were dropped: ")


def test_of_facts_that_are_too_long_the_beginning_is_kept() -> None:
    book = Logbook()
    book.write("info", "page", facts={"body": "y" * 1_000_000, "number": 1})
    book.write("info", "page", facts={"body": "y" * 5_000, "number": 1})
    cut, whole = book.take()
    assert cut["facts"] == {"cut": '{"body": "' + "y" * 7_990}
    assert whole["facts"]["number"] == 1
