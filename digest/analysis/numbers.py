"""Numbers in claims, and whether the paper gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

_SCALES = {
    "k": 3, "thousand": 3, "千": 3, "m": 6, "million": 6, "mn": 6, "百万": 6, "b": 9, "bn": 9, "billion": 9,
    "十亿": 9, "t": 12, "trillion": 12, "万亿": 12, "万": 4, "亿": 8, "千万": 7,
}  # fmt: skip
_UP_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = {word: Decimal(number) for number, word in enumerate(_UP_TO_TWELVE.split())}

_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_CARDINALS = (
    {word: int(value) for word, value in _SPELLED.items()}
    | {word: number for number, word in enumerate(_TEENS.split(), 13)}
    | {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
    | {"a": 1}
)
_UNITS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
_MANIFOLD = {"twice": 2, "thrice": 3, "doubl": 2, "tripl": 3, "quadrupl": 4, "翻倍": 2, "翻番": 2, "加倍": 2}
_SINGLE = "|".join(_CARDINALS.keys() - {"a"})
_MORE = "|".join((_SINGLE, *_UNITS))
_CARDINAL = rf"(?:{_SINGLE}|a(?=\s(?:{'|'.join(_UNITS)})\b))(?:(?:[\s-]|\sand\s)(?:{_MORE})\b)*"
_COMPARED = r"(?:more|less|fewer|as|the|(?!over\b|after\b|under\b|per\b)[a-z]{2,}er)\b"
_HAN = "零〇一二两三四五六七八九十百千万亿"

# What words say of amounts; the first alternative that fits counts.
_WORDED = re.compile(
    rf"""(?P<manifold>\b(?:twice|thrice|(?:doubl|tripl|quadrupl)(?:e[sd]?|ing)\b(?!-))|翻倍|翻番|加倍)
    |\bhalf\s+an?\s+(?P<half_of>{"|".join(_UNITS)})\b
    |\b(?P<over>{_SINGLE}|an?)(?:-|\s)(?P<under>third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)
        (?P<plural>s?)\b(?=(?P<of>\s+of\b)?)
    |\b(?P<some>{_SINGLE})\s(?:in|out\sof)\s(?:every\s)?(?P<all>{_SINGLE}|\d{{1,4}})\b
    |(?P<half>(?<!first\s)(?<!second\s)(?<!upper\s)(?<!lower\s)(?<!latter\s)(?<!and\sa\s)(?<![-\w])
        (?:half|halves|halved|halving)\b(?![-‑]|\san?\s|\sprecision)|(?<![另前后上下第])一半|[过近]半数?|半数|减半)
    |\b(?P<cardinal>{_CARDINAL})(?:(?P<percent>[\s-]per\s?cent|\s?%)|(?P<fold>-?\s?fold|\stimes\s(?={_COMPARED})))?\b
    |(?P<han_under>[{_HAN}]{{1,9}})分之(?P<han_over>[{_HAN}]{{1,9}}(?:点[{_HAN}]{{1,4}})?)
    |(?<!第)(?P<han>[{_HAN}]{{1,12}}+)(?:(?P<han_fold>倍)|(?P<tenths>成)(?!分|为|员|功|立|就|本|果|不|熟|年|长)|(?![多余几来点]))
    |(?<![\d/.])(?P<numerator>\d{{1,3}})\s?(?:/|out\sof|in)\s?(?P<denominator>\d{{1,4}})(?![\d/.])""",
    re.VERBOSE | re.IGNORECASE,
)
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}

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


@dataclass(frozen=True, slots=True)
class Worded:
    """An amount in words, and every value that is another way to write it: half is 0.5 and 50 percent.

    A `factor` ("twice") is not given by a bare "two" near by, which most paragraphs have.
    """

    written: str
    forms: frozenset[Decimal]
    factor: bool = False
    alone: bool = False  # only a number up to twelve, or digits: nothing to be checked

    @property
    def is_distinctive(self) -> bool:
        """Whether it is hardly found elsewhere by chance: in the thousands, and no year."""
        return all(value >= 10_000 for value in self.forms)


def worded_in(text: str) -> tuple[Worded, ...]:
    """Amounts written as English or Chinese words: "two thirds", "a hundred-fold", "九成", "八千万"."""
    return tuple(filter(None, map(_worded, _WORDED.finditer(text))))


def _worded(match: re.Match[str]) -> Worded | None:
    said = {name: found for name, found in match.groupdict().items() if found}
    written = match[0].strip()
    if said.get("manifold"):
        stem = next(stem for stem in _MANIFOLD if written.lower().startswith(stem))
        return _factor(written, _MANIFOLD[stem])
    if "half_of" in said:
        return Worded(written, frozenset({Decimal(_UNITS[said["half_of"].lower()] // 2).normalize()}))
    if "half" in said:
        return Worded(written, _fraction(1, 2))
    if "cardinal" in said:
        return _worded_cardinal(written, said)
    if "han" in said:
        return _worded_han(written, said)
    return _worded_ratio(written, said)


def _worded_cardinal(written: str, said: dict[str, str]) -> Worded:
    value = _cardinal(said["cardinal"].lower())
    if "percent" in said:
        return Worded(written, _percent(Decimal(value)))
    if "fold" in said:
        return _factor(written, value)
    return Worded(written, _exactly(value), alone=value <= 12)


def _worded_han(written: str, said: dict[str, str]) -> Worded | None:
    value = _han(said["han"])
    if value is None or (value == 1 and "han_fold" in said):
        return None
    if "han_fold" in said:
        return _factor(written, value)
    if "tenths" in said:
        return Worded(written, _percent(Decimal(10 * value))) if 0 < value < 10 else None
    return Worded(written, _exactly(value), alone=value <= 12 or not said["han"].strip("十百千万亿"))


def _worded_ratio(written: str, said: dict[str, str]) -> Worded | None:
    if "over" in said:
        over = _CARDINALS.get(said["over"].lower(), 1)
        # "A third model" counts models, "two thirds" and "a third of" share.
        shares = "of" in said or "plural" in said or said["over"].lower() not in ("a", "an")
        return Worded(written, _fraction(over, _PARTS[said["under"].lower()])) if shares else None
    if "some" in said:
        whole = said["all"].lower()
        under = int(whole) if whole.isdigit() else _CARDINALS[whole]
        # "The best one in ten runs" is no share: the ten will do.
        return Worded(written, _fraction(_CARDINALS[said["some"].lower()], under) | _exactly(under))
    if "numerator" in said:
        return Worded(written, _fraction(int(said["numerator"]), int(said["denominator"])), alone=True)
    return _worded_han_share(written, said)


def _worded_han_share(written: str, said: dict[str, str]) -> Worded | None:
    whole, _, decimals = said["han_over"].partition("点")
    over, under = _han(whole), _han(said["han_under"])
    if over is None or not under:
        return None
    if under != 100:
        return Worded(written, _fraction(over, under))
    digits = "".join(str(_HAN_DIGITS.get(digit, "")) for digit in decimals)
    return Worded(written, _percent(Decimal(f"{over}.{digits or 0}")))


def _cardinal(words: str) -> int:
    """The value of an English number in words: "one hundred and twenty-three"."""
    total = current = 0
    for word in _WORD.findall(words):
        if word in _CARDINALS:
            current += _CARDINALS[word]
        elif word == "hundred":
            current *= 100
        elif word in _UNITS:
            total, current = total + current * _UNITS[word], 0
    return total + current


def _han(digits: str) -> int | None:
    """The value of a Chinese number; None for what is no single number, as in 两三百."""
    if digits[0] in "万亿" or (len(digits) > 1 and not re.search("[十百千万亿]", digits)):
        return None
    total = section = digit = 0
    for each in digits:
        if each in _HAN_DIGITS:
            if digit:
                return None
            digit = _HAN_DIGITS[each]
        elif each in _HAN_UNITS:
            section, digit = section + (digit or 1) * _HAN_UNITS[each], 0
        else:
            scale = 10_000 if each == "万" else 10**8
            total, section, digit = (total + section + digit or 1) * scale, 0, 0
    return total + section + digit


def _factor(written: str, value: int) -> Worded:
    return Worded(written, _exactly(value) | _exactly(100 * value), factor=True)


def _exactly(value: int) -> frozenset[Decimal]:
    return frozenset({Decimal(value).normalize()})


def _percent(value: Decimal) -> frozenset[Decimal]:
    return frozenset({value.normalize(), (value / 100).normalize()})


def _fraction(over: int, under: int) -> frozenset[Decimal]:
    """A fraction and its percentage, as they are rounded or cut: two thirds are 0.67, 66.7 and 66."""
    if not under:
        return frozenset()
    part = Decimal(over) / Decimal(under)
    places = [(part, "0.01"), (part, "0.001"), *((100 * part, place) for place in ("1", "0.1", "0.01"))]
    ways = (ROUND_DOWN, ROUND_HALF_UP)
    return frozenset(
        value.quantize(Decimal(place), way).normalize() for value, place in places for way in ways
    )


def missing_numbers(text: str, near: str, everywhere: frozenset[Decimal]) -> tuple[str, ...]:
    """The numbers of `text`, in digits or words, that are not in the paper.

    They are looked for in `near` (the quoted paragraph and the captions named); only a distinctive number
    may also come from anywhere, since a paper of forty pages holds most two-digit numbers by chance.
    Numbers up to twelve in words are not looked for.
    """
    near_words = worded_in(near)
    given = values_in(near) | {form for word in near_words if not word.alone for form in word.forms}
    counted = given | spelled_in(near) | {form for word in near_words for form in word.forms}
    in_digits = (
        number.written
        for number in numbers_in(text)
        if number.value not in counted and not (number.is_distinctive and number.value in everywhere)
    )
    in_words = (
        word.written
        for word in worded_in(text)
        if not word.alone
        and not word.forms & (given if word.factor else counted)
        and not (word.is_distinctive and word.forms & everywhere)
    )
    return (*in_digits, *in_words)


def all_values(texts: Iterable[str]) -> frozenset[Decimal]:
    """The values of many texts together."""
    return frozenset(value for text in texts for value in values_in(text) | _large_in_words(text))


def _large_in_words(text: str) -> frozenset[Decimal]:
    return frozenset(form for word in worded_in(text) if word.is_distinctive for form in word.forms)
