r"""Texts as lists of whole, folded words: `Vision–Language  Action` and `vision_language-action` are one.

Folded away are case, accents, compatibility forms (full width, ligatures), LaTeX, addresses, punctuation and
every kind of hyphen, space and underscore. Kept within a word are a decimal point (`gpt 3.5` is not
`gpt 3`) and the signs of one-letter names (`c++`, `c#`, `a*`). Scripts written without spaces (Chinese,
Japanese, Korean, Thai ...) fold to one word per character, so that a phrase finds itself anywhere. A single
Greek letter is its name: `π0`, `$\pi_0$` and `pi0` are one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

from digest.matching.markup import without_addresses, without_latex

_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
_KEEPING_SIGNS = {code: space for code, space in _SPACES.items() if chr(code) not in "+#*."}
_DECIMAL = re.compile(r"\.\d")
_POINT = re.compile(r"\.(?!(?<=\d\.)\d)")
_SIGNS = re.compile(r"[+#*]+")
_CONTRACTED = ("it", "he", "she", "that", "there", "here", "what", "who", "where", "when", "how", "let")
_POSSESSIVE = re.compile(
    "".join(rf"(?<!\b{word})" for word in _CONTRACTED) + r"'s(?![a-z0-9'])", re.IGNORECASE | re.ASCII
)
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
# A text with small letters as "a", capitals as "A", digits as "0" and the rest as space: str.find in it is
# ten times as fast as a pattern that looks behind.
_SHAPE = dict.fromkeys(range(128), " ") | {
    ord(character): shape
    for shape, characters in (("a", ascii_lowercase), ("A", ascii_uppercase), ("0", digits))
    for character in characters
}
_TAILED = ("aAAA", "0AAA", " AAa ")
_VERSIONED = ("A0", "a0")
_NAME_AND_VERSION = re.compile(r"([A-Z][A-Za-z]{2,}?)(?:v|(?<=[a-z])V)?\d+(?:\.\d+)*(?![A-Za-z0-9])")

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese kana and iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uac00-\ud7a3"  # Korean syllables: particles are written onto the word
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
_PIECE = re.compile(rf"[{_UNSPACED}][\u0300-\u036f\u0e31\u0e34-\u0e4e\u3099\u309a]*|[^\s{_UNSPACED}]+")

_GREEK_NAMES = {
    unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): name.replace("lamda", "lambda")
    for name in (
        *(
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lamda",
            "mu",
        ),
        *("nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
    )
}
_LONE_GREEK = re.compile(r"(?<![\u0370-\u03ff])([α-ωΑ-Ω])(?:_(?=[0-9]))?(?![\u0370-\u03ff])")
_WRITTEN_OTHERWISE = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "þ": "th",
        "Þ": "Th",
        "ς": "σ",
        "∞": " infinity ",
        "’": "'",
        "ʼ": "'",
        "‘": "'",
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """The words of a text in order, and what its CamelCase and versioned words also answer to.

    `tails` pairs a word with the acronym it ends in: `openvla` with `vla` where the text has "OpenVLA". The
    first capitals of a plural acronym count as well, `gps` and `gp` where the text has "GPs", and names of
    three letters or more without their version: `vla2` and `vla`, `dinov2` and `dino`.
    """

    words: tuple[str, ...]
    tails: tuple[tuple[str, str], ...] = ()


def fold(text: str) -> str:
    """The folded words with single spaces between them; folding again changes nothing."""
    return " ".join(words_of(text))


def is_unspaced(word: str) -> bool:
    """Whether a folded word is one character of a script written without spaces."""
    return _UNSPACED_CHARACTER.match(word) is not None


def words_of(text: str) -> list[str]:
    """The folded words of a text in order."""
    return _words(_readable(text))


def folded(text: str) -> Folded:
    """The folded words and the tails of the CamelCase words among them."""
    readable = _readable(text)
    return Folded(tuple(_words(readable)), _tails(readable))


@dataclass(frozen=True, slots=True)
class Spot:
    """One word of a text and the piece of the original, `[start:end]`, that it comes from."""

    word: str
    tails: tuple[str, ...]
    start: int
    end: int


def spots(text: str) -> tuple[Spot, ...]:
    """The words of `folded(text)` in order, each with its place in the original text.

    A place is the blank-free piece around the word ("vision-language-action," for each of its three), or
    one character of an unspaced script.
    """
    pieces = [(match.start(), match.end()) for match in _PIECE.finditer(text)]
    alone = [(word, start, end) for start, end in pieces for word in words_of(text[start:end])]
    whole = folded(text)
    tails = tails_by_word(whole.tails)
    if tuple(word for word, _, _ in alone) != whole.words:
        alone = list(_aligned(whole.words, alone, len(text)))
    return tuple(Spot(word, tails.get(word, ()), start, end) for word, start, end in alone)


def tails_by_word(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The tails of each word that has any, in order, each once."""
    tails: dict[str, tuple[str, ...]] = {}
    for word, tail in dict.fromkeys(pairs):
        tails[word] = (*tails.get(word, ()), tail)
    return tails


