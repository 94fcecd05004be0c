"""Check the image in a real container: `python tests/container/check.py [--storm 600] [--folder KEPT]`.

Builds the project's image with podman and runc, as root, and prints one line for each check; exit code 1 if one fails.
It needs no virtual environment. Everything it makes lies in one folder, which is removed at the end unless it is named.
The base is a stand-in made of Debian's packages, because that needs no registry; `--base python:3.12-slim` takes the
real one, `--python FOLDER` puts an installation of Python 3.12 into the stand-in in place of Debian's 3.11.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.container import checks
from tests.container.engine import Podman, build, stand_in, why_not
from tests.container.setup import Setup, folder_of
from tests.container.storm import storm


def main() -> int:
    """Build, check, print."""
    options = _options()
    if reason := why_not():
        print(f"no check is possible here: it {reason}", file=sys.stderr)
        return 2
    with _setup(options) as setup:
        print(checks.describe(setup))
        verdicts = [_verdict(check.__name__, partial(check, setup)) for check in checks.CHECKS]
        if options.storm:
            verdicts.append(_verdict("storm", partial(storm, setup, options.storm)))
    return int(not all(verdicts))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--storm", type=float, default=0, metavar="SECONDS", help="add the memory storm; 600 is full")
    parser.add_argument("--folder", help="keep images here, for a quicker second check")
    parser.add_argument("--base", help="base image to pull, instead of a stand-in made here")
    parser.add_argument("--python", type=Path, help="installation of Python 3.12 for the stand-in")
    return parser.parse_args()


@contextlib.contextmanager
def _setup(options: argparse.Namespace) -> Iterator[Setup]:
    engine = Podman(folder_of(options.folder))
    try:
        build(engine, options.base or stand_in(engine, options.python))
        with Setup(engine) as setup:
            yield setup
    finally:
        if not options.folder:
            engine.throw_away()


def _verdict(name: str, check: Callable[[], str]) -> bool:
    began = time.monotonic()
    try:
        said, passed = check(), True
    except AssertionError as error:
        said, passed = str(error) or "no", False
    print(
        f"{'pass' if passed else 'FAIL'} {time.monotonic() - began:6.1f} s  {name.replace('_', ' ')}: {said}",
        flush=True,
    )
    return passed


if __name__ == "__main__":
    sys.exit(main())
