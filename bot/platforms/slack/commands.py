"""How commands are typed in Slack: bare, with a prefix, or after /arxiv where Slack has one of that name."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from bot.commands import VERBS
from digest.document import (
    Block,
    Bullets,
    Collapsible,
    Context,
    Document,
    Link,
    Para,
    Quote,
    Span,
    Table,
)

UMBRELLA = "arxiv"
LONGEST = 32  # characters of a command, slash included

# Slack's own commands: an app's of the same name is never reached.
TAKEN = frozenset(
    {"active", "apps", "archive", "away", "call", "collapse", "dm", "dnd", "expand", "feed", "feedback"}
    | {"huddle", "invite", "join", "keys", "kick", "leave", "me", "msg", "mute", "open", "part", "prefs"}
    | {"remind", "remove", "rename", "search", "shortcuts", "shrug", "status", "topic", "unarchive", "who"}
)


def is_bare(verb: str, prefix: str) -> bool:
    """Whether a verb is a command of its own in Slack."""
    return (bool(prefix) or verb not in TAKEN) and len(f"/{prefix}{verb}") <= LONGEST


def known_verbs() -> frozenset[str]:
    """All that can follow a slash or a prefix."""
    return frozenset({UMBRELLA, *(name for verb in VERBS for name in (verb.name, *verb.aliases))})


def as_typed(document: Document, prefix: str) -> Document:
    """The document with each "/verb" as it is typed in Slack: "/status" is "/arxiv status" there."""
    blocks = tuple(_block(each, prefix) for each in document.blocks)
    return Document(blocks, summary=_text(document.summary, prefix))


def _block(block: Block, prefix: str) -> Block:
    match block:
        case Para(spans) | Context(spans) | Quote(spans):
            return replace(block, spans=_spans(spans, prefix))
        case Bullets(items):
            return replace(block, items=tuple(_spans(each, prefix) for each in items))
        case Table(header, rows):
            return Table(header, tuple(tuple(_text(cell, prefix) for cell in row) for row in rows))
        case Collapsible(title, blocks):
            return Collapsible(title, tuple(_block(each, prefix) for each in blocks))
        case _:
            return block


def _spans(spans: tuple[Span, ...], prefix: str) -> tuple[Span, ...]:
    return tuple(
        span
        if isinstance(span, Link) or "/" not in span.text
        else replace(span, text=_text(span.text, prefix))
        for span in spans
    )


def _text(text: str, prefix: str) -> str:
    def typed(match: re.Match[str]) -> str:
        verb = match[1]
        return f"/{prefix}{verb}" if is_bare(verb, prefix) else f"/{prefix}{UMBRELLA} {verb}"

    return _commands().sub(typed, text) if "/" in text else text


@cache
def _commands() -> re.Pattern[str]:
    verbs = "|".join(re.escape(verb.name) for verb in VERBS)
    return re.compile(rf"(?<![\w/.:])/({verbs})(?![\w/-])")
