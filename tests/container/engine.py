"""A container engine of the check's own: podman with runc, its storage in one folder, so that nothing else is touched.

Needs root, podman and runc; the stand-in for the base image needs debootstrap and a Debian mirror too.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
IMAGE = "localhost/scrapewarden-check"
STAND_IN = "localhost/scrapewarden-stand-in"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BUILD_LIMIT_S = 900.0
# Engines ask for a million open files by default, which a machine that is a guest itself may not be able to give.
SETTINGS = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
"""


class EngineError(AssertionError):
    """The engine refused; carries what it said."""


def why_not() -> str | None:
    """The reason why no check is possible here; None where it is."""
    if os.geteuid() != 0:
        return "needs root: memory limits of rootless containers depend on the host's set-up"
    missing = [program for program in ("podman", "runc") if not shutil.which(program)]
    return f"needs {' and '.join(missing)} (apt install podman runc)" if missing else None


class Podman:
    """podman on a storage folder of its own."""

    def __init__(self, folder: Path) -> None:
        """`folder` keeps images and containers; the next check in it builds little again. Raises EngineError."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")  # held as long as this process lives
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise EngineError(f"another check is at work in {folder}: wait for it, or name another folder") from error
        settings = folder / "containers.conf"
        settings.write_text(SETTINGS, encoding="utf-8")
        self._environment = os.environ | {"CONTAINERS_CONF": str(settings), "TMPDIR": str(folder)}
        self._words = ["podman", "--root", str(folder / "storage"), "--runroot", str(folder / "run")]

    def run(
        self, *words: str, check: bool = True, limit_s: float = 120, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """`podman WORDS`, with its output. Raises EngineError if it fails and `check` is set."""
        try:
            done = subprocess.run(
                [*self._words, *words],
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
                env=self._environment,
                cwd=ROOT,
                input=stdin,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"podman {' '.join(words[:3])} did not end within {limit_s:g} s") from error
        if check and done.returncode:
            raise EngineError(
                f"podman {' '.join(words[:3])} answered {done.returncode}: {(done.stderr or done.stdout)[-2000:]}"
            )
        return done

    def says(self, *words: str, **options: Any) -> str:
        """What it prints, without the last line's end."""
        return self.run(*words, **options).stdout.strip()

    def inspect(self, name: str, template: str) -> str:
        """One figure of a container or an image."""
        return self.says("inspect", "--format", template, name)

    def inside(self, name: str, *words: str, **options: Any) -> str:
        """What a command in the container prints."""
        return self.says("exec", name, *words, **options)

    def rows(self, name: str, *words: str) -> Any:
        """What `supervisor WORDS --json` in the container answers."""
        return json.loads(self.inside(name, "supervisor", *words, "--json"))

    def has_image(self, name: str) -> bool:
        """Whether it is in this storage."""
        return self.run("image", "exists", name, check=False).returncode == 0

    def remove(self, *names: str) -> None:
        """End containers at once, with their volumes; those that do not exist are no matter."""
        self.run("rm", "--force", "--volumes", "--time", "0", "--ignore", *names, check=False)

    def close(self) -> None:
        """Let others use the folder."""
        self._lock.close()

    def throw_away(self) -> None:
        """Remove the folder with everything in it."""
        self.run("rmi", "--all", "--force", check=False, limit_s=BUILD_LIMIT_S)
        # The engine mounts its own folder upon itself and leaves it so.
        subprocess.run(["umount", str(self.folder / "storage" / "overlay")], capture_output=True, check=False)
        self.close()
        shutil.rmtree(self.folder)


def build(engine: Podman, base: str) -> None:
    """Build the project's own image, as `docker build .` would, on `base`. Raises EngineError."""
    settings = [f"--build-arg=PIP_INDEX_URL={os.environ['PIP_INDEX_URL']}"] if os.environ.get("PIP_INDEX_URL") else []
    engine.run(
        "build",
        "--format=docker",  # the OCI format has no health check
        "--pull=never" if base.startswith("localhost/") else "--pull=missing",
        "--network=host",
        "--build-arg",
        f"PYTHON={base}",
        *settings,
        "--tag",
        IMAGE,
        ".",
        limit_s=BUILD_LIMIT_S,
    )


def stand_in(engine: Podman, python: Path | None) -> str:
    """An image like python:3.12-slim for machines without a registry: Debian 12's smallest system and a Python.

    `python`: installation folder of a Python 3.12 to take along, as /usr/local; without it Debian's own 3.11.
    """
    name = f"{STAND_IN}:{python.name if python else 'debian'}"
    if not engine.has_image(name):
        system = engine.folder / "stand-in"
        shutil.rmtree(system, ignore_errors=True)
        _install(system, python)
        archive = engine.folder / "stand-in.tar"
        subprocess.run(["tar", "--create", "--file", archive, "--directory", system, "."], check=True)
        shutil.rmtree(system)
        engine.run("import", str(archive), name, limit_s=BUILD_LIMIT_S)
        archive.unlink()
    return name


# What the interpreter's standard library is linked with, as the real image has it.
LIBRARIES = "libbz2-1.0,libffi8,liblzma5,libncursesw6,libreadline8,libsqlite3-0,libssl3,libuuid1,zlib1g"


def _install(system: Path, python: Path | None) -> None:
    packages = LIBRARIES if python else "python3,python3-pip,python3-venv"
    words = ["debootstrap", "--variant=minbase", f"--include=ca-certificates,{packages}", "bookworm", str(system)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT_S)
    if done.returncode:
        raise EngineError(f"debootstrap failed, it needs a Debian mirror: {done.stdout[-500:]}")
    if python:
        lean = shutil.ignore_patterns("test", "tests", "__pycache__", "config-3*", "*.a", "site-packages")
        shutil.copytree(python, system / "usr/local", symlinks=True, dirs_exist_ok=True, ignore=lean)
        subprocess.run(["chroot", str(system), "ldconfig"], check=True)
    names = system / "usr/local/bin"
    for name in ("python", "python3"):
        if not (names / name).exists() and not (names / name).is_symlink():
            (names / name).symlink_to("/usr/bin/python3" if python is None else "python3.12")
    # A company's base image carries its own authorities; so does this one, or pip trusts nobody here.
    if CERTIFICATES.exists():
        shutil.copy(CERTIFICATES, system / "etc/ssl/certs/ca-certificates.crt")
        (system / "etc/pip.conf").write_text(f"[global]\ncert = {CERTIFICATES}\n", encoding="utf-8")
    shutil.rmtree(system / "var/cache/apt", ignore_errors=True)
