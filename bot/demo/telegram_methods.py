"""The other methods of the Bot API, and the table of all that this server knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.demo import telegram_sending as sending
from bot.demo.telegram_content import check_rights
from bot.demo.telegram_json import full_chat_json, me_json, member_json
from bot.demo.telegram_model import Call, Chat, ChatType, Person, Status, bad_request
from bot.demo.telegram_world import Access, World

Json = Any
Method = Callable[[World, Call], Json]

_QUERY_AGE = timedelta(minutes=1)  # after which nobody waits for an answer to a press
_MAX_TOAST = 200
_MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MAX_DESCRIPTION = 256
_PROFILE = {"name": 64, "description": 512, "short_description": 120}
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_ICON = 0x6FB9F0
# The reactions of core.telegram.org/bots/api#reactiontypeemoji.
_EMOJI = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳
❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈
😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀
😡
"""
_REACTIONS = frozenset(_EMOJI.split())


def _get_me(world: World, call: Call) -> Json:
    return me_json(world.bot)


def _answer_query(world: World, call: Call) -> Json:
    query = world.queries.get(call.text("callback_query_id"))
    if query is None or query.answered or world.clock() - query.at > _QUERY_AGE:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = call.text("text")
    if len(text) > _MAX_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    world.queries[query.id] = replace(query, answered=True, text=text, alert=call.flag("show_alert"))
    return True


def _chat_action(world: World, call: Call) -> Json:
    if call.text("action").lower() not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = world.chat(call, Access.WRITE)
    check_rights(world, chat)
    world.actions.append((chat.id, call.text("action")))
    return True


def _set_commands(world: World, call: Call) -> Json:
    commands = call.json("commands", "commands") or []
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        if not _COMMAND.fullmatch(str(each.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 0 < len(str(each.get("description", ""))) <= _MAX_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.menus[_scope(world, call), call.text("language_code")] = tuple(commands)
    return True


def _get_commands(world: World, call: Call) -> Json:
    return list(world.menus.get((_scope(world, call), call.text("language_code")), ()))


def _delete_commands(world: World, call: Call) -> Json:
    world.menus.pop((_scope(world, call), call.text("language_code")), None)
    return True


def _scope(world: World, call: Call) -> str:
    """A BotCommandScope as one word, such as "default" or "chat:-1001"."""
    scope: Mapping[str, Any] = call.json("scope", "BotCommandScope") or {"type": "default"}
    kind = str(scope.get("type", ""))
    if kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators"):
        return kind
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    asked = replace(call, values={"chat_id": str(scope.get("chat_id", ""))})
    chat = world.chat(asked, Access.MEMBERS)
    return f"{kind}:{chat.id}" + (f":{scope.get('user_id')}" if kind == "chat_member" else "")


def _profile_setter(name: str) -> Method:
    def setter(world: World, call: Call) -> Json:
        if len(call.text(name)) > _PROFILE[name]:
            raise bad_request(f"bot {name.replace('_', ' ')} is too long")
        world.profile[name, call.text("language_code")] = call.text(name)
        return True

    return setter


def _profile_getter(name: str) -> Method:
    def getter(world: World, call: Call) -> Json:
        default = world.bot.name if name == "name" else ""
        general = world.profile.get((name, ""), default)
        return {name: world.profile.get((name, call.text("language_code")), general)}

    return getter


def _get_chat(world: World, call: Call) -> Json:
    return full_chat_json(world.chat(call, Access.READ))


def _get_member(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.MEMBERS)
    person = world.people.get(call.number("user_id"))
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if chat.own_ids else "invalid user_id specified")
    return member_json(chat, person, chat.standing(person.id))


def _get_administrators(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.MEMBERS)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    in_charge = [(world.people[who], each) for who, each in chat.standings.items() if each.status.in_charge]
    # Other bots are left out, as the documentation says; the one that asks is not.
    return [member_json(chat, person, each) for person, each in in_charge if _is_told(world, person)]


def _is_told(world: World, person: Person) -> bool:
    return not person.is_bot or person == world.bot


def _leave(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.READ)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    world.stand(chat, world.bot.id, status=Status.LEFT)
    return True


def _create_topic(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.WRITE)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    _check_in_charge(world, chat, "not enough rights to create a topic")
    name = call.text("name")
    if not 0 < len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    color = call.number("icon_color", _ICON)
    begun = {"forum_topic_created": {"name": name, "icon_color": color}}
    message = world.serve(chat, begun, sender=world.bot)
    world.keep(replace(message, topic=message.id, mine=True))
    chat.topics[message.id] = name
    return {"message_thread_id": message.id, "name": name, "icon_color": color}


def _pin(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.WRITE)
    message = world.message(chat, call, "message to pin")
    if not chat.private:
        _check_in_charge(world, chat, "not enough rights to manage pinned messages in the chat")
    world.keep(replace(message, pinned=True))
    if chat.type is not ChatType.CHANNEL:
        pinned = world.message_json(message)
        line = world.serve(chat, {"pinned_message": pinned}, sender=world.bot, topic=message.topic)
        world.keep(replace(line, mine=True))
    return True


def _react(world: World, call: Call) -> Json:
    chat = world.chat(call, Access.EDIT)
    message = world.message(chat, call, "message to react")
    wanted = [str(each.get("emoji", "")) for each in call.json("reaction", "reaction") or []]
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if not _REACTIONS.issuperset(wanted):
        raise bad_request("REACTION_INVALID")
    others = tuple(each for each in message.reactions if each[0] != world.bot.id)
    world.keep(replace(message, reactions=(*others, *((world.bot.id, emoji) for emoji in wanted))))
    return True


def _get_file(world: World, call: Call) -> Json:
    file = world.files.get(call.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    told = {"file_id": file.id, "file_unique_id": f"u{file.id}", "file_size": len(file.content)}
    folder = "photos" if file.is_photo else "documents"
    return {**told, "file_path": f"{folder}/{file.id}"}


def _check_in_charge(world: World, chat: Chat, reason: str) -> None:
    if not chat.standing(world.bot.id).status.in_charge:
        raise bad_request(reason)


# By the names in lower case, since the server does not mind.
METHODS: Mapping[str, Method] = {
    "getme": _get_me,
    "sendmessage": sending.send_message,
    "sendrichmessage": sending.send_rich_message,
    "senddocument": sending.send_document,
    "sendphoto": sending.send_photo,
    "editmessagetext": sending.edit_text,
    "editmessagereplymarkup": sending.edit_keyboard,
    "deletemessage": sending.delete_message,
    "answercallbackquery": _answer_query,
    "sendchataction": _chat_action,
    "setmycommands": _set_commands,
    "getmycommands": _get_commands,
    "deletemycommands": _delete_commands,
    "setmyname": _profile_setter("name"),
    "getmyname": _profile_getter("name"),
    "setmydescription": _profile_setter("description"),
    "getmydescription": _profile_getter("description"),
    "setmyshortdescription": _profile_setter("short_description"),
    "getmyshortdescription": _profile_getter("short_description"),
    "getchat": _get_chat,
    "getchatmember": _get_member,
    "getchatadministrators": _get_administrators,
    "leavechat": _leave,
    "createforumtopic": _create_topic,
    "pinchatmessage": _pin,
    "setmessagereaction": _react,
    "getfile": _get_file,
}
