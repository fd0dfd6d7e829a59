"""What OpenAI's servers and their likes refuse, in their words, and the least that a schema allows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

_BOUNDS = ("minLength", "maxLength", "pattern", "minItems", "maxItems", "minimum", "maximum")
_PARAMETERS = (
    "max_completion_tokens",
    "max_tokens",
    "reasoning_effort",
    "temperature",
    "prompt_cache_key",
    "stream_options",
    "stream",
)


def prefix(messages: Sequence[Mapping[str, Any]]) -> str:
    """The conversation as one text, as a cache compares it."""
    return "".join(f"<{each['role']}>{_content(each.get('content'))}" for each in messages)


def refused_by(body: Mapping[str, Any], refuses: Collection[str]) -> str:
    """Why a server that refuses these things refuses the request; empty if it does not.

    Besides parameters by name: "json_schema", "json_object", "bounds" (of schemas), "system" (the role),
    "repeats" (two turns of one role), "anything" (the same words for every parameter).
    """
    form = body.get("response_format", {}).get("type", "")
    if form and form in refuses:
        return f"Invalid parameter: 'response_format' of type '{form}' is not supported with this model."
    schema = json.dumps(body.get("response_format", {}).get("json_schema", {}))
    bound = next((each for each in _BOUNDS if f'"{each}"' in schema), "")
    if bound and "bounds" in refuses:
        return (
            f"Invalid schema for response_format 'X': In context=('properties',), '{bound}' is not permitted."
        )
    for name in _PARAMETERS:
        if name in body and name in refuses:
            return f"Unsupported parameter: '{name}' is not supported with this model."
    return _refused_turns([each["role"] for each in body["messages"]], refuses)


def _refused_turns(roles: Sequence[str], refuses: Collection[str]) -> str:
    if "system" in refuses and "system" in roles:
        return "System role not supported"
    if "repeats" in refuses and any(one == other for one, other in pairwise(roles)):
        return "After the optional system message, conversation roles must alternate user/assistant/..."
    return ""


def strict_fault(body: Mapping[str, Any]) -> str:
    """What OpenAI's strict mode would say against the schema of a request; empty if nothing."""
    form = body.get("response_format", {}).get("json_schema", {})
    if not form.get("strict"):
        return ""
    fault = next(_faults(form.get("schema", {}), ()), "")
    return f"Invalid schema for response_format '{form.get('name')}': {fault}" if fault else ""


def _faults(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    where = f"In context={path}, "
    if "default" in node:
        yield f"{where}'default' is not permitted."
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            yield f"{where}'additionalProperties' is required to be supplied and to be false."
        if set(node.get("required", ())) != set(node.get("properties", {})):
            yield f"{where}'required' is required to be supplied and to be an array including every key."
    for name, each in node.get("properties", {}).items():
        yield from _faults(each, (*path, "properties", name))
    for word in ("items", "additionalProperties"):
        yield from _faults(node.get(word), (*path, word))
    for word in ("anyOf", "allOf"):
        for each in node.get(word, ()):
            yield from _faults(each, (*path, word))


def least(schema: Mapping[str, Any]) -> object:
    """The shortest value that a strict schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return least(schema["anyOf"][-1])
    kind = schema.get("type")
    if kind == "object":
        return {name: least(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [least(schema["items"])] * schema.get("minItems", 0)
    values = {"string": "ok", "integer": 1, "number": 1.0, "boolean": True, "null": None}
    return values.get(str(kind))


def _content(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")
