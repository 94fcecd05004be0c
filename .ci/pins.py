"""Print the part of constraints.txt that some packages need, hashes included: `python .ci/pins.py project|NAME...`.

constraints.txt also pins what only tests and lint need, a hundred megabytes that have no place in an image. The edges
between packages stand in its comments ("# via requests"), so that nothing has to be resolved here again.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Print the pins for the names on the command line; `project` stands for what the project itself imports."""
    blocks = read_blocks((ROOT / "constraints.txt").read_text("utf-8"))
    wanted = {name for word in sys.argv[1:] for name in ([word] if word != "project" else project_needs())}
    if missing := wanted - blocks.keys():
        print(f"constraints.txt does not pin {', '.join(sorted(missing))}: see docs/development.md", file=sys.stderr)
        return 1
    needed = closure(wanted, {name: parents(block) for name, block in blocks.items()})
    print("".join(blocks[name] for name in sorted(needed)), end="")
    return 0


def read_blocks(text: str) -> dict[str, str]:
    """Name → its lines: the pin, its hashes, and the comment that says who needs it."""
    blocks = re.findall(r"^[\w.-]+==.*\n(?:[ \t]+.*\n)*", text, re.MULTILINE)
    return {block.partition("==")[0]: block for block in blocks}


def parents(block: str) -> set[str]:
    """Who needs it."""
    return set(re.findall(r"^\s+#\s+(?:via )?([\w.-]+)", block, re.MULTILINE)) - {"via"}


def project_needs() -> set[str]:
    """What pyproject.toml names as dependencies, extras left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {re.split(r"[^\w.-]", line)[0] for line in project["dependencies"]}


def closure(wanted: set[str], parents_of: dict[str, set[str]]) -> set[str]:
    """All that is wanted, and what that needs in its turn."""
    needed = set(wanted)
    while more := {name for name, above in parents_of.items() if above & needed} - needed:
        needed |= more
    return needed


if __name__ == "__main__":
    sys.exit(main())
