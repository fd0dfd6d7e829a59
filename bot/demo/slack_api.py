"""The Web API of the small Slack: who may call what, and the methods by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.demo.slack_rules import NEW_BLOCKS, Limits
from bot.demo.slack_world import Channel, ChannelKind, Json, Message, Refused, World

SCOPES = frozenset(
    {"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "users:read"}
    | {"channels:history", "channels:join", "channels:read", "groups:history", "groups:read"}
    | {"im:history", "im:read", "im:write", "reactions:read", "reactions:write"}
)
TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5

_JSON_ARGUMENTS = ("blocks", "metadata", "view", "files", "attachments")
_SCOPE_OF_KIND = {ChannelKind.PUBLIC: "channels", ChannelKind.PRIVATE: "groups", ChannelKind.DIRECT: "im"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as Slack received it; `args` from the query, the form and the JSON body together."""

    at: datetime
    method: str
    args: Json
    token: str

    @property
    def channel(self) -> str:
        return str(self.args.get("channel") or self.args.get("channel_id") or "")


@dataclass(slots=True)
class Trigger:
    user: str
    issued: datetime
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer a person; `source` is the message whose button was pressed, if any."""

    user: str
    channel: str
    issued: datetime
    source: Message | None = None
    uses: int = 0


@dataclass(slots=True)
class Api:
    """What the methods share. Tokens, scopes and switches may be changed while the server runs."""

    world: World
    bot_token: str
    app_token: str
    scopes: frozenset[str] = SCOPES
    limits: Limits = field(default_factory=Limits)
    # Newer blocks arrive in workspaces over weeks; until then Slack answers invalid_blocks.
    refuses_new_blocks: bool = False
    refused_types: frozenset[str] = frozenset()
    revoked: bool = False
    # Whether a message that comes again under its client_msg_id is shown once; Slack's reference is silent.
    shows_once: bool = False
    file_delay: timedelta = timedelta(0)
    url: str = ""
    triggers: dict[str, Trigger] = field(default_factory=dict)
    numbered: dict[tuple[str, str], Message] = field(default_factory=dict)  # by channel and client_msg_id
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    emit: Callable[[Json], None] = lambda event: None
    new_socket: Callable[[], str] = lambda: ""

    @property
    def unwelcome(self) -> frozenset[str]:
        return self.refused_types | (NEW_BLOCKS if self.refuses_new_blocks else frozenset())

    def authorise(self, call: Call) -> None:
        """Raises Refused unless the token is right, and right for this method."""
        if not call.token:
            raise Refused("not_authed")
        if call.token not in {self.bot_token, self.app_token}:
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("account_inactive")
        if (call.token == self.app_token) != (call.method == "apps.connections.open"):
            raise Refused("not_allowed_token_type")

    def need(self, scope: str) -> None:
        """Raises Refused (missing_scope) unless the bot was given this scope."""
        if scope not in self.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def channel_for(self, args: Json, right: str, key: str = "channel") -> Channel:
        """The channel named in the arguments, if the bot has this right to its kind and can see it."""
        channel = self.world.channel(required(args, key))
        self.need(f"{_SCOPE_OF_KIND[channel.kind]}:{right}")
        if channel.kind is ChannelKind.PRIVATE and self.world.bot.id not in channel.members:
            raise Refused("channel_not_found")
        return channel

    def trigger(self, user: str) -> str:
        """A new trigger id, good for three seconds."""
        name = f"{self.world.number()}.{self.world.number()}.{user.lower()}"
        self.triggers[name] = Trigger(user, self.world.clock())
        return name

    def pull(self, name: str) -> str:
        """The person whose trigger this is; it is used up. Raises Refused."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.world.clock() - trigger.issued > TRIGGER_LIFE:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response_url(self, user: str, channel: str, source: Message | None = None) -> str:
        """A new URL for answering a person, good for five answers within half an hour."""
        name = f"{self.world.team}/{self.world.number()}"
        self.response_urls[name] = ResponseUrl(user, channel, self.world.clock(), source)
        return f"{self.url}/response/{name}"


T = TypeVar("T")
Method = Callable[[Api, Json], Json]


def methods() -> Mapping[str, Method]:
    """Every method this Slack knows, by name."""
    from bot.demo import slack_chat, slack_conversations, slack_files, slack_modals

    own: dict[str, Method] = {
        "api.test": lambda api, args: {"args": args},
        "auth.test": _auth_test,
        "apps.connections.open": lambda api, args: {"url": api.new_socket()},
    }
    modules = (slack_chat, slack_conversations, slack_files, slack_modals)
    for module in modules:
        own |= module.METHODS
    return own


def _auth_test(api: Api, args: Json) -> Json:
    world = api.world
    who = {"user": world.bot.name.lower(), "user_id": world.bot.id, "bot_id": "B0001"}
    return who | {"url": "https://lab.slack.com/", "team": world.name, "team_id": world.team}


def arguments(*sources: Mapping[str, Any]) -> Json:
    """Arguments from query, form and body together, with those that are JSON in a string parsed.

    Raises Refused (invalid_..._format) for what should be JSON and is not.
    """
    args: Json = {}
    for source in sources:
        args |= source
    for name in _JSON_ARGUMENTS:
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError as error:
                blame = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
                raise Refused(blame.get(name, "invalid_arguments")) from error
    return args


def required(args: Json, name: str) -> str:
    """A text argument that must be there. Raises Refused (invalid_arguments)."""
    value = args.get(name)
    if not value or not isinstance(value, str):
        message = f"[ERROR] missing required field: {name}"
        raise Refused("invalid_arguments", response_metadata={"messages": [message]})
    return value


def flag(args: Json, name: str) -> bool:
    """A yes or no, however it was written."""
    return str(args.get(name, "")).lower() in {"1", "true"}


def page(items: list[T], args: Json, *, default: int, most: int) -> tuple[list[T], Json]:
    """One page of items by `limit` and `cursor`, and what tells of the next."""
    limit, cursor = str(args.get("limit") or default), str(args.get("cursor") or "next:0")
    kind, _, start = cursor.partition(":")
    if kind != "next" or not start.isdecimal():
        raise Refused("invalid_cursor")
    if not limit.isdecimal() or not 1 <= int(limit) <= most:
        raise Refused("invalid_limit")
    first, end = int(start), int(start) + int(limit)
    following = f"next:{end}" if end < len(items) else ""
    return items[first:end], {"response_metadata": {"next_cursor": following}}
