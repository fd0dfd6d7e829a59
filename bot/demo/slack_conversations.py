"""conversations.* and users.* of the small Slack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.demo.slack_api import Api, Method, flag, page, required
from bot.demo.slack_world import Channel, ChannelKind, Json, Message, Person, Refused, api_message, moment


def history(api: Api, args: Json) -> Json:
    """conversations.history: newest first, replies only if they were broadcast."""
    channel = _readable(api, args)
    messages = [m for m in channel.shown if m.thread_ts in {"", m.ts} or m.broadcast]
    found = [m for m in reversed(messages) if _within(m, args)]
    some, following = page(found, args, default=100, most=999)
    return _listed(api, channel, args, some, following)


def replies(api: Api, args: Json) -> Json:
    """conversations.replies: the parent, on the first page whatever `oldest` says, then its replies."""
    channel = _readable(api, args)
    parent = channel.find(required(args, "ts"))
    if parent is None:
        raise Refused("thread_not_found")
    rest = [m for m in channel.thread(parent.ts) if _within(m, args)]
    some, following = page([parent, *rest], args, default=1000, most=1000)
    return _listed(api, channel, args, some, following)


def _listed(api: Api, channel: Channel, args: Json, messages: list[Message], following: Json) -> Json:
    metadata = flag(args, "include_all_metadata")
    shown = [api_message(message, channel, api.world, metadata=metadata) for message in messages]
    more = bool(following["response_metadata"]["next_cursor"])
    return {"messages": shown, "has_more": more} | (following if more else {})


def _readable(api: Api, args: Json) -> Channel:
    channel = api.channel_for(args, "history")
    if api.world.bot.id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _within(message: Message, args: Json) -> bool:
    at = moment(message.ts)
    inclusive = flag(args, "inclusive")
    oldest, latest = args.get("oldest"), args.get("latest")
    if oldest and (at < moment(str(oldest)) or (at == moment(str(oldest)) and not inclusive)):
        return False
    return not (latest and (at > moment(str(latest)) or (at == moment(str(latest)) and not inclusive)))


def info(api: Api, args: Json) -> Json:
    """conversations.info."""
    channel = api.channel_for(args, "read")
    shown = api_channel(api, channel)
    if flag(args, "include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def listing(api: Api, args: Json) -> Json:
    """conversations.list: what the bot may see of the kinds asked for."""
    kinds = {
        "public_channel": (ChannelKind.PUBLIC, "channels:read"),
        "private_channel": (ChannelKind.PRIVATE, "groups:read"),
        "im": (ChannelKind.DIRECT, "im:read"),
    }
    wanted = []
    for name in str(args.get("types") or "public_channel").split(","):
        if name not in kinds:
            raise Refused("invalid_types")
        api.need(kinds[name][1])
        wanted.append(kinds[name][0])
    seen = [
        channel
        for channel in api.world.channels.values()
        if channel.kind in wanted
        and (channel.kind is ChannelKind.PUBLIC or api.world.bot.id in channel.members)
        and not (flag(args, "exclude_archived") and channel.archived)
    ]
    some, following = page(seen, args, default=100, most=1000)
    return {"channels": [api_channel(api, channel) for channel in some]} | following


def join(api: Api, args: Json) -> Json:
    """conversations.join: public channels only."""
    api.need("channels:join")
    channel = api.world.channel(required(args, "channel"))
    if channel.kind is not ChannelKind.PUBLIC:
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    if api.world.bot.id in channel.members:
        return {"channel": api_channel(api, channel), "warning": "already_in_channel"}
    channel.members.add(api.world.bot.id)
    api.emit(joined(api, channel, api.world.bot.id))
    return {"channel": api_channel(api, channel)}


def joined(api: Api, channel: Channel, user: str, inviter: str = "") -> Json:
    """The event of someone joining a channel."""
    kind = "G" if channel.kind is ChannelKind.PRIVATE else "C"
    event: Json = {"type": "member_joined_channel", "user": user, "channel": channel.id}
    event |= {"channel_type": kind, "team": api.world.team, "event_ts": api.world.timestamp()}
    return event | ({"inviter": inviter} if inviter else {})


def members(api: Api, args: Json) -> Json:
    """conversations.members."""
    channel = api.channel_for(args, "read")
    some, following = page(sorted(channel.members), args, default=100, most=1000)
    return {"members": some} | following


def open_direct(api: Api, args: Json) -> Json:
    """conversations.open: with one person."""
    api.need("im:write")
    user = required(args, "users")
    if user not in api.world.people:
        raise Refused("user_not_found")
    channel = api.world.direct(user)
    return {"channel": api_channel(api, channel) if flag(args, "return_im") else {"id": channel.id}}


def api_channel(api: Api, channel: Channel) -> Json:
    """A channel as the Web API shows it."""
    if channel.kind is ChannelKind.DIRECT:
        user = next(member for member in channel.members if member != api.world.bot.id)
        return {"id": channel.id, "is_im": True, "user": user, "is_archived": channel.archived, "created": 1}
    private = channel.kind is ChannelKind.PRIVATE
    shown: Json = {"id": channel.id, "name": channel.name, "name_normalized": channel.name}
    shown |= {"is_channel": not private, "is_group": False, "is_im": False, "is_private": private}
    shown |= {"is_archived": channel.archived, "is_member": api.world.bot.id in channel.members}
    return shown | {"creator": channel.creator, "created": 1, "context_team_id": api.world.team}


def user_info(api: Api, args: Json) -> Json:
    """users.info."""
    api.need("users:read")
    person = api.world.people.get(required(args, "user"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": _user(api, person, locale=flag(args, "include_locale"))}


def user_list(api: Api, args: Json) -> Json:
    """users.list."""
    api.need("users:read")
    some, following = page(list(api.world.people.values()), args, default=100, most=1000)
    people = [_user(api, person, locale=flag(args, "include_locale")) for person in some]
    return {"members": people} | following


def _user(api: Api, person: Person, *, locale: bool) -> Json:
    offset = api.world.clock().astimezone(ZoneInfo(person.tz)).utcoffset() or timedelta(0)
    profile = {"real_name": person.name, "display_name": person.name, "team": api.world.team}
    shown: Json = {"id": person.id, "team_id": api.world.team, "name": person.name.lower(), "deleted": False}
    shown |= {"real_name": person.name, "tz": person.tz, "tz_label": person.tz, "profile": profile}
    shown |= {"tz_offset": int(offset.total_seconds()), "is_bot": person.bot, "is_admin": person.admin}
    return shown | ({"locale": person.locale} if locale else {})


METHODS: Mapping[str, Method] = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.list": listing,
    "conversations.join": join,
    "conversations.members": members,
    "conversations.open": open_direct,
    "users.info": user_info,
    "users.list": user_list,
}
