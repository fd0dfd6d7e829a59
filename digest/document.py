"""A message as a small typed tree; platforms render it, nothing builds markup from strings.

Splitting works on this tree, so no title or model text can mention, link or break markup. A newline in a
span's text is a line break within the block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Italic:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str  # https only; composers link to arXiv and to URLs found in the paper


Span = Text | Bold | Italic | Code | Link


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1  # 1 to 3


@dataclass(frozen=True, slots=True)
class Para:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Small print: metadata lines, footers."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list. Following lists with a larger `indent` are nested in its last item; `start` counts from 1."""

    items: tuple[tuple[Span, ...], ...]
    ordered: bool = False
    start: int = 1
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Collapsible:
    """Shown in full where a platform cannot fold."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Button:
    """Runs a command ("explain 1911.02782v2") or opens a URL."""

    label: str
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Divider:
    pass


Block = Heading | Para | Context | Bullets | Quote | Table | Collapsible | Image | Buttons | Divider


@dataclass(frozen=True, slots=True)
class Document:
    """A message. `summary` is the plain one-line text for notifications."""

    blocks: tuple[Block, ...]
    summary: str = ""


def spans(*parts: Span | str) -> tuple[Span, ...]:
    """Spans from spans and plain strings."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def para(*parts: Span | str) -> Para:
    return Para(spans(*parts))


def context(*parts: Span | str) -> Context:
    return Context(spans(*parts))


def bullets(
    items: Iterable[Iterable[Span | str]], *, ordered: bool = False, start: int = 1, indent: int = 0
) -> Bullets:
    return Bullets(tuple(spans(*item) for item in items), ordered=ordered, start=start, indent=indent)


def plain(parts: Iterable[Span]) -> str:
    """The spans' text without any markup."""
    return "".join(part.text for part in parts)
