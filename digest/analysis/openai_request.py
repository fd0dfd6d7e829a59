"""The request, in the dialect of its server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from digest.analysis.openai_dialect import Asked, Dialect, Tier
from digest.analysis.openai_schema import response_format, schema_in_words
from digest.ports import Turn

if TYPE_CHECKING:
    from pydantic import BaseModel

_WORTH_STREAMING = 1024  # tokens: a longer answer outlives the patience of proxies on the way
Request = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to a model, whatever its server speaks."""

    model: str
    turns: tuple[Turn, ...]
    max_tokens: int
    schema: type[BaseModel] | None = None
    effort: str = ""
    temperature: float | None = None
    cache_key: str = ""
    marked: bool = False  # the server wants to be told where the shared prefix ends
    watched: bool = False  # somebody wants the text as it comes

    @property
    def sent(self) -> int:
        """Characters of all turns."""
        return sum(len(turn.text) for turn in self.turns)


def build(ask: Ask, dialect: Dialect) -> Request:
    """The arguments of `chat.completions.create`."""
    request: Request = {"model": ask.model, "messages": _messages(ask, dialect)}
    limit = "max_completion_tokens" if dialect.new_limit else "max_tokens"
    request[limit] = min(ask.max_tokens, dialect.most_tokens or ask.max_tokens)
    if ask.schema is not None and dialect.tier is Tier.SCHEMA:
        request["response_format"] = response_format(ask.schema, bounds=dialect.bounds)
    elif ask.schema is not None and dialect.tier is Tier.OBJECT:
        request["response_format"] = {"type": "json_object"}
    if ask.effort and dialect.takes("reasoning_effort", ask.effort):
        request["reasoning_effort"] = ask.effort
    if ask.temperature is not None and dialect.takes("temperature", ask.temperature):
        request["temperature"] = ask.temperature
    if ask.cache_key and dialect.takes("prompt_cache_key"):
        request["prompt_cache_key"] = ask.cache_key
    if dialect.streams and (ask.watched or ask.max_tokens >= _WORTH_STREAMING):
        request["stream"] = True
        if dialect.takes("stream_options"):
            request["stream_options"] = {"include_usage": True}
    return request


def asked(ask: Ask, request: Request) -> Asked:
    """What of a request can be left away when it was refused."""
    roles = [message["role"] for message in request["messages"]]
    return Asked(
        schema=ask.schema is not None,
        streamed="stream" in request,
        effort=request.get("reasoning_effort", ""),
        temperature=request.get("temperature"),
        cache_key="prompt_cache_key" in request or ask.marked,
        system="system" in roles,
        repeats=any(one == other for one, other in pairwise(roles)),
        max_tokens=ask.max_tokens,
    )


def _messages(ask: Ask, dialect: Dialect) -> list[Request]:
    """The turns in order; the shared prefix stays the first thing sent, byte for byte."""
    turns = list(ask.turns)
    if ask.schema is not None and dialect.tier is not Tier.SCHEMA:
        turns = _told(turns, schema_in_words(ask.schema))
    if not dialect.system:
        turns = [Turn(role="user", text=each.text) if each.role == "system" else each for each in turns]
    if not (dialect.repeats and dialect.system):
        turns = _joined(turns)
    messages: list[Request] = [{"role": turn.role, "content": turn.text} for turn in turns]
    if ask.marked and dialect.takes("prompt_cache_breakpoint"):
        _mark_prefix(messages)
    return messages


def _told(turns: Sequence[Turn], instruction: str) -> list[Turn]:
    """The turns with an instruction at the end of the last one, where no cache is disturbed."""
    *before, last = turns
    return [*before, Turn(role=last.role, text=f"{last.text}\n\n{instruction}")]


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    joined: list[Turn] = []
    for turn in turns:
        if joined and joined[-1].role == turn.role:
            turn = Turn(role=turn.role, text=f"{joined.pop().text}\n\n{turn.text}")
        joined.append(turn)
    return joined


def _mark_prefix(messages: list[Request]) -> None:
    """Say where the shared prefix ends: after the first user turn, if others follow.

    From gpt-5.6 on, OpenAI's cache matches only at such marks
    (https://developers.openai.com/api/docs/guides/prompt-caching).
    """
    first = next((n for n, each in enumerate(messages) if each["role"] == "user"), None)
    if first is None or first == len(messages) - 1:
        return
    text = messages[first]["content"]
    mark = {"mode": "explicit"}
    messages[first]["content"] = [{"type": "text", "text": text, "prompt_cache_breakpoint": mark}]
