"""files.* of the small Slack: a URL to upload to, the upload, its completion in a channel, its end."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import replace

from bot.demo.slack_api import Api, Method, required
from bot.demo.slack_chat import tell
from bot.demo.slack_world import File, Json, Refused, api_file


def upload_url(api: Api, args: Json) -> Json:
    """files.getUploadURLExternal."""
    api.need("files:write")
    name = required(args, "filename")
    if not str(args.get("length", "")).isdecimal() or int(args["length"]) < 1:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] invalid length"]})
    file = File(id=f"F{api.world.number():04d}", name=name, title=name, user=api.world.bot.id)
    api.world.files[file.id] = file
    return {"upload_url": f"{api.url}/upload/v1/{file.id}", "file_id": file.id}


def uploaded(api: Api, name: str, content: bytes) -> str | None:
    """Take in the bytes; what the upload URL answers, or None for a file it does not know."""
    file = api.world.files.get(name)
    if file is None or file.uploaded:
        return None
    mimetype = mimetypes.guess_type(file.name)[0] or "text/plain"
    api.world.files[name] = replace(file, content=content, mimetype=mimetype, uploaded=True)
    return f"OK - {len(content)}"


def complete(api: Api, args: Json) -> Json:
    """files.completeUploadExternal: without a channel the file stays private to the bot."""
    api.need("files:write")
    wanted = args.get("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] missing files"]})
    channel = api.world.channel(str(args["channel_id"])) if args.get("channel_id") else None
    if channel and api.world.bot.id not in channel.members:
        raise Refused("not_in_channel")
    if channel and channel.archived:
        raise Refused("is_archived")
    thread = str(args.get("thread_ts") or "")
    if channel and thread and channel.find(thread) is None:
        raise Refused("thread_not_found")
    files = tuple(_finished(api, each) for each in wanted)
    api.world.files |= {file.id: file for file in files}
    if channel:
        comment = str(args.get("initial_comment") or "")
        message = api.world.post(channel, api.world.bot.id, comment, files=files, thread_ts=thread)
        tell(api, message, subtype="file_share")
    return {"files": [api_file(file, api.world) for file in files]}


def _finished(api: Api, wanted: Json) -> File:
    file = api.world.files.get(str(wanted.get("id")))
    if file is None or not file.uploaded:
        raise Refused("file_not_found")
    ready = api.world.clock() + api.file_delay
    return replace(file, title=wanted.get("title") or file.name, ready_at=ready)


def info(api: Api, args: Json) -> Json:
    """files.info."""
    api.need("files:read")
    file = api.world.files.get(required(args, "file"))
    if file is None or file.ready_at is None:
        raise Refused("file_not_found")
    return {"file": api_file(file, api.world)}


def delete(api: Api, args: Json) -> Json:
    """files.delete."""
    api.need("files:write")
    if api.world.files.pop(required(args, "file"), None) is None:
        raise Refused("file_not_found")
    return {}


METHODS: Mapping[str, Method] = {
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": complete,
    "files.info": info,
    "files.delete": delete,
}
