"""Commands about this terminal's channel: the same as in chat, one at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.commands import Request
    from bot.config import Settings
    from bot.parts import Parts
    from digest.channel import Channel, Subscription
    from digest.document import Document
    from digest.model import Digest


@click.command()
@click.argument("query")
@click.option("--channel", "key", default=None, metavar="KEY", help="Another channel: its key or its title.")
@click.option("--json", "as_json", is_flag=True, help="The subscription as JSON.")
def subscribe(query: str, key: str | None, as_json: bool) -> None:
    """Subscribe this terminal, or another channel, to QUERY and show what it would have found.

    \b
    paperboy subscribe 'vla, vision language action'
    paperboy subscribe --channel '#robotics' 'vla, vision language action'
    """
    _say(f"/subscribe {query}", key, as_json)


@click.command()
@click.argument("which")
@click.option("--channel", "key", default=None, metavar="KEY", help="Another channel: its key or its title.")
@click.option("--json", "as_json", is_flag=True, help="The subscriptions left, as JSON.")
def unsubscribe(which: str, key: str | None, as_json: bool) -> None:
    """Remove a subscription: its number (2 or '#2') or its query."""
    _say(f"/unsubscribe {which}", key, as_json)


@click.command()
@click.option("--channel", "key", default=None, metavar="KEY", help="One channel, by its key or its title.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per subscription.")
def subscriptions(key: str | None, as_json: bool) -> None:
    """List the subscriptions of this terminal, or of every channel on Slack and Telegram.

    \b
    paperboy subscriptions --channel '#robotics'
    """
    documents, mine = asyncio.run(_subscriptions(key))
    _show_subscriptions(documents, mine, as_json)


async def _subscriptions(key: str | None) -> tuple[list[Document], tuple[Subscription, ...]]:
    async with _looking(key) as (parts, channels):
        listed = [each for channel in channels for each in await parts.store.subscriptions(channel.key)]
        return await _of_each("/subscriptions", channels, parts, alone=key is not None), tuple(listed)


def _say(words: str, key: str | None, as_json: bool) -> None:
    documents, mine = asyncio.run(_answered(words, key))
    _show_subscriptions(documents, mine, as_json)


def _show_subscriptions(documents: list[Document], mine: tuple[Subscription, ...], as_json: bool) -> None:
    if not as_json:
        _print(documents)
        return
    for each in mine:
        shown = {
            "channel": each.channel,
            "number": each.number,
            "query": each.query,
            "by": each.created_by,
            "at": each.created_at.isoformat(),
        }
        click.echo(json.dumps(shown, ensure_ascii=False))


async def _answered(words: str, key: str | None) -> tuple[list[Document], tuple[Subscription, ...]]:
    async with _opened(key=key) as (parts, channel, _):
        documents = [each async for each in _answer(words, channel, parts)]
        return documents, await parts.store.subscriptions(channel.key)


async def _answer(words: str, channel: Channel, parts: Parts) -> AsyncIterator[Document]:
    """What the chat command says; its errors leave as errors, for the exit code."""
    from bot.commands import VERBS, Reply, split

    name, rest = split(words)
    verb = next(each for each in VERBS if each.name == name)
    async for said in verb.answer(_request(channel, rest, parts), parts.desk(start_digest=_no_digest)):
        yield said.document if isinstance(said, Reply) else said


def _request(channel: Channel, words: str, parts: Parts) -> Request:
    from bot.commands import Request

    return Request(
        channel=channel, user="console:command line", name="the command line", words=words, at=parts.clock()
    )


@asynccontextmanager
async def _looking(key: str | None) -> AsyncIterator[tuple[Parts, tuple[Channel, ...]]]:
    """The channels of the platforms that are set, or the one named; makes none but this terminal's."""
    from bot.cli.start import start, warn
    from bot.first_channel import first_channel
    from bot.parts import Parts

    settings = start()
    async with Parts(settings, alone=False) as parts:
        if "console" in settings.platforms:
            await first_channel(parts, settings, tell=warn)
        known = await parts.store.channels()
        yield (
            parts,
            _named(key, known)
            if key
            else tuple(each for each in known if each.platform in settings.platforms),
        )


