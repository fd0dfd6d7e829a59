"""One message to one chat, in the first form that Telegram takes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import structlog
from telegram import InputFile, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, EndPointNotFound, InvalidToken

from bot.commands.request import Attachment
from bot.pacing import Pacer
from bot.platforms.telegram.calls import FAILURES, Api, Failure, Refusal, meaning, reason, refusal, understood
from bot.platforms.telegram.html import MAX_UNITS, message, utf16
from bot.platforms.telegram.keyboard import markup
from bot.platforms.telegram.known import Keyboard, Known
from bot.platforms.telegram.places import Spot
from bot.platforms.telegram.rich import message as rich_message
from digest.document import Document
from digest.ports import Store

MAX_CAPTION = 1024  # UTF-16 units
_PREVIEW = LinkPreviewOptions(is_disabled=True)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message as it is sent; `text` is HTML unless it is `plain`.

    `rich` is the same as an InputRichMessage; a `file` has the text as its caption.
    """

    text: str
    keyboard: Keyboard
    reply_to: int | None = None
    rich: Keyboard | None = None
    file: Attachment | None = None
    plain: bool = False


async def composed(
    document: Document, key: str, store: Store, *, reply_to: int | None = None, rich: bool = False
) -> Outgoing:
    """The document as the message `key`; commands that its buttons are too small for are stored."""
    keyboard, stored = markup(document, key)
    for token, command in stored:
        await store.remember_command(token, command)
    return Outgoing(
        text=message(document).html,
        keyboard=keyboard,
        reply_to=reply_to,
        rich=rich_message(document).input_rich_message if rich else None,
    )


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends and changes messages. Whoever calls has the chat's turn."""

    api: Api
    known: Known
    pacer: Pacer
    rich_taken: bool = True  # until this server refuses one

    async def send(self, spot: Spot, outgoing: Outgoing, key: str) -> int:
        """Send the message `key`; its id. Raises as `ChatPlatform.post`."""
        await self.known.begin(key, spot)
        forms = self._forms(outgoing)
        form = next(forms)
        while True:
            try:
                number = await self._once(spot, form)
            except FAILURES as error:
                following = next(forms, None) if self._is_refused(error, form) else None
                if following is None:
                    raise understood(error, spot, self.pacer) from error
                log.warning("message refused in this form", key=key, reason=reason(error))
                form = following
            else:
                self.known.shows(spot, number, outgoing.keyboard)
                await self.known.see(spot, number)
                return number

    async def edit(self, spot: Spot, number: int, outgoing: Outgoing) -> bool:
        """Give a message of ours another text and keyboard; False where it cannot be changed any more."""
        try:
            await self.api.edit_message_text(
                outgoing.text,
                spot.chat,
                number,
                parse_mode="HTML",
                link_preview_options=_PREVIEW,
                api_kwargs={"reply_markup": outgoing.keyboard},
            )
        except BadRequest as error:
            if refusal(error) is Refusal.CHAT:
                raise meaning(error, spot) from error
            if "not modified" not in error.message:
                log.info("message not editable", channel=spot.key, message=number, reason=reason(error))
                return False
        except FAILURES as error:
            raise understood(error, spot, self.pacer) from error
        self.known.shows(spot, number, outgoing.keyboard)
        return True

    def _forms(self, outgoing: Outgoing) -> Iterator[Outgoing]:
        """What is tried in turn: rich, HTML, plain text, and that without buttons that open an address."""
        if outgoing.rich is not None and self.rich_taken:
            yield outgoing
        outgoing = replace(outgoing, rich=None)
        yield outgoing
        most = MAX_CAPTION if outgoing.file is not None else MAX_UNITS
        plain = replace(outgoing, text=_cut(plain_text(outgoing.text), most), plain=True)
        yield plain
        yield replace(plain, keyboard=_without_addresses(outgoing.keyboard))

    def _is_refused(self, error: Failure, form: Outgoing) -> bool:
        """Whether another form of the message may be taken."""
        refused = isinstance(error, BadRequest) and refusal(error) is Refusal.CONTENT
        if form.rich is not None:
            # A method that this server does not know; a wrong token would have been told at the start.
            refused = refused or isinstance(error, InvalidToken | EndPointNotFound)
            self.rich_taken = not refused
        return refused

    async def _once(self, spot: Spot, form: Outgoing) -> int:
        replied = form.reply_to
        reply = ReplyParameters(replied, allow_sending_without_reply=True) if replied else None
        if form.rich is not None:
            result = await self.api.do_api_request(
                "sendRichMessage",
                api_kwargs={
                    "chat_id": spot.chat,
                    "rich_message": form.rich,
                    "reply_markup": form.keyboard,
                    "message_thread_id": spot.topic,
                    "reply_parameters": reply,
                },
            )
            return int(result["message_id"])
        mode = None if form.plain else "HTML"
        if form.file is not None:
            sent = await self.api.send_document(
                spot.chat,
                InputFile(form.file.content.encode(), filename=form.file.name),
                caption=form.text,
                parse_mode=mode,
                message_thread_id=spot.topic,
                reply_parameters=reply,
                api_kwargs={"reply_markup": form.keyboard},
            )
        else:
            sent = await self.api.send_message(
                spot.chat,
                form.text,
                parse_mode=mode,
                message_thread_id=spot.topic,
                reply_parameters=reply,
                link_preview_options=_PREVIEW,
                api_kwargs={"reply_markup": form.keyboard},
            )
        return sent.message_id


def plain_text(markup_text: str) -> str:
    """What our own HTML says."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup_text))


def _cut(text: str, most: int) -> str:
    while utf16(text) > most:
        text = text[: most - utf16(text)]
    return text


def _without_addresses(keyboard: Keyboard) -> Keyboard:
    """The keyboard without the buttons that open an address, which Telegram may not take for one."""
    rows = [[each for each in row if "url" not in each] for row in keyboard.get("inline_keyboard", ())]
    return {**keyboard, "inline_keyboard": [row for row in rows if row]} if rows else keyboard
