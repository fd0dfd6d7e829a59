"""`paperboy backup` and `paperboy restore`."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.backup import Prepared


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the copy; else BACKUP_DIR.",
)
@click.option("--json", "as_json", is_flag=True, help="Path and size as JSON.")
def backup(folder: Path | None, as_json: bool) -> None:
    """Copy the database into a folder, and check the copy.

    Paperboy may run meanwhile; it makes one every day by itself (BACKUP_DIR, BACKUP_KEEP). Make one before
    you install another version: it can be restored with the version that made it, and with newer ones.

    \b
    paperboy backup
    paperboy backup --to /mnt/elsewhere
    """
    from bot.backup import back_up
    from bot.cli.start import start
    from digest.errors import UserError
    from storage import sqlite_path

    settings = start()
    path = sqlite_path(settings.store)
    if path == ":memory:":
        raise UserError("STORE is :memory:, which ends with its process: there is nothing to back up.")
    made = asyncio.run(back_up(Path(path), folder or settings.backup_dir, at=datetime.now(UTC)))
    if as_json:
        click.echo(json.dumps({"path": str(made.path), "bytes": made.size}))
        return
    click.echo(f"{made.path} ({made.size / 2**20:.1f} MB) is a sound copy of {path}.")
    click.echo(f"To put it back: stop Paperboy, then paperboy restore {made.path}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put the backup FILE in the place of the database; what was there is kept beside it.

    Refused while Paperboy runs, and for files that are damaged, not Paperboy's, or of a newer version; then
    nothing is changed.

    \b
    paperboy restore data/backups/paperboy-2026-11-27T0300Z.db
    """
    from bot.cli.start import start

    asyncio.run(_restore(start().store, file, yes))


async def _restore(store: str, file: Path, yes: bool) -> None:
    from bot.backup import prepared

    async with prepared(store, file, now=datetime.now(UTC)) as ready:
        click.echo(_holds(file, ready))
        if not yes:
            _agreed(ready)
        kept = ready.put_in_place()
    click.echo(f"{ready.path} is restored." + (f" What was there is {kept}." if kept else ""))
    click.echo(_next(ready))


def _holds(file: Path, ready: Prepared) -> str:
    """What a person wants to know before they agree."""
    holds = ready.holds
    until = f", and all that happened until {holds.until:%-d %B %Y, %H:%M} UTC" if holds.until else ""
    return (
        f"{file} is sound. It holds {_number(holds.channels, 'channel')}, "
        f"{_number(holds.subscriptions, 'subscription')}{until}."
    )


def _agreed(ready: Prepared) -> None:
    from digest.errors import UserError

    if sys.stdin is None or not sys.stdin.isatty():
        raise UserError(
            "Nobody can be asked here; to restore without a question: paperboy restore FILE --yes"
        )
    there = f" What is there goes to {ready.kept.name}." if ready.path.exists() else ""
    click.confirm(f"Put it in the place of {ready.path}?{there}", abort=True)


def _next(ready: Prepared) -> str:
    """What is not in it, and what happens when Paperboy is started."""
    waiting = ready.holds.looked_for
    more = f" and of {_number(waiting, 'waiting message')}" if waiting else ""
    return (
        "What was subscribed, set, saved and said since then is not in it. When Paperboy is started "
        f"(paperboy run), it looks for the messages of today's digests{more} before it sends any again."
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"
