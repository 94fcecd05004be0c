"""`supervisor check --test-alert`, and receivers that cannot be ones."""

from __future__ import annotations

from tests.fix_alerts import KEY, Inbox
from tests.fix_command import Run

SECRET = "token-in-path"


def test_a_test_message_goes_to_everybody_who_is_told(good: Run, inbox: Inbox, second_inbox: Inbox) -> None:
    done = good(
        "check",
        "--test-alert",
        "--json",
        SENTRY_DSN=inbox.dsn,
        SCRAPEWARDEN_ALERTS_WEBHOOK_URL=f"http://{second_inbox.host}/{SECRET}",
        SCRAPEWARDEN_ALERTS_COMMAND="/bin/cat",
    )
    found = [(each["verdict"], each["found"]) for each in done.json if each["check"] == "alerts"]
    assert found == [
        ("ok", f"sentry took a test message ({inbox.host})"),
        ("ok", f"webhook took a test message ({second_inbox.host})"),
        ("ok", "command took a test message (/bin/cat)"),
    ]
    assert inbox.events()[0]["tags"]["kind"] == "test"
    assert second_inbox.kinds == ["test"]
    assert SECRET not in done.out + done.err


def test_who_does_not_take_it_is_named_with_the_reason_and_no_secret(command: Run, inbox: Inbox) -> None:
    inbox.statuses = [403]
    done = command(
        "check",
        "--test-alert",
        SCRAPEWARDEN_ALERTS_WEBHOOK_URL=f"http://me:{SECRET}@{inbox.host}/{SECRET}",
        SCRAPEWARDEN_ALERTS_COMMAND=f"/no/such/program --token {SECRET}",
        SENTRY_DSN="",
    )
    assert done.code == 1
    assert f"webhook: {inbox.host} answered 403" in done.out
    assert "/no/such/program could not be started (no such file or directory)" in done.out
    assert SECRET not in done.out + done.err


def test_with_nobody_to_tell_it_says_so(good: Run) -> None:
    assert "nobody is told of anything; set SENTRY_DSN" in good("check", "--test-alert", SENTRY_DSN="").out


def test_what_cannot_be_a_receiver_is_refused_before_anything_starts_and_not_repeated(command: Run) -> None:
    done = command("run", "--once", SENTRY_DSN=KEY)
    assert (done.code, done.out) == (2, "")
    assert "SENTRY_DSN: should look like https://KEY@HOST/PROJECT; correct it" in done.err
    assert KEY not in done.err


def test_check_names_it_too(command: Run) -> None:
    done = command("check", SENTRY_DSN=KEY)
    assert done.code == 1
    assert "SENTRY_DSN: should look like https://KEY@HOST/PROJECT; correct it" in done.out
