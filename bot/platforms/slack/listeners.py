"""What happens in Slack, kept before it is acknowledged; all of it goes through one Bolt app."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering import Hear, told_of
from bot.commands import VERBS
from bot.excuses import NotKept
from bot.latest import Latest
from bot.locale import in_language
from bot.platforms.slack import intake, views
from bot.platforms.slack.address import Address, Source, channel_key, person_key
from bot.platforms.slack.calls import quiet
from bot.platforms.slack.directory import Directory
from bot.platforms.slack.intake import Body, Listener
from bot.platforms.slack.sentences import closed
from bot.platforms.slack.start import Identity
from bot.platforms.slack.windows import Windows
from digest.channel import Channel, Delivery
from digest.clock import Clock
from digest.errors import PaperboyError
from digest.people import Incoming
from digest.ports import Store
from digest.posting import day_of

_ANY = re.compile(".*", re.DOTALL)
_NUMBERED = re.compile(r"[#＃]\s*(\d{1,3})\b[\s:：.。,，、)）]*(.*)", re.DOTALL)
_REACTIONS = {
    "+1": "like",
    "thumbsup": "like",
    "-1": "dismiss",
    "thumbsdown": "dismiss",
    "bookmark": "save",
}
_OPENED = 500  # triggers remembered, each good for one modal
_UMBRELLA = "/arxiv"

_CLOSED = frozenset(
    {"channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left"}
)
_OPEN_AGAIN = ("channel_unarchive", "group_unarchive")
_RENAMED = ("channel_rename", "group_rename")

log = structlog.get_logger(__name__)

Spawn = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Topic:
    """What a thread is about: a paper, or the digest of a local date."""

    paper: bool = False
    digest: date | None = None


class Listeners:
    """Hears for one workspace."""

    def __init__(
        self,
        listener: Listener,
        *,
        hear: Hear,
        store: Store,
        directory: Directory,
        windows: Windows,
        clock: Clock,
        spawn: Spawn,
        taken_out: Callable[[str], None],
    ) -> None:
        self._listener = listener
        self._me = listener.me
        self._hear = hear
        self._store = store
        self._directory = directory
        self._windows = windows
        self._clock = clock
        self._spawn = spawn
        self._taken_out = taken_out
        # Papers by channel, thread and person.
        self._awaited: Latest[tuple[str, str, str], str] = Latest(_OPENED)
        self._triggers: deque[str] = deque(maxlen=_OPENED)
        self._verbs = {name for verb in VERBS for name in (verb.name, *verb.aliases)}

    def app(self) -> AsyncApp:
        """A Bolt app that acknowledges what is kept, and only that."""
        app = AsyncApp(
            name="paperboy",
            client=AsyncWebClient(logger=quiet, retry_handlers=[]),
            authorize=_authorized(self._me),
            process_before_response=True,
            request_verification_enabled=False,  # done before, with our clock (requests.py)
            ignoring_self_events_enabled=False,  # it would keep from us that we were removed
            attaching_conversation_kwargs_enabled=False,
            logger=quiet,
        )
        app.command(_ANY)(self._command)
        app.action(_ANY)(self._press)
        app.view(_ANY)(self._submission)
        app.event(_ANY)(self._event)
        app.error(_broke)
        return app

    # Commands, buttons, modals

    async def _command(self, body: Body, ack: AsyncAck) -> None:
        if intake.is_ours(body, self._me.team):
            said = intake.command(body, self._listener, at=self._clock())
            if _asks_for_settings(said.text):
                self._open(self._windows.settings, said, body)
            else:
                await self._heard(said)
        await ack()

    async def _press(self, body: Body, ack: AsyncAck) -> None:
        if intake.is_ours(body, self._me.team):
            home = views.home_channel(body.get("view") or {})
            said = intake.press(body, self._listener, home=home, at=self._clock())
            if said is not None and _asks_for_settings(said.text):
                self._open(self._windows.settings, said, body)
            elif said is not None and re.fullmatch(r"/ask \S+", said.text):
                self._open(self._windows.question, said, body)
            elif said is not None:
                await self._heard(said)
        await ack()

    async def _heard(self, said: Incoming) -> None:
        """Keep what was said; where it cannot be kept and they know, there is no more to tell them."""
        try:
            await self._hear(said)
        except NotKept as error:
            log.warning("slack told that nothing is kept", id=said.id, error=str(error))

    def _open(
        self, window: Callable[[Incoming, str], Coroutine[Any, Any, bool]], said: Incoming, body: Body
    ) -> None:
        """Open a modal at once, while its trigger is good; where that fails, answer in words."""
        trigger = str(body.get("trigger_id") or "")
        if trigger and trigger in self._triggers:
            return  # the same envelope again
        self._triggers.append(trigger)

        async def opened() -> None:
            if not trigger or not await window(said, trigger):
                self._await_question(said)
                await self._heard(said)

        self._spawn(opened())

    def _await_question(self, said: Incoming) -> None:
        """Take the next message of whoever wants to ask, in the same thread, for their question."""
        verb, _, paper = said.text.partition(" ")
        if verb == "/ask" and paper and said.thread:
            self._awaited[said.channel, said.thread, said.person] = paper

    async def _submission(self, body: Body, ack: AsyncAck) -> None:
        if not intake.is_ours(body, self._me.team):
            await ack()
            return
        view = body["view"]
        place, address = self._opened(view, body)
        faults = await self._windows.faults(view, place)
        if faults:
            await ack(response_action="errors", errors=dict(faults))
            return
        text = _submitted(view)
        try:
            if text:
                await self._hear(intake.form(body, text, place, address, at=self._clock()))
        except NotKept as error:
            # The form stays open, with what they wrote.
            await ack(response_action="errors", errors={views.first_field(view): error.said})
        else:
            await ack()

    def _opened(self, view: Mapping[str, Any], body: Body) -> tuple[Incoming, Address]:
        opened, user = views.Opened.of(view), str((body.get("user") or {}).get("id"))
        address = Address(source=Source.FORM, user=user, thread=opened.visible, place=opened.place)
        place = Incoming(
            id="",
            channel=opened.channel,
            person=person_key(self._me.team, user),
            name="",
            text="",
            received_at=self._clock(),
            thread=opened.thread or None,
            about=opened.about or None,
        )
        return place, address

    # Events

    async def _event(self, body: Body) -> None:
        if not intake.is_ours(body, self._me.team):
            return
        event = body["event"]
        match event["type"]:
            case "message" | "app_mention":
                await self._message(event)
            case "app_home_opened" if event.get("tab", "home") == "home":
                self._spawn(self._windows.home(str(event["user"]), str(event.get("channel") or "")))
            case "member_joined_channel" if event.get("user") == self._me.user:
                await self._joined(event, str(body.get("event_id")))
            case "reaction_added":
                await self._reaction(event, str(body.get("event_id")))
            case "channel_id_changed":
                old, new = (self._key(event[each]) for each in ("old_channel_id", "new_channel_id"))
                await self._store.rename_channel(old, new)
            case "app_uninstalled":
                self._out("account_inactive", event)
            case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
                self._out("token_revoked", event)
            case kind if kind in _CLOSED:
                await self._closed(str(event["channel"]), kind)
            case kind if kind in _OPEN_AGAIN:
                await self._reopened(self._key(event["channel"]))
            case kind if kind in _RENAMED:
                await self._renamed(event["channel"])

    def _out(self, error: str, event: Body) -> None:
        log.error("slack took the app out", event_type=event["type"])
        self._taken_out(error)

    async def _message(self, event: Body) -> None:
        known = self._directory.names
        said = intake.message(event, self._listener, names=known, at=self._clock())
        if said is None:
            return
        source = Address.of(said).source
        topic = await self._topic(said.channel, said.thread) if source is not Source.DIRECT else None
        awaited = self._awaited.pop((said.channel, said.thread or "", said.person), None)
        if awaited is not None and source is Source.THREAD:
            said = replace(said, text=f"/ask {awaited} {said.text}")
        elif topic is not None and topic.digest is not None:
            said = _numbered(said)
            if source is Source.THREAD and not said.text.startswith("/"):
                return  # people talking under a digest
        elif source is Source.THREAD and topic is None:
            return
        user = str(event["user"])
        await self._heard(replace(said, name=said.name or await self._directory.name(user)))

    async def _topic(self, channel: str, thread: str | None) -> _Topic | None:
        if thread is None:
            return None
        if await self._store.paper_of_message(channel, thread) is not None:
            return _Topic(paper=True)
        told = await self._store.sent_delivery(channel, thread)
        if told is None:
            return None
        if told_of(told.key) is not None:
            return _Topic(paper=True)
        day = day_of(told.key)
        return _Topic(digest=day) if day else None

    async def _joined(self, event: Body, event_id: str) -> None:
        key = self._key(event["channel"])
        self._directory.forget(str(event["channel"]))
        await self._reopened(key)
        if "hello" in self._verbs:
            inviter = str(event.get("inviter") or "")
            await self._hear(
                Incoming(
                    id=f"slack:{event_id}",
                    channel=key,
                    person=person_key(self._me.team, inviter or self._me.user),
                    name=await self._directory.name(inviter),
                    text="/hello",
                    received_at=self._clock(),
                    address=Address(source=Source.JOINED, user=inviter).written(),
                )
            )

    async def _reaction(self, event: Body, event_id: str) -> None:
        item = event.get("item") or {}
        verb = _REACTIONS.get(str(event.get("reaction")).partition("::")[0], "")
        if (
            verb not in self._verbs
            or item.get("type") != "message"
            or event.get("item_user") != self._me.user
        ):
            return
        key, message, user = self._key(item["channel"]), str(item["ts"]), str(event["user"])
        told = await self._store.sent_delivery(key, message)
        paper = told_of(told.key) if told else await self._store.paper_of_message(key, message)
        if paper:
            await self._hear(
                Incoming(
                    id=f"slack:{event_id}",
                    channel=key,
                    person=person_key(self._me.team, user),
                    name=await self._directory.name(user),
                    text=f"/{verb} {paper}",
                    received_at=self._clock(),
                    about=message,
                    address=Address(
                        source=Source.REACTION, user=user, thread=await self._thread_of(told)
                    ).written(),
                )
            )

    async def _thread_of(self, told: Delivery | None) -> str:
        parent = await self._store.delivery(told.parent_key) if told and told.parent_key else None
        return (parent.message_id or "") if parent else ""

    async def _closed(self, channel: str, event: str) -> None:
        self._directory.forget(channel)

        def paused(known: Channel) -> Channel:
            because = closed(in_language(known.language), event, self._me.name)
            return known if known.paused else replace(known, paused=True, paused_because=because)

        became = await self._store.change_channel(self._key(channel), paused)
        if became is not None:
            log.warning("channel paused", channel=became.key, because=became.paused_because)

    async def _reopened(self, key: str) -> None:
        """End a pause that had its reason in Slack; one that a person asked for stays."""

        def resumed(channel: Channel) -> Channel:
            return channel if channel.paused_by else channel.unpaused

        await self._store.change_channel(key, resumed)

    async def _renamed(self, told: Mapping[str, Any]) -> None:
        title = f"#{told['name']}"
        await self._store.change_channel(self._key(told["id"]), lambda known: replace(known, title=title))

    def _key(self, channel: object) -> str:
        return channel_key(self._me.team, str(channel))


def _authorized(me: Identity) -> Callable[..., Awaitable[AuthorizeResult]]:
    """What Bolt asks for each request; without it, it would ask Slack."""

    async def authorized(team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot)

    return authorized


async def _broke(error: Exception) -> None:
    """What could not be kept is not acknowledged, so that Slack brings it again or tells the person."""
    broke = None if isinstance(error, PaperboyError) else error  # ours say all there is to say
    log.error("slack not acknowledged", error=str(error) or type(error).__name__, exc_info=broke)


def _numbered(said: Incoming) -> Incoming:
    """What begins with "#2" under a digest, as a question about its second paper; alone, as /explain."""
    match = _NUMBERED.match(said.text)
    if match is None:
        return said
    paper, words = f"#{match[1]}", match[2].strip()
    return replace(said, text=f"/ask {paper} {words}" if words else f"/explain {paper}")


def _asks_for_settings(text: str) -> bool:
    words = text.lower().split()
    return words in (["/settings"], [_UMBRELLA, "settings"])


def _submitted(view: Mapping[str, Any]) -> str:
    """The command that a submitted modal stands for; "" if nothing was changed."""
    if view.get("callback_id") == views.ASK:
        return f"/ask {views.Opened.of(view).paper} {views.question(view)}"
    if view.get("callback_id") == views.SETTINGS and (changes := views.changes(view)):
        return "\n".join(["/settings", *(f"{name} {value}" for name, value in changes)])
    return ""
