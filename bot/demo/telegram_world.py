"""The state of the loopback Telegram: who is there, in which chats, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from itertools import count
from typing import Any

from bot.demo.telegram_json import message_json
from bot.demo.telegram_model import (
    Answered,
    Call,
    Chat,
    ChatType,
    File,
    Message,
    Person,
    Query,
    Refused,
    Standing,
    Status,
    bad_request,
)
from bot.demo.telegram_updates import Updates
from digest.clock import Clock, utc_now

ANONYMOUS = Person(id=1087968824, name="Group", username="GroupAnonymousBot", is_bot=True)


class Access(Enum):
    """What a call wants of a chat; more of it is refused more often."""

    READ = auto()
    MEMBERS = auto()
    EDIT = auto()
    WRITE = auto()


class World:
    """One bot, and everybody that it can meet."""

    def __init__(
        self,
        *,
        username: str = "paperboy_bot",
        name: str = "Paperboy",
        bot_id: int = 123456,
        clock: Clock = utc_now,
    ) -> None:
        self.bot = Person(id=bot_id, name=name, username=username, is_bot=True)
        self.clock = clock
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {self.bot.id: self.bot, ANONYMOUS.id: ANONYMOUS}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, File] = {}
        self.calls: list[Answered] = []  # in order of their answers
        self.actions: list[tuple[int, str]] = []  # (chat, "typing") and the like
        self.menus: dict[tuple[str, str], tuple[Mapping[str, Any], ...]] = {}  # by scope and language
        self.profile: dict[tuple[str, str], str] = {}  # "name", "description", ... by language
        self.takes_rich = True  # whether sendRichMessage exists
        self.updates = Updates()
        self._numbers = count(1)
        self._shared_id = 1  # the next message in private chats and basic groups

    # For a peer that is stricter

    def admit(self, chat: Chat, call: Call) -> None:
        """Refuse a message that comes too soon: nothing does here."""

    def before_message(self, chat: Chat) -> None:
        """What happens in a chat just before a message of the bot arrives: nothing here."""

    # Finding

    def number(self) -> int:
        """A number that was not given before."""
        return next(self._numbers)

    def chat(self, call: Call, access: Access) -> Chat:
        """The chat of a call; raises what Telegram answers where the bot may not do that."""
        name = call.text("chat_id")
        if not name:
            raise bad_request("chat_id is empty")
        if name.startswith("@"):
            found = [each for each in self.chats.values() if each.username and f"@{each.username}" == name]
        else:
            found = [each for each in self.chats.values() if str(each.id) == name]
        if found:
            self._check_access(found[0], access)
            return found[0]
        if access is Access.WRITE and name.isdecimal() and self._has_met(int(name)):
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        raise bad_request("chat not found")

    def _has_met(self, person: int) -> bool:
        return any(person in chat.standings for chat in self.chats.values())

    def _check_access(self, chat: Chat, access: Access) -> None:
        status = chat.standing(self.bot.id).status
        changes = access in (Access.EDIT, Access.WRITE)
        if chat.private:
            if chat.blocked and changes:
                raise Refused(403, "Forbidden: bot was blocked by the user")
            return
        if chat.type is ChatType.GROUP:
            self._check_group(chat, access, status)
            return
        if status is Status.KICKED:
            raise Refused(403, f"Forbidden: bot was kicked from the {chat.type} chat")
        if not status.inside and (changes or not chat.username):
            raise Refused(403, f"Forbidden: bot is not a member of the {chat.type} chat")

    def _check_group(self, chat: Chat, access: Access, status: Status) -> None:
        if chat.migrated_to:
            if access in (Access.WRITE, Access.MEMBERS):
                reason = "Bad Request: group chat was upgraded to a supergroup chat"
                raise Refused(400, reason, migrate_to_chat_id=chat.migrated_to)
        elif not status.inside and access is not Access.READ:
            word = "kicked from" if status is Status.KICKED else "not a member of"
            raise Refused(
                403, f"Forbidden: bot {'was' if status is Status.KICKED else 'is'} {word} the group chat"
            )

    def message(self, chat: Chat, call: Call, what: str) -> Message:
        """The message of a call, as far as the bot can see it; `what` names it in the refusal."""
        found = chat.messages.get(call.number("message_id"))
        unseen = chat.own_ids and not chat.standing(self.bot.id).status.inside
        if found is None or found.deleted or found.hidden or unseen:
            raise bad_request(f"{what} not found")
        return found

    # Changing

    def next_id(self, chat: Chat) -> int:
        """Take the number of the next message in a chat."""
        if chat.own_ids:
            chat.next_id += 1
            return chat.next_id - 1
        self._shared_id += 1
        return self._shared_id - 1

    def skip_ids(self, chat: Chat, number: int) -> None:
        """Let so many numbers pass, as when people write in chats that are numbered together."""
        for _ in range(number):
            self.next_id(chat)

    def keep(self, message: Message) -> Message:
        """Put a message into its chat, anew or changed."""
        self.chats[message.chat].messages[message.id] = message
        return message

    def tell(self, kind: str, message: Message) -> None:
        """Tell the bot of a message, unless it may not see it."""
        if not message.hidden:
            self.updates.put(kind, self.message_json(message))

    def message_json(self, message: Message) -> dict[str, Any]:
        """The message as the Bot API tells of it."""
        return message_json(self.chats[message.chat], message)

    def serve(
        self, chat: Chat, service: Mapping[str, Any], *, sender: Person | None, topic: int = 0
    ) -> Message:
        """Put a line such as "Ada joined" into a chat."""
        said = Message(
            chat=chat.id,
            id=self.next_id(chat),
            at=self.clock(),
            sender=sender,
            topic=topic,
            service=service,
        )
        return self.keep(said)

    def stand(self, chat: Chat, person: int, **changes: Any) -> Standing:
        """Change what somebody is in a chat."""
        chat.standings[person] = replace(chat.standings.get(person, Standing()), **changes)
        return chat.standings[person]
