"""JSON schemas as servers take them: strict, without references, with or without bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

Schema = dict[str, Any]

# Strict modes of several servers refuse these; the answer is validated by us in any case.
BOUNDS = frozenset(
    {
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    }
)
_SILENT = frozenset({"title", "default", "examples", "discriminator", "$defs", "deprecated"})


def strict_schema(model: type[BaseModel], *, bounds: bool = True) -> Schema:
    """The schema of a pydantic model as strict servers want it.

    Every object names all its fields as required and allows no others; references are written out;
    `bounds=False` leaves lengths, ranges and patterns away. Raises `TypeError` for a model that no strict
    schema can describe: recursive, or with open dictionaries.
    """
    whole = model.model_json_schema()
    return _strict(whole, whole.get("$defs", {}), bounds, ())


def response_format(model: type[BaseModel], *, bounds: bool = True) -> Schema:
    """The `response_format` that asks for a strict schema by name."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", model.__name__)[:64]
    schema = strict_schema(model, bounds=bounds)
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def schema_in_words(model: type[BaseModel]) -> str:
    """What to tell a model whose server takes no schema; short, with shared parts written once."""
    schema = json.dumps(_spoken(model.model_json_schema()), ensure_ascii=False, separators=(",", ":"))
    return (
        "Answer with one JSON object and nothing else: no Markdown, no words before or after it. "
        f"Give every field that this JSON schema names, and no others:\n{schema}"
    )


def _strict(
    node: Mapping[str, Any], shared: Mapping[str, Any], bounds: bool, inside: tuple[str, ...]
) -> Schema:
    if "$ref" in node:
        return _written_out(node, shared, bounds, inside)
    strict: Schema = {}
    for word, value in node.items():
        if word in _SILENT or (word in BOUNDS and not bounds):
            continue
        if word == "const":
            strict["enum"] = [value]
        elif word == "properties":
            strict[word] = {name: _strict(each, shared, bounds, inside) for name, each in value.items()}
        elif word in ("anyOf", "oneOf"):
            strict["anyOf"] = [_strict(each, shared, bounds, inside) for each in value]
        elif word == "items":
            strict[word] = _strict(value, shared, bounds, inside)
        else:
            strict[word] = value
    return _closed(strict) if node.get("type") == "object" else strict


def _written_out(
    node: Mapping[str, Any], shared: Mapping[str, Any], bounds: bool, inside: tuple[str, ...]
) -> Schema:
    name = str(node["$ref"]).rpartition("/")[2]
    if name in inside:
        raise TypeError(f"{name} holds itself; a strict schema cannot be written out for it.")
    beside = {word: value for word, value in node.items() if word != "$ref"}
    return _strict({**shared[name], **beside}, shared, bounds, (*inside, name))


def _closed(node: Schema) -> Schema:
    if node.get("additionalProperties"):
        raise TypeError("A strict schema has no dictionaries with free keys; use a list of pairs.")
    fields = node.setdefault("properties", {})
    return {**node, "required": list(fields), "additionalProperties": False}


def _spoken(node: object) -> object:
    """The schema without what says nothing to a reader; a field called "title" stays."""
    if isinstance(node, list):
        return [_spoken(each) for each in node]
    if not isinstance(node, dict):
        return node
    return dict(_spoken_words(cast("Schema", node)))


def _spoken_words(node: Schema) -> Iterator[tuple[str, object]]:
    for word, value in node.items():
        if word in ("properties", "$defs"):
            yield word, {name: _spoken(each) for name, each in value.items()}
        elif word not in _SILENT:
            yield word, _spoken(value)
    if "properties" in node:
        yield "required", list(node["properties"])
