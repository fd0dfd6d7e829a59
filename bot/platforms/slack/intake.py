"""What Slack brings, as what people said: commands, pressed buttons, submitted modals, messages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.platforms.slack.address import Address, Source, channel_key, person_key
from bot.platforms.slack.start import Identity
from bot.platforms.slack.text import LONGEST, meant, mentions, without_mention
from digest.people import Incoming

log = structlog.get_logger(__name__)

Body = Mapping[str, Any]

_PEOPLES = frozenset({"", "thread_broadcast", "file_share"})  # subtypes of messages that people write


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who listens: what is said is read with regard to that."""

    me: Identity
    prefix: str = ""  # before every command: "pb-"
    verbs: frozenset[str] = frozenset()

    def own(self, command: str) -> str:
        """The command without its prefix; SLACK_PREFIX may name another than the manifest was made with."""
        name = command.lstrip("/").removeprefix(self.prefix)
        _, dash, verb = name.rpartition("-")
        if not dash or verb not in self.verbs or name in self.verbs:
            return name
        log.warning(
            "slack prefix is another", command=command, set_in_env=f"SLACK_PREFIX={name[: -len(verb)]}"
        )
        return verb


def is_ours(body: Body, team: str) -> bool:
    """Whether it comes from our workspace."""
    said = (
        body.get("team_id") or (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
    )
    return said == team


def command(body: Body, listener: Listener, *, at: datetime) -> Incoming:
    """A slash command, its prefix taken off: `/pb-subscribe vla` is "/subscribe vla"."""
    name = listener.own(str(body.get("command") or ""))
    words, cut = _kept(meant(str(body.get("text") or ""), {}))
    channel = str(body["channel_id"])
    told = str(body.get("channel_name") or "")
    return Incoming(
        id=f"slack:{body.get('trigger_id') or _hash(body)}",
        channel=channel_key(listener.me.team, channel),
        person=person_key(listener.me.team, str(body["user_id"])),
        name=str(body.get("user_name") or ""),
        text=f"/{name} {words}".strip(),
        received_at=at,
        address=Address(
            source=Source.COMMAND,
            user=str(body["user_id"]),
            response_url=str(body.get("response_url") or ""),
            place="" if told in ("", "directmessage", "privategroup") else f"#{told}",
            cut=cut,
        ).written(),
    )


def press(body: Body, listener: Listener, *, home: str, at: datetime) -> Incoming | None:
    """A pressed button; None for one that only opens an address. `home` is the channel of the Home tab's."""
    action = (body.get("actions") or [{}])[0]
    value = action.get("value") or (action.get("selected_option") or {}).get("value")
    container = body.get("container") or {}
    channel = str(container.get("channel_id") or (body.get("channel") or {}).get("id") or home)
    if not value or not channel:
        return None
    message = str(container.get("message_ts") or "")
    within = str(container.get("thread_ts") or (body.get("message") or {}).get("thread_ts") or "")
    alone = bool(container.get("is_ephemeral"))
    user = body.get("user") or {}
    # An answer for all goes under the message whose button it was; in private, threads are only in the way.
    under = within or ("" if alone or channel.startswith("D") else message)
    return Incoming(
        id=f"slack:{body.get('trigger_id') or _hash(body)}",
        channel=channel_key(listener.me.team, channel),
        person=person_key(listener.me.team, str(user.get("id"))),
        name=str(user.get("name") or user.get("username") or ""),
        text=f"/{value}",
        received_at=at,
        thread=under or None,
        about=message or None,
        address=Address(
            source=Source.PRESS if message else Source.HOME,
            user=str(user.get("id")),
            response_url=str(body.get("response_url") or ""),
            thread=within,
            alone=alone,
        ).written(),
    )


def form(body: Body, text: str, place: Incoming, address: Address, *, at: datetime) -> Incoming:
    """A submitted modal that was opened at `place`, as a command."""
    user = body.get("user") or {}
    words, cut = _kept(text)
    return Incoming(
        id=f"slack:{body.get('trigger_id') or _hash(body)}",
        channel=place.channel,
        person=place.person,
        name=str(user.get("name") or user.get("username") or ""),
        text=words,
        received_at=at,
        thread=place.thread,
        about=place.about,
        address=Address(
            source=Source.FORM, user=address.user, thread=address.thread, place=address.place, cut=cut
        ).written(),
    )


def message(event: Body, listener: Listener, *, names: Mapping[str, str], at: datetime) -> Incoming | None:
    """A message that may be for us: in private, with a mention, or in a thread; None for all others.

    The same message arrives twice where we are mentioned; it has one id.
    """
    me = listener.me
    if not _by_a_person(event, me):
        return None
    channel, text = str(event["channel"]), str(event.get("text") or "")
    ts, thread = str(event["ts"]), str(event.get("thread_ts") or "")
    within = thread  # what only one person sees shows in a thread that is there already, and in no other
    mentioned = mentions(text, me.user)
    if event.get("channel_type") == "im" or channel.startswith("D"):
        source = Source.DIRECT
    elif mentioned:
        source, thread = Source.MENTION, thread or ts
    elif thread and not text.lstrip().startswith("<@"):  # that is said to somebody else
        source = Source.THREAD
    else:
        return None
    words, cut = _kept(meant(without_mention(text, me.user), names))
    if not words and source is Source.THREAD:
        return None
    return Incoming(
        id=f"slack:{me.team}/{channel}/{ts}",
        channel=channel_key(me.team, channel),
        person=person_key(me.team, str(event["user"])),
        name=_name(event),
        text=words or "/help",
        received_at=at,
        thread=thread or None,
        address=Address(source=source, user=str(event["user"]), thread=within, cut=cut).written(),
    )


def _by_a_person(event: Body, me: Identity) -> bool:
    """Whether a person wrote it just now: no bot, no edit, no notice of Slack's."""
    user = event.get("user")
    return (
        bool(user)
        and user not in (me.user, "USLACKBOT")
        and not event.get("bot_id")
        and not event.get("edited")
        and not event.get("hidden")
        and str(event.get("subtype") or "") in _PEOPLES
        and bool(event.get("ts"))
        and bool(event.get("channel"))
    )


def _name(event: Body) -> str:
    profile = event.get("user_profile") or {}
    return str(profile.get("display_name") or profile.get("real_name") or "")


def _kept(text: str) -> tuple[str, bool]:
    """As much of the text as is kept, and whether that is not all."""
    return text[:LONGEST], len(text) > LONGEST


def _hash(body: Body) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]
