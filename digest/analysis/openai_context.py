"""The context of a model as its server tells it, in the words of vLLM, llama.cpp, OpenRouter and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_NAMES = (
    "max_model_len",  # vLLM
    "loaded_context_length",  # LM Studio
    "context_window",  # Groq
    "max_context_length",  # Mistral
    "context_length",  # OpenRouter, Together
    "n_ctx",
    "input_token_limit",
    "max_input_tokens",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a list of models tells. llama.cpp's page of properties knows better than its list."""

    tokens: int | None = None
    llamacpp: bool = False


def context_of(listed: Mapping[str, Any], model: str) -> Told:
    """The context of a model in an answer to `/models`; a server with a single model means that one."""
    entries = list(_entries(listed))
    named = [each for each in entries if each.get("id") == model or each.get("name") == model]
    entry = (named or (entries if len(entries) == 1 else [{}]))[0]
    meta = entry.get("meta")
    inner = meta if isinstance(meta, Mapping) else {}
    found = (_tokens(where, name) for where in (entry, inner) for name in _NAMES)
    return Told(tokens=next(filter(None, found), None), llamacpp=entry.get("owned_by") == "llamacpp")


def context_of_props(props: Mapping[str, Any]) -> int | None:
    """The context of one conversation in an answer of llama.cpp to `/props`."""
    settings = props.get("default_generation_settings")
    return _tokens(settings, "n_ctx") if isinstance(settings, Mapping) else None


def props_address(base_url: str) -> str:
    """Where llama.cpp tells its properties: beside `/v1`, not below it."""
    parts = urlsplit(base_url)
    return urlunsplit(
        (parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1") + "/props", "", "")
    )


def _entries(listed: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = listed.get("data")
    if isinstance(data, list):
        yield from (each for each in data if isinstance(each, Mapping))


def _tokens(where: Mapping[str, Any], name: str) -> int | None:
    value = where.get(name)
    return value if isinstance(value, int) and value > 0 else None
