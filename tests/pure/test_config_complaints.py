"""What `load_config` says about values that are wrong, each by itself or together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configs import complaints, load

HUGE = "0x" + "f" * 5000


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_all_complaints_come_at_once_each_beginning_with_its_path() -> None:
    lines = complaints(
        '[memory]\nreserve_mb = "lots"\nreserv_percent = 5\n[memroy]\n[web]\nport = 70000\n',
        environ={"SCRAPEWARDEN_RETRY_ATTEMPTS": "some"},
        flags={"supervisor.max_concurrent": 0},
    )
    assert sorted(lines) == [
        "memory.reserv_percent: no such setting; did you mean memory.reserve_percent?",
        'memory.reserve_mb: should be a whole number, got "lots"',
        "memroy: no such section; did you mean [memory]?",
        'retry.attempts: should be a whole number, got "some" from SCRAPEWARDEN_RETRY_ATTEMPTS',
        "supervisor.max_concurrent: should be between 1 and 1000, got 0 from the command line",
        "web.port: should be between 0 and 65535, got 70000",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[memory]\nreserve_mb = 1.5", "memory.reserve_mb: should be a whole number, got 1.5"),
        ("[memory]\nreserve_mb = true", "memory.reserve_mb: should be a whole number, got true"),
        ("[memory]\nreserve_mb = -1", "memory.reserve_mb: should be between 0 and 1048576, got -1"),
        (f"[memory]\nreserve_mb = {HUGE}", "memory.reserve_mb: should be between 0 and 1048576, got a huge number"),
        ("[fetch]\ngap_s = nan", "fetch.gap_s: should be between 0 and 3600, got nan"),
        ("[fetch]\ngap_s = inf", "fetch.gap_s: should be between 0 and 3600, got inf"),
        ("[fetch]\ngap_s = 1979-05-27", "fetch.gap_s: should be a number, got 1979-05-27"),
        (f"[fetch]\ngap_s = {HUGE}", "fetch.gap_s: should be a number, got a huge number"),
        ("[fetch]\nrobots = 1", "fetch.robots: should be true or false, got 1"),
        ('[fetch]\nuser_agent = ""', 'fetch.user_agent: should be printable ASCII and not empty, got ""'),
        ('[fetch]\ncontact = "a\\nb"', 'fetch.contact: should be text without control characters, got "a\\nb"'),
        ("[fetch]\ncontact = {a = 1}", "fetch.contact: should be text in quotes, got a table"),
        ('[scrapers]\nallow = "mine"', 'scrapers.allow: should be a list of texts, got "mine"'),
        ("[scrapers]\nallow = [1]", "scrapers.allow: should be a list of texts, got a list of other things"),
        ('[scrapers]\nallow = ["my-pkg"]', 'scrapers.allow: should be the name of a package, got ["my-pkg"]'),
        ('[scrapers]\nenv = ["A B"]', 'scrapers.env: should be the name of an environment variable, got ["A B"]'),
        ('[launcher]\nkind = "dask"', 'launcher.kind: should be "local" or "ray", got "dask"'),
        ('[snapshots]\nat = "24:00"', 'snapshots.at: should be a time of day such as "00:05", got "24:00"'),
        ('[snapshots]\ntimezone = "Mars"',
         'snapshots.timezone: should be a time zone such as "Europe/Berlin", got "Mars"'),
        ('[snapshots]\ntimezone = "../x"',
         'snapshots.timezone: should be a time zone such as "Europe/Berlin", got "../x"'),
        ('[proxies]\nown_address = "me"', 'proxies.own_address: should be empty or an IP address, got "me"'),
        ("memory = 5", "memory: should be a section, written [memory], got 5"),
        ("[[memory]]", "memory: should be a section, written [memory], got a list of other things"),
        ("reserve_mb = 5", "reserve_mb: no such section; did you mean memory.reserve_mb?"),
        ('[supervisor]\npassword_env = "X"',
         "supervisor.password_env: no such setting; did you mean web.password_env?"),
        ("[zzz]", "zzz: no such section; take it out"),
        ('[memory]\n"a\\nb" = 1', 'memory."a\\nb": no such setting; take it out'),
    ],
)  # fmt: skip
def test_a_wrong_value_gets_one_sentence(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


@pytest.mark.parametrize("section", ["database", "alerts"])
def test_a_value_that_may_hold_a_password_is_never_repeated(section: str) -> None:
    key = {"database": "url", "alerts": "webhook_url"}[section]
    (line,) = complaints(f'[{section}]\n{key} = "secret123"')
    assert line.startswith(f"{section}.{key}: should be empty or ")
    assert "secret123" not in line


@pytest.mark.parametrize("url", ["", "postgres://h/d", "postgresql://u:p@h:1/d?sslmode=require", "host=h dbname=d"])
def test_every_way_to_name_a_database_is_taken(url: str) -> None:
    assert load(flags={"database.url": url}).database.url == url


def test_a_misspelt_variable_is_noticed_and_a_stranger_is_not() -> None:
    environ = {
        "SCRAPEWARDEN_MEMORY_RESERV_MB": "5",
        "SCRAPEWARDEN_MEMROY_RESERVE_MB": "5",
        "SCRAPEWARDEN_WEB_COLOUR": "red",
        "SCRAPEWARDEN_WEB_SECRET": "named by password_env",
        "SCRAPEWARDEN_TOKEN": "x",
        "SCRAPEWARDEN_RUN": "0",
        "SCRAPEWARDEN_HOME": "/x",
    }
    assert complaints('[web]\npassword_env = "SCRAPEWARDEN_WEB_SECRET"', environ=environ) == [
        "SCRAPEWARDEN_MEMORY_RESERV_MB: no such setting; did you mean SCRAPEWARDEN_MEMORY_RESERVE_MB?",
        "SCRAPEWARDEN_MEMROY_RESERVE_MB: no such setting; did you mean SCRAPEWARDEN_MEMORY_RESERVE_MB?",
        "SCRAPEWARDEN_WEB_COLOUR: no such setting; unset it",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[heartbeat]\nevery_s = 45",
         "heartbeat.stale_after_s: should be more than twice heartbeat.every_s (45), got 90"),
        ("[supervisor]\nrenew_s = 23", "supervisor.renew_s: should be at most 22 with supervisor.lease_s 30, got 23"),
        ("[supervisor]\nlease_s = 8\nrenew_s = 1.5",
         "supervisor.renew_s: should be at most 1 with supervisor.lease_s 8, got 1.5"),
        ("[supervisor]\nlease_s = 4\nrenew_s = 0.1",
         "supervisor.renew_s: has no room for a renewal within supervisor.lease_s (4); make the lease at least 8 s"),
        ("[supervisor]\npoll_s = 40", "supervisor.poll_s: should be at most supervisor.lease_s (30), got 40"),
        ("[memory]\ndefault_budget_mb = 600",
         "memory.default_budget_mb: should be at most memory.max_budget_mb (512), got 600"),
        ("[retry]\nbase_s = 31", "retry.base_s: should be at most retry.cap_s (30), got 31"),
        ("[breaker]\nopen_max_s = 59", "breaker.open_s: should be at most breaker.open_max_s (59), got 60"),
        ('[web]\nhost = "0.0.0.0"',
         ('web.host: "0.0.0.0" is beyond loopback and needs a password; '
          "put one into SCRAPEWARDEN_PASSWORD or use 127.0.0.1")),
    ],
)  # fmt: skip
def test_values_that_cannot_work_together_are_refused(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


@pytest.mark.parametrize(
    "text",
    [
        "[supervisor]\nrenew_s = 22",
        "[supervisor]\nlease_s = 8\nrenew_s = 1",
        "[heartbeat]\nevery_s = 44.9",
        "[memory]\ndefault_budget_mb = 512",
        '[web]\nhost = "::1"',
        '[web]\nhost = "localhost"',
        '[web]\nhost = "0.0.0.0"\nenabled = false',
    ],
)
def test_values_just_inside_the_limits_are_taken(text: str) -> None:
    load(text)


def test_a_password_opens_the_dashboard_to_others() -> None:
    assert load('[web]\nhost = "0.0.0.0"', environ={"SCRAPEWARDEN_PASSWORD": "x"}).web.host == "0.0.0.0"


def test_a_broken_value_is_not_also_compared_with_others() -> None:
    assert complaints('[heartbeat]\nevery_s = 60\nstale_after_s = "long"') == [
        'heartbeat.stale_after_s: should be a number, got "long"'
    ]
