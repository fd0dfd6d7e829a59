"""The parts that every Paperboy has: its store, arXiv, the clock, the reader, the analyzer."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

from bot.backup import LATE, last_backup, newest_backup
from bot.commands.troubles import sentence
from bot.config import Settings
from bot.doctor.clock import clock_finding
from bot.doctor.finding import Finding
from bot.doctor.folders import unwritable
from bot.locale import in_language
from bot.parts import arxiv_settings, open_reader
from bot.probe import asked
from bot.values import parse_listen
from bot.watch.listener import unheard
from bot.watch.remembered import LastLook, last_look
from bot.watch.troubles import least_free
from digest.analysis import paper_of
from digest.arxiv import open_client
from digest.arxiv.pacing import Kind
from digest.errors import FullTextError, PaperboyError, SourceUnavailable, StoreError
from digest.model import Usage
from storage import held_by, open_store, sqlite_path

SAMPLE = Path(__file__).parents[1] / "demo" / "data" / "acl_2020.acl-main.447.pdf"

# Beside the paper, for an estimate: the instructions of an analysis, and an answer of the usual length.
TASK_TOKENS = 1_500
ANSWER_TOKENS = 3_000

_RUNNING = timedelta(minutes=15)  # since the last look of a process that looks every minute


async def _store(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with open_store(settings.store, alone=False) as store:
            wrong = await store.integrity_check()
            trouble = await store.trouble()
            days = await store.days_with_announcements(limit=1)
            look = await last_look(store)
    except PaperboyError as error:
        yield Finding(name="store", well=False, says=str(error), advice="Mend or change STORE.")
        return
    if wrong:
        advice = "Stop Paperboy and restore a backup: paperboy restore FILE."
        yield Finding(name="store", well=False, says=" ".join(wrong), advice=advice)
    elif trouble:
        advice = "Mend that, and Paperboy goes on by itself."
        yield Finding(name="store", well=False, says=trouble, advice=advice)
    else:
        newest = f"the newest announcements are of {days[0]}" if days else "no announcements yet"
        yield Finding(
            name="store", well=True, says=f"{settings.store} is sound and can be written; {newest}."
        )
    yield _running(held_by(settings.store), look, datetime.now(UTC))


def _running(holder: str, look: LastLook, now: datetime) -> Finding:
    """Whether a Paperboy works on this store, and what it found when it last looked after everything."""
    who = "a Paperboy" if holder in ("", "unknown") else f"a Paperboy (process {holder})"
    if not holder:
        return Finding(name="running", well=True, says="no Paperboy runs on this store now.")
    if look.at is None or now - look.at > _RUNNING:
        since = f"since {look.at:%-d %B, %H:%M} UTC" if look.at else "yet"
        return Finding(
            name="running",
            well=False,
            says=f"{who} has this store and has not looked after everything {since}.",
            advice="If it is `paperboy run`, see its log and start it again; else let it end.",
        )
    if look.found:
        told = " ".join(sentence(in_language("en"), each, "UTC") for each in look.found)
        advice = "paperboy status tells more; the rest of this list may tell why."
        return Finding(name="running", well=False, says=told, advice=advice)
    says = f"{who} looked after everything at {look.at:%H:%M} UTC and found all well."
    return Finding(name="running", well=True, says=says)


async def _pages(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the pages at HTTP_LISTEN are served by the Paperboy that has the store, or could be."""
    listen, holder = settings.http_listen, held_by(settings.store)
    if not listen:
        return
    if holder:
        yield await asyncio.to_thread(_served, listen, holder)
        return
    host, port = parse_listen(listen)
    try:
        server = await asyncio.start_server(lambda *_: None, host, port)
    except OSError as error:
        why, advice = unheard(error)
        says = f"HTTP_LISTEN={listen} cannot be listened at: {why}."
        yield Finding(name="pages", well=False, says=says, advice=advice)
        return
    server.close()
    yield Finding(name="pages", well=True, says=f"{listen} is free for them.")


