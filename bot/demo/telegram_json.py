"""People, chats and messages in the form in which the Bot API tells of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.demo.telegram_html import Entity
from bot.demo.telegram_model import Button, Chat, ChatType, File, Keyboard, Message, Person, Standing, Status

Json = dict[str, Any]

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_PNG = b"\x89PNG\r\n\x1a\n"


def person_json(person: Person) -> Json:
    """A User."""
    words = {"username": person.username, "language_code": person.language}
    return {"id": person.id, "is_bot": person.is_bot, "first_name": person.name, **_present(words)}


def me_json(bot: Person) -> Json:
    """The User that getMe answers with; privacy mode is on."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False}
    return {**person_json(bot), **abilities, "supports_inline_queries": False}


def chat_json(chat: Chat) -> Json:
    """A Chat."""
    name = "first_name" if chat.private else "title"
    words = {name: chat.title, "username": chat.username, "is_forum": chat.forum}
    return {"id": chat.id, "type": str(chat.type), **_present(words)}


def full_chat_json(chat: Chat) -> Json:
    """A ChatFullInfo, with what everybody has."""
    fixed = {"accent_color_id": chat.id % 7, "max_reaction_count": 11}
    return {**chat_json(chat), **fixed, "accepted_gift_types": dict.fromkeys(_GIFTS, False)}


def member_json(chat: Chat, person: Person, standing: Standing) -> Json:
    """A ChatMember."""
    told: Json = {"status": str(standing.status), "user": person_json(person)}
    if standing.status is Status.CREATOR:
        told |= {"is_anonymous": standing.anonymous}
    elif standing.status is Status.ADMINISTRATOR:
        told |= dict.fromkeys(_RIGHTS, True) | {"can_be_edited": False, "is_anonymous": standing.anonymous}
        if chat.type is ChatType.CHANNEL:
            told |= {"can_post_messages": True, "can_edit_messages": True}
        else:
            told |= {"can_pin_messages": True, "can_manage_topics": chat.forum}
    elif standing.status is Status.KICKED:
        told |= {"until_date": 0}
    return told


def entity_json(entity: Entity) -> Json:
    """A MessageEntity; somebody linked by id is known by no more than that."""
    user = {"id": entity.user, "is_bot": False, "first_name": "Somebody"} if entity.user else None
    words = {
        "url": entity.url,
        "language": entity.language,
        "custom_emoji_id": entity.emoji,
        "user": user,
    }
    return {"type": entity.type, "offset": entity.offset, "length": entity.length, **_present(words)}


def keyboard_json(keyboard: Keyboard) -> Json:
    """An InlineKeyboardMarkup."""
    return {"inline_keyboard": [[_button_json(each) for each in row] for row in keyboard]}


def message_json(chat: Chat, message: Message, *, with_reply: bool = True) -> Json:
    """A Message, with the one it replies to; in a topic that is its first message unless another is named."""
    told: Json = {"message_id": message.id, "date": int(message.at.timestamp()), "chat": chat_json(chat)}
    if message.sender:
        told["from"] = person_json(message.sender)
    if message.as_chat:
        told["sender_chat"] = chat_json(chat)
    if message.topic:
        told |= {"message_thread_id": message.topic, "is_topic_message": True}
    elif message.thread:
        told["message_thread_id"] = message.thread
    replied = chat.messages.get(message.reply_to or message.topic)
    if with_reply and replied and not replied.deleted and replied.id != message.id:
        told["reply_to_message"] = message_json(chat, replied, with_reply=False)
    if message.edited:
        told["edit_date"] = int(message.edited.timestamp())
    told |= _content_json(message)
    if message.keyboard:
        told["reply_markup"] = keyboard_json(message.keyboard)
    return told


def file_json(file: File) -> Json:
    """A Document."""
    words = {"file_name": file.name, "mime_type": file.media_type}
    return {"file_id": file.id, "file_unique_id": f"u{file.id}", "file_size": len(file.content), **words}


def _content_json(message: Message) -> Json:
    if message.service:
        return dict(message.service)
    entities = [entity_json(each) for each in message.entities]
    if message.rich is not None:
        return {"rich_message": {"blocks": [{"type": "paragraph", "text": message.text}]}}
    if message.document is None:
        return {"text": message.text, **_present({"entities": entities})}
    told: Json = {"photo": [_size_json(message.document)]} if message.document.is_photo else {}
    told = told or {"document": file_json(message.document)}
    return told | _present({"caption": message.text, "caption_entities": entities})


def _size_json(file: File) -> Json:
    width, height = 1280, 720
    if file.content.startswith(_PNG):
        width, height = (int.from_bytes(file.content[at : at + 4], "big") for at in (16, 20))
    size = {"width": width, "height": height, "file_size": len(file.content)}
    return {"file_id": file.id, "file_unique_id": f"u{file.id}", **size}


def _button_json(button: Button) -> Json:
    other = json.loads(button.other) if button.other else {}
    return {"text": button.text, **_present({"callback_data": button.data, "url": button.url}), **other}


def _present(words: Mapping[str, Any]) -> Json:
    return {name: value for name, value in words.items() if value}
