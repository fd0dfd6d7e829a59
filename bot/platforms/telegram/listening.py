"""What people do on Telegram, told from updates: commands, questions, presses, coming and going.

In groups Paperboy answers what is meant for it: its commands, replies to its messages, and mentions. In
channels, where only administrators write, it answers commands.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    ReactionType,
    ReactionTypeEmoji,
    Update,
)

from bot.commands import VERBS
from bot.platforms.telegram.calls import BLOCKED, REMOVED
from bot.platforms.telegram.places import PLATFORM, Address, How, Me, Spot, person_key
from bot.platforms.telegram.typed import visible
from digest.people import Incoming

ALLOWED = ("message", "channel_post", "callback_query", "my_chat_member", "message_reaction")
REACTIONS = {"👍": "like", "👎": "dismiss"}

_NAMES = frozenset(name for verb in VERBS for name in (verb.name, *verb.aliases))
_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?!\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button; `said` lacks the text, which is in the button's `data` or stored for it."""

    said: Incoming
    data: str
    query: str
    chat_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted:
    """An emoji under a message; `said` lacks the channel's topic and the paper."""

    said: Incoming
    chat: int
    verb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Paperboy cannot write to a chat any more."""

    chat: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Paperboy is in a chat, with what is said there if it is new."""

    chat: int
    hello: Incoming | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A group became a supergroup, which has another number."""

    old: int
    new: int


Event = Incoming | Pressed | Reacted | Gone | Back | Moved


def event_of(update: Update, me: Me, at: datetime) -> Event | None:
    """What an update tells; None where it does not concern Paperboy."""
    said = update.message or update.channel_post
    if said is not None:
        return _said(said, update.update_id, me, at)
    if update.callback_query is not None:
        return _pressed(update.callback_query, update.update_id, at)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, update.update_id, at)
    if update.message_reaction is not None:
        return _reacted(update.message_reaction, update.update_id, at)
    return None


def message_of(update: Update) -> tuple[Spot, int] | None:
    """A chat and the id of a message that is in it, if the update tells of one."""
    query = update.callback_query
    told = update.message or update.channel_post or update.message_reaction or (query and query.message)
    return (Spot(told.chat.id), told.message_id) if told else None


def _said(message: Message, number: int, me: Me, at: datetime) -> Incoming | Moved | None:
    chat = message.chat
    if message.migrate_to_chat_id:
        return Moved(old=chat.id, new=message.migrate_to_chat_id)
    if message.migrate_from_chat_id:
        return Moved(old=message.migrate_from_chat_id, new=chat.id)
    speaker = _speaker(message)
    text = _for_us(message, me) if speaker is not None else None
    if speaker is None or text is None:
        return None
    person, name, language = speaker
    replied, root = message.reply_to_message, message.message_thread_id
    if message.is_topic_message:
        root = None
    return Incoming(
        id=f"{PLATFORM}:{number}",
        channel=_spot(message).key,
        person=person_key(person),
        name=name,
        text=text,
        received_at=at,
        thread=str(root) if root else None,
        about=str(replied.message_id) if replied is not None and not replied.forum_topic_created else None,
        address=str(
            Address(
                how=How.MENTION if _is_to_us(message, me) else How.SAID,
                message=message.message_id,
                chat_type=chat.type,
                title=_title(chat, replied if message.is_topic_message else None),
                language=language,
            )
        ),
    )


def _speaker(message: Message) -> tuple[int, str, str] | None:
    """Who said it: number, name and language; None where that is a bot or nobody in particular.

    Anonymous administrators and channels speak as a chat; the account they do that from is a bot's.
    """
    if message.is_automatic_forward:
        return None
    chat, user = message.sender_chat, message.from_user
    if chat is not None:
        return chat.id, message.author_signature or chat.title or "", ""
    if user is None or user.is_bot:
        return None
    return user.id, user.full_name, user.language_code or ""


def _for_us(message: Message, me: Me) -> str | None:
    """What Paperboy is told, without its own name; None where it is not meant."""
    text, kind = visible(message.text or "").strip(), message.chat.type
    if not text:
        return None
    command = _COMMAND.match(text)
    if command is not None:
        verb, whose = command[1].lower(), (command[2] or "").lower()
        if whose and whose != me.username.lower():
            return None
        if not whose and kind != Chat.PRIVATE and verb not in _NAMES:
            return None  # another bot's
        rest = text[command.end() :]
        return linked(rest.strip()) or f"/{verb}{rest}" if verb == "start" else f"/{verb}{rest}"
    if kind == Chat.CHANNEL:
        return None
    if kind == Chat.PRIVATE:
        return text
    unnamed = _without_mention(message, me)
    if unnamed is not None:
        return unnamed or "/help"
    return text if _replies_to(message, me) else None


def link(command: str) -> str:
    """What behind `t.me/<bot>?start=` has a person say that command in private; at most 64 letters."""
    return urlsafe_b64encode(command.encode()).decode().rstrip("=")


def linked(word: str) -> str | None:
    """The command of such a link. Anybody can make one, so only what reads a paper is taken."""
    try:
        command = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
    except ValueError:
        return None
    return f"/{command}" if re.fullmatch(r"(explain|ask) [\w./-]+", command) else None


def _without_mention(message: Message, me: Me) -> str | None:
    """The text without a mention of the bot; None where it is not mentioned."""
    for entity, text in message.parse_entities(["mention", "text_mention"]).items():
        by_name = entity.type == "mention" and text.lower() == f"@{me.username}".lower()
        if by_name or (entity.user is not None and entity.user.id == me.id):
            before, _, after = (message.text or "").partition(text)
            return visible(f"{before.rstrip()} {after.lstrip(' ,:')}").strip()
    return None


def _is_to_us(message: Message, me: Me) -> bool:
    """Whether it is surely said to the bot: in private, by name, or in answer to a question of its."""
    if message.chat.type == Chat.PRIVATE or _without_mention(message, me) is not None:
        return True
    replied = message.reply_to_message
    asked = replied is not None and (replied.text or "").rstrip().endswith(("?", "？"))
    return asked and _replies_to(message, me)


def _replies_to(message: Message, me: Me) -> bool:
    """Whether it answers one of the bot's messages; in a topic everything replies to its beginning."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created or replied.from_user is None:
        return False
    return replied.from_user.id == me.id


