"""The command `supervisor`: a table of commands, each imported only when it is asked for."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from difflib import get_close_matches

import click

from supervisor import __version__

USAGE = 2
INTERRUPTED = 130

# name → (where in supervisor.commands it is, what it does): help lists these without importing any.
COMMANDS = {
    "run": ("run:run", "Run the loop in the foreground until told to stop."),
    "demo": ("demo:demo", "Watch the whole system at work on its own database and job board."),
    "check": ("check:check", "Judge configuration, database and memory; starts nothing."),
    "doctor": ("doctor:doctor", "Prove that the guards can work in this very container."),
    "chaos": ("chaos:chaos", "Break things on purpose, on a throw-away database, and see whether the promises hold."),
    "migrate": ("migrate:migrate", "Bring the database's schema up to date."),
    "nodes": ("nodes:nodes", "List, add, edit, remove, import and export nodes."),
    "start": ("control:start", "Let nodes run again: clears stop and pause, and enables."),
    "stop": ("control:stop", "Ask nodes to stop at their next safe point."),
    "kill": ("control:kill", "End nodes at once, with all their processes."),
    "run-now": ("control:run_now", "Ask for a run now, whatever the schedule says."),
    "status": ("status:status", "Show every node: state, why, run, memory, next run."),
    "runs": ("runs:runs", "Show runs, newest first, or a summary by source."),
    "metrics": ("metrics:metrics", "Show queue, throughput, errors, durations and memory; or for Prometheus."),
    "logs": ("logs:logs", "Show what runs say; -f follows."),
    "dead-letters": ("dead_letters:dead_letters", "List, show, retry and discard ticks that failed for good."),
    "breakers": ("breakers:breakers", "List hosts that are left alone because they keep failing, or close them."),
    "proxies": ("proxies:proxies", "List, add, check, enable, disable and remove the proxies of each pool."),
    "jobs": ("jobs:jobs", "Search and export the jobs that were found, and show them in numbers."),
    "locations": ("locations:locations", "List, add and remove the pools of places that {location} walks."),
    "snapshot": ("snapshot:snapshot", "Take today's picture of nodes and jobs, or tell whether it is there."),
    "scrapers": ("scrapers:scrapers", "List the scrapers that nodes can name, and their params."),
    "try": ("try_scraper:try_scraper", "Run a scraper once without a database and print its jobs."),
}


class LazyGroup(click.Group):
    """Commands by name, out of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """The command, imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"supervisor.commands.{module}"), attribute)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but with the close names in the complaint."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            close = get_close_matches(name, COMMANDS, n=2)
            hint = f", did you mean {' or '.join(close)}?" if close else ""
            ctx.fail(f'there is no command "{name}"{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """The table itself."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="supervisor", message="%(prog)s %(version)s")
def cli() -> None:
    """Keep many scrapers running on machines with little memory.

    Exit codes: 0 done; 1 the answer is no; 2 usage or configuration; 69 the database cannot be reached; 70 gave up.
    """


def main() -> None:
    """Run the command with this process's arguments and exit."""
    if "_SUPERVISOR_COMPLETE" in os.environ:  # a shell asks for completions
        cli.main(prog_name="supervisor")
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # None when it was closed by the caller
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command and answer its exit code; every error becomes one sentence on stderr."""
    # Not cli.main: it would turn a closed pipe into exit code 1.
    try:
        with cli.make_context("supervisor", list(arguments)) as context:
            answer = cli.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        _drop_output()
        return 0
    except click.ClickException as error:
        return _usage(error)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        from supervisor.commands.failures import explain

        code, sentence = explain(error)
        _complain(sentence)
        return code


def _usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _complain(error.format_message())
        return USAGE
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "supervisor"
    _complain(f"{error.format_message().rstrip('.')}; see `{where} --help`")
    return USAGE


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _drop_output() -> None:
    """Nobody reads any more: what is still buffered must not fail at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
