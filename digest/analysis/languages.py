"""Which language a text is written in, as far as extracts need to know it."""

from __future__ import annotations

import re
from collections import Counter


def words(row: str) -> frozenset[str]:
    """A set of words, written in a row."""
    return frozenset(row.split())


_COMMON = {
    "en": words("the of and to in is we that for with are this as by on be our from which can an"),
    "de": words("der die das und ist von mit den wir eine ein nicht zu auf für als wird dass sich im"),
    "fr": words("le la les des et est une dans pour que qui nous sur par du au avec sont ce ne"),
    "es": words("el los las una para con por del se es que como su más este son al entre lo esta"),
    "pt": words("os uma para com por do da não se que como mais em são dos das ao é este um"),
    "it": words("il di che una per con del della sono si non gli le nel alla come dei questo è più"),
}
_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """The language of a text as a code ("en", "zh-CN", "ja", "de", "ru" ...); "en" when nothing tells."""
    sample = text[:20_000]
    script = _by_script(sample)
    if script:
        return script
    words = Counter(_WORD.findall(sample.casefold()))
    scores = {code: sum(words[word] for word in common) for code, common in _COMMON.items()}
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    return best if scores[best] > 1.2 * scores["en"] else "en"


def _by_script(sample: str) -> str | None:
    letters = sum(map(str.isalpha, sample)) or 1
    shares = {
        "ja": len(re.findall(r"[\u3040-\u30ff]", sample)) * 3,
        "zh-CN": len(re.findall(r"[\u4e00-\u9fff]", sample)),
        "ko": len(re.findall(r"[\uac00-\ud7af]", sample)),
        "ru": len(re.findall(r"[\u0400-\u04ff]", sample)),
    }
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] > 0.3 * letters else None