def _served(listen: str, holder: str) -> Finding:
    """What the pages say; those of another Paperboy say nothing of this one."""
    url = f"http://{listen}/readyz"
    try:
        _, said = asked(listen, "/readyz")
        told = json.loads(said)
        process, parts = str(told["process"]), dict(told["parts"])
    except (OSError, HTTPException) as error:
        says = f"{url} does not answer: {getattr(error, 'strerror', None) or error}."
        advice = "The log of the Paperboy that runs says why, if HTTP_LISTEN is the same for it."
        return Finding(name="pages", well=False, says=says, advice=advice)
    except (ValueError, KeyError, TypeError):
        process, parts = "", {}
    if holder not in (process, "unknown"):
        says = f"{url} is answered by another program than the Paperboy of this store (process {holder})."
        advice = "Two on one machine need two ports, such as HTTP_LISTEN=127.0.0.1:8081 for one of them."
        return Finding(name="pages", well=False, says=says, advice=advice)
    wrong = " ".join(f"{name}: {part.get('why', '')}" for name, part in parts.items() if not part["ready"])
    if wrong:
        advice = "The rest of this list may tell why; the log does."
        return Finding(name="pages", well=False, says=wrong, advice=advice)
    return Finding(name="pages", well=True, says=f"{url} says that all is ready.")


async def _disk(settings: Settings) -> AsyncIterator[Finding]:
    path = sqlite_path(settings.store)
    if path == ":memory:":
        return
    folder = Path(path).parent
    try:
        disk = await asyncio.to_thread(shutil.disk_usage, folder)
    except OSError:
        return  # the store has told of that
    says = f"{disk.free >> 20:,} MB are free in {folder}."
    if disk.free < least_free(disk.total):
        yield Finding(
            name="disk", well=False, says=says, advice="Free some space, or move STORE and BACKUP_DIR."
        )
    else:
        yield Finding(name="disk", well=True, says=says)


async def _reports(settings: Settings) -> AsyncIterator[Finding]:
    folder = settings.report_dir
    yield await _written("reports", "REPORT_DIR", folder) or Finding(
        name="reports", well=True, says=f"the day's reports can be written to {folder}."
    )


async def _written(name: str, setting: str, folder: Path) -> Finding | None:
    """That a folder of the settings cannot be written; None where it can."""
    why = await asyncio.to_thread(unwritable, folder)
    if not why:
        return None
    advice = (
        f"Give this user write access to it, or set {setting} to a folder that has it: {setting}=data/{name}."
    )
    return Finding(name=name, well=False, says=f"no file can be made in {folder}: {why}.", advice=advice)


async def _backups(settings: Settings) -> AsyncIterator[Finding]:
    yield await _backup(settings)


async def _backup(settings: Settings) -> Finding:
    if settings.backup_keep == 0 or sqlite_path(settings.store) == ":memory:":
        return Finding(
            name="backups",
            well=True,
            says="none are made (BACKUP_KEEP=0).",
            advice="Make sure that something else copies the store: docs/backup.md.",
        )
    unwritten = await _written("backups", "BACKUP_DIR", settings.backup_dir)
    if unwritten is not None:
        return unwritten
    try:
        async with open_store(settings.store, alone=False) as store:
            last = await last_backup(store)
    except PaperboyError as error:
        return Finding(name="backups", well=False, says=str(error), advice="Mend or change STORE.")
    now = datetime.now(UTC)
    by_hand = await asyncio.to_thread(newest_backup, settings.backup_dir)
    if by_hand is not None and now - by_hand[1] < LATE and (last.made is None or by_hand[1] > last.made):
        says = f"the newest is of {_moment(by_hand[1])}: {by_hand[0]}."
        return Finding(name="backups", well=True, says=says)
    again = "Make one with `paperboy backup` when that is mended."
    if last.error:
        return Finding(name="backups", well=False, says=f"the last one failed: {last.error}", advice=again)
    if last.made is None:
        says = "none by a running Paperboy yet; it makes one within ten minutes, then daily."
        return Finding(name="backups", well=True, says=says)
    says = f"the last is of {_moment(last.made)}: {last.path}."
    if not await asyncio.to_thread(Path(last.path).is_file):
        return Finding(name="backups", well=False, says=f"{says} It is not there any more.", advice=again)
    if now - last.made > LATE:
        return Finding(
            name="backups", well=False, says=says, advice="Is Paperboy running? It makes one a day."
        )
    return Finding(name="backups", well=True, says=says)


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"


