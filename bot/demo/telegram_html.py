"""Telegram's HTML read as its server reads it: text, and entities placed in UTF-16 units.

The rules and the words of refusals are those of https://core.telegram.org/bots/api#html-style and of the
server's own parser, which says where a fault is in bytes of UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MAX_ENTITIES = 100  # of those that a sender writes; the server drops the rest

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_VERBATIM = frozenset({"code", "pre"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
# What stands outside when two entities cover the same text.
_OUTER = {"blockquote": 0, "expandable_blockquote": 0, "pre": 1, "code": 2, "text_link": 3, "text_mention": 3}
_STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<decimal>[0-9]*)|(?P<name>[A-Za-z]*));?")
_RUN = re.compile(r"[^<&]+")
_REMOVED = re.compile(r"[\x00-\x09\x0b-\x1f\u2028-\u202e]")  # or replaced
_SPACE = " \t\r\n\0\v"
_LONGEST_REFERENCE = 10  # characters, without the semicolon
_USER = re.compile(r"tg://user\?id=(\d+)")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?[^\s/?#]+\.[^\s]+|[a-z][a-z0-9+.-]*://[^\s]+", re.IGNORECASE)


class ParseFault(Exception):
    """Markup that Telegram refuses; the text is its own, without "can't parse entities"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A stretch of a message's text that is more than text; offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    user: int = 0
    emoji: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text with the entities that its sender wrote, outermost first."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    text_at: int


def units(text: str) -> int:
    """The length of a text in UTF-16 units, in which Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The part of a text at a place given in UTF-16 units."""
    raw = text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)]
    return raw.decode("utf-16-le", "replace")


def parse_html(source: str) -> Marked:
    """Text and entities of HTML as in `parse_mode=HTML`; raises ParseFault in the server's words."""
    return _Reader(source).read()


def settled(marked: Marked) -> Marked:
    """The text as it is kept: cleaned of controls, trimmed, and with entities that may stand together."""
    text = _cleaned(marked)
    left = len(text.text) - len(text.text.lstrip())
    stripped = text.text.strip()
    start, end = units(text.text[:left]), units(text.text[:left]) + units(stripped)
    clipped = (_clipped(each, start, end) for each in text.entities)
    return Marked(text=stripped, entities=_compatible([each for each in clipped if each]))


