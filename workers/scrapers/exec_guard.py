"""Becomes another program, guarded: run as a file by a bare interpreter, never imported by the scrape.

usage: exec_guard.py PARENT_PID PROGRAM [ARGUMENT ...]

A preexec_fn would do the same, but it runs Python between fork and exec of a process with threads (the heartbeat): that
can deadlock, and newer Pythons warn about it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, argv: list[str]) -> None:
    """Die with the parent, drop its data limit, take default signals, and exec."""
    if sys.platform == "linux":
        # Survives the exec, so a `kill -9` of the scrape takes its program along.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the scrape ended before its program began")
    lift_data_limit()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - a shell is what is avoided here
    except OSError as error:
        sys.exit(f"{argv[0]}: {error.strerror}")


def lift_data_limit() -> None:
    """The limit was sized for the scrape's own interpreter; programs that reserve address space would die of it."""
    import resource  # absent on some systems, needed on this path alone

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
