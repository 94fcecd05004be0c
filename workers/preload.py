"""What the forkserver does on itself when it starts; only it imports this module.

Everything preloaded must be safe to import: no thread, no connection, no event loop.
"""

from __future__ import annotations

import encodings.ascii
import gc
import multiprocessing.queues
import multiprocessing.synchronize
import resource
import signal
import sys
from types import TracebackType

import lxml.html
import protego
import psycopg
import psycopg_binary
import requests

import workers.run
import workers.scrapers.html
import workers.warm
from workers import queries, tls
from workers.protect import die_with_parent


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Of a process that could not begin; one whose supervisor died while asking for it is nothing to report."""
    if not issubclass(kind, EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report
# A signal to the whole group or container must not take the template before the scrapes are drained.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
# The chain of death begins here: a child alone would be kept alive by the forkserver, and it by the child.
die_with_parent(0)
_, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))
queries.load("scrape")
# The tables of the clean-up cost each scrape 4 MB and its first posting 60 ms if they were built after the fork.
workers.warm.rehearse_cleaning()
tls.usual_context()  # 40 ms of each scrape of a site with https, were it made after the fork
# Pages that the collector would touch would no longer be shared with the template.
gc.collect()
gc.freeze()

loaded = (
    encodings.ascii,
    lxml.html,
    multiprocessing.queues,
    multiprocessing.synchronize,
    protego,
    psycopg,
    psycopg_binary,
    requests,
    workers.run,
    workers.scrapers.html,
    workers.warm,
)
