"""What people do in the loopback Telegram: talk, press buttons, come, go and change their minds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.demo.telegram_found import with_found
from bot.demo.telegram_html import Marked
from bot.demo.telegram_json import chat_json, member_json, person_json
from bot.demo.telegram_model import Chat, ChatType, Message, Person, Query, Standing, Status
from bot.demo.telegram_world import ANONYMOUS, World

_SUPERGROUP = -1_000_000_000_000
_FIRST_PERSON = 1000
_COMMAND = re.compile(r"/\w+(?:@(?P<bot>\w+))?")
_ICON = 0x6FB9F0  # the colour of a topic's icon


class People(World):
    """A world whose people act; every action tells the bot what Telegram would tell it."""

    # Who and where

    def person(self, name: str, *, username: str = "", language: str = "en", id: int = 0) -> Person:  # noqa: A002
        """Somebody with an account."""
        person = Person(
            id=id or _FIRST_PERSON + self.number(), name=name, username=username, language=language
        )
        self.people[person.id] = person
        return person

    def private(self, person: Person) -> Chat:
        """The chat of a person with the bot, begun."""
        chat = self.chats.get(person.id)
        if chat is None:
            chat = Chat(id=person.id, type=ChatType.PRIVATE, title=person.name, username=person.username)
            chat.standings = {person.id: Standing(), self.bot.id: Standing()}
            self.chats[chat.id] = chat
        return chat

    def group(self, title: str, *members: Person) -> Chat:
        """A basic group with the bot in it; the first member made it."""
        return self._gathering(ChatType.GROUP, title, members)

    def supergroup(
        self,
        title: str,
        *members: Person,
        forum: bool = False,
        username: str = "",
        id: int = 0,  # noqa: A002
    ) -> Chat:
        """A supergroup with the bot in it; the first member made it."""
        chat = self._gathering(ChatType.SUPERGROUP, title, members, id)
        chat.forum, chat.username = forum, username
        return chat

    def channel(self, title: str, *administrators: Person, username: str = "") -> Chat:
        """A channel in which the bot may post; the first administrator made it."""
        chat = self._gathering(ChatType.CHANNEL, title, administrators)
        chat.username = username
        for person in (*administrators[1:], self.bot):
            self.stand(chat, person.id, status=Status.ADMINISTRATOR)
        return chat

    def topic(self, chat: Chat, name: str, *, id: int = 0) -> int:  # noqa: A002
        """Begin a topic of a forum, by default with the next message's number; returns its id."""
        chat.next_id = id or chat.next_id
        creator = self._creator(chat)
        begun = {"forum_topic_created": {"name": name, "icon_color": _ICON}}
        message = self.serve(chat, begun, sender=creator)
        chat.topics[message.id] = name
        message = self.keep(replace(message, topic=message.id))
        self.tell("message", message)
        return message.id

    def _gathering(self, kind: ChatType, title: str, members: Sequence[Person], number: int = 0) -> Chat:
        plain = -(10_000 + self.number())
        chat = Chat(
            id=number or (plain if kind is ChatType.GROUP else _SUPERGROUP + plain), type=kind, title=title
        )
        chat.standings = {person.id: Standing() for person in (*members, self.bot)}
        if members:
            self.stand(chat, members[0].id, status=Status.CREATOR)
        self.chats[chat.id] = chat
        return chat

    def _creator(self, chat: Chat) -> Person | None:
        made = [who for who, each in chat.standings.items() if each.status is Status.CREATOR]
        return self.people[made[0]] if made else None

    # Talking

    async def says(
        self, chat: Chat, person: Person, text: str, *, topic: int = 0, reply_to: Message | int | None = None
    ) -> Message:
        """Write into a chat; the bot is told where its privacy mode lets it know."""
        replied = chat.messages.get(reply_to.id if isinstance(reply_to, Message) else reply_to or 0)
        entities = with_found(Marked(text=text))
        message = Message(
            chat=chat.id,
            id=self.next_id(chat),
            at=self.clock(),
            text=text,
            entities=entities,
            reply_to=replied.id if replied else 0,
            topic=topic or (replied.topic if replied else 0),
            thread=thread_of(chat, replied),
            hidden=not self._is_for_bot(chat, text, replied),
            **self._as(chat, person),
        )
        self.keep(message)
        self.tell("channel_post" if chat.type is ChatType.CHANNEL else "message", message)
        return message

    def _as(self, chat: Chat, person: Person) -> dict[str, Any]:
        if chat.type is ChatType.CHANNEL:
            return {"as_chat": chat.id}
        if chat.standing(person.id).anonymous:
            return {"sender": ANONYMOUS, "as_chat": chat.id}
        return {"sender": person}

    def _is_for_bot(self, chat: Chat, text: str, replied: Message | None) -> bool:
        """Whether a bot in privacy mode gets a message: core.telegram.org/bots/features#privacy-mode."""
        status = chat.standing(self.bot.id).status
        if chat.private or chat.type is ChatType.CHANNEL or status.in_charge:
            return status.inside
        if not status.inside:
            return False
        command = _COMMAND.match(text)
        if command:
            return command["bot"] in (None, self.bot.username)
        to_bot = replied is not None and replied.mine
        return to_bot or f"@{self.bot.username}".lower() in text.lower()

    async def edits(self, message: Message, text: str) -> Message:
        """Change what somebody wrote."""
        entities = with_found(Marked(text=text))
        changed = self.keep(replace(message, text=text, entities=entities, edited=self.clock()))
        is_post = self.chats[message.chat].type is ChatType.CHANNEL
        self.tell("edited_channel_post" if is_post else "edited_message", changed)
        return changed

    def removes(self, message: Message) -> None:
        """Delete a message, of which bots are never told."""
        self.keep(replace(self.now(message), deleted=True))

    def now(self, message: Message) -> Message:
        """A message as it is by now."""
        return self.chats[message.chat].messages[message.id]

    async def presses(self, message: Message, button: str, person: Person) -> Query:
        """Press the button of a message with this label or data; `answer` tells what the bot says to it."""
        current = self.now(message)
        buttons = [each for row in current.keyboard for each in row if each.data]
        pressed = next((each for each in buttons if button in (each.text, each.data)), None)
        if pressed is None or current.deleted:
            raise LookupError(f"message {message.id} has no button {button!r} but {current.labels()}")
        query = Query(
            id=str(4_000_000_000 + self.number()),
            message=current,
            person=person,
            data=pressed.data,
            at=self.clock(),
        )
        self.queries[query.id] = query
        told = {"id": query.id, "from": person_json(person), "data": query.data, "chat_instance": "1"}
        self.updates.put("callback_query", {**told, "message": self.message_json(current)})
        return query

    def answer(self, query: Query) -> Query:
        """A press, and what the bot has said to it by now."""
        return self.queries[query.id]

    async def reacts(self, message: Message, person: Person, emoji: str) -> None:
        """Put an emoji under a message, or take it away with an empty one."""
        current = self.now(message)
        chat = self.chats[message.chat]
        others = tuple(each for each in current.reactions if each[0] != person.id)
        old = [_reaction(emoji) for who, emoji in current.reactions if who == person.id]
        self.keep(
            replace(current, reactions=(*others, (person.id, emoji)) if emoji else others),
        )
        if chat.private or chat.standing(self.bot.id).status.in_charge:
            told = {"chat": chat_json(chat), "message_id": message.id, "user": person_json(person)}
            changed = {"old_reaction": old, "new_reaction": [_reaction(emoji)] if emoji else []}
            self.updates.put("message_reaction", {**told, "date": self._date(), **changed})

    def foreign(self, chat: Chat, number: int = 1) -> None:
        """Messages of others that the bot never sees; in private chats and basic groups, also elsewhere."""
        if not chat.own_ids:
            self.skip_ids(chat, number)
            return
        for _ in range(number):
            text, somebody = "By the way ...", self._creator(chat)
            self.keep(
                Message(
                    chat=chat.id,
                    id=self.next_id(chat),
                    at=self.clock(),
                    sender=somebody,
                    text=text,
                    hidden=True,
                )
            )

    # Coming and going

    async def starts(self, person: Person) -> Message:
        """Open the private chat and press Start; also after blocking the bot."""
        chat = self.private(person)
        if chat.blocked:
            await self.unblocks(person)
        return await self.says(chat, person, "/start")

    async def blocks(self, person: Person) -> None:
        """Block the bot."""
        self.private(person).blocked = True
        self._bot_becomes(self.private(person), Status.KICKED, person)

    async def unblocks(self, person: Person) -> None:
        """Let the bot write again."""
        self.private(person).blocked = False
        self._bot_becomes(self.private(person), Status.MEMBER, person)

    async def adds_bot(self, chat: Chat, by: Person, *, status: Status = Status.MEMBER) -> None:
        """Bring the bot into a chat."""
        self._bot_becomes(chat, status, by)
        if chat.type is not ChatType.CHANNEL:
            joined = self.serve(chat, {"new_chat_members": [person_json(self.bot)]}, sender=by)
            self.tell("message", joined)

    async def kicks(self, chat: Chat, by: Person | None = None) -> None:
        """Throw the bot out."""
        self._bot_becomes(chat, Status.KICKED, by or self._somebody(chat))

    async def promotes(
        self,
        chat: Chat,
        who: Person,
        *,
        status: Status = Status.ADMINISTRATOR,
        anonymous: bool = False,
        by: Person | None = None,
    ) -> None:
        """Make somebody, or the bot, an administrator or whatever `status` says."""
        by = by or self._somebody(chat)
        if who == self.bot:
            self._bot_becomes(chat, status, by)
            return
        before = chat.standing(who.id)
        after = self.stand(chat, who.id, status=status, anonymous=anonymous)
        if chat.standing(self.bot.id).status.in_charge:
            self._member_changed("chat_member", chat, who, before, after, by)

    def mutes(self, chat: Chat, *, muted: bool = True) -> None:
        """Take the bot's right to write in a chat, or give it back."""
        self.stand(chat, self.bot.id, muted=muted)

    async def migrates(self, group: Chat) -> Chat:
        """Make a basic group a supergroup, which has another id; returns that."""
        chat = self._gathering(ChatType.SUPERGROUP, group.title, ())
        chat.standings = dict(group.standings)
        group.migrated_to = chat.id
        creator = self._creator(group)
        self.tell("message", self.serve(group, {"migrate_to_chat_id": chat.id}, sender=creator))
        self.tell("message", self.serve(chat, {"migrate_from_chat_id": group.id}, sender=ANONYMOUS))
        return chat

    def deletes_topic(self, chat: Chat, topic: int) -> None:
        """Delete a topic of a forum with all that was said in it."""
        chat.topics.pop(topic, None)
        for message in list(chat.messages.values()):
            if message.topic == topic:
                self.removes(message)

    def _somebody(self, chat: Chat) -> Person:
        return self._creator(chat) or next(
            self.people[who] for who in chat.standings if who != self.bot.id and who in self.people
        )

    def _bot_becomes(self, chat: Chat, status: Status, by: Person) -> None:
        before = chat.standing(self.bot.id)
        after = self.stand(chat, self.bot.id, status=status)
        self._member_changed("my_chat_member", chat, self.bot, before, after, by)

    def _member_changed(
        self, kind: str, chat: Chat, who: Person, before: Standing, after: Standing, by: Person
    ) -> None:
        change = {
            "old_chat_member": member_json(chat, who, before),
            "new_chat_member": member_json(chat, who, after),
        }
        told = {"chat": chat_json(chat), "from": person_json(by), "date": self._date()}
        self.updates.put(kind, {**told, **change})

    def _date(self) -> int:
        return int(self.clock().timestamp())

    # What people see

    def messages(self, chat: Chat) -> tuple[Message, ...]:
        """All messages that were ever in a chat, as they are now, in order."""
        return tuple(chat.messages[number] for number in sorted(chat.messages))

    def visible(self, chat: Chat, *, topic: int | None = None) -> tuple[Message, ...]:
        """What stands in a chat, or in one topic of it."""
        return tuple(
            each
            for each in self.messages(chat)
            if not each.deleted and (topic is None or each.topic == topic)
        )

    def from_bot(self, chat: Chat) -> tuple[Message, ...]:
        """What the bot has said in a chat and did not delete."""
        return tuple(each for each in self.visible(chat) if each.mine and not each.service)

    def menu(self, chat: Chat, person: Person) -> tuple[Mapping[str, Any], ...]:
        """The commands that a person is offered in a chat, in that person's language."""
        in_charge = chat.standing(person.id).status.in_charge and not chat.private
        scopes = [f"chat_member:{chat.id}:{person.id}"]
        scopes += [f"chat_administrators:{chat.id}"] * in_charge + [f"chat:{chat.id}"]
        scopes += ["all_chat_administrators"] * in_charge
        scopes += ["all_private_chats" if chat.private else "all_group_chats", "default"]
        languages = (person.language.partition("-")[0], "")
        return next(
            (
                self.menus[scope, word]
                for scope in scopes
                for word in languages
                if (scope, word) in self.menus
            ),
            (),
        )


def thread_of(chat: Chat, replied: Message | None) -> int:
    """The first message of the chain that a reply belongs to; supergroups without topics have such."""
    if replied is None or chat.type is not ChatType.SUPERGROUP or chat.forum:
        return 0
    return replied.thread or replied.id


def _reaction(emoji: str) -> dict[str, str]:
    return {"type": "emoji", "emoji": emoji}
