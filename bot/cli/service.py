"""Commands about the process: run, demo, config, migrate."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.config import Settings


@click.command()
def run() -> None:
    """Watch arXiv and deliver digests until stopped.

    Talks where PLATFORM says: in this terminal, on Slack, on Telegram; settings come from the environment and
    .env (see .env.example).
    """
    from bot.lean import import_lean

    import_lean()
    from bot.app import App
    from bot.cli.start import start
    from bot.ending import run_to_the_end

    settings = start()
    console = None
    if "console" in settings.platforms:
        from bot.platforms.console import ConsolePlatform

        console = ConsolePlatform(state=console_state(settings.store))
    run_to_the_end(App(settings, console).run())


def console_state(store: str) -> Path:
    """Beside the database: how far its messages have come on the console."""
    from storage import sqlite_path

    path = sqlite_path(store)
    return Path("data/console") if path == ":memory:" else Path(f"{path}.console")


@click.command()
@click.option(
    "--out", default="data/demo", show_default=True, type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--language", default="en", show_default=True, help="en or zh.")
@click.option(
    "--platform",
    default="console",
    show_default=True,
    type=click.Choice(["console", "slack", "telegram"], case_sensitive=False),
    help="Where: in this terminal, or in a chat on a small Slack or Telegram of this machine.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the chat as it looks there, as an HTML page.",
)
def demo(out: Path, language: str, platform: str, page: Path | None) -> None:
    """Replay a recorded day of arXiv: the digest with its threads, and the Markdown report.

    Everything is real but the network: small servers on this machine answer as arXiv answered, and as Slack
    or Telegram answer.
    """
    if platform == "console":
        from bot.demo.replay import replay

        asyncio.run(replay(out, language))
        return
    from bot.demo.chat_replay import converse

    asyncio.run(converse(platform, out, language, page))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per setting.")
@click.option("--env-example", is_flag=True, help="The text of .env.example.")
def config(as_json: bool, env_example: bool) -> None:
    """List every setting with its value (secrets are never shown)."""
    from bot.cli.start import start
    from bot.config_listing import describe
    from bot.config_listing import env_example as example

    if env_example:
        click.echo(example(), nl=False)
        return
    for line in describe(start()):
        if as_json:
            shown = {
                "name": line.name,
                "value": line.value,
                "default": line.default,
                "description": line.description,
            }
            click.echo(json.dumps(shown, ensure_ascii=False))
        else:
            changed = "" if line.value == line.default else "   (changed)"
            click.echo(f"{line.name}={line.value}{changed}\n    {line.description}")


@click.command()
def migrate() -> None:
    """Bring the database to this version's form; running it again does nothing."""
    from bot.cli.start import start
    from storage import open_store

    settings = start()

    async def apply() -> None:
        async with open_store(settings.store):
            pass

    asyncio.run(apply())
    click.echo(f"{settings.store} is up to date.")


@click.command()
@click.option("--live", is_flag=True, help="Post a few messages, see what becomes of them, and remove them.")
@click.option("--channel", default="", help="Where, with --live: slack:C0123ABCD or telegram:-1001234567890.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per check.")
def doctor(live: bool, channel: str, as_json: bool) -> None:
    """Try each part once, and say what to do about those that fail (exit code 1 then).

    With --live, what only a real workspace or chat can tell: whether a message is found again, and in which
    forms it is taken. What is found is used from the next start on.

    \b
    paperboy doctor --live --channel slack:C0123ABCD
    """
    from bot.cli.start import start

    if channel and not live:
        raise click.UsageError("--channel goes with --live")
    well = asyncio.run(_examine(start(), as_json, live=live, channel=channel))
    raise click.exceptions.Exit(0 if well else 1)


async def _examine(settings: Settings, as_json: bool, *, live: bool, channel: str) -> bool:
    from dataclasses import asdict

    from bot.doctor import examine
    from bot.doctor.live import examine_live
    from bot.redaction import redacted

    well = True
    async for finding in examine_live(settings, channel) if live else examine(settings):
        well &= finding.well
        if as_json:
            click.echo(redacted(json.dumps(asdict(finding), ensure_ascii=False)))
            continue
        click.echo(redacted(f"{'✓' if finding.well else '✗'} {finding.name}: {finding.says}"))
        if finding.advice:
            click.echo(redacted(f"    {finding.advice}"))
    return well
