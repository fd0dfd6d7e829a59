"""Text of papers made readable where no LaTeX is set and nothing may act: chats, terminals, reports.

`clean` removes what a reader cannot see; `readable` also turns LaTeX into plain words and Unicode. Neither
raises, whatever the text, and both take time linear in its length.
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
_MARKS = re.compile(rf"({_MARK}{{3}}){_MARK}+")
_TEX = re.compile(r"[\\$^]|--|``|''|\{|~")
_DROPPED = {"Cc", "Cf", "Cs", "Co"}


def clean(text: str) -> str:
    """One line without control, bidirectional, zero-width and private characters, in NFC.

    Line breaks and tabs become single spaces; piles of combining marks are cut at three.
    """
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip()
    seen = _SPACES.sub(" ", text)
    seen = "".join(character for character in seen if _visible(character))
    seen = _MARKS.sub(r"\1", unicodedata.normalize("NFC", seen))
    return _SPACES.sub(" ", seen).strip()


def _visible(character: str) -> bool:
    if character < "\x7f":
        return character >= " "
    if "\ufe00" <= character <= "\ufe0f" or character in "\u2028\u2029\u115f\u1160\u3164\uffa0":
        return False  # variation selectors and blank "letters"
    if ord(character) & 0xFFFE == 0xFFFE:
        return False  # noncharacters
    return unicodedata.category(character) not in _DROPPED


def readable(text: str) -> str:
    """Clean text with its LaTeX made readable: "$\\\\mathcal{O}(n^2)$" is "O(n²)", "Schr\\\\"odinger" is
    "Schrödinger". Prices ("$5 and $6") and anything else that is no LaTeX stay as they are.
    """
    text = clean(text)
    if not _TEX.search(text):
        return text
    from digest.tex import plain_text

    return clean(plain_text(text))
