"""What a person does in the small Slack, and what they see there."""

from __future__ import annotations

from bot.demo import slack_chat, slack_events, slack_modals
from bot.demo.slack_api import Api, ResponseUrl
from bot.demo.slack_conversations import joined
from bot.demo.slack_wire import COMMANDS, EVENTS, INTERACTIVE, Ack, Delivery, Wire
from bot.demo.slack_world import SLACKBOT, Channel, ChannelKind, Json, Message, Person, Refused, View, World


class Workspace:
    """One workspace: `await slack.says("C1", "U1", "hello")`, then `slack.channel("C1").messages`.

    What people do is sent to the app in the order it is done; each returns a `Delivery` to await the ack of.
    """

    def __init__(self, world: World, api: Api, wire: Wire) -> None:
        self.world = world
        self.api = api
        self.wire = wire
        self.commands: frozenset[str] | None = None  # registered ones; None for any
        api.emit = self._tell
        wire.ended = self._ended

    # What is there

    def add_person(
        self, user: str, name: str, *, tz: str = "UTC", admin: bool = False, locale: str = "en-US"
    ) -> Person:
        """Someone new in the workspace; ids start with U."""
        person = Person(id=user, name=name, tz=tz, admin=admin, locale=locale)
        self.world.people[user] = person
        return person

    def add_channel(
        self,
        channel: str,
        name: str,
        *,
        members: tuple[str, ...] = (),
        private: bool = False,
        bot: bool = True,
    ) -> Channel:
        """A channel with these people in it, and the bot unless told otherwise; ids start with C."""
        within = {*members, self.world.bot.id} if bot else {*members}
        kind = ChannelKind.PRIVATE if private else ChannelKind.PUBLIC
        self.world.channels[channel] = Channel(channel, name, kind, within, creator=next(iter(members), ""))
        return self.world.channels[channel]

    # What a person sees

    def channel(self, channel: str) -> Channel:
        """A channel by its id, or a person's direct messages with the bot by theirs."""
        return self.world.conversation(channel)

    def ephemerals(self, user: str, channel: str = "") -> tuple[Message, ...]:
        """What only this person sees, in order."""
        return tuple(
            message
            for message in self.world.ephemerals
            if message.only_for == user and not message.deleted and channel in {"", message.channel}
        )

    def seen_by(self, user: str, channel: str) -> tuple[Message, ...]:
        """What one person sees in a channel, in order: everyone's messages and those for them alone."""
        where = self.channel(channel)
        return tuple(sorted((*where.shown, *self.ephemerals(user, where.id)), key=lambda each: each.ts))

    def home(self, user: str) -> View | None:
        """A person's Home tab of the app."""
        return self.world.homes.get(user)

    def views(self, user: str) -> tuple[View, ...]:
        """The modals before a person, the top one last."""
        return tuple(
            view
            for view in self.world.views.values()
            if view.user == user and view.payload["type"] == "modal"
        )

    # What a person does

    async def command(self, command: str, text: str = "", *, user: str, channel: str) -> Delivery:
        """Use a slash command in a channel: `command("/subscribe", "vla", user="U1", channel="C1")`.

        Threads have none: Slack offers apps' commands in the main conversation only.
        """
        where, who = self.world.conversation(channel), self.world.people[user]
        if self.commands is not None and command not in self.commands:
            raise LookupError(f"{command} is not a valid command")
        payload = slack_events.command_payload(self.api, command, text, who, where)
        return self.wire.send(COMMANDS, payload)

    async def says(self, channel: str, user: str, text: str, *, thread: str = "") -> Delivery:
        """Post as a person; `<@UBOT>` mentions the bot. Returned is the delivery of the message itself."""
        where = self.world.conversation(channel)
        if user not in where.members:
            raise LookupError(f"{user} is not in {channel}")
        parent = where.find(thread) if thread else None
        ts = (parent.thread_ts or parent.ts) if parent else ""
        message = self.world.post(where, user, slack_events.escaped(text), thread_ts=ts)
        event = slack_events.message_event(self.api, message, where)
        if self.world.bot.id not in where.members:
            return _unheard(event)
        mentioned = f"<@{self.world.bot.id}>" in message.text and where.kind is not ChannelKind.DIRECT
        sent = self.emit(event)
        second = self.emit(slack_events.mention_event(event)) if mentioned else None
        return sent or second or _unheard(event)

    async def presses(
        self, where: Message | View | str, what: str, user: str, *, choose: object = None
    ) -> Delivery:
        """Press a button, by action id or label, or choose in a select.

        `where` is a message or view as it was seen, or its timestamp or id.
        """
        who = self.world.people[user]
        shown = self._view(where) or self._message(where)
        if isinstance(shown, View):
            element = slack_events.find_element(shown.payload["blocks"], what)
            actions = [slack_events.action(self.api, element, choose)]
            values = slack_modals.state(shown, {})
            payload = slack_events.press_on_view(self.api, shown, who, actions, values)
        else:
            element = slack_events.find_element(list(shown.blocks), what)
            actions = [slack_events.action(self.api, element, choose)]
            payload = slack_events.press_on_message(self.api, shown, who, actions)
        return self.wire.send(INTERACTIVE, payload)

    async def submits(self, view: View | str, values: dict[str, object], user: str) -> Delivery:
        """Fill in and submit a modal; values by block id, action id or label."""
        current = self._open_view(view)
        state = slack_modals.state(current, values)
        payload = slack_events.submission(self.api, current, self.world.people[user], state)
        return self.wire.send(INTERACTIVE, payload)

    async def closes(self, view: View | str, user: str) -> Delivery | None:
        """Close a modal; the app hears of it only if the view says so."""
        current = self._open_view(view)
        del self.world.views[current.id]
        if not current.payload.get("notify_on_close"):
            return None
        payload = slack_events.closing(self.api, current, self.world.people[user])
        return self.wire.send(INTERACTIVE, payload)

    async def opens_home(self, user: str) -> Delivery:
        """Open the app's Home tab."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": self.world.direct(user).id}
        event |= {"tab": "home", "event_ts": self.world.timestamp()}
        if home := self.home(user):
            event["view"] = slack_modals.api_view(self.api, home)
        return self.emit(event) or _unheard(event)

    async def reacts(self, where: Message | str, name: str, user: str) -> Delivery:
        """Put an emoji under a message."""
        message = self._message(where)
        message = self.world.change(message, reactions=(*message.reactions, (name, user)))
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event: Json = {"type": "reaction_added", "user": user, "reaction": name, "item": item}
        event |= {"item_user": message.user, "event_ts": self.world.timestamp()}
        return self.emit(event) or _unheard(event)

    async def invite(self, channel: str, *, user: str = "", by: str = "") -> Delivery:
        """Bring someone into a channel: the bot unless told otherwise."""
        where, who = self.world.channel(channel), user or self.world.bot.id
        where.members.add(who)
        event = joined(self.api, where, who, by)
        return self.emit(event) or _unheard(event)

    async def kick(self, channel: str, *, user: str = "", by: str = "") -> Delivery:
        """Take someone out of a channel: the bot unless told otherwise."""
        where, who = self.world.channel(channel), user or self.world.bot.id
        where.members.discard(who)
        kind = "channel_left" if who == self.world.bot.id else "member_left_channel"
        event: Json = {"type": kind, "channel": channel, "actor_id": by, "user": who}
        return self._tells(event)

    async def archive(self, channel: str, *, by: str = "") -> Delivery:
        """Archive a channel: nobody can post there any more."""
        self.world.channel(channel).archived = True
        return self._tells({"type": "channel_archive", "channel": channel, "user": by})

    async def unarchive(self, channel: str, *, by: str = "") -> Delivery:
        """Bring an archived channel back."""
        self.world.channel(channel).archived = False
        return self._tells({"type": "channel_unarchive", "channel": channel, "user": by})

    async def rename(self, channel: str, name: str) -> Delivery:
        """Give a channel another name."""
        self.world.channel(channel).name = name
        return self._tells({"type": "channel_rename", "channel": {"id": channel, "name": name, "created": 1}})

    async def delete(self, channel: str) -> Delivery:
        """Delete a channel for good."""
        del self.world.channels[channel]
        return self._tells({"type": "channel_deleted", "channel": channel})

    async def erases(self, where: Message | str) -> None:
        """Delete a message, as its author or an admin may."""
        self.world.delete(self._message(where))

    async def uninstalls(self) -> None:
        """Take the app out of the workspace: it hears of it, and its tokens are void."""
        await self._tells({"type": "app_uninstalled"}).ack()
        self.api.revoked = True

    def _tells(self, event: Json) -> Delivery:
        event["event_ts"] = self.world.timestamp()
        return self.emit(event) or _unheard(event)

    # Inside

    def emit(self, event: Json) -> Delivery | None:
        """Send an event to the app, if its scopes let it hear it."""
        if not slack_events.hears(self.api, event):
            return None
        if event.get("user") == self.world.bot.id and not (self.wire.sockets or self.wire.app_url):
            return None  # Slack would try again for minutes to tell the bot of its own doings.
        return self.wire.send(EVENTS, slack_events.event_callback(self.api, event))

    def _tell(self, event: Json) -> None:
        self.emit(event)

    def _view(self, where: object) -> View | None:
        return self.world.views.get(where.id if isinstance(where, View) else str(where))

    def _open_view(self, where: View | str) -> View:
        view = self._view(where)
        if view is None:
            raise LookupError(f"nobody has this view open: {where}")
        return view

    def _message(self, where: Message | View | str) -> Message:
        ts = where.ts if isinstance(where, Message) else str(where)
        everywhere = [message for channel in self.world.channels.values() for message in channel.messages]
        for message in [*everywhere, *self.world.ephemerals]:
            if message.ts == ts and not message.deleted:
                return message
        raise LookupError(f"nobody sees a message {ts}")

    def _ended(self, delivery: Delivery, result: Ack | str) -> None:
        """Show the person what came of their command or interaction."""
        payload = delivery.payload
        if isinstance(result, str):
            if delivery.kind == COMMANDS:
                self._note(payload, f"{payload['command']} failed with the error “{result}”")
        elif delivery.kind == COMMANDS and result.payload:
            self._show_answer(payload, result.payload)
        elif payload.get("type") == "view_submission":
            view = self.world.views.get(payload["view"]["id"])
            if view:
                slack_modals.after_submission(self.api, view, result.payload)

    def _show_answer(self, command: Json, body: Json) -> None:
        target = ResponseUrl(command["user_id"], command["channel_id"], self.world.clock())
        try:
            text, blocks = slack_chat.content_of(self.api, body)
        except Refused as refused:
            self._note(command, f"{command['command']} failed with the error “{refused.error}”")
            return
        slack_chat.place(self.api, target, body, text, blocks)

    def _note(self, command: Json, text: str) -> None:
        where = self.world.channel(command["channel_id"])
        self.world.post(where, SLACKBOT, text, only_for=command["user_id"])


def _unheard(event: Json) -> Delivery:
    """A delivery that never happens: the app lacks the scope, or is not in the channel."""
    delivery = Delivery(EVENTS, event, "")
    delivery.result.set_result("not_subscribed")
    return delivery
