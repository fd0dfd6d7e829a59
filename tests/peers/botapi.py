"""Calls and answers checked against the Bot API's own specification (tests/data/botapi)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.demo.telegram_model import Call

_FILE = Path(__file__).parents[1] / "data" / "botapi" / "bot-api-10.1.json"
_ATTACHED = re.compile(r"attach://([\w-]+)")
_PLAIN = frozenset({"String", "Integer", "Float", "Boolean", "True", "InputFile"})


def faults(call: Call) -> list[str]:
    """What in a call the specification does not allow: the method, a field, a type, something missing."""
    method = _method(call.method)
    if method is None:
        known = call.method.lower() in {name.lower() for name in _spec()["all_methods"]}
        return ["the peer does not play this method" if known else "no such method"]
    fields: Mapping[str, Any] = method.get("fields", {})
    attached = set(_ATTACHED.findall(json.dumps(dict(call.values), default=str)))
    given = {name: value for name, value in call.values.items() if value is not None}
    found = [f"unknown field {name}" for name in (*given, *call.files) if name not in {*fields, *attached}]
    for name, (types, required) in fields.items():
        if name in given:
            found += _mismatches(_read(given[name], types), types, name)
        elif required and name not in call.files:
            found.append(f"no {name}")
    return found


def faults_of(kind: str, value: object) -> list[str]:
    """What in a value is not as a type of the specification says, such as "Message" or "Array of Update"."""
    return _mismatches(value, [kind], kind)


@cache
def _spec() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def _method(name: str) -> Mapping[str, Any] | None:
    methods = _spec()["methods"]
    return next((each for known, each in methods.items() if known.lower() == name.lower()), None)


def _read(value: object, types: Sequence[str]) -> object:
    """An argument as JSON: forms and queries have strings for everything."""
    if not isinstance(value, str):
        return value
    if "Integer" in types and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "Boolean" in types and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if all(each in _PLAIN for each in types):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _mismatches(value: object, types: Sequence[str], where: str) -> list[str]:
    """The faults under the type that fits best."""
    return min((list(_faults(value, each, where)) for each in types), key=len)


def _faults(value: object, kind: str, where: str) -> Iterator[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where} is no {kind}"
            return
        for number, each in enumerate(value):
            yield from _faults(each, kind.removeprefix("Array of "), f"{where}[{number}]")
    elif kind in _PLAIN:
        if not _is_plain(value, kind):
            yield f"{where} is no {kind} but {value!r}"
    elif kind in _spec()["types"]:
        yield from _object_faults(value, _spec()["types"][kind], kind, where)


def _is_plain(value: object, kind: str) -> bool:
    if kind in ("String", "InputFile"):
        return isinstance(value, str)
    if kind == "Float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "Integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool)


def _object_faults(value: object, spec: Mapping[str, Any], kind: str, where: str) -> Iterator[str]:
    if subtypes := spec.get("subtypes"):
        yield from _mismatches(value, subtypes, where)
        return
    if not isinstance(value, Mapping):
        yield f"{where} is no {kind} but {value!r}"
        return
    fields: Mapping[str, Any] = spec.get("fields", {})
    for name, each in value.items():
        if name not in fields:
            yield f"unknown field {where}.{name}"
        else:
            yield from _mismatches(each, fields[name][0], f"{where}.{name}")
    for name, (_, required) in fields.items():
        if required and name not in value:
            yield f"no {where}.{name}"
