"""Wall clocks that are wrong and jump, for real processes: a library of forty lines that is loaded into them."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("wrong_clock.c")
NUMBERS = {"x86_64": 228, "aarch64": 113}  # of the system call clock_gettime
HOUR_S = 3600


class WrongClock:
    """One clock; whoever is started `through` it lives by it, with all it starts."""

    def __init__(self, library: Path, file: Path, offset_s: int) -> None:
        """`offset_s`: how far it is ahead."""
        self._file = file
        self.environment = {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(file)}
        self.through = ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        self.jump(offset_s)

    def jump(self, offset_s: int) -> None:
        """From now on it is that far ahead."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(offset_s))
        fresh.chmod(0o644)  # a server under another account reads it too
        fresh.replace(self._file)


@pytest.fixture(scope="session")
def wrong_clock_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, made by whichever compiler there is."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "tcc"))), None)
    number = NUMBERS.get(platform.machine())
    if compiler is None or number is None:
        pytest.skip("needs a C compiler for x86_64 or aarch64: apt-get install tcc")
    library = tmp_path_factory.mktemp("clock") / "wrong_clock.so"
    words = ["-shared", "-fPIC", "-nostdlib", f"-DCLOCK_GETTIME={number}", "-o", str(library), str(SOURCE)]
    subprocess.run([compiler, *words], check=True, timeout=60)
    return library
