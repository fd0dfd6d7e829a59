"""What Slack sends to an app: the payloads of commands, events and interactions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.demo.slack_api import Api
from bot.demo.slack_modals import api_view, value_of
from bot.demo.slack_rules import interactive
from bot.demo.slack_world import Channel, ChannelKind, Json, Message, Person, View, api_message

# What Slack itself wrote into a text: mentions of people, channels, groups, and links.
_WRITTEN = re.compile(r"<(?:[@#!][^<>\s]+|https?://[^<>\s]+)>")
_URL = re.compile(r"https?://[^\s<>]+")
_SCOPES = {
    "app_mention": ("app_mentions:read",),
    "reaction_added": ("reactions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_left": ("channels:read",),
}


def escaped(text: str) -> str:
    """Text as Slack passes it on: & < > escaped but for mentions, which are written <@U1>, and links."""
    parts: list[str] = []
    end = 0
    for match in _WRITTEN.finditer(text):
        parts += [_plain(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        parts += [entities(text[end : match.start()]), f"<{entities(match[0])}>"]
        end = match.end()
    return "".join([*parts, entities(text[end:])])


def entities(text: str) -> str:
    """Text with & < > escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def hears(api: Api, event: Json) -> bool:
    """Whether the bot's scopes let it hear of an event."""
    if event["type"] == "message":
        kind = {"channel": "channels", "group": "groups"}.get(event["channel_type"], "im")
        return f"{kind}:history" in api.scopes
    needed = _SCOPES.get(event["type"], ())
    return not needed or any(scope in api.scopes for scope in needed)


def event_callback(api: Api, event: Json) -> Json:
    """An event as the app receives it."""
    world = api.world
    authorization: Json = {"enterprise_id": None, "team_id": world.team, "user_id": world.bot.id}
    authorization |= {"is_bot": True, "is_enterprise_install": False}
    return {
        "token": "verification",
        "team_id": world.team,
        "context_team_id": world.team,
        "context_enterprise_id": None,
        "api_app_id": world.app,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{world.number():08d}",
        "event_time": int(world.clock().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{world.number():08d}",
    }


def command_payload(api: Api, command: str, text: str, user: Person, channel: Channel) -> Json:
    """A slash command as the app receives it."""
    world = api.world
    names = {ChannelKind.DIRECT: "directmessage", ChannelKind.PRIVATE: "privategroup"}
    return {
        "token": "verification",
        "team_id": world.team,
        "team_domain": "lab",
        "channel_id": channel.id,
        "channel_name": names.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name.lower(),
        "command": command,
        "text": entities(text),
        "api_app_id": world.app,
        "is_enterprise_install": "false",
        "response_url": api.response_url(user.id, channel.id),
        "trigger_id": api.trigger(user.id),
    }


def message_event(api: Api, message: Message, channel: Channel) -> Json:
    """A person's message as the app receives it."""
    event = api_message(message, channel, api.world)
    event |= {"client_msg_id": f"{message.ts}-{message.user}", "channel": channel.id}
    if message.thread_ts:
        parent = channel.find(message.thread_ts)
        event |= {"parent_user_id": parent.user if parent else ""}
    return event | {"event_ts": message.ts, "channel_type": channel.kind.value}


def mention_event(event: Json) -> Json:
    """The second event that Slack sends of a message in a channel that mentions the bot."""
    kept = {"user", "text", "ts", "thread_ts", "parent_user_id", "team", "channel", "event_ts"}
    kept |= {"client_msg_id", "blocks"}
    return {"type": "app_mention"} | {key: value for key, value in event.items() if key in kept}


def find_element(blocks: list[Json], wanted: str) -> Json:
    """The button or select with this action id or label.

    Raises LookupError that lists what is there, as a person cannot press what they do not see.
    """
    found = [*interactive(blocks)]
    for element in found:
        if wanted in {element.get("action_id"), _label(element)}:
            return element
    there = ", ".join(f"{_label(each)} ({each.get('action_id')})" for each in found) or "nothing"
    raise LookupError(f"no {wanted!r} to press: there is {there}")


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", ""))


def action(api: Api, element: Json, chosen: object) -> Json:
    """One action of a block_actions payload."""
    shown: Json = {"action_id": element.get("action_id", "a"), "block_id": element["_block"]}
    shown |= {"type": element["type"], "action_ts": api.world.timestamp()}
    if element["type"] == "button":
        shown |= {key: element[key] for key in ("text", "value", "url", "style") if key in element}
        return shown
    return shown | value_of(element, chosen)


def interaction(api: Api, kind: str, user: Person) -> Json:
    """What all interactions have."""
    who = {"id": user.id, "username": user.name.lower(), "name": user.name.lower(), "team_id": api.world.team}
    return {
        "type": kind,
        "user": who,
        "api_app_id": api.world.app,
        "token": "verification",
        "trigger_id": api.trigger(user.id),
        "team": {"id": api.world.team, "domain": "lab"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def press_on_message(api: Api, message: Message, user: Person, actions: list[Json]) -> Json:
    """Block actions in a message; an ephemeral one is not sent along."""
    channel = api.world.channel(message.channel)
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = bool(message.only_for)
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = interaction(api, "block_actions", user)
    payload |= {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if not message.only_for:
        payload["message"] = api_message(message, channel, api.world, metadata=True)
    payload |= {"state": {"values": {}}, "actions": actions}
    return payload | {"response_url": api.response_url(user.id, channel.id, message)}


def press_on_view(api: Api, view: View, user: Person, actions: list[Json], values: Json) -> Json:
    """Block actions in a modal or a Home tab."""
    payload = interaction(api, "block_actions", user)
    payload |= {"container": {"type": "view", "view_id": view.id}, "view": api_view(api, view, values)}
    return payload | {"state": {"values": values}, "actions": actions}


def submission(api: Api, view: View, user: Person, values: Mapping[str, object]) -> Json:
    """A submitted modal."""
    payload = interaction(api, "view_submission", user)
    return payload | {"view": api_view(api, view, dict(values)), "response_urls": []}


def closing(api: Api, view: View, user: Person) -> Json:
    """A modal closed without submitting it."""
    payload = interaction(api, "view_closed", user)
    return payload | {"view": api_view(api, view), "is_cleared": False}
