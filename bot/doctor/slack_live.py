"""The delivery on Slack, tried: is a message found again, shown once, taken in every form and size."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import TypeVar

from bot.config import Settings
from bot.doctor.finding import Finding
from bot.doctor.trying import AGAIN, LATER, NOTE, patiently
from bot.platforms.proven import Mode, Proven
from bot.platforms.slack.address import channel_key
from bot.platforms.slack.blocks import message
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.limits import CONTENT, weight
from bot.platforms.slack.posting import READ_AFTER_WRITE, Posting, meaning, number_of
from bot.platforms.slack.start import Identity, introduced, tokens
from digest.channel import Channel
from digest.clock import Sleep
from digest.document import Collapsible, Document, Table, para
from digest.errors import DeliveryUnknown, PaperboyError, PlatformUnavailable

_FILE_PATIENCE = 10.0  # seconds

T = TypeVar("T")
Outcome = tuple[Finding, Proven]


@dataclass(slots=True, kw_only=True)
class _Trial:
    """What the tries share; `posted` are the messages to remove at the end."""

    calls: Calls
    me: Identity
    posting: Posting
    channel: Channel
    pause: Callable[[], Awaitable[None]]
    sleep: Sleep
    id: str
    known: Proven = field(default_factory=Proven)
    posted: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, once more after each wait that Slack asks for. Raises as calls do."""
        return await patiently(call, PlatformUnavailable, lambda error: error.retry_after, self.sleep)

    async def post(self, document: Document, *, plain: bool = False, number: str | None = None) -> str:
        """Post a message in one form; its timestamp. Raises `Refused` and as calls do."""
        await self.pause()
        said = await self.patiently(
            lambda: self.calls.tell(
                "chat.postMessage",
                channel=self.id,
                client_msg_id=number,
                unfurl_links=False,
                parse="none",
                **self.posting.content(document, plain=plain),
            )
        )
        ts = str(said.get("ts", ""))
        if ts not in self.posted:
            self.posted.append(ts)
        return ts


async def try_slack(
    settings: Settings, channel: str, *, pause: Callable[[], Awaitable[None]], sleep: Sleep
) -> AsyncIterator[Outcome]:
    """Try everything in a channel's id; what is known so far comes with each finding."""
    given, name = tokens(settings), channel.rpartition("/")[2]
    async with Calls(settings.slack_api_url, bot_token=given.bot, app_token=given.app) as calls:
        try:
            me = await introduced(calls)
        except PaperboyError as error:
            yield Finding(name="slack live", well=False, says=str(error), advice=AGAIN), Proven()
            return
        trial = _Trial(
            calls=calls,
            me=me,
            posting=Posting(calls, hold=lambda key, seconds: None, sleep=sleep),
            channel=Channel(key=channel_key(me.team, name), platform="slack"),
            pause=pause,
            sleep=sleep,
            id=name,
        )
        try:
            async for finding in _tried(trial):
                yield finding, trial.known
        finally:
            left = await _removed(trial)
        if left:
            says = f"{left} could not be removed from {name}."
            yield (
                Finding(name="slack live: clean up", well=False, says=says, advice="Remove it by hand."),
                trial.known,
            )


async def _tried(trial: _Trial) -> AsyncIterator[Finding]:
    key = f"live/{token_hex(8)}"
    began = datetime.now(UTC)
    try:
        ts = await trial.patiently(
            lambda: trial.posting.post(trial.channel, _small(), thread=None, key=key, bot=trial.me.name)
        )
    except PaperboyError as error:
        yield Finding(name="slack live: post", well=False, says=str(error), advice=AGAIN)
        return
    trial.posted.append(ts)
    yield Finding(name="slack live: post", well=True, says="a message was taken.")

    finding, read_back = await _read_back(trial, key, ts, began)
    if read_back is not None:
        trial.known = Proven(mode=Mode.RECONCILE if read_back else Mode.RESEND)
    yield finding
    finding, once = await _shown_once(trial)
    trial.known = replace(trial.known, mode=Mode.IDEMPOTENT if once else trial.known.mode)
    yield finding
    finding, rich = await _rich(trial)
    trial.known = replace(trial.known, rich=rich)
    yield finding
    yield await _largest(trial)
    yield await _file(trial, ts)


def _failed(name: str, error: PaperboyError, advice: str) -> Finding:
    """What a failure says; one that may be over in a minute says nothing of what was tried."""
    if isinstance(error, PlatformUnavailable | DeliveryUnknown):
        return Finding(name=name, well=False, says=f"not known: {error}", advice=LATER)
    return Finding(name=name, well=False, says=str(error), advice=advice)


def _small() -> Document:
    return Document((para(NOTE),), summary=NOTE)


async def _read_back(trial: _Trial, key: str, ts: str, began: datetime) -> tuple[Finding, bool | None]:
    """Look for the message by its metadata; None where Slack did not answer, which says nothing of that."""
    name = "slack live: read back"
    await trial.sleep(READ_AFTER_WRITE)
    advice = (
        "Grant channels:history (groups:history for private channels) and install the app again: without "
        "them a message of unknown fate may be posted twice."
    )
    try:
        found = await trial.patiently(
            lambda: trial.posting.recover(trial.channel, thread=None, key=key, since=began, me=trial.me)
        )
    except PaperboyError as error:
        failed = _failed(name, error, advice)
        return failed, None if failed.advice == LATER else False
    if found == ts:
        return Finding(name=name, well=True, says="the message was found again by its metadata."), True
    says = "the message is not found again by its metadata."
    return Finding(name=name, well=False, says=says, advice=advice), False


