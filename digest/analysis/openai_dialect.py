"""How one server wants to be asked: learnt from what it refuses, and remembered.

A request is first made in the fullest form. What the server refuses is left away, and only what then
works is remembered, so that a refusal costs one failed call once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digest.analysis.openai_wording import longest_answer

_GOOD_FOR = timedelta(days=30)  # servers and models get better; what was refused is tried again


class Tier(StrEnum):
    """How a server is brought to answer in JSON, best first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PLAIN = "text"


class Memory(Protocol):
    """Small facts kept between runs; the Store is one."""

    async def meta(self, key: str, /) -> str | None: ...

    async def set_meta(self, key: str, value: str, /) -> None: ...


class ProcessMemory:
    """Small facts kept as long as the process lives."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}

    async def meta(self, key: str, /) -> str | None:
        return self._facts.get(key)

    async def set_meta(self, key: str, value: str, /) -> None:
        self._facts[key] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server and model understand. `refused` holds names of parameters, or name=value."""

    tier: Tier = Tier.SCHEMA
    bounds: bool = True  # lengths, ranges and patterns in the schema
    new_limit: bool = True  # max_completion_tokens; else max_tokens
    most_tokens: int | None = None  # the longest answer the server lets one ask for
    streams: bool = True
    system: bool = True  # else the system turn opens the first user turn
    repeats: bool = True  # two turns in a row may have one role; else they are joined
    refused: frozenset[str] = frozenset()

    def takes(self, name: str, value: object = "") -> bool:
        """Whether the server has not refused a parameter, or that value of it."""
        return name not in self.refused and f"{name}={value}" not in self.refused

    def without(self, *names: str) -> Dialect:
        """The dialect less some parameters."""
        return replace(self, refused=self.refused.union(names))

    def to_json(self, at: datetime) -> str:
        """For a memory."""
        return json.dumps({**asdict(self), "refused": sorted(self.refused), "learnt": at.isoformat()})


def from_json(text: str | None, now: datetime) -> Dialect:
    """What was remembered; the fullest dialect where that is nothing, too old or not ours."""
    if not text:
        return Dialect()
    try:
        known = json.loads(text)
        if now - datetime.fromisoformat(known.pop("learnt")) > _GOOD_FOR:
            return Dialect()
        return Dialect(**{**known, "tier": Tier(known["tier"]), "refused": frozenset(known["refused"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        return Dialect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a refused request held, as far as it can be left away."""

    schema: bool
    streamed: bool
    effort: str = ""
    temperature: float | None = None
    cache_key: bool = False
    system: bool = False
    repeats: bool = False
    max_tokens: int = 0


def simpler(dialect: Dialect, asked: Asked, words: str) -> Dialect | None:
    """The dialect to try next after a request was refused with these words; None when none is left.

    Words that name a parameter decide. A refusal that says nothing known has the request stripped step by
    step, from what is most often the reason.
    """
    words = words.casefold()
    for pattern, changed in _named(dialect, asked, words):
        if changed != dialect and re.search(pattern, words):
            return changed
    return next((changed for changed in _ladder(dialect, asked) if changed != dialect), None)


def heeding(dialect: Dialect, *, most: int, got: int, cut: bool) -> Dialect:
    """The dialect after an answer of `got` tokens where `most` were allowed, `cut` if it was stopped there.

    A server that goes far beyond, or cuts far below, has not heeded `max_completion_tokens`.
    """
    unheeded = got > 1.25 * most + 64 or (cut and 0 < got < 0.8 * most)
    if unheeded and dialect.new_limit and dialect.takes("max_tokens"):
        return replace(dialect, new_limit=False)
    return dialect


def lower_tier(dialect: Dialect) -> Dialect | None:
    """The next tier of JSON; None below plain text."""
    if dialect.tier is Tier.SCHEMA:
        return replace(dialect, tier=Tier.OBJECT)
    return replace(dialect, tier=Tier.PLAIN) if dialect.tier is Tier.OBJECT else None


_BOUND_WORDS = (
    r"\b(minlength|maxlength|minitems|maxitems|uniqueitems|minimum|maximum|multipleof|pattern|format)\b"
    r".{0,40}\b(not|un\w*)\b|\b(unsupported|unknown|not (supported|permitted)|invalid)\b.{0,60}"
    r"['\"`](minlength|maxlength|minitems|maxitems|uniqueitems|minimum|maximum|multipleof|pattern|format)\b"
)
_SCHEMA_WORDS = (
    r"response_?format|json_?schema|json_?object|json mode|structured output|guided|grammar|schema|sampler"
)
_ROLE_WORDS = r"must alternate|consecutive .{0,30}(user|messages|roles)|after (the )?.{0,20}optional system"
_SYSTEM_WORDS = (
    r"system role|role .{0,12}system|'system'|system messages? (is|are) not|"
    r"(developer|system) (instruction|prompt|message)s? (is |are )?not (enabled|supported|allowed)"
)


def _named(dialect: Dialect, asked: Asked, words: str) -> Iterator[tuple[str, Dialect]]:
    """Patterns of refusals with the dialect that heeds them."""
    most = longest_answer(words)
    if most and most < asked.max_tokens:
        yield r"max|token", replace(dialect, most_tokens=most)
    if dialect.new_limit:
        yield r"max_completion_tokens", replace(dialect, new_limit=False)
    else:
        yield r"max_tokens\b.{0,80}(not|unsupported|use )|max_completion_tokens", _new_limit(dialect)
    if asked.effort:
        yield r"reasoning|effort|thinking", dialect.without(f"reasoning_effort={asked.effort}")
    if asked.temperature is not None:
        yield r"temperature", dialect.without(f"temperature={asked.temperature}")
    if asked.cache_key:
        yield r"prompt_cache_breakpoint|cache_breakpoint", dialect.without("prompt_cache_breakpoint")
        yield r"prompt_cache_key", dialect.without("prompt_cache_key", "prompt_cache_breakpoint")
    if asked.streamed:
        yield r"stream_options|include_usage", dialect.without("stream_options")
        yield r"\bstream", replace(dialect, streams=False)
    if asked.repeats:
        yield _ROLE_WORDS, replace(dialect, repeats=False)
    if asked.system:
        yield _SYSTEM_WORDS, replace(dialect, system=False)
    if asked.schema:
        if dialect.tier is Tier.SCHEMA:
            yield _BOUND_WORDS, replace(dialect, bounds=False)
        yield _SCHEMA_WORDS, lower_tier(dialect) or dialect


def _new_limit(dialect: Dialect) -> Dialect:
    return replace(dialect, new_limit=True).without("max_tokens")


def _ladder(dialect: Dialect, asked: Asked) -> Iterator[Dialect]:
    if asked.schema and (lower := lower_tier(dialect)):
        yield lower
    if dialect.new_limit and dialect.takes("max_tokens"):
        yield replace(dialect, new_limit=False)
    if asked.effort:
        yield dialect.without(f"reasoning_effort={asked.effort}")
    if asked.temperature is not None:
        yield dialect.without(f"temperature={asked.temperature}")
    if asked.streamed:
        yield dialect.without("stream_options")
    if asked.cache_key:
        yield dialect.without("prompt_cache_key", "prompt_cache_breakpoint")
    if asked.repeats:
        yield replace(dialect, repeats=False)
    if asked.system:
        yield replace(dialect, system=False)
