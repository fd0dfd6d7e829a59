"""The delivery on Telegram, tried: do probes answer as expected, what is taken in every form and size."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, TypeVar

from telegram import InputFile, LinkPreviewOptions
from telegram.error import BadRequest, EndPointNotFound, InvalidToken, RetryAfter

from bot.config import Settings
from bot.doctor.finding import Finding
from bot.doctor.trying import AGAIN, LATER, NOTE, patiently
from bot.platforms.proven import Mode, Proven
from bot.platforms.telegram.calls import FAILURES, Api, Failure, meaning, quiet_logs, reason, wait_of
from bot.platforms.telegram.html import MAX_UNITS, utf16
from bot.platforms.telegram.keyboard import markup
from bot.platforms.telegram.places import PLATFORM, Spot
from bot.platforms.telegram.platform import check
from bot.platforms.telegram.probing import Found, met
from bot.platforms.telegram.rich import message as rich_message
from digest.clock import Sleep
from digest.document import Collapsible, Document, Table, para
from digest.errors import DeliveryUnknown, PlatformUnavailable

_FAR = 100_000  # ids above the newest, where no message is

T = TypeVar("T")
Outcome = tuple[Finding, Proven]


@dataclass(slots=True, kw_only=True)
class _Trial:
    """What the tries share; `posted` are the messages to remove at the end."""

    api: Api
    spot: Spot
    pause: Callable[[], Awaitable[None]]
    sleep: Sleep
    known: Proven = field(default_factory=Proven)
    posted: list[int] = field(default_factory=list)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, once more after each wait that Telegram asks for. Raises one of `FAILURES`."""
        return await patiently(call, RetryAfter, wait_of, self.sleep)

    async def send(self, text: str, keyboard: dict[str, Any]) -> int:
        """Send a message; its id. Raises one of `FAILURES`."""
        await self.pause()
        sent = await self.patiently(
            lambda: self.api.send_message(
                self.spot.chat,
                text,
                message_thread_id=self.spot.topic,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                disable_notification=True,
                api_kwargs={"reply_markup": keyboard},
            )
        )
        self.posted.append(sent.message_id)
        return sent.message_id

    async def probe(self, number: int, keyboard: dict[str, Any]) -> Found:
        """What a probe meets at an id; raises one of `FAILURES` for what is no answer to it."""
        try:
            await self.patiently(
                lambda: self.api.edit_message_reply_markup(
                    self.spot.chat, number, api_kwargs={"reply_markup": keyboard}
                )
            )
        except BadRequest as error:
            return met(error)
        return Found.ANOTHER

    async def delete(self, number: int) -> None:
        await self.patiently(lambda: self.api.delete_message(self.spot.chat, number))
        self.posted.remove(number)

    def failed(self, name: str, error: Failure, says: str, advice: str) -> Finding:
        """What a failure says; one that may be over in a minute says nothing of what was tried."""
        if isinstance(meaning(error, self.spot), PlatformUnavailable | DeliveryUnknown):
            says, advice = f"not known: {reason(error)}", LATER
        return Finding(name=name, well=False, says=says, advice=advice)


