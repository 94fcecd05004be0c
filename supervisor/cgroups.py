"""Where this process stands in the control groups: v1, v2, hybrid, nested, inside a container or not."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

CgroupKind = Literal["cgroup v1", "cgroup v2"]

CGROUP_ROOT = "/sys/fs/cgroup"
PROC_ROOT = "/proc"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One control group that bounds this process: its own, or an ancestor."""

    kind: CgroupKind
    path: str  # below the mount, "/" for the mount's root
    directory: Path


def find_groups(controller: str, cgroup_root: Path | str, proc_root: Path | str) -> list[Group]:
    """Every group that may bound this process for one controller, its own first, the mount's root last.

    Levels are not checked for the controller's files: a hybrid host mounts a v2 tree that has none of them.
    """
    memberships = _memberships(Path(proc_root))
    return [
        group
        for kind, mount, path in _mounts(controller, Path(cgroup_root), memberships)
        for group in _upwards(kind, mount, path)
    ]


def pids_room(cgroup_root: Path | str = CGROUP_ROOT, proc_root: Path | str = PROC_ROOT) -> int | None:
    """How many more processes and threads may be started; None: no limit is known.

    Asked before each launch, because a fork that fails in the forkserver ends every running scrape.
    """
    rooms = [_pids_room_of(group) for group in find_groups("pids", cgroup_root, proc_root)]
    rooms.append(_user_room(Path(proc_root), os.getuid(), resource.getrlimit(resource.RLIMIT_NPROC)[0]))
    return min((room for room in rooms if room is not None), default=None)


def read_text(path: Path) -> str:
    """The text of a small kernel file; empty when it is not there, not ours to read or not text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def read_number(path: Path) -> int | None:
    """The one number in a kernel file; None for "max", a negative number, garbage or no file."""
    return as_number(read_text(path).strip())


def read_fields(path: Path) -> dict[str, int]:
    """The lines "name 123", "name: 123" and "name: 123 kB" of a kernel file; every other line is left out."""
    fields = {}
    for line in read_text(path).splitlines():
        words = line.split()
        number = as_number(words[1]) if len(words) > 1 else None
        if number is not None:
            fields[words[0].rstrip(":")] = number
    return fields


def as_number(word: str) -> int | None:
    """A plain decimal of at most 20 digits, as the kernel writes it, else None."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 20 else None


def _memberships(proc_root: Path) -> dict[str, str]:
    """Controller → path of our group, the v2 tree under ""; without the file, the mounts' roots stand for us."""
    paths: dict[str, str] = {}
    for line in read_text(proc_root / "self" / "cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon and (controllers or number == "0"):
            paths |= dict.fromkeys(controllers.split(","), path)
    return paths


def _mounts(controller: str, root: Path, memberships: dict[str, str]) -> Iterator[tuple[CgroupKind, Path, str]]:
    if controller in memberships or not memberships:
        v1 = _v1_mount(controller, root)
        if v1 is not None:
            yield "cgroup v1", v1, memberships.get(controller, "/")
    if "" in memberships or not memberships:
        for mount in (root, root / "unified"):
            if (mount / "cgroup.controllers").is_file():
                yield "cgroup v2", mount, memberships.get("", "/")


def _v1_mount(controller: str, root: Path) -> Path | None:
    """The folder of a v1 controller; co-mounted ones share a folder named "cpu,memory", with or without a link."""
    if (root / controller).is_dir():
        return root / controller
    try:
        shared = sorted(folder for folder in root.iterdir() if controller in folder.name.split(","))
    except OSError:
        return None
    return shared[0] if shared else None


def _upwards(kind: CgroupKind, mount: Path, path: str) -> Iterator[Group]:
    own = _own_directory(mount, path)
    for directory in (own, *own.parents):
        relative = directory.relative_to(mount).as_posix()
        yield Group(kind=kind, path="/" if relative == "." else f"/{relative}", directory=directory)
        if directory == mount:
            return


def _own_directory(mount: Path, path: str) -> Path:
    """Our group's folder, or the mount's root where no part of `path` leads to one.

    A container's mount often begins below the path that the kernel reports, so leading parts are stripped.
    """
    # "/../x" is how a path outside our cgroup namespace reads; following the dots would leave the mount.
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for start in range(len(parts)):
        directory = mount.joinpath(*parts[start:])
        if directory.is_dir():
            return directory
    return mount


def _pids_room_of(group: Group) -> int | None:
    limit = read_number(group.directory / "pids.max")
    current = read_number(group.directory / "pids.current")
    return None if limit is None or current is None else max(0, limit - current)


def _user_room(proc: Path, uid: int, limit: int) -> int | None:
    """What RLIMIT_NPROC leaves to this user, who pays for each thread; root is not bound by it."""
    if uid == 0 or limit == resource.RLIM_INFINITY:
        return None
    return max(0, limit - sum(_threads(folder, uid) for folder in proc.glob("[0-9]*")))


def _threads(folder: Path, uid: int) -> int:
    try:
        return sum(1 for _ in (folder / "task").iterdir()) if folder.stat().st_uid == uid else 0
    except OSError:  # ended since it was listed
        return 0