async def _shown_once(trial: _Trial) -> tuple[Finding, bool]:
    """Whether a message that is sent twice under one number is shown once; Slack does not promise it."""
    name = "slack live: sent twice"
    number = number_of(f"live/{token_hex(8)}")
    try:
        first = await trial.post(_small(), number=number)
        again = await trial.post(_small(), number=number)
    except Refused as refused:
        told = "duplicate" in refused.error or "client_msg_id" in refused.error
        says = (
            f"the second is refused ({refused.error})" if told else str(meaning(refused, bot=trial.me.name))
        )
        return Finding(name=name, well=True, says=f"{says}; Paperboy does without."), False
    except PaperboyError as error:
        return Finding(name=name, well=True, says=f"not known: {error}"), False
    if first == again:
        return Finding(name=name, well=True, says="it is shown once, under one client_msg_id."), True
    return Finding(name=name, well=True, says="it is shown twice; Slack promises no better."), False


async def _rich(trial: _Trial) -> tuple[Finding, bool | None]:
    name = "slack live: newer blocks"
    table = Table(("Task", "Score"), (("pick", "0.91"), ("place", "0.87")))
    document = Document((para(NOTE), Collapsible("More", (para("…"),)), table), summary=NOTE)
    try:
        await trial.post(document)
    except Refused as refused:
        says = f"folding and tables are refused ({refused.error}); messages go out in plain blocks."
        return Finding(name=name, well=True, says=says), False
    except PaperboyError as error:
        return _failed(name, error, AGAIN), None
    return Finding(name=name, well=True, says="folding and tables are taken."), True


def largest() -> Document:
    """A document in Chinese that weighs as much as Paperboy ever puts into one message."""
    blocks = [para(NOTE)]
    for size in (1_000, 100, 10):
        while weight(message(Document((*blocks, para("测" * size)))).blocks) <= CONTENT:
            blocks.append(para("测" * size))
    return Document(tuple(blocks), summary=NOTE)


async def _largest(trial: _Trial) -> Finding:
    name = "slack live: largest message"
    document = largest()
    size = weight(message(document).blocks)
    try:
        await trial.post(document)
    except Refused as refused:
        says = f"{size:,} characters of Chinese are refused ({refused.error}); such go out as plain blocks."
        advice = (
            "Please tell the project's page of issues that number: the limit is not in Slack's reference."
        )
        return Finding(name=name, well=False, says=says, advice=advice)
    except PaperboyError as error:
        return _failed(name, error, AGAIN)
    return Finding(name=name, well=True, says=f"{size:,} characters of Chinese are taken.")


async def _file(trial: _Trial, thread: str) -> Finding:
    name = "slack live: file"
    advice = "Grant files:write and install the app again: reports and exports are files."
    try:
        file = await trial.patiently(lambda: trial.calls.upload("paperboy.md", NOTE.encode()))
        trial.files.append(file)
        await trial.calls.share(file, "paperboy.md", channel=trial.id, thread=thread)
        await _note_share(trial, file, thread)
        ready = await _ready(trial, file)
    except PaperboyError as error:
        return _failed(name, error, advice)
    return Finding(name=name, well=True, says=f"a file is taken{ready}.")


async def _note_share(trial: _Trial, file: str, thread: str) -> None:
    """Have the message that shows the file removed too; Slack tells its timestamp in the thread only."""
    try:
        page = await trial.calls.ask("conversations.replies", channel=trial.id, ts=thread)
    except PaperboyError:
        return  # not readable; without its file the message is empty
    for each in page.get("messages") or ():
        if any(shown.get("id") == file for shown in each.get("files") or ()):
            trial.posted.append(str(each["ts"]))


async def _ready(trial: _Trial, file: str) -> str:
    """After how long a file is ready to be shown in a message, where Slack may be asked that."""
    began, waited = time.monotonic(), 0.0
    while waited < _FILE_PATIENCE:
        try:
            told = (await trial.calls.ask("files.info", file=file)).get("file") or {}
        except Refused:  # files:read is not asked for
            return "; when it is ready, Slack tells only with the scope files:read"
        if told.get("mimetype"):
            return f" and ready after {max(waited, time.monotonic() - began):.1f} s"
        await trial.sleep(0.5)
        waited += 0.5
    return f", but not ready after {_FILE_PATIENCE:g} s"


async def _removed(trial: _Trial) -> str:
    """Remove what was posted; names what stays."""
    left = []
    for file in trial.files:
        try:
            await trial.calls.tell("files.delete", file=file)
        except PaperboyError:
            left.append(f"the file {file}")
    for ts in reversed(trial.posted):
        try:
            await trial.calls.tell("chat.delete", channel=trial.id, ts=ts)
        except PaperboyError:
            left.append(f"the message {ts}")
    return ", ".join(left)
