"""Where the real pages, feeds and strings are: they are not part of this project, so they may be absent."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SCRAPEWARDEN_REALDATA"
FOLDER = Path(
    os.environ.get(VARIABLE) or Path(__file__).resolve().parents[3] / "shared" / "realdata" / "open",
)
ABSENT = f"{FOLDER} absent: put the real data there, or name its folder in {VARIABLE}"