def _named(key: str, known: Sequence[Channel]) -> tuple[Channel, ...]:
    from digest.errors import UserError

    found = tuple(each for each in known if each.key == key) or tuple(
        each for each in known if each.title and each.title.lstrip("#") == key.lstrip("#")
    )
    if not found:
        there = ", ".join(each.key for each in known[:8]) or "none yet"
        raise UserError(f"There is no channel “{key}”; there are: {there}.")
    return found


def _only(named: tuple[Channel, ...]) -> Channel:
    from digest.errors import UserError

    if len(named) > 1:
        keys = ", ".join(each.key for each in named)
        raise UserError(f"{named[0].title} is the title of {keys}; take one of these keys.")
    return named[0]


async def _of_each(words: str, channels: Sequence[Channel], parts: Parts, *, alone: bool) -> list[Document]:
    """The command's answer for this terminal or the one channel that was named, else a summary of each."""
    if not channels:
        return [await _no_channel(words, parts)]
    if alone or all(each.platform == "console" for each in channels):
        return [said for channel in channels async for said in _answer(words, channel, parts)]
    return [await _summary(words, channel, parts) for channel in channels]


async def _no_channel(words: str, parts: Parts) -> Document:
    from bot.commands.request import note
    from bot.commands.status import troubles
    from digest.channel import Channel
    from digest.document import bullets

    told = "No channel yet. One is made when Paperboy is first spoken to there."
    request = _request(Channel(key="console:nobody", platform="console"), "", parts)
    wrong = await troubles(request, parts.desk(start_digest=_no_digest)) if words == "/status" else ()
    return note(told, *([bullets([[each] for each in wrong])] if wrong else []))


async def _summary(words: str, channel: Channel, parts: Parts) -> Document:
    """A channel in short: for /status how it stands, else what it follows and its next digest."""
    from bot.commands.status import facts
    from bot.commands.subscribing import shortened
    from bot.commands.times import promised
    from digest.document import Bold, Document, Para, Text, bullets

    request, desk = _request(channel, "", parts), parts.desk(start_digest=_no_digest)
    if words == "/status":
        rows = await facts(request, desk)
    else:
        mine = await parts.store.subscriptions(channel.key)
        because = f" {channel.paused_because}" if channel.paused and channel.paused_because else ""
        rows = [f"#{each.number} {shortened(each.query, 100)}" for each in mine] or ["No subscriptions."]
        rows.append(await promised(request, desk) + because)
    title = f" · {channel.title}" if channel.title else ""
    heading = Para((Bold(channel.key), Text(title)))
    return Document((heading, bullets([[row] for row in rows])), summary=channel.key)


async def _no_digest(channel: Channel, day: date) -> bool:
    return False


@asynccontextmanager
async def _opened(
    watch: Any = None, *, key: str | None = None, alone: bool = False
) -> AsyncIterator[tuple[Parts, Channel, Settings]]:
    """The terminal's channel, which is made if need be, or the one that is named."""
    from bot.cli.start import start, warn
    from bot.first_channel import first_channel
    from bot.parts import Parts
    from digest.analyses import quiet

    settings = start()
    if "console" not in settings.platforms and key is None:
        warn(
            f"PLATFORM is {settings.platform}: this is about the terminal's own channel, which no running "
            "Paperboy serves then. Name another with --channel '#robotics', or say it there."
        )
    async with Parts(settings, alone=alone, watch=watch or quiet) as parts:
        if key is None:
            channel = await first_channel(parts, settings, tell=warn)
        else:
            channel = _only(_named(key, await parts.store.channels()))
        yield parts, channel, settings


def _print(documents: list[Document]) -> None:
    from bot.platforms.terminal import print_document

    for document in documents:
        print_document(document)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The digest as JSON: notices, papers, analyses.")
def digest(as_json: bool) -> None:
    """Show today's digest, making it first if need be.

    Papers of categories that come late are added when you ask again.
    """
    from bot.cli.progress import progress

    with progress() as told:
        whole, timezone, documents = asyncio.run(_todays(told))
    _show(whole, timezone, documents, as_json=as_json)
    if any(row.next_try and not row.state.is_final for row in whole.ledger):
        from bot.cli.start import warn

        warn("This command does not ask again by itself. Ask again then: paperboy digest")
    # A day of which nothing could be had is a failure, for scripts.
    raise click.exceptions.Exit(1 if _all_failed(whole) else 0)


