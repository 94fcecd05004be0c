"""An exit status arrives once through a pipe, and two threads wait for it: the executor's manager and the launcher."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver

from workers.template import _ForkedPopen

ROUNDS = 200
READERS = 3


def status_pipe(code: int | None) -> tuple[_ForkedPopen, int]:
    """A process as its parent knows it, and the end of the pipe on which the forkserver tells its status."""
    reader, writer = os.pipe()
    popen = _ForkedPopen.__new__(_ForkedPopen)
    popen.sentinel, popen.returncode = reader, None
    popen._reading = threading.Lock()
    if code is not None:
        forkserver.write_signed(writer, code)
    return popen, writer


def test_of_several_threads_that_wait_for_a_status_each_gets_the_same() -> None:
    with ThreadPoolExecutor(READERS) as pool:
        for _ in range(ROUNDS):
            popen, writer = status_pipe(None)
            answers = [pool.submit(popen.poll, 0) for _ in range(READERS)]
            forkserver.write_signed(writer, 7)
            os.close(writer)
            assert [answer.result(5) for answer in answers] == [7] * READERS
            assert popen.poll() == 7
            os.close(popen.sentinel)


def test_a_forkserver_that_died_without_a_word_is_told_by_a_status_of_its_own() -> None:
    popen, writer = status_pipe(None)
    assert popen.poll() is None
    os.close(writer)
    assert popen.poll() == 255
    os.close(popen.sentinel)
