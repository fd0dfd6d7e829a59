"""How many tokens a text takes, without any model's vocabulary: a conservative estimate."""

from __future__ import annotations

import math
import re

_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]"
)
_OTHER = re.compile("[^\\x00-\\x7f]")

LATIN_CHARACTERS = 3.5  # characters a token; English prose measures 4.0 to 4.6 on common vocabularies
OTHER_CHARACTERS = 2.0  # Cyrillic, Greek, mathematical signs


def estimate(text: str) -> int:
    """Tokens of a text: one per Chinese, Japanese or Korean character, one per 3.5 of plain ASCII."""
    if text.isascii():
        return math.ceil(len(text) / LATIN_CHARACTERS)
    wide = len(_WIDE.findall(text))
    other = len(_OTHER.findall(text)) - wide
    plain = len(text) - wide - other
    return math.ceil(wide + other / OTHER_CHARACTERS + plain / LATIN_CHARACTERS)
