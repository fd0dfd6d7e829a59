"""Characters as PDFs give them, turned into characters as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_COMPATIBLE = (
    *range(0xFB00, 0xFB07),  # Latin ligatures
    *range(0x1D400, 0x1D800),  # mathematical alphabets
    *range(0x2000, 0x200B),  # typographic spaces
    0x00A0,
    0x202F,
    0x205F,
    0x3000,
    0x0132,
    0x0133,
)
# Zero-width, direction and tag characters: no reader of the page sees them, and instructions hide in them.
_INVISIBLE = (
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0x061C,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x180E,
    0x3164,
    0xFEFF,
    0xFFA0,
    *range(0xFE00, 0xFE10),
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0200),
)
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))

_CLEAN: dict[int, str | None] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBLE},
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_CONTROLS),
    **dict.fromkeys((0x09, 0x0A, 0x0D), " "),
    **dict.fromkeys((0x2010, 0x2011), "-"),
    0x02: "-",  # how some fonts encode the hyphen at a line's end
    0xFFFE: "-",
}

_ACCENTS = {
    "´": "\u0301",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˘": "\u0306",
    "˚": "\u030a",
    "¸": "\u0327",
    "˙": "\u0307",
    "˝": "\u030b",
    "˛": "\u0328",
}
# TeX's old fonts set an accent and its letter as two glyphs: "Universit´e", "G¨odel".
_SPLIT_ACCENT = re.compile(f"([{''.join(_ACCENTS)}]) ?([A-Za-zı])")
_SPACES = re.compile(r" {2,}")


def clean(text: str) -> str:
    """Readable text: ligatures and mathematical letters plain, accents composed, nothing invisible.

    NFKC is applied only where it loses nothing: superscripts, fractions and full-width
    punctuation stay as they are.
    """
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text)
    text = _SPLIT_ACCENT.sub(_composed, text.translate(_CLEAN))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text))


def _composed(match: re.Match[str]) -> str:
    letter = "i" if match[2] == "ı" else match[2]
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


_CLOSERS = ")]}”\"’'»」』）】 "


def ends_sentence(text: str) -> bool:
    """Whether the text ends with a full stop or the like, closing quotes and brackets aside."""
    return text.rstrip(_CLOSERS)[-1:] in (".", "!", "?", "。", "！", "？", "…") and bool(text)


def ends_clause(text: str) -> bool:
    """Whether the text may end a paragraph: with a full stop, or a colon or semicolon before a list."""
    return ends_sentence(text) or text.rstrip(_CLOSERS)[-1:] in (":", ";", "：", "；")


def squash(text: str) -> str:
    """Letters and digits only, casefolded: what two spellings of one heading or title share."""
    return "".join(filter(str.isalnum, text.casefold()))


def _is_undefined(sign: str) -> bool:
    return unicodedata.category(sign) in ("Co", "Cn", "Cc") and not sign.isspace()


_WORD = re.compile(r"[^\W\d_]{3,}")
_VOWEL = re.compile(r"[aeiouyà-åæè-ïò-öøù-üýÿāăąēėęěīįōőœūůűų]", re.IGNORECASE)


def is_garbled(text: str) -> bool:
    """Whether a font without a Unicode map has turned the text into signs that mean nothing.

    True when undecodable signs are common, letters are rare, or hardly any Latin word has a vowel.
    """
    signs = Counter(text)
    number = sum(n for sign, n in signs.items() if not sign.isspace())
    lost = sum(n for sign, n in signs.items() if sign == "\ufffd" or _is_undefined(sign))
    letters = sum(n for sign, n in signs.items() if sign.isalpha())
    if lost > 0.1 * number or letters < 0.4 * number:
        return True
    words = [word for word in _WORD.findall(text) if word[0] < "\u0250"]
    voiced = sum(bool(_VOWEL.search(word)) for word in words)
    return len(words) >= 30 and voiced < 0.6 * len(words)
