"""The methods that say something: send, edit, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.demo.telegram_content import (
    Words,
    caption_of,
    check_rights,
    keyboard_of,
    place_of,
    rich_of,
    text_of,
)
from bot.demo.telegram_model import Call, Chat, ChatType, File, Message, Refused, bad_request
from bot.demo.telegram_world import Access, World

Json = Any

_DELETABLE = timedelta(hours=48)
_MAX_PHOTO = 10 * 2**20  # bytes
_MAX_DOCUMENT = 50 * 2**20
_UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
NO_METHOD = Refused(404, "Not Found: method not found")


def send_message(world: World, call: Call) -> Json:
    """sendMessage."""
    return _send(world, call, text_of(call))


def send_rich_message(world: World, call: Call) -> Json:
    """sendRichMessage, on servers that have it."""
    if not world.takes_rich:
        raise NO_METHOD
    return _send(world, call, rich_of(call))


def send_document(world: World, call: Call) -> Json:
    """sendDocument."""
    file = _file(world, call, "document", most=_MAX_DOCUMENT)
    return _send(world, call, {**caption_of(call), "document": file})


def send_photo(world: World, call: Call) -> Json:
    """sendPhoto."""
    file = _file(world, call, "photo", most=_MAX_PHOTO)
    return _send(world, call, {**caption_of(call), "document": replace(file, is_photo=True)})


def _send(world: World, call: Call, content: Words) -> Json:
    keyboard = keyboard_of(call)
    chat = world.chat(call, Access.WRITE)
    place = place_of(world, chat, call)
    check_rights(world, chat)
    world.admit(chat, call)
    world.before_message(chat)
    in_channel = chat.type is ChatType.CHANNEL
    message = Message(
        chat=chat.id,
        id=world.next_id(chat),
        at=world.clock(),
        mine=True,
        sender=None if in_channel else world.bot,
        as_chat=chat.id if in_channel else 0,
        keyboard=keyboard,
        **content,
        **place,
    )
    return world.message_json(world.keep(message))


def _file(world: World, call: Call, name: str, *, most: int) -> File:
    known = world.files.get(call.text(name))
    if known:
        return known
    uploaded = call.upload(name)
    if uploaded is None:
        if call.text(name):
            raise bad_request("wrong file identifier/HTTP URL specified")
        raise bad_request(f"there is no {name} in the request")
    if not uploaded.content:
        raise bad_request("file must be non-empty")
    if len(uploaded.content) > most:
        raise Refused(413, "Request Entity Too Large")
    kept = replace(uploaded, id=f"BQACAgIAAxkDAAI{world.number():06d}")
    world.files[kept.id] = kept
    return kept


def edit_text(world: World, call: Call) -> Json:
    """editMessageText; a keyboard that is not sent again is gone."""
    content = rich_of(call) if "rich_message" in call.values else text_of(call)
    keyboard = keyboard_of(call)
    chat, message = _own(world, call)
    if message.document is not None or (message.rich is None) != ("rich" not in content):
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, call, message, {**content, "keyboard": keyboard})


def edit_keyboard(world: World, call: Call) -> Json:
    """editMessageReplyMarkup."""
    keyboard = keyboard_of(call)
    chat, message = _own(world, call)
    return _change(world, chat, call, message, {"keyboard": keyboard})


def _own(world: World, call: Call) -> tuple[Chat, Message]:
    if not call.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = world.chat(call, Access.EDIT)
    message = world.message(chat, call, "message to edit")
    if not message.mine or message.service or chat.migrated_to:
        raise bad_request("message can't be edited")
    return chat, message


def _change(world: World, chat: Chat, call: Call, message: Message, changes: Words) -> Json:
    compared = {name: value for name, value in changes.items() if name not in ("html", "written")}
    if all(getattr(message, name) == value for name, value in compared.items()):
        raise bad_request(_UNCHANGED)
    world.admit(chat, call)
    return world.message_json(world.keep(replace(message, **changes, edited=world.clock())))


def delete_message(world: World, call: Call) -> Json:
    """deleteMessage: one's own for 48 hours, others' as an administrator or in a private chat."""
    chat = world.chat(call, Access.EDIT)
    message = world.message(chat, call, "message to delete")
    in_charge = chat.standing(world.bot.id).status.in_charge
    if not (message.mine or in_charge or chat.private):
        raise bad_request("message can't be deleted")
    if world.clock() - message.at > _DELETABLE and not in_charge:
        raise bad_request("message can't be deleted for everyone")
    world.keep(replace(message, deleted=True))
    return True
