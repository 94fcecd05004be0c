"""The checks of tests/container/check.py as tests; they build an image, which takes minutes and a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container import checks
from tests.container.engine import Podman, build, stand_in, why_not
from tests.container.setup import Setup, folder_of
from tests.container.storm import storm

STORM_S = float(os.environ.get("TEST_CONTAINER_STORM_S", "60"))


@pytest.fixture(scope="module")
def setup() -> Iterator[Setup]:
    """The image, a Postgres and a folder; skipped where that cannot be, or was not asked for."""
    if reason := why_not():
        pytest.skip(reason)
    if not (folder := os.environ.get("TEST_CONTAINER")):
        pytest.skip("takes minutes and a network: name a folder for images in TEST_CONTAINER")
    engine = Podman(folder_of(folder))
    try:
        build(engine, os.environ.get("TEST_CONTAINER_BASE") or stand_in(engine, None))
        with Setup(engine) as setup:
            yield setup
    finally:
        engine.close()


def test_the_image_has_no_compiler_no_cache_and_is_not_root(setup: Setup) -> None:
    checks.image_has_what_it_needs_and_no_more(setup)


def test_the_containers_limit_is_seen_and_its_source_named(setup: Setup) -> None:
    checks.limit_is_seen_and_named(setup)


def test_a_scrape_runs_where_nothing_but_tmp_can_be_written(setup: Setup) -> None:
    checks.scrape_runs_where_nothing_can_be_written(setup)


def test_the_doctor_is_green_in_a_container(setup: Setup) -> None:
    checks.doctor_is_green(setup)


def test_the_health_check_says_whether_the_loop_turns(setup: Setup) -> None:
    checks.health_check_follows_the_loop(setup)


def test_grandchildren_and_daemons_leave_no_process_and_no_zombie_in_a_container(setup: Setup) -> None:
    checks.no_process_is_left_over(setup)


def test_stopping_a_container_drains_and_exits_0(setup: Setup) -> None:
    checks.sigterm_drains(setup)


def test_an_embedded_database_in_the_volume_survives_its_container(setup: Setup) -> None:
    checks.own_database_survives_its_container(setup)


def test_a_web_port_beyond_loopback_is_refused_without_a_password(setup: Setup) -> None:
    checks.web_beyond_loopback_needs_a_password(setup)


def test_the_demo_runs_in_a_container(setup: Setup) -> None:
    checks.demo_runs(setup)


def test_six_nodes_of_150_mb_finish_in_a_container_of_512_mb_beside_a_leaker_and_a_burster(setup: Setup) -> None:
    storm(setup, STORM_S)


def test_every_check_of_the_script_is_a_test_here() -> None:
    called = Path(__file__).read_text(encoding="utf-8")
    assert [check.__name__ for check in checks.CHECKS if f"checks.{check.__name__}(" not in called] == []
