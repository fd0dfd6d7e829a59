"""The `paperboy` command. Heavy imports wait until a command needs them, so that --help answers at once."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from bot.redaction import redacted

_COMMANDS = {
    "demo": ("bot.cli.service", "Replay a recorded day of arXiv: the digest, its threads, the report."),
    "run": ("bot.cli.service", "Watch arXiv and deliver digests until stopped."),
    "digest": ("bot.cli.channel", "Show today's digest, making it first if need be."),
    "explain": ("bot.cli.papers", "Analyse one paper: an arXiv identifier or a PDF file."),
    "ask": ("bot.cli.papers", "Ask one paper a question."),
    "preview": ("bot.cli.papers", "Show what a query finds in feed files."),
    "read": ("bot.cli.papers", "Show what reading a PDF gives: sections, paragraphs, hidden text."),
    "subscribe": ("bot.cli.channel", "Subscribe this terminal to a query."),
    "unsubscribe": ("bot.cli.channel", "Remove a subscription by number or query."),
    "subscriptions": ("bot.cli.channel", "List this terminal's subscriptions."),
    "status": ("bot.cli.channel", "Show what arrived, what is due and what is wrong."),
    "report": ("bot.cli.channel", "Print the Markdown report of a day."),
    "doctor": ("bot.cli.service", "Try each part once, and say what to do about those that fail."),
    "config": ("bot.cli.service", "List every setting with its value."),
    "manifest": ("bot.cli.manifest", "Print a Slack app's manifest, made from the table of commands."),
    "backup": ("bot.cli.backup", "Copy the database, also while Paperboy runs."),
    "restore": ("bot.cli.backup", "Put a backup in the place of the database."),
    "migrate": ("bot.cli.service", "Bring the database to this version's form."),
}


class _Lazy(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean “paperboy {near[0]}”?" if near else " Try “paperboy --help”."
            ctx.fail(f"“{args[0]}” is not a paperboy command.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="paperboy-bot", prog_name="paperboy")
def paperboy() -> None:
    """Paperboy reads arXiv for a team: the day's papers you asked for, read whole, every claim anchored."""


def main() -> None:
    """Run the command line; exit 0 ok, 1 failed, 2 wrong usage or input."""
    _hold_standard_streams()
    code = _code()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = _unheard()
    except OSError as error:
        _say(f"The output cannot be written: {error.strerror}.")
        code = _unheard() or 1
    sys.exit(code)


def _code() -> int:
    """The exit code of the command, its error told in one sentence."""
    from digest.errors import PaperboyError, UserError

    try:
        if sys.stdout is None:
            raise PaperboyError("The output is closed, so nothing can be shown; for silence use >/dev/null.")
        return int(paperboy(standalone_mode=False) or 0)  # what a command exits with, or None
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "paperboy"
        message = error.format_message().rstrip(".")
        _say(f"{message}. For examples: {command} --help" if "paperboy" not in message else message)
        return 2
    except click.ClickException as error:
        _say(error.format_message())
        return error.exit_code
    except UserError as error:
        _say(error)
        return 2
    except PaperboyError as error:
        _say(error)
        return 1
    except (KeyboardInterrupt, click.exceptions.Abort):
        return 130
    except SystemExit:
        # Click's answer to a reader of our output (head, less) that has left: nothing is wrong.
        return _unheard()
    except OSError as error:
        # Files are guarded where they are read and written; what is left is the output.
        _say(f"{error.filename or 'The output'} cannot be written: {error.strerror or error}.")
        return _unheard() or 1
    return 0


def _hold_standard_streams() -> None:
    """Keep what is opened from now on out of the numbers of closed standard streams.

    A database opened as number 1 or 2 would have our words printed into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


def _unheard() -> int:
    """Throw away what is still to be written, as nobody reads it; the exit code of that alone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _say(error: Exception | str) -> None:
    click.echo(f"paperboy: {redacted(str(error))}", err=True)
