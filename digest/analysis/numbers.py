"""Numbers in claims, and whether the paper gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SCALES = {
    "k": 3, "thousand": 3, "千": 3, "m": 6, "million": 6, "mn": 6, "百万": 6, "b": 9, "bn": 9, "billion": 9,
    "十亿": 9, "t": 12, "trillion": 12, "万亿": 12, "万": 4, "亿": 8, "千万": 7,
}  # fmt: skip
_UP_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = {word: Decimal(number) for number, word in enumerate(_UP_TO_TWELVE.split())}

_NUMBER = re.compile(
    r"""(?<![A-Za-z0-9_.])
    (?P<mantissa>\d{1,3}(?:[,\u2009\u202f]\d{3}){1,6}(?:\.\d{1,18})?(?!\d)|\d{1,18}(?:\.\d{1,18})?(?!\d)|\.\d{1,18}(?!\d))
    (?:e(?P<power>[-+]?\d{1,2})(?!\w))?
    (?:\s?(?P<scale>[kKMBT](?![A-Za-z0-9])|(?:thousand|million|billion|trillion|bn|mn)\b|万亿|百万|千万|十亿|[千万亿]))?""",
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-./][A-Za-z0-9]+)*")
_GLUED = re.compile(r"[A-Za-z]+\d[A-Za-z0-9]*")
_SEPARATOR = re.compile(r"[,\u2009\u202f]")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written and its value, the scale counted in ("81.1M" is 81100000)."""

    written: str
    value: Decimal
    scaled: bool

    @property
    def is_distinctive(self) -> bool:
        """Whether it is hardly found elsewhere by chance: three digits or a scale, and no year."""
        if _YEAR.match(self.written):
            return False
        digits = re.sub(r"\D", "", self.written).strip("0")
        return len(digits) >= 3 or (self.scaled and len(digits) >= 1)


def numbers_in(text: str) -> tuple[Number, ...]:
    """The free-standing numbers of a text; digits inside names ("GPT-4", "S2ORC") are not numbers."""
    masked = _NAME.sub(lambda match: " " if _carries_digits(match[0]) else match[0], text)
    return tuple(_number(match) for match in _NUMBER.finditer(masked))


def _number(match: re.Match[str]) -> Number:
    value = Decimal(_SEPARATOR.sub("", match["mantissa"]))
    if match["power"]:
        value = value.scaleb(int(match["power"]))
    scale = match["scale"]
    if scale:
        value = value.scaleb(_SCALES[scale.lower()])
    return Number(match[0].strip(), value.normalize(), bool(scale))


def names_in(text: str) -> tuple[str, ...]:
    """Names that carry digits, as written: "GPT-4", "Qwen2.5-VL-3B"."""
    return tuple(match[0] for match in _NAME.finditer(text) if _carries_digits(match[0]))


def _carries_digits(name: str) -> bool:
    return any(map(str.isdigit, name))


def values_in(text: str) -> frozenset[Decimal]:
    """Every value a text gives, also the bare mantissas of scaled numbers; "S2" gives none."""
    values: set[Decimal] = set()
    for match in _NUMBER.finditer(_GLUED.sub(" ", text)):
        values.add(_number(match).value)
        values.add(Decimal(_SEPARATOR.sub("", match["mantissa"])).normalize())
    return frozenset(values)


def spelled_in(text: str) -> frozenset[Decimal]:
    """The values of numbers up to twelve written as words."""
    return frozenset(_SPELLED[word].normalize() for word in _WORD.findall(text.lower()) if word in _SPELLED)


def missing_numbers(text: str, near: str, everywhere: frozenset[Decimal]) -> tuple[str, ...]:
    """The numbers of `text` that are not in the paper.

    They are looked for in `near` (the quoted paragraph and the captions named); only a distinctive number
    may also come from anywhere, since a paper of forty pages holds most two-digit numbers by chance.
    """
    local = values_in(near) | spelled_in(near)
    return tuple(
        number.written
        for number in numbers_in(text)
        if number.value not in local and not (number.is_distinctive and number.value in everywhere)
    )


def all_values(texts: Iterable[str]) -> frozenset[Decimal]:
    """The values of many texts together."""
    return frozenset(value for text in texts for value in values_in(text))
