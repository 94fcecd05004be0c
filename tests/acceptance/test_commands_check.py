from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fix_command import Done, Run, supervisor
from tests.fix_database import Connection
from tests.fix_embedded import Owner


def verdicts(done: Done) -> dict[str, str]:
    return {row["check"]: row["verdict"] for row in done.json}


def found(done: Done, check: str) -> Any:
    return next(row for row in done.json if row["check"] == check)


def test_everything_is_looked_at(command: Run) -> None:
    done = command("check", "--json")
    assert done.code == 0, done.out
    of_the_database = ["database", "server", "schema", "clock", "connections", "snapshots", "proxies"]
    looked_at = ["config", *of_the_database, "memory", "budgets", "packages", "platform"]
    assert [row["check"] for row in done.json] == looked_at
    assert set(done.json[0]) == {"check", "verdict", "found", "advice"}
    assert "fail" not in verdicts(done).values()
    table = command("check").out
    assert table.splitlines()[0].split() == ["CHECK", "VERDICT", "FOUND"]
    assert "max_connections" in table


def test_a_configuration_with_faults_fails_with_each_of_them(command: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[memory]\nreserve_mb = "lots"\n[nonsense]\n')
    done = command("check", "--json")
    assert done.code == 1
    assert [row["verdict"] for row in done.json] == ["fail", "fail"]
    assert "memory.reserve_mb" in done.json[1]["found"]


def test_an_unreachable_database_fails_and_the_rest_is_still_judged(tmp_path: Path) -> None:
    nowhere: dict[str, Any] = {
        "DATABASE_URL": "postgresql://127.0.0.1:1/x",
        "SCRAPEWARDEN_DATABASE_CONNECT_TIMEOUT_S": "0.3",
    }
    done = supervisor("check", "--json", cwd=tmp_path, **nowhere)
    assert done.code == 1
    assert verdicts(done)["database"] == "fail"
    assert verdicts(done)["memory"] == "ok"


def test_too_few_connections_and_impossible_budgets_fail(command: Run, tmp_path: Path) -> None:
    limits = "[supervisor]\nmax_concurrent = 1000\n[memory]\ndefault_budget_mb = 900000\nmax_budget_mb = 900000\n"
    (tmp_path / "config.toml").write_text(limits)
    done = command("check", "--json")
    assert done.code == 1
    assert {check for check, verdict in verdicts(done).items() if verdict == "fail"} == {"connections", "budgets"}
    assert "2006 needed for 1000 scrapes" in found(done, "connections")["found"]


def test_a_node_whose_pool_has_no_enabled_proxy_is_a_warning(command: Run, connection: Connection) -> None:
    add = "insert into nodes (name, scraper, proxy_pool, enabled) values (%s, 'feed', %s, %s)"
    for name, pool, enabled in (("a", "empty", True), ("b", "off", True), ("c", "good", True), ("d", "empty", False)):
        connection.execute(add, (name, pool, enabled))
    give = "insert into proxies (pool, url, enabled) values (%s, 'http://127.0.0.1:1', %s)"
    for pool, enabled in (("off", False), ("good", True)):
        connection.execute(give, (pool, enabled))
    done = command("check", "--json")
    assert (done.code, verdicts(done)["proxies"]) == (0, "warn")
    assert "the pool of a, b has no proxy that is enabled" in found(done, "proxies")["found"]


def test_a_database_without_tables_is_a_warning(command: Run, postgres_url: str) -> None:
    done = command("check", "--json", DATABASE_URL=postgres_url)
    assert (done.code, verdicts(done)["schema"], verdicts(done)["connections"]) == (0, "warn", "ok"), done.out


def test_an_old_schema_is_a_warning_and_a_newer_one_a_failure(command: Run, connection: Connection) -> None:
    connection.execute("delete from schema_versions where version = (select max(version) from schema_versions)")
    done = command("check", "--json")
    assert (done.code, verdicts(done)["schema"]) == (0, "warn")
    connection.execute("insert into schema_versions (version, name) values (9999, 'later')")
    done = command("check", "--json")
    assert (done.code, verdicts(done)["schema"]) == (1, "fail")


def test_a_package_of_the_same_name_is_a_warning(command: Run, tmp_path: Path) -> None:
    stranger = tmp_path / "site" / "other_supervisor-4.2.dist-info"
    stranger.mkdir(parents=True)
    (stranger / "METADATA").write_text("Metadata-Version: 2.1\nName: other-supervisor\nVersion: 4.2\n")
    (stranger / "top_level.txt").write_text("supervisor\n")
    done = command("check", "--json", PYTHONPATH=str(tmp_path / "site"))
    assert found(done, "packages")["verdict"] == "warn"
    assert found(done, "packages")["advice"] == "pip uninstall other-supervisor"


def test_it_starts_no_embedded_server(public_folder: Path) -> None:
    assert supervisor("migrate", cwd=public_folder).code == 0
    done = supervisor("check", "--json", cwd=public_folder)
    assert done.code == 0, done.out
    assert "not running now" in found(done, "database")["found"]
    owner = Owner(public_folder / ".scrapewarden")
    owner.answer()
    done = supervisor("check", "--json", cwd=public_folder)
    assert "answers after" in found(done, "database")["found"]
    assert verdicts(done)["schema"] == "ok"
    assert owner.end() == 0
