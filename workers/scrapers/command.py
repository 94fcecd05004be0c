"""Any program in any language: JSON lines on stdout are pages, stderr is the log, the exit status is the verdict.

A line is {"url", "postings": [...], "checkpoint", "done", "total", "stage"}, or one posting ({"url", "title", ...}).
The program finds the checkpoint and the node's params as JSON in SCRAPEWARDEN_CHECKPOINT and SCRAPEWARDEN_PARAMS.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.errors import ScraperRefused
from workers.proxy_env import given_proxy
from workers.records import JsonObject, Page, Posting
from workers.scrapers.params import FIELDS, Param, read_params
from workers.scrapers.programs import LINE_LIMIT, Line, Program

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(name="argv", kind="texts", required=True, sentence="The program and its arguments; no shell reads them."),
    Param(name="cwd", kind="text", sentence="The folder it runs in; without it that of the supervisor."),
    Param(
        name="env", kind="mapping", default={}, sentence="Further environment variables; all other params belong to it."
    ),
)
# What a program needs to run at all, and the marks by which its processes are found again. Nothing else is handed down:
# the environment of a scrape holds the database's address.
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SHELL", "LD_LIBRARY_PATH",
             "SSL_CERT_FILE", "SSL_CERT_DIR", "VIRTUAL_ENV", "PYTHONPATH",
             "SCRAPEWARDEN_RUN", "SCRAPEWARDEN_SUPERVISOR")  # fmt: skip
PAGE_KEYS = {"url": str, "postings": list, "checkpoint": dict, "done": int, "total": int, "stage": str}


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("command", PARAMS, params, others=True)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Runs a program and commits the pages that it prints as JSON lines."""
    params = read(scrape.params)
    last = ""
    with closing(_started(scrape, params)) as program:
        for line in program.lines():
            if line.stream == "stderr":
                last = line.text or last
                scrape.log("stderr", level="info", message=line.text)
            elif line.text.strip():
                yield page_of(line)
        code = program.exit_code()
    if code:
        ended = f"exited with status {code}" if code > 0 else f"was ended by {_signal_name(-code)}"
        raise RuntimeError(f"{params['argv'][0]} {ended}; last stderr line: {last or '(none)'}")


def page_of(line: Line) -> Page:
    """The page that a line of stdout stands for; raises ValueError with what is wrong about it."""
    if line.cut:
        raise ValueError(f"a line of stdout is longer than {LINE_LIMIT['stdout']:,} bytes: print smaller pages")
    try:
        value = json.loads(line.text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"stdout should be JSON lines, got {line.text[:80]!r}: print logs to stderr") from error
    if not isinstance(value, dict):
        raise ValueError(f"a line of stdout should be a JSON object, got {line.text[:80]!r}")  # noqa: TRY004 - not a caller's type
    if "postings" not in value and "title" in value:
        return Page(postings=[_posting(value)])
    for key, kind in PAGE_KEYS.items():
        got = value.get(key)
        if got is not None and (not isinstance(got, kind) or isinstance(got, bool)):
            raise ValueError(f"{key} of a page should be {kind.__name__}, got {got!r:.80}")
    postings = [_posting(posting) for posting in value.get("postings") or []]
    return Page(**{key: value.get(key) for key in PAGE_KEYS if key != "postings"}, postings=postings)


def _posting(value: Any) -> Posting:
    if not isinstance(value, dict):
        raise ValueError(f"a posting should be a JSON object, got {value!r:.80}")  # noqa: TRY004 - not a caller's type
    return Posting(**{key: value[key] for key in FIELDS if key in value})


def _started(scrape: Scrape, params: JsonObject) -> Program:
    env = _environment(scrape, params["env"])
    argv, cwd = params["argv"], params["cwd"]
    if cwd is not None and not Path(cwd).is_dir():
        raise ScraperRefused(f"command: there is no folder {cwd}; correct cwd")
    program = Path(cwd or ".", argv[0]) if "/" in argv[0] else argv[0]
    if shutil.which(program, path=env.get("PATH")) is None:
        raise ScraperRefused(f"command: there is no program {argv[0]}; correct argv or install it")
    try:
        return Program(argv, cwd=cwd, env=env)
    except OSError as error:
        limit = "; keep checkpoint and params under 120 kB" if error.errno == errno.E2BIG else ""
        raise RuntimeError(f"{argv[0]} does not start: {error.strerror}{limit}") from error


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        return f"signal {number}"


def _environment(scrape: Scrape, extra: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")}
    own = {key: value for key, value in scrape.params.items() if key != "env"}
    chosen = {name.upper() for name in extra}  # in upper case or lower: programs differ in which one they prefer
    proxy = {name: value for name, value in given_proxy().items() if name.upper() not in chosen}
    return {
        **kept,
        **proxy,
        **extra,
        "SCRAPEWARDEN_PARAMS": json.dumps(own, ensure_ascii=False),
        "SCRAPEWARDEN_CHECKPOINT": json.dumps(scrape.checkpoint, ensure_ascii=False),
    }