def _readable(text: str) -> str:
    """The text without markup, in plain letters where Unicode has them, case kept."""
    if not text.isascii():
        text = _plain(text)
    return without_latex(without_addresses(text))


def _words(readable: str) -> list[str]:
    if "'" in readable:
        readable = _POSSESSIVE.sub("", readable)
    spaces = _SPACES
    if _DECIMAL.search(readable):
        readable, spaces = _POINT.sub(" ", readable), _KEEPING_SIGNS
    if "+" in readable or "#" in readable or "*" in readable:
        readable, spaces = _without_signs(readable, spaces), _KEEPING_SIGNS
    if readable.isascii():
        return readable.lower().translate(spaces).split()
    return _plain(_lone_greek_named(readable).casefold()).translate(spaces).split()


def _without_signs(text: str, spaces: Mapping[int, str]) -> str:
    """The text without `+`, `#` and `*` but where they end a name of one letter: C++, C#, A*."""
    if spaces is not _KEEPING_SIGNS:
        text = text.replace(".", " ")
    return _SIGNS.sub(_kept_sign, text)


def _kept_sign(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 2) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    letter = before[-1:].isascii() and before[-1:].isalpha()
    single = letter and not before[:-1].isalnum() and not after.isalpha()
    return f"{match[0]} " if single and match[0] in ("++", "#", "*") else " "


def _plain(text: str) -> str:
    """Compatibility forms resolved, accents dropped, signs and symbols as spaces, unspaced scripts spaced."""
    text = unicodedata.normalize("NFKC", text)
    return _NON_ASCII.sub(_plain_run, text)


def _plain_run(match: re.Match[str]) -> str:
    decomposed = unicodedata.normalize("NFKD", match[0].translate(_WRITTEN_OTHERWISE))
    kept = "".join(map(_letter, decomposed))
    return _UNSPACED_CHARACTER.sub(r" \g<0> ", unicodedata.normalize("NFC", kept))


def _letter(character: str) -> str:
    """The character where it belongs to a word, nothing for an accent or format sign, else a space."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category[0] == "M":
        # Combining classes 0 and 7 to 9 are vowels and consonant signs of other scripts, not accents.
        return character if unicodedata.combining(character) in (0, 7, 8, 9) else ""
    if category in ("Cf", "Sk"):
        return ""
    return character if category[0] in "LN" else " "


def _lone_greek_named(text: str) -> str:
    return _LONE_GREEK.sub(lambda match: _GREEK_NAMES[match[1].casefold()], text)


def _tails(readable: str) -> tuple[tuple[str, str], ...]:
    """Words that end in three capitals or more, in two and a plural s, or in a version."""
    shape = f" {readable.translate(_SHAPE)} "
    found: dict[tuple[str, str], None] = {}
    for part in _TAILED:
        if part in shape:
            found.update(dict.fromkeys(_tail(readable[start:end]) for start, end in _places(shape, part)))
    for part in _VERSIONED:
        if part in shape:
            for start, _ in _places(shape, part):
                found.update(dict.fromkeys(_unversioned(readable, start)))
    return tuple(pair for pair in found if pair[1])


def _unversioned(readable: str, start: int) -> Iterator[tuple[str, str]]:
    """The word that begins here, if it is a name with a version, with the name and with that one's tail."""
    if match := _NAME_AND_VERSION.match(readable, start):
        word = match[0].lower()
        yield word, match[1].lower()
        yield word, _tail(match[1])[1]


def _places(shape: str, part: str) -> Iterator[tuple[int, int]]:
    """Where the words are, in the text without its first blank, that have a part of this shape."""
    position = shape.find(part)
    while position >= 0:
        end = shape.find(" ", position + 1)
        yield shape.rfind(" ", 0, position + 1), end - 1
        position = shape.find(part, end)


def _tail(word: str) -> tuple[str, str]:
    """The word and the acronym in it, folded; "" where there is none, as in a word all in capitals."""
    head = word.removesuffix("s").rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    tail = word[len(head) :]
    if len(tail.removesuffix("s")) >= 3 and any(map(str.islower, head)):
        return word.lower(), tail.lower()
    if not head and len(tail) == 3 and tail.endswith("s"):
        return word.lower(), tail[:-1].lower()
    return word.lower(), ""


def _aligned(
    words: tuple[str, ...], alone: list[tuple[str, int, int]], end: int
) -> Iterator[tuple[str, int, int]]:
    """The words with the places of equal words in `alone`; between those, the place of the last one.

    Pieces fold differently from the whole only where markup spans blanks (`\\cite{a, b}`).
    """
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(a=words, b=[word for word, _, _ in alone], autojunk=False)
    places = {
        block.a + offset: alone[block.b + offset][1:]
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
    last = (0, min(1, end))
    for number, word in enumerate(words):
        last = places.get(number, last)
        yield word, *last
