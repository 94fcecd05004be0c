"""`supervisor demo`: the whole system at work, with nothing to prepare."""

from __future__ import annotations

import click

from supervisor.commands.durations import DURATION


@click.command
@click.option("--for", "for_s", type=DURATION, metavar="TIME", help="End by itself after this time, such as 60s.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON, and no events.")
def demo(*, for_s: float | None, as_json: bool) -> None:
    """Show the whole system on a throw-away database and a job board of its own.

    Healthy, leaking, hanging and crashing nodes run side by side; ends with a summary. Ignores every setting of
    yours and leaves nothing behind. Without --for it runs until Ctrl-C.
    """
    from supervisor import demo as stage_of
    from supervisor.commands import demo_show

    with stage_of.stage() as stage:
        demo_show.play(stage, for_s, as_json=as_json)