def _pressed(query: CallbackQuery, number: int, at: datetime) -> Pressed | None:
    message, user = query.message, query.from_user
    if message is None or not query.data:
        return None  # of a message sent inline, or a game
    address = Address(
        how=How.PRESSED,
        message=message.message_id,
        chat_type=message.chat.type,
        title=_title(message.chat, None),
        language=user.language_code or "",
        query=query.id,
    )
    said = Incoming(
        id=f"{PLATFORM}:{number}",
        channel=(_spot(message) if isinstance(message, Message) else Spot(message.chat.id)).key,
        person=person_key(user.id),
        name=user.full_name,
        text="",
        received_at=at,
        about=str(message.message_id),
        address=str(address),
    )
    return Pressed(said=said, data=query.data, query=query.id, chat_type=message.chat.type)


def _reacted(reaction: MessageReactionUpdated, number: int, at: datetime) -> Reacted | None:
    user = reaction.user
    fresh = [each for each in _emoji(reaction.new_reaction) if each not in _emoji(reaction.old_reaction)]
    verbs = [REACTIONS[each] for each in fresh if REACTIONS.get(each) in _NAMES]
    if user is None or user.is_bot or not verbs:
        return None
    said = Incoming(
        id=f"{PLATFORM}:{number}",
        channel=Spot(reaction.chat.id).key,
        person=person_key(user.id),
        name=user.full_name,
        text="",
        received_at=at,
        about=str(reaction.message_id),
        address=str(Address(how=How.REACTED, chat_type=reaction.chat.type)),
    )
    return Reacted(said=said, chat=reaction.chat.id, verb=verbs[0])


def _emoji(reactions: tuple[ReactionType, ...]) -> list[str]:
    return [each.emoji for each in reactions if isinstance(each, ReactionTypeEmoji)]


def _membership(change: ChatMemberUpdated, number: int, at: datetime) -> Gone | Back:
    chat, user = change.chat, change.from_user
    private = chat.type == Chat.PRIVATE
    if not _is_inside(change.new_chat_member):
        return Gone(chat=chat.id, because=BLOCKED if private else REMOVED)
    if private or _is_inside(change.old_chat_member):
        return Back(chat=chat.id, hello=None)
    hello = Incoming(
        id=f"{PLATFORM}:{number}",
        channel=Spot(chat.id).key,
        person=person_key(user.id),
        name=user.full_name,
        text="/hello",
        received_at=at,
        address=str(
            Address(
                how=How.ADDED, chat_type=chat.type, title=chat.title or "", language=user.language_code or ""
            )
        ),
    )
    return Back(chat=chat.id, hello=hello)


def _is_inside(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return not isinstance(member, ChatMemberLeft | ChatMemberBanned)


def _spot(message: Message) -> Spot:
    """The chat of a message, with its topic; the General topic is the chat itself."""
    return Spot(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def _title(chat: Chat, root: Message | None) -> str:
    """What people call the place: the group's name and the topic's."""
    title = chat.title or chat.full_name or ""
    topic = root.forum_topic_created.name if root is not None and root.forum_topic_created else ""
    return f"{title} / {topic}" if topic else title
