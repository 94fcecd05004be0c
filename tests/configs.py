"""Loads a configuration from text, for tests that stand in an empty folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from supervisor.config import Config, load_config
from workers.errors import ConfigError


def load(
    text: str | bytes = "", *, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> Config:
    """The configuration that a file with this text makes."""
    file = Path("settings.toml")
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(file, environ=environ or {}, flags=flags)


def complaints(
    text: str | bytes = "", *, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> list[str]:
    """The lines that such a file is refused with."""
    with pytest.raises(ConfigError) as caught:
        load(text, environ=environ, flags=flags)
    return str(caught.value).split("\n")
