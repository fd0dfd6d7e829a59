"""What Telegram finds in a text by itself: mentions, commands, hashtags, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.demo.telegram_html import Entity, Marked, cut, ordered, units

# The names of fewer than four letters that Telegram once gave to its own bots.
_SHORT_NAMES = frozenset({"gif", "vid", "pic"})
_SHORTEST_NAME = 4
_TAG = "[\\d_\u200c\u00b7\u0d80-\u0dff]|[^\\W\\d_]"
_DOMAINS = "ai|app|cn|co|com|de|dev|edu|eu|fr|gov|info|int|io|it|jp|me|mil|net|nl|org|ru|tv|uk|us|xyz"
_URL = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://[^\s<>«»\"/?#]+"
    rf"|(?<![\w@./-])(?:[\w-]+\.)+(?:{_DOMAINS})(?![\w.-]*[\w-]))(?::\d+)?(?:[/?#][^\s<>«»\"]*)?",
    re.IGNORECASE,
)
_PATTERNS = (
    ("email", re.compile(r"(?<![\w.+-])[a-z0-9_.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w-])", re.IGNORECASE)),
    ("url", _URL),
    ("mention", re.compile(r"(?<!\w)@(?P<name>[a-zA-Z0-9_]{2,32})(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])")),
    ("hashtag", re.compile(rf"(?<!\w)#(?=\d*[^\W\d])(?:{_TAG}){{1,256}}(?![\w#])")),
    ("cashtag", re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])")),
)
_CLOSED = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})
_PROTOCOLS = frozenset({"http", "https", "ftp", "tg", "ton", "tonsite"})


def with_found(marked: Marked) -> tuple[Entity, ...]:
    """The entities of a text and those that Telegram adds, outside code and links."""
    closed = [(each.offset, each.end) for each in marked.entities if each.type in _CLOSED]
    taken: list[tuple[int, int]] = closed
    added: list[Entity] = []
    for each in _candidates(marked.text):
        if not any(start < each.end and each.offset < end for start, end in taken):
            added.append(each)
            taken = [*taken, (each.offset, each.end)]
    return ordered((*marked.entities, *added))


def live_mentions(text: str, entities: Iterable[Entity]) -> tuple[str, ...]:
    """What in a text calls somebody: `@names` that are linked, and people linked by id."""
    return _texts(text, entities, ("mention", "text_mention"))


def live_commands(text: str, entities: Iterable[Entity]) -> tuple[str, ...]:
    """The commands in a text that a tap would send."""
    return _texts(text, entities, ("bot_command",))


def hidden_links(text: str, entities: Iterable[Entity]) -> tuple[tuple[str, str], ...]:
    """Links whose visible text is another address than the one they lead to, as (visible, target)."""
    links = [(cut(text, each.offset, each.length), each.url) for each in entities if each.type == "text_link"]
    return tuple((shown, target) for shown, target in links if _is_other_address(shown, target))


def _texts(text: str, entities: Iterable[Entity], types: Sequence[str]) -> tuple[str, ...]:
    return tuple(cut(text, each.offset, each.length) for each in entities if each.type in types)


def _candidates(text: str) -> Iterator[Entity]:
    if text.isascii():
        offsets: Sequence[int] = range(len(text) + 1)
    else:
        sums = [0]
        for character in text:
            sums.append(sums[-1] + units(character))
        offsets = sums
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if kind == "mention" and not _is_name(match["name"]):
                continue
            start, end = match.span()
            if kind == "url":
                if match["scheme"] and match["scheme"].lower() not in _PROTOCOLS:
                    continue
                end = start + len(match[0].rstrip(".,;:!?'\")]}…"))
            yield Entity(type=kind, offset=offsets[start], length=offsets[end] - offsets[start])


def _is_name(name: str) -> bool:
    return len(name) >= _SHORTEST_NAME or name.lower() in _SHORT_NAMES


def _is_other_address(shown: str, target: str) -> bool:
    match = _URL.search(shown)
    return match is not None and not _bare(target).startswith(_bare(match[0].rstrip(".,;:!?…")))


def _bare(address: str) -> str:
    return re.sub(r"^[a-z]+://(www\.)?|^www\.", "", address.lower()).rstrip("/")
