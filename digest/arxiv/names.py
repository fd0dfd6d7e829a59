r"""Authors and TeX accents: `Andr\'e Weil (Univ. A, Paris), C. Doe, Jr.` is two people.

arXiv keeps names, titles and abstracts as TeX. Its pages show accents decoded and leave other TeX alone;
so do we, outside of `$...$`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_LETTERS = {
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ss": "ß",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "dj": "đ",
    "DJ": "Đ",
    "th": "þ",
    "TH": "Þ",
    "ng": "ŋ",
    "NG": "Ŋ",
}
_LETTER = re.compile(rf"\\({'|'.join(_LETTERS)})(?![A-Za-z])(?:\{{\}}|[ ]+(?=\w))?")
_ACCENT = re.compile(
    r"""\\(?:(?P<sign>['`^~=.]|"(?=[{aeiouyAEIOUY])) | (?P<word>[uvHcdbkr])(?:[ ]+|(?=\{)))
        (?:\{[ ]*(?P<braced>\w)[ ]*\} | (?P<bare>[^\W\d_]))""",
    re.VERBOSE,
)
_BRACED_CHARACTER = re.compile(r"\{([^\x00-\x7f])\}")
_MATH = re.compile(r"((?<!\\)\$[^$]*\$)")
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV|Ph\.?D|M\.?D)\.?$", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;:]\s*|\s+(?:and|&)\s+", re.IGNORECASE)


def plain(text: str) -> str:
    r"""The text on one line, with TeX accents as characters: `G\"odel's` becomes `Gödel's`; math stays."""
    text = " ".join(text.split())
    if "\\" not in text:
        return text
    pieces = _MATH.split(text)
    return "".join(piece if number % 2 else _decoded(piece) for number, piece in enumerate(pieces))


def split_authors(text: str) -> tuple[str, ...]:
    """The names in arXiv's one-line author field, without affiliations.

    Names part at commas, colons and "and" outside parentheses; "Jr." stays with its name.
    """
    line = plain(text).replace("~", " ").replace("{", "").replace("}", "")
    names: list[str] = []
    for part in _parts_outside_parentheses(line):
        name = " ".join(_without_affiliation(part).split())
        if names and _SUFFIX.match(name):
            names[-1] += f", {name}"
        elif any(character.isalnum() for character in name):
            names.append(name)
    return tuple(names)


def _decoded(text: str) -> str:
    text = _LETTER.sub(lambda match: _LETTERS[match[1]], text)
    text = _ACCENT.sub(_composed, text)
    return _BRACED_CHARACTER.sub(r"\1", text)


def _composed(match: re.Match[str]) -> str:
    base = (match["braced"] or match["bare"]).replace("ı", "i").replace("ȷ", "j")
    composed = unicodedata.normalize("NFC", base + _COMBINING[match["sign"] or match["word"]])
    return composed if len(composed) == 1 else match[0]


def _parts_outside_parentheses(line: str) -> Iterator[str]:
    if "(" not in line:
        yield from _SEPARATOR.split(line)
        return
    if line.count("(") != line.count(")"):
        line = line.replace("(", ", (")
        yield from (part for part in _SEPARATOR.split(line) if "(" not in part)
        return
    depth = start = 0
    position = 0
    while position < len(line):
        depth += {"(": 1, ")": -1}.get(line[position], 0)
        separator = _SEPARATOR.match(line, position) if depth == 0 else None
        if separator:
            yield line[start:position]
            start = position = separator.end()
        else:
            position += 1
    yield line[start:]


def _without_affiliation(part: str) -> str:
    """`Li Wei (MIT (Cambridge))` without its last group; `Xiaodong (Chris) Liu` as it is."""
    part = part.strip()
    while part.endswith(")"):
        depth = 0
        for position in range(len(part) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(part[position], 0)
            if depth == 0:
                part = part[:position].strip()
                break
        else:
            return part
    return part
