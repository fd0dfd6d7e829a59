"""What a bot wants to say, checked as Telegram checks it: text, keyboard, place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from bot.demo.telegram_found import with_found
from bot.demo.telegram_html import (
    MAX_ENTITIES,
    Entity,
    Marked,
    ParseFault,
    ordered,
    parse_html,
    settled,
    units,
)
from bot.demo.telegram_model import Button, Call, Chat, ChatType, Keyboard, Message, bad_request
from bot.demo.telegram_people import thread_of
from bot.demo.telegram_world import World

MAX_TEXT = 4096  # UTF-16 units, after the markup is parsed
MAX_CAPTION = 1024
MAX_RICH = 32_768  # characters of a rich message
MAX_DATA = 64  # bytes of a button's data
MAX_BUTTONS = 100
MAX_IN_ROW = 8  # found by trial, not documented
_URL = re.compile(
    r"(?:https?://)?[^\s/?#@:]+\.[^\s/?#@:.]+(?::\d+)?(?:[/?#]\S*)?|(?:tg|ton)://\S+", re.IGNORECASE
)
_ACTIONS = frozenset({"web_app", "login_url", "copy_text", "callback_game", "pay"})
_STARTS = ("switch_inline_query",)
_HIDES = frozenset({"script", "style"})

Words = dict[str, Any]  # fields of a Message


def text_of(call: Call) -> Words:
    """The text of a message; raises Refused as sendMessage is."""
    source = call.text("text")
    if not source.strip():
        raise bad_request("message text is empty")
    words = _marked(call, source, "entities")
    if not words["text"]:
        raise bad_request("text must be non-empty")
    if units(words["text"]) > MAX_TEXT:
        raise bad_request("message is too long")
    return words


def caption_of(call: Call) -> Words:
    """The caption of a file, perhaps empty."""
    words = _marked(call, call.text("caption"), "caption_entities")
    if units(words["text"]) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return words


def rich_of(call: Call) -> Words:
    """A rich message: its length is checked, its markup is not; people here read it as plain text."""
    rich = call.json("rich_message", "InputRichMessage")
    source = (rich or {}).get("html") or (rich or {}).get("markdown") or ""
    if not isinstance(rich, Mapping) or not source.strip():
        raise bad_request("message text is empty")
    plain = _Plain()
    plain.feed(source)
    text = re.sub(r"\n{3,}", "\n\n", "".join(plain.pieces)).strip() if "html" in rich else source
    if len(text) > MAX_RICH:
        raise bad_request("message is too long")
    return {"text": text, "html": source, "rich": dict(rich)}


def _marked(call: Call, source: str, entities: str) -> Words:
    mode = call.text("parse_mode").lower()
    if mode not in ("", "html"):
        # Paperboy sends HTML; MarkdownV2 and the old Markdown are not played here.
        raise bad_request("unsupported parse_mode")
    try:
        marked = parse_html(source) if mode else Marked(text=source, entities=_given(call, entities))
    except ParseFault as fault:
        raise bad_request(f"can't parse entities: {fault}") from fault
    kept = settled(marked)
    count = len(kept.entities)
    kept = Marked(text=kept.text, entities=kept.entities[:MAX_ENTITIES])
    return {"text": kept.text, "entities": with_found(kept), "written": count, "html": source}


def _given(call: Call, name: str) -> tuple[Entity, ...]:
    given = call.json(name, "entities") or []
    return ordered(
        Entity(
            type=each["type"],
            offset=each["offset"],
            length=each["length"],
            url=each.get("url", ""),
            language=each.get("language", ""),
            user=each.get("user", {}).get("id", 0),
            emoji=each.get("custom_emoji_id", ""),
        )
        for each in given
    )


def keyboard_of(call: Call) -> Keyboard:
    """The inline keyboard of a call; other reply markups are taken and not shown."""
    markup = call.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return ()
    if not isinstance(markup, Mapping):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    keyboard = tuple(tuple(_button(each) for each in row) for row in rows if row)
    if sum(map(len, keyboard)) > MAX_BUTTONS or any(len(row) > MAX_IN_ROW for row in keyboard):
        raise bad_request("reply markup is too long")
    return keyboard


def _button(told: Mapping[str, Any]) -> Button:
    text, data, url = (str(told.get(name, "")) for name in ("text", "callback_data", "url"))
    other = {name: value for name, value in told.items() if name not in ("text", "callback_data", "url")}
    acts = any(name in _ACTIONS or name.startswith(_STARTS) for name in other)
    if "text" not in told:
        raise bad_request("can't parse inline keyboard button: can't find field \"text\"")
    if "url" not in told and "callback_data" not in told and not acts:
        reason = "Text buttons are unallowed in the inline keyboard"
        raise bad_request(f"can't parse inline keyboard button: {reason}")
    if not text.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if "url" in told and not _URL.fullmatch(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if "callback_data" in told and not 0 < len(data.encode()) <= MAX_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text=text, data=data, url=url, other=json.dumps(other, sort_keys=True) if other else "")


def place_of(world: World, chat: Chat, call: Call) -> Words:
    """Which message is replied to, and in which topic or chain the new one stands."""
    replied = _replied(chat, call)
    topic = call.number("message_thread_id")
    if topic and not (chat.forum and topic in chat.topics):
        raise bad_request("message thread not found")
    if replied and not topic:
        topic = replied.topic if replied.topic in chat.topics else 0
    place = {"reply_to": replied.id if replied else 0, "thread": thread_of(chat, replied)}
    return {**place, "topic": topic, "silent": call.flag("disable_notification")}


def _replied(chat: Chat, call: Call) -> Message | None:
    reply = call.json("reply_parameters", "reply parameters") or {}
    number = reply.get("message_id", 0)
    if not number:
        return None
    found = chat.messages.get(int(number))
    if found is None or found.deleted or found.hidden:
        if reply.get("allow_sending_without_reply") in (True, "true"):
            return None
        raise bad_request("message to be replied not found")
    return found


def check_rights(world: World, chat: Chat) -> None:
    """Refuse where the bot is inside but may not write."""
    standing = chat.standing(world.bot.id)
    if chat.type is ChatType.CHANNEL and not standing.status.in_charge:
        raise bad_request("need administrator rights in the channel chat")
    if standing.muted:
        raise bad_request("not enough rights to send text messages to the chat")


class _Plain(HTMLParser):
    """The text of markup, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDES
        if tag == "li":
            self.pieces.append("\n• ")
        elif tag in ("br", "p", "tr", "summary", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "footer"):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDES
        if tag in ("p", "summary", "details", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table"):
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append("  ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