async def try_telegram(
    settings: Settings, channel: str, *, pause: Callable[[], Awaitable[None]], sleep: Sleep
) -> AsyncIterator[Outcome]:
    """Try everything in a chat, named by its number; what is known so far comes with each finding."""
    check(settings)
    quiet_logs()
    api = Api(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    trial = _Trial(api=api, spot=Spot.of(f"{PLATFORM}:{channel}"), pause=pause, sleep=sleep)
    try:
        try:
            async for finding in _tried(trial):
                yield finding, trial.known
        finally:
            left = await _removed(trial)
        if left:
            says = f"the messages {left} could not be removed."
            yield (
                Finding(name="telegram live: clean up", well=False, says=says, advice="Remove them by hand."),
                trial.known,
            )
    finally:
        await api.close_requests()


async def _tried(trial: _Trial) -> AsyncIterator[Finding]:
    keyboard, other = _keyboard(), _keyboard()
    try:
        number = await trial.send(NOTE, keyboard)
    except FAILURES as error:
        says = str(meaning(error, trial.spot))
        yield Finding(name="telegram live: post", well=False, says=says, advice=AGAIN)
        return
    yield Finding(name="telegram live: post", well=True, says="a message was taken.")
    finding, works = await _probes(trial, number, keyboard, other)
    if works is not None:
        trial.known = Proven(mode=Mode.RECONCILE if works else Mode.RESEND)
    yield finding
    finding, rich = await _rich(trial)
    trial.known = replace(trial.known, rich=rich)
    yield finding
    yield await _largest(trial)
    yield await _file(trial)


def _keyboard() -> dict[str, Any]:
    """The keyboard of a message of ours, unlike every other."""
    return markup(Document(()), f"live/{token_hex(8)}")[0]


async def _probes(
    trial: _Trial, number: int, keyboard: dict[str, Any], other: dict[str, Any]
) -> tuple[Finding, bool | None]:
    """Probe the message itself, an id where none is, another message of ours, one that is deleted.

    None where the answers did not come, which says nothing of the chat.
    """
    name = "telegram live: probes"
    advice = (
        "Paperboy sends such messages again instead of looking for them. Please tell the project's page of "
        "issues what kind of chat this is."
    )
    wrong = []
    try:
        tried = [
            ("the message itself", Found.OURS, number, keyboard),
            ("no message", Found.NOTHING, number + _FAR, keyboard),
            ("another of ours", Found.ANOTHER, number, other),
        ]
        for what, expected, at, shown in tried:
            answer = await trial.probe(at, shown)
            if answer is not expected:
                wrong.append(f"{what} is taken for {answer.name.lower()}")
        gone = await trial.send(NOTE, keyboard)
        await trial.delete(gone)
        answer = await trial.probe(gone, keyboard)
        if answer is not Found.NOTHING:
            wrong.append(f"a deleted message is taken for {answer.name.lower()}")
    except FAILURES as error:
        failed = trial.failed(name, error, f"{reason(error)}.", advice)
        return failed, None if failed.advice == LATER else False
    if wrong:
        return Finding(name=name, well=False, says=f"{'; '.join(wrong)}.", advice=advice), False
    says = "a message is found again by its keyboard, and none where there is none."
    return Finding(name=name, well=True, says=says), True


async def _rich(trial: _Trial) -> tuple[Finding, bool | None]:
    name = "telegram live: rich messages"
    table = Table(("任务", "分数"), (("抓取", "0.91"), ("放置", "0.87")))
    document = Document((para(NOTE), Collapsible("更多", (para("中文内容。"),)), table), summary=NOTE)
    asked = {
        "chat_id": trial.spot.chat,
        "rich_message": rich_message(document).input_rich_message,
        "reply_markup": _keyboard(),
        "message_thread_id": trial.spot.topic,
    }
    await trial.pause()
    try:
        sent: Any = await trial.patiently(
            lambda: trial.api.do_api_request("sendRichMessage", api_kwargs=asked)
        )
        trial.posted.append(int(sent["message_id"]))
    except (BadRequest, EndPointNotFound, InvalidToken) as error:
        says = f"refused ({reason(error)}); messages go out as HTML."
        return Finding(name=name, well=True, says=says), False
    except FAILURES as error:
        return trial.failed(name, error, reason(error), AGAIN), None
    says = "taken; whether your clients show them well, only you can see: /settings rich on in a chat."
    return Finding(name=name, well=True, says=says), True


async def _largest(trial: _Trial) -> Finding:
    name = "telegram live: largest message"
    text = NOTE + "测" * (MAX_UNITS - utf16(NOTE))
    try:
        await trial.send(text, _keyboard())
    except FAILURES as error:
        says = f"one of {MAX_UNITS:,} characters of Chinese is refused: {reason(error)}"
        return trial.failed(name, error, says, AGAIN)
    return Finding(name=name, well=True, says=f"one of {MAX_UNITS:,} characters of Chinese is taken.")


async def _file(trial: _Trial) -> Finding:
    name = "telegram live: file"
    await trial.pause()
    try:
        sent = await trial.patiently(
            lambda: trial.api.send_document(
                trial.spot.chat,
                InputFile(NOTE.encode(), filename="paperboy.md"),
                message_thread_id=trial.spot.topic,
                disable_notification=True,
            )
        )
    except FAILURES as error:
        advice = "Let the bot send files in this chat: reports and exports are files."
        return trial.failed(name, error, reason(error), advice)
    trial.posted.append(sent.message_id)
    return Finding(name=name, well=True, says="a file is taken.")


async def _removed(trial: _Trial) -> str:
    """Remove what was sent; names what stays."""
    left = []
    for number in reversed(trial.posted):
        try:
            await trial.delete(number)
        except FAILURES:
            left.append(str(number))
    return ", ".join(left)