def _all_failed(whole: Digest) -> bool:
    """Whether every category failed on the last day that arXiv had anything to announce."""
    from digest.model import DayState, EmptyReason

    quiet = (EmptyReason.WEEKEND, EmptyReason.HOLIDAY)
    rows = sorted((row for row in whole.ledger if row.reason not in quiet), key=lambda row: row.day)
    newest = {row.category: row.state for row in rows}
    return bool(newest) and all(state is DayState.FAILED for state in newest.values())


def _show(whole: Digest, timezone: str, documents: list[tuple[Document, bool]], *, as_json: bool) -> None:
    if as_json:
        from bot.cli.digest_json import digest_to_json

        click.echo(json.dumps(digest_to_json(whole, timezone=timezone), ensure_ascii=False, indent=1))
    else:
        from bot.platforms.terminal import print_document

        for document, threaded in documents:
            print_document(document, thread=threaded)


async def _todays(told: Any) -> tuple[Digest, str, list[tuple[Document, bool]]]:
    from bot.cli.start import warn
    from bot.reports import write_report
    from bot.schedule import next_run
    from bot.values import zone

    async with _opened(told, alone=True) as (parts, channel, settings):
        now = parts.clock()
        today = now.astimezone(zone(channel.timezone)).date()
        await parts.store.claim_digest(channel, today, next_run_at=next_run(channel, today), at=now)
        whole = await parts.daily.deliver(await parts.store.channel(channel.key) or channel, today)
        try:
            write_report(settings.report_dir, whole, timezone=channel.timezone)
        except OSError as error:
            warn(
                f"The report cannot be written to {settings.report_dir}: {error.strerror or error}. "
                "Set REPORT_DIR to a folder that can be written, such as data/reports."
            )
        documents = []
        for each in await parts.store.outbox(channel=channel.key, unsent=False):
            if each.key.startswith(f"{channel.key}/{today}/"):
                documents.append((each.document, each.parent_key is not None))
                if await parts.store.begin_delivery(each.key, at=now):
                    await parts.store.finish_delivery(each.key, each.key)
        return whole, channel.timezone, documents


@click.command()
@click.option("--channel", "key", default=None, metavar="KEY", help="One channel, by its key or its title.")
@click.option("--json", "as_json", is_flag=True, help="The ledger, one JSON object per category and day.")
def status(key: str | None, as_json: bool) -> None:
    """Show what arrived, what is due and what is wrong; on Slack and Telegram, how every channel stands.

    \b
    paperboy status --channel '#robotics'
    """
    documents, rows = asyncio.run(_status(key))
    if not as_json:
        _print(documents)
        return
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


async def _status(key: str | None) -> tuple[list[Document], list[dict[str, Any]]]:
    from datetime import timedelta

    from bot.cli.digest_json import ledger_to_json

    async with _looking(key) as (parts, channels):
        since = parts.clock().date() - timedelta(days=8)
        categories = dict.fromkeys(each for channel in channels for each in channel.categories)
        ledger = await parts.store.ledger(tuple(categories), since=since)
        documents = await _of_each("/status", channels, parts, alone=key is not None)
        return documents, [ledger_to_json(row) for row in ledger]


@click.command()
@click.argument("day", required=False, metavar="[YYYY-MM-DD]")
@click.option("--channel", "key", default=None, metavar="KEY", help="Another channel: its key or its title.")
@click.option("--language", default=None, help="en or zh; default: the channel's.")
def report(day: str | None, key: str | None, language: str | None) -> None:
    """Print the Markdown report of a day's digest (the newest if no day is given).

    \b
    paperboy report 2026-06-30 --language zh > report.md
    """
    click.echo(asyncio.run(_report(day, key, language)), nl=False)


async def _report(day: str | None, key: str | None, language: str | None) -> str:
    from bot.values import parse_language
    from digest.errors import InvalidSetting, UserError
    from digest.report import report as written

    try:
        asked = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise InvalidSetting(f"“{day}” is not a date; try 2026-06-30.") from error
    spoken = parse_language(language) if language else None
    async with _opened(key=key) as (parts, channel, _):
        runs = await parts.store.digest_runs(channel=channel.key)
        newest = asked or (runs[0].local_date if runs else None)
        whole = await parts.store.digest(channel.key, newest) if newest else None
        if whole is None:
            when = f"on {newest}" if newest else "yet"
            raise UserError(f"There was no digest {when}; paperboy digest makes today's.")
        return written(whole, language=spoken or whole.language, timezone=channel.timezone)