def ordered(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities from the first and outermost on."""
    return tuple(sorted(entities, key=lambda each: (each.offset, -each.length, _OUTER.get(each.type, 9))))


class _Reader:
    """One pass over a source; `_at` is the place in characters."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def read(self) -> Marked:
        while self._at < len(self._source):
            if self._source[self._at] == "<":
                self._tag()
            else:
                self._character()
        if self._open:
            raise ParseFault(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        text = "".join(self._text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ParseFault(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return Marked(text=text, entities=ordered(self._entities))

    def _character(self) -> None:
        run = _RUN.match(self._source, self._at)
        if run:
            text, self._at = run[0], run.end()
        else:
            text, self._at = _decoded(self._source, self._at)
        self._text.append(text)
        self._units += units(text)

    def _tag(self) -> None:
        if self._source.startswith("</", self._at):
            self._end_tag()
        else:
            self._start_tag()

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._until(_SPACE + ">").lower()
        if self._ended:
            raise ParseFault(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if tag not in _TYPES:
            raise ParseFault(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        argument = ""
        while True:
            self._skip_space()
            if self._peek == ">":
                break
            name, value = self._attribute(tag, begin)
            argument = _argument(tag, name, value) or argument
        self._at += 1
        if tag == "span" and argument != "spoiler":
            raise ParseFault(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self._open.append(_Open(tag, argument, self._units, len(self._text)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._until(_SPACE + "=>")
        if not name and not self._ended:
            where = self._byte(begin)
            raise ParseFault(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        self._skip_space()
        if self._peek == "=":
            self._at += 1
            self._skip_space()
            if self._ended:
                raise ParseFault(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
            value = self._quoted() if self._peek in "'\"" else self._token()
            if self._ended:
                raise ParseFault(f"Unclosed start tag at byte offset {self._byte(begin)}")
            return name, value
        if self._ended:
            raise ParseFault(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        return name, ""

    def _token(self) -> str:
        begin = self._at
        while self._peek.isascii() and (self._peek.isalnum() or self._peek in ".-") and not self._ended:
            self._at += 1
        if self._ended or self._peek not in _SPACE + ">":
            raise ParseFault(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return self._source[begin : self._at].lower()

    def _quoted(self) -> str:
        quote = self._peek
        self._at += 1
        value: list[str] = []
        while not self._ended and self._peek != quote:
            character, self._at = _decoded(self._source, self._at)
            value.append(character)
        self._at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        where = self._byte(begin)
        if not self._open:
            raise ParseFault(f"Unexpected end tag at byte offset {where}")
        self._at += 2
        tag = self._until(_SPACE + ">").lower()
        self._skip_space()
        if self._peek != ">":
            raise ParseFault(f"Unclosed end tag at byte offset {where}")
        self._at += 1
        opened = self._open.pop()
        if tag and tag != opened.tag:
            raise ParseFault(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self._units > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        length = self._units - opened.offset
        entity = Entity(type=_TYPES[opened.tag], offset=opened.offset, length=length)
        if opened.tag == "a":
            target = opened.argument or "".join(self._text[opened.text_at :])
            self._entities.extend(_linked(entity, target))
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdecimal() or int(opened.argument) == 0:
                raise ParseFault("Invalid custom emoji identifier specified")
            self._entities.append(replace(entity, emoji=opened.argument))
        elif opened.tag == "blockquote" and opened.argument == "expandable":
            self._entities.append(replace(entity, type="expandable_blockquote"))
        elif opened.tag in _VERBATIM:
            self._verbatim(entity, opened)
        else:
            self._entities.append(entity)

    def _verbatim(self, entity: Entity, opened: _Open) -> None:
        """Code, or with `pre` around exactly the same text, a block in a language."""
        last = self._entities[-1] if self._entities else None
        language = opened.argument or (last.language if last else "")
        same = last is not None and (last.offset, last.length) == (entity.offset, entity.length)
        if last and same and language and {last.type, entity.type} == _VERBATIM:
            self._entities[-1] = replace(last, type="pre", language=language)
            return
        self._entities.append(replace(entity, language=opened.argument))

    @property
    def _ended(self) -> bool:
        return self._at >= len(self._source)

    @property
    def _peek(self) -> str:
        return self._source[self._at] if self._at < len(self._source) else "\0"

    def _until(self, stops: str) -> str:
        begin = self._at
        while not self._ended and self._peek not in stops:
            self._at += 1
        return self._source[begin : self._at]

    def _skip_space(self) -> None:
        while not self._ended and self._peek in _SPACE:
            self._at += 1

    def _byte(self, at: int) -> int:
        return len(self._source[:at].encode("utf-8", "surrogatepass"))


def _decoded(source: str, at: int) -> tuple[str, int]:
    """The character at a place, and the place after it; what is no reference stands for itself."""
    match = _REFERENCE.match(source, at) if source[at] == "&" else None
    if match is None:
        return source[at], at + 1
    if match["name"] is not None:
        named = _NAMED.get(match["name"])
        return (named, match.end()) if named else ("&", at + 1)
    digits, base = (match["hex"], 16) if match["hex"] is not None else (match["decimal"], 10)
    code = int(digits or "0", base)
    if not 0 < code < 0x10FFFF or len(match[0].rstrip(";")) >= _LONGEST_REFERENCE:
        return "&", at + 1
    return chr(code), match.end()


def _argument(tag: str, name: str, value: str) -> str:
    wanted = {"a": "href", "code": "class", "span": "class", "tg-emoji": "emoji-id"}.get(tag)
    if tag == "blockquote" and name == "expandable":
        return "expandable"
    if name != wanted:
        return ""
    prefix = {"code": "language-", "span": "tg-"}.get(tag, "")
    return value.removeprefix(prefix) if value.startswith(prefix) else ""


def _linked(entity: Entity, target: str) -> Sequence[Entity]:
    """A link; nothing where the target is none."""
    if user := _USER.fullmatch(target):
        return [replace(entity, type="text_mention", user=int(user[1]))]
    if not _LINK.fullmatch(target):
        return []
    scheme, _, rest = target.partition("://") if "://" in target else ("http", "", target)
    path = rest[len(host := re.split("[/?#]", rest, maxsplit=1)[0]) :]
    if scheme.lower() not in ("http", "https"):
        return [replace(entity, url=target)]
    return [replace(entity, url=f"{scheme.lower()}://{host}{path if path.startswith('/') else '/' + path}")]


def _cleaned(marked: Marked) -> Marked:
    """Without what the server takes out of every text; controls become spaces, CR and bidi controls go."""
    if not _REMOVED.search(marked.text):
        return marked
    places: list[int] = []  # where each unit of the old text is in the new one
    kept: list[str] = []
    at = 0
    for character in marked.text:
        places += [at] * units(character)
        if character == "\r" or "\u2028" <= character <= "\u202e":
            continue
        kept.append(" " if character < " " and character != "\n" else character)
        at += units(character)
    places.append(at)
    moved = (
        replace(each, offset=places[each.offset], length=places[each.end] - places[each.offset])
        for each in marked.entities
        if each.end < len(places)
    )
    return Marked(text="".join(kept), entities=tuple(each for each in moved if each.length > 0))


def _clipped(entity: Entity, start: int, end: int) -> Entity | None:
    first, last = max(entity.offset, start), min(entity.end, end)
    return replace(entity, offset=first - start, length=last - first) if last > first else None


def _compatible(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """No quote in a quote; nothing but quotes around code, so that styles are split by it."""
    outer: list[Entity] = []
    for each in ordered(entities):
        nested = each.type in _QUOTES and any(
            other.type in _QUOTES and each.offset < other.end for other in outer
        )
        if not nested:
            outer.append(each)
    verbatim: list[Entity] = []
    for each in outer:
        inside = any(each.offset < other.end for other in verbatim)
        if each.type in _VERBATIM and not inside:
            verbatim.append(replace(each, language=each.language if each.type == "pre" else ""))
    kept = [each for each in outer if each.type in _QUOTES] + verbatim
    for each in outer:
        if each.type not in _VERBATIM and each.type not in _QUOTES:
            kept += _around(each, verbatim)
    return ordered(kept)


def _around(entity: Entity, holes: Sequence[Entity]) -> list[Entity]:
    """What is left of an entity outside some others; only styles can be split."""
    pieces = [entity]
    for hole in holes:
        pieces = [
            part
            for each in pieces
            for part in (
                _clipped_to(each, each.offset, min(each.end, hole.offset)),
                _clipped_to(each, max(each.offset, hole.end), each.end),
            )
            if part
        ]
    if entity.type in _STYLES or pieces == [entity]:
        return pieces
    return []


def _clipped_to(entity: Entity, start: int, end: int) -> Entity | None:
    return replace(entity, offset=start, length=end - start) if end > start else None
