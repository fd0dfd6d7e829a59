"""The forms in which OpenAI's servers are asked and answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.peers.openai_rules import least, prefix

Content = str | Mapping[str, Any] | Callable[["Asked"], "str | Mapping[str, Any]"]
CHARACTERS_PER_TOKEN = 4
_PIECE = 24  # characters in a chunk of a stream


@dataclass(frozen=True)
class Asked:
    """One request for a completion, as the server saw it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    cached_tokens: int = 0

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        return self.body.get("messages", ())

    @property
    def text(self) -> str:
        """Everything that was sent, roles included."""
        return prefix(self.messages)

    @property
    def tokens(self) -> int:
        return -(-len(self.text) // CHARACTERS_PER_TOKEN)

    @property
    def most_tokens(self) -> int | None:
        return self.body.get("max_completion_tokens", self.body.get("max_tokens"))

    @property
    def tier(self) -> str:
        """json_schema, json_object or text."""
        return self.body.get("response_format", {}).get("type", "text")

    @property
    def schema(self) -> Mapping[str, Any]:
        return self.body.get("response_format", {}).get("json_schema", {}).get("schema", {})

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def counts(self) -> bool:
        """Whether a stream is to end with the token counts."""
        return bool(self.body.get("stream_options", {}).get("include_usage"))


def least_answer(asked: Asked) -> str | Mapping[str, Any]:
    value = least(asked.schema) if asked.schema else "ok"
    return value if isinstance(value, str | Mapping) else "ok"


def text_of(content: Content, asked: Asked) -> str:
    value = content(asked) if callable(content) else content
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cut(text: str, asked: Asked, finish: str) -> tuple[str, str]:
    most = asked.most_tokens
    if most is None or len(text) <= most * CHARACTERS_PER_TOKEN:
        return text, finish
    return text[: most * CHARACTERS_PER_TOKEN], "length"


def completion(
    asked: Asked, message: Mapping[str, Any], finish: str, text: str, extra: Mapping[str, object]
) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked.body["model"]}
    return {**whole, "choices": [choice], "usage": usage_of(asked, text), **extra}


def chunk(asked: Asked, delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
    return {**whole, "model": asked.body["model"], "choices": [choice]}


def usage_of(asked: Asked, text: str) -> dict[str, Any]:
    completion = -(-len(text) // CHARACTERS_PER_TOKEN)
    return {
        "prompt_tokens": asked.tokens,
        "completion_tokens": completion,
        "total_tokens": asked.tokens + completion,
        "prompt_tokens_details": {"cached_tokens": asked.cached_tokens},
    }


async def begin_stream(http: web.Request, asked: Asked) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(http)
    await send(response, chunk(asked, {"role": "assistant", "content": ""}, None))
    return response


async def send_pieces(response: web.StreamResponse, asked: Asked, text: str) -> None:
    for piece in pieces(text):
        await send(response, chunk(asked, {"content": piece}, None))


async def send(response: web.StreamResponse, chunk: Mapping[str, object]) -> None:
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


def pieces(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def refused(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, **fields: object
) -> web.Response:
    fault = {"message": message, "type": "invalid_request_error", "param": None, "code": None, **fields}
    return web.json_response({"error": fault}, status=status, headers=headers)


def common(one: str, other: str) -> int:
    limit = min(len(one), len(other))
    if one[:limit] == other[:limit]:
        return limit
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
