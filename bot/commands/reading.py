"""From what somebody wrote to a verb and its words, however it came over the wire."""

from __future__ import annotations

import re
import unicodedata

UMBRELLA = "arxiv"
_ENTITIES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&#39;": "'",
    "&nbsp;": " ",
}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_SLASHES = ("/", "／")
_INVISIBLE = (
    "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"
)


def tidy(text: str) -> str:
    """The text without HTML's entities and without blanks and invisible marks around it."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text).strip().strip(_INVISIBLE).strip()


def is_command(text: str) -> bool:
    """Whether it begins with a slash, of whatever width."""
    return tidy(text).startswith(_SLASHES)


def split(text: str) -> tuple[str, str]:
    """The verb and the rest of a message: `/subscribe@bot vla` and `/arxiv subscribe vla` are the same."""
    head, rest = _head(tidy(text))
    verb = re.sub(r"@\w+$", "", head.lstrip("".join(_SLASHES)))
    if verb == UMBRELLA:
        head, rest = _head(rest)
        verb = head.lstrip("".join(_SLASHES)) or "help"
    return verb, rest


def cut(text: str) -> tuple[str, str]:
    """The first word and what follows it, whatever blanks are between."""
    head, *rest = text.split(maxsplit=1) or [""]
    return head, "".join(rest).strip()


def _head(text: str) -> tuple[str, str]:
    """The same, the word in plain small letters."""
    head, rest = cut(text)
    return unicodedata.normalize("NFKC", head).lower(), rest
