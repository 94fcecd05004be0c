"""A strict reader of Prometheus' text format 0.0.4: what it takes, Prometheus takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_UNESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
Key = tuple[tuple[str, str], ...]


@dataclass
class Family:
    """One metric: its sentence, its type, and label pairs → value."""

    told: str
    kind: str = ""
    samples: dict[Key, float] = field(default_factory=dict)

    def of(self, **labels: str) -> float:
        """The value with exactly these labels."""
        return self.samples[tuple(sorted(labels.items()))]


def read(text: str) -> dict[str, Family]:
    """Families by name; AssertionError for anything that the format forbids."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    name = ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            name, _, told = line.removeprefix("# HELP ").partition(" ")
            assert NAME.fullmatch(name), line
            assert told, line
            assert name not in families, f"{name} is not in one piece"
            families[name] = Family(told)
        elif line.startswith("# TYPE "):
            typed, _, kind = line.removeprefix("# TYPE ").partition(" ")
            assert typed == name, line
            assert kind in {"counter", "gauge", "histogram", "summary", "untyped"}, line
            assert not families[name].kind, line
            assert not families[name].samples, line
            families[name].kind = kind
        else:
            _read_sample(line, name, families[name])
    return families


def _read_sample(line: str, name: str, family: Family) -> None:
    found = _SAMPLE.fullmatch(line)
    assert found, line
    assert found["name"] == name, line
    assert family.kind, line
    key = tuple(sorted(_labels(found["labels"] or "").items()))
    assert key not in family.samples, f"twice: {line}"
    family.samples[key] = float(found["value"])


def _labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _LABEL.match(text, at)
        assert found, text
        assert found[1] not in labels, text
        assert not found[1].startswith("__"), text
        labels[found[1]] = re.sub(r"\\[\\n\"]", lambda escape: _UNESCAPED[escape[0]], found[2])
        at = found.end()
    assert not text.endswith(","), text
    return labels
