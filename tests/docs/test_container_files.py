"""Dockerfile, compose.yml and .env.example agree with each other and with the settings' defaults."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from supervisor.config import Config, load_config
from supervisor.contradictions import RENEWAL_LIMIT_S
from supervisor.settings import SETTINGS

ROOT = Path(__file__).parents[2]
DOCKERFILE, COMPOSE, EXAMPLE, IGNORED = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", "compose.yml", ".env.example", ".dockerignore")
)
SERVICES = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", COMPOSE, re.MULTILINE))
SUPERVISOR = SERVICES["supervisor"]
FINAL = DOCKERFILE.rpartition("\nFROM ")[2]
ASKED = set(re.findall(r"\$\{(\w+)", COMPOSE))
OFFERED = set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))


def of_the_supervisor(key: str) -> str:
    """The value of a key of that service."""
    found = re.search(rf"^    {key}: ([^#\n]*)", SUPERVISOR, re.MULTILINE)
    assert found, key
    return found[1].strip()


def test_a_container_gets_longer_to_stop_than_the_drain_takes() -> None:
    config = Config()
    slowest = config.supervisor.drain_s + config.kill.term_s + config.kill.soft_s + RENEWAL_LIMIT_S
    assert float(of_the_supervisor("stop_grace_period").removesuffix("s")) > slowest


def test_every_variable_that_compose_asks_for_is_in_the_example_and_no_other() -> None:
    assert ASKED == OFFERED


def test_every_variable_of_the_example_says_what_it_is_for() -> None:
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+=", line):
            assert lines[number - 1].startswith(("#", "SCRAPEWARDEN_PORT=")), line


def test_passwords_have_no_default_and_none_is_in_the_image() -> None:
    for name in ("POSTGRES_PASSWORD", "SCRAPEWARDEN_PASSWORD"):
        assert f"\n{name}=\n" in EXAMPLE
        assert f"${{{name}:?" in COMPOSE
    assert not re.search(r"PASSWORD|TOKEN|SECRET", DOCKERFILE)


def test_settings_in_container_files_are_settings() -> None:
    known = {row.variable for row in SETTINGS.values()} | {Config().web.password_env, Config().web.token_env}
    settings = set(re.findall(r"^      (SCRAPEWARDEN_\w+):", SUPERVISOR, re.MULTILINE))
    baked = set(re.findall(r"\b(SCRAPEWARDEN_\w+)=", FINAL))
    assert settings
    assert baked
    assert (settings | baked) - known == set()


def test_the_settings_of_compose_are_accepted_with_a_password_and_refused_without() -> None:
    given = dict(re.findall(r"^      (SCRAPEWARDEN_\w+): (?!\$)(\S+)", SUPERVISOR, re.MULTILINE))
    config = load_config(environ=given | {"SCRAPEWARDEN_PASSWORD": "made-up"})
    assert config.web.host == "0.0.0.0"
    with pytest.raises(Exception, match="needs a password"):
        load_config(environ=given)


def test_the_image_exposes_and_compose_publishes_the_port_that_is_the_default_on_loopback() -> None:
    port = Config().web.port
    assert f"\nEXPOSE {port}\n" in DOCKERFILE
    assert f'"${{SCRAPEWARDEN_BIND:-127.0.0.1}}:${{SCRAPEWARDEN_PORT:-{port}}}:{port}"' in SUPERVISOR


def test_the_supervisor_has_1024_mb_no_swap_and_nothing_it_does_not_need() -> None:
    assert of_the_supervisor("mem_limit") == of_the_supervisor("memswap_limit") == "1024m"
    assert of_the_supervisor("read_only") == "true"
    assert of_the_supervisor("restart") == "unless-stopped"
    assert of_the_supervisor("cap_drop") == "[ALL]"
    assert "no-new-privileges:true" in of_the_supervisor("security_opt")
    assert "mem_limit: " in SERVICES["postgres"]


def test_the_image_runs_under_an_init_as_an_unprivileged_number_and_is_stopped_by_sigterm() -> None:
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", FINAL, re.MULTILINE)
    # Without -g: SIGTERM is for the supervisor, which tells its scrapes itself.
    assert '\nENTRYPOINT ["tini", "--", "supervisor"]\n' in FINAL
    assert "\nSTOPSIGNAL SIGTERM\n" in FINAL


def test_the_health_check_allows_a_longer_silence_than_the_loop_ever_keeps() -> None:
    within = SETTINGS["supervisor.poll_s"].rules.within
    allowed = re.search(r'-newermt "(\d+) seconds ago"', FINAL)
    assert within
    assert allowed
    assert float(allowed[1]) > within[1]


def test_dependencies_are_installed_by_hash_from_the_pinned_files_and_no_index_is_named() -> None:
    installs = re.findall(r"pip .*install.*", DOCKERFILE)
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert not re.search(r"https?://", DOCKERFILE + COMPOSE)


def test_only_what_the_dockerfile_copies_reaches_the_builder() -> None:
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert {line[1:] for line in IGNORED.splitlines() if line.startswith("!")} == copied
    assert IGNORED.splitlines()[1] == "*"


def pinned(name: str) -> set[str]:
    """What .ci/pins.py prints for it."""
    words = [sys.executable, str(ROOT / ".ci" / "pins.py"), name]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.count("--hash=sha256:") >= done.stdout.count("==")
    return set(re.findall(r"^([\w.-]+)==", done.stdout, re.MULTILINE))


def needed(line: str) -> set[str]:
    """The names of a requirement and of all that it needs in its turn, by the metadata of what is installed here."""
    requirement = Requirement(line)
    names = {requirement.name.lower().replace("_", "-")}
    for below in requires(requirement.name) or []:
        marker = Requirement(below).marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ["", *requirement.extras]):
            names |= needed(below)
    return names


def test_the_pins_of_the_image_are_what_the_project_needs_and_nothing_that_only_tests_do() -> None:
    # "At least", because a newer Python needs fewer of them.
    assert pinned("project") >= needed("scrapewarden") - {"scrapewarden"}
    assert pinned("hatchling") >= needed("hatchling")
    assert pinned("project") & {"pytest", "hypothesis", "mypy", "ruff", "import-linter", "hatchling"} == set()
