"""Frozen dataclasses to JSON and back, by their type hints; one codec for every value we store whole.

Knows str, int, float, bool, None, date, datetime, StrEnum, tuples, unions and nested dataclasses. A member of
a union of dataclasses carries its class name under "_". Fields unknown to this version are ignored and
absent ones take their defaults, so that values outlive small changes of their class.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from digest.errors import StoreError

T = TypeVar("T")
Convert = Callable[[Any], Any]
TAG = "_"


def to_json(kind: Any, value: object) -> str:
    """The value as compact JSON; `kind` is its declared type, such as `Document` or `tuple[str, ...]`."""
    tree = _encoder(kind)(value)
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    # Broken PDFs give lone surrogates and NULs, which databases refuse: escaped, they come back as they were.
    return text if _storable(text) else json.dumps(tree, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """The value that `to_json` wrote. Raises `StoreError` when the text cannot be that type."""
    try:
        decoded: T = _decoder(cast("Any", kind))(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"A stored {_name(kind)} cannot be read ({error!r}); it begins {text[:60]!r}."
        ) from error
    return decoded


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _same(value: Any) -> Any:
    return value


@cache
def _encoder(kind: Any) -> Convert:
    if kind in (str, int, float, bool, NoneType):
        return _same
    if is_dataclass(kind):
        return _dataclass_encoder(kind)
    if get_origin(kind) is tuple:
        return _tuple_coder(get_args(kind), _encoder, list)
    if get_origin(kind) in (Union, UnionType):
        return _union_encoder(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    if kind in (date, datetime):
        return lambda value: value.isoformat()
    raise TypeError(f"storage.codec does not know {kind!r}")


@cache
def _decoder(kind: Any) -> Convert:
    if kind in (str, int, bool, NoneType):
        return _exactly(kind)
    if kind is float:
        return float
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    if get_origin(kind) is tuple:
        return _tuple_coder(get_args(kind), _decoder, tuple)
    if get_origin(kind) in (Union, UnionType):
        return _union_decoder(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in (date, datetime):
        return _moment(kind)
    raise TypeError(f"storage.codec does not know {kind!r}")


def _exactly(kind: type) -> Convert:
    def decode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value

    return decode


def _moment(kind: type[date]) -> Convert:
    return kind.fromisoformat


def _dataclass_encoder(kind: Any) -> Convert:
    # Coders of fields are looked up when first used: a block's type contains itself.
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind)]

    def encode(value: Any) -> Any:
        return {name: _encoder(hints[name])(getattr(value, name)) for name in names}

    return encode


def _dataclass_decoder(kind: Any) -> Convert:
    hints = get_type_hints(kind)
    members = [(each.name, _is_optional(each)) for each in fields(kind)]

    def decode(tree: Any) -> Any:
        return kind(
            **{
                name: _decoder(hints[name])(tree[name])
                for name, optional in members
                if not optional or name in tree
            }
        )

    return decode


def _is_optional(member: Any) -> bool:
    return member.default is not MISSING or member.default_factory is not MISSING


def _tuple_coder(
    kinds: tuple[Any, ...], coder: Callable[[Any], Convert], sequence: Callable[[Any], Any]
) -> Convert:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return lambda values: sequence(map(coder(kinds[0]), values))

    def convert(values: Any) -> Any:
        return sequence(coder(kind)(value) for kind, value in zip(kinds, values, strict=True))

    return convert


def _union_encoder(kinds: tuple[Any, ...]) -> Convert:
    tagged = len(_by_name(kinds)) > 1

    def encode(value: Any) -> Any:
        kind: Any = next(kind for kind in kinds if isinstance(value, get_origin(kind) or kind))
        tree = _encoder(kind)(value)
        return {TAG: _name(kind), **tree} if tagged and is_dataclass(kind) else tree

    return encode


def _union_decoder(kinds: tuple[Any, ...]) -> Convert:
    named = _by_name(kinds)
    plain = [kind for kind in kinds if kind is not NoneType and not is_dataclass(kind)]

    def decode(tree: Any) -> Any:
        if tree is None and NoneType in kinds:
            return None
        if isinstance(tree, dict):
            kind = named[tree[TAG]] if len(named) > 1 else next(iter(named.values()))
            return _decoder(kind)(tree)
        return _first_that_fits(plain, tree)

    return decode


def _by_name(kinds: tuple[Any, ...]) -> dict[str, Any]:
    return {_name(kind): kind for kind in kinds if is_dataclass(kind)}


def _first_that_fits(kinds: list[Any], tree: Any) -> Any:
    for kind in kinds[:-1]:
        try:
            return _decoder(kind)(tree)
        except (ValueError, TypeError):
            continue
    return _decoder(kinds[-1])(tree)