async def _arxiv(settings: Settings) -> AsyncIterator[Finding]:
    category = settings.categories[0]
    hasty = arxiv_settings(settings.model_copy(update={"arxiv_tries": 1}))
    try:
        async with open_client(hasty) as client:
            answer = await client.get(f"{hasty.rss_base}/rss/{category}", Kind.FEED)
    except SourceUnavailable as error:
        advice = "Check the network and ARXIV_RSS_URL; if arXiv itself is down, Paperboy goes on trying."
        yield Finding(name="arXiv", well=False, says=str(error), advice=advice)
        return
    if answer.status != 200:
        says = f"{category} is answered with HTTP {answer.status}."
        yield Finding(name="arXiv", well=False, says=says, advice="Check CATEGORIES and ARXIV_RSS_URL.")
    else:
        says = f"the feed of {category} is there, {len(answer.body):,} bytes."
        yield Finding(name="arXiv", well=True, says=says)
    clock = clock_finding(answer.date or "", datetime.now(UTC), of="arXiv")
    if clock is not None:
        yield clock


async def _reader(settings: Settings) -> AsyncIterator[Finding]:
    started = datetime.now(UTC)
    try:
        async with open_reader(settings) as reader:
            text = await reader.read(await asyncio.to_thread(SAMPLE.read_bytes))
    except FullTextError as error:
        advice = "Give the process 1 GiB of address space, and let it start processes."
        yield Finding(name="reading", well=False, says=str(error), advice=advice)
        return
    seconds = (datetime.now(UTC) - started).total_seconds()
    says = f"{text.pages_read} pages of a sample read in {seconds:.1f} s."
    yield Finding(name="reading", well=True, says=says)


async def _analyzer(settings: Settings) -> AsyncIterator[Finding]:
    if settings.analyzer == "extractive":
        says = "verbatim extracts, no model and no key needed."
        yield Finding(name="analyzer", well=True, says=says)
        return
    from bot.model_check import check_model
    from bot.models import open_model

    try:
        async with open_store(settings.store, alone=False) as store, open_model(settings, store) as model:
            report = await check_model(model, context=settings.openai_context or None)
    except StoreError as error:
        yield Finding(name="analyzer", well=False, says=str(error), advice="Mend or change STORE.")
        return
    says, *more = report.sentences
    if not report.works:
        yield Finding(name="analyzer", well=False, says=says, advice=" ".join(more))
        return
    advice = await _one_analysis(settings)
    yield Finding(name="analyzer", well=True, says=" ".join(report.sentences), advice=advice)


async def _one_analysis(settings: Settings) -> str:
    """What one analysis takes, told of the sample."""
    from bot.models import prices
    from digest.analysis.llm_source import source_of

    async with open_reader(settings) as reader:
        text = await reader.read(await asyncio.to_thread(SAMPLE.read_bytes))
    source = source_of(paper_of(text, name=SAMPLE.name), text, limit=settings.paper_tokens, secret=b"")
    usage = Usage(prompt_tokens=source.tokens + TASK_TOKENS, completion_tokens=ANSWER_TOKENS)
    takes = f"One analysis of a paper of {text.pages} pages sends about {usage.prompt_tokens:,} tokens"
    cost = prices(settings).cost(usage)
    if not cost:
        return f"{takes}; set PRICE_IN and PRICE_OUT to see what that costs."
    return f"{takes} and writes about {ANSWER_TOKENS:,}: ${cost:.4f}."


async def _manners(settings: Settings) -> AsyncIterator[Finding]:
    if settings.contact:
        yield Finding(name="contact", well=True, says=f"arXiv can reach you at {settings.contact}.")
        return
    yield Finding(
        name="contact",
        well=True,
        says="not set; arXiv asks regular readers to say how they can be reached.",
        advice="Set CONTACT to an e-mail address or page.",
    )


CHECKS = (_store, _pages, _disk, _backups, _reports, _arxiv, _reader, _analyzer, _manners)
