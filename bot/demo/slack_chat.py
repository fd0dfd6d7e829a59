"""chat.*, reactions.add and response URLs of the small Slack."""

from __future__ import annotations

from collections.abc import Mapping

from bot.demo.slack_api import RESPONSE_LIFE, RESPONSE_USES, Api, Method, ResponseUrl, flag, required
from bot.demo.slack_rules import as_blocks, check_message, check_metadata, walk
from bot.demo.slack_world import Channel, ChannelKind, Json, Message, Refused, api_message, moment


def post_message(api: Api, args: Json) -> Json:
    """chat.postMessage: into a channel, a thread, or a person's direct messages."""
    channel = _postable(api, args)
    text, blocks = _content(api, args)
    check_metadata(args.get("metadata"), api.limits)
    thread = _thread(channel, args)
    number = (channel.id, str(args.get("client_msg_id") or ""))
    if api.shows_once and number in api.numbered:
        message = api.numbered[number]
        shown = api_message(message, channel, api.world, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown}
    message = api.world.post(
        channel,
        api.world.bot.id,
        text,
        blocks=blocks,
        metadata=args.get("metadata") or None,
        thread_ts=thread,
        broadcast=bool(thread) and flag(args, "reply_broadcast"),
        link_names=_links_names(args),
    )
    if number[1]:
        api.numbered[number] = message
    tell(api, message)
    shown = api_message(message, channel, api.world, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _postable(api: Api, args: Json) -> Channel:
    api.need("chat:write")
    channel = api.world.conversation(required(args, "channel"))
    if api.world.bot.id not in channel.members:
        if channel.kind is not ChannelKind.PUBLIC:
            raise Refused("channel_not_found")
        if "chat:write.public" not in api.scopes:
            raise Refused("not_in_channel")
    if channel.archived:
        raise Refused("is_archived")
    return channel


def _content(api: Api, args: Json) -> tuple[str, tuple[Json, ...]]:
    text = str(args.get("text") or "")
    blocks = as_blocks(args.get("blocks"))
    check_message(text, blocks, api.limits, refused_types=api.unwelcome)
    _check_pictures(api, blocks)
    return text, with_ids(api, blocks)


def _check_pictures(api: Api, blocks: list[Json]) -> None:
    for path, block in walk(blocks):
        if block["type"] == "image" and (shown := block.get("slack_file")):
            file = api.world.files.get(shown.get("id", ""))
            if file is None or file.ready_at is None or file.ready_at > api.world.clock():
                message = f"invalid slack file [json-pointer:{path}/slack_file]"
                raise Refused(
                    "invalid_blocks",
                    errors=[message],
                    response_metadata={"messages": [f"[ERROR] {message}"]},
                )


def with_ids(api: Api, blocks: list[Json]) -> tuple[Json, ...]:
    """Blocks as Slack keeps them: each has an id."""
    kept = []
    for block in blocks:
        own = {**block, "block_id": block.get("block_id") or f"b{api.world.number()}"}
        if block["type"] == "container":
            own["child_blocks"] = list(with_ids(api, block["child_blocks"]))
        kept.append(own)
    return tuple(kept)


def _thread(channel: Channel, args: Json) -> str:
    ts = args.get("thread_ts")
    if not ts:
        return ""
    parent = channel.find(str(ts))
    if parent is None:
        raise Refused("thread_not_found")
    if parent.thread_ts not in {"", parent.ts}:
        # Slack wants the parent's timestamp here, never that of a reply.
        raise Refused("cannot_reply_to_message")
    return parent.ts


def _links_names(args: Json) -> bool:
    return flag(args, "link_names") or args.get("parse") == "full"


def tell(api: Api, message: Message, **changes: object) -> None:
    """Tell the app of a message in its channels, its own ones included, as Slack does."""
    channel = api.world.channels[message.channel]
    if api.world.bot.id in channel.members:
        shown = api_message(message, channel, api.world)
        more = {"channel": channel.id, "channel_type": channel.kind.value, "event_ts": message.ts}
        api.emit(shown | more | changes)


def post_ephemeral(api: Api, args: Json) -> Json:
    """chat.postEphemeral: for one person in a channel."""
    channel = _postable(api, args)
    user = required(args, "user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(api, args)
    thread = _thread(channel, args)
    message = api.world.post(channel, api.world.bot.id, text, blocks=blocks, thread_ts=thread, only_for=user)
    return {"message_ts": message.ts}


def update(api: Api, args: Json) -> Json:
    """chat.update: text without blocks removes the blocks, and metadata stays unless given."""
    channel, message = _own(api, args, "cant_update_message")
    if args.get("text") is None and args.get("blocks") is None:
        raise Refused("no_text")
    if len(str(args.get("text") or "").encode()) > api.limits.updated_text:
        raise Refused("msg_too_long")
    blocks: tuple[Json, ...]
    text, blocks = _content(api, {"text": message.text, **{k: v for k, v in args.items() if v is not None}})
    check_metadata(args.get("metadata"), api.limits)
    metadata = message.metadata if args.get("metadata") is None else args["metadata"] or None
    # Slack marks an edit only where there are no blocks.
    edited = "" if blocks else api.world.timestamp()
    changed = api.world.change(message, text=text, blocks=blocks, metadata=metadata, edited=edited)
    shown = api_message(changed, channel, api.world, metadata=True)
    return {"channel": channel.id, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(api: Api, args: Json) -> Json:
    """chat.delete."""
    channel, message = _own(api, args, "cant_delete_message")
    api.world.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def _own(api: Api, args: Json, refusal: str) -> tuple[Channel, Message]:
    api.need("chat:write")
    channel = api.world.channel(required(args, "channel"))
    message = channel.find(required(args, "ts"))
    if message is None:
        raise Refused("message_not_found")
    if channel.archived:
        raise Refused("is_archived")
    if message.user != api.world.bot.id:
        raise Refused(refusal)
    return channel, message


def permalink(api: Api, args: Json) -> Json:
    """chat.getPermalink."""
    channel = api.world.channel(required(args, "channel"))
    message = channel.find(required(args, "message_ts"))
    if message is None:
        raise Refused("message_not_found")
    link = f"https://lab.slack.com/archives/{channel.id}/p{moment(message.ts)}"
    if message.thread_ts not in {"", message.ts}:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def react(api: Api, args: Json) -> Json:
    """reactions.add."""
    api.need("reactions:write")
    channel = api.world.channel(required(args, "channel"))
    message = channel.find(required(args, "timestamp"))
    if message is None:
        raise Refused("message_not_found")
    pair = (required(args, "name").strip(":"), api.world.bot.id)
    if pair in message.reactions:
        raise Refused("already_reacted")
    api.world.change(message, reactions=(*message.reactions, pair))
    return {}


def respond(api: Api, name: str, body: Json) -> Json:
    """An answer by a response URL. Raises Refused (used_url, expired_url, or as chat.postMessage)."""
    target = api.response_urls.get(name)
    if target is None or api.world.clock() - target.issued > RESPONSE_LIFE:
        raise Refused("expired_url")
    if target.uses >= RESPONSE_USES:
        raise Refused("used_url")
    if body.get("delete_original"):
        target.uses += 1
        if original := _original(api, target):
            api.world.delete(original)
        return {}
    text, blocks = _content(api, body)
    target.uses += 1
    original = _original(api, target)
    if body.get("replace_original") and original:
        target.source = api.world.change(original, text=text, blocks=blocks)
        return {}
    place(api, target, body, text, blocks)
    return {}


def place(api: Api, target: ResponseUrl, body: Json, text: str, blocks: tuple[Json, ...]) -> Message:
    """Show an answer where the person is: to all with response_type in_channel, else to the person alone."""
    everyone = body.get("response_type") == "in_channel"
    source = target.source
    thread = str(body.get("thread_ts") or (source.thread_ts if source else ""))
    return api.world.post(
        api.world.channel(target.channel),
        api.world.bot.id,
        text,
        blocks=blocks,
        thread_ts=thread,
        only_for="" if everyone else target.user,
    )


def content_of(api: Api, body: Json) -> tuple[str, tuple[Json, ...]]:
    """Text and blocks of an answer given with an acknowledgement, checked like any message."""
    return _content(api, body)


def _original(api: Api, target: ResponseUrl) -> Message | None:
    if target.source is None:
        return None
    within = api.world.ephemerals if target.source.only_for else api.world.channel(target.channel).messages
    return next((each for each in within if each.ts == target.source.ts and not each.deleted), None)


METHODS: Mapping[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "reactions.add": react,
}
