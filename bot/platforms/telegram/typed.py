"""Commands as people copy and paste them: printed whole, understood with what a paste brings along."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from digest.document import Bold, Code, Italic, Span, Text

# Word joiners, zero-width spaces, byte order marks, marks of direction, soft hyphens. Joiners of emoji stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """The text without the invisible characters that come with what is copied from a message or a page."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def commands_apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans with each "/subscribe" that stands for itself in code, where it can be copied as it is.

    Only names that the menus show are taken for commands: all else is text, of papers for the most part.
    """
    found: list[Span] = []
    before = ""
    for span in spans:
        found += (
            _apart(span, before) if isinstance(span, Text | Bold | Italic) and "/" in span.text else [span]
        )
        before = span.text[-1:] or before
    return tuple(found)


def _apart(span: Text | Bold | Italic, before: str) -> list[Span]:
    parts: list[Span] = []
    at, text = len(before), before + span.text
    for command in _commands().finditer(text, at):
        parts += [replace(span, text=text[at : command.start()]), Code(command[0])]
        at = command.end()
    parts.append(replace(span, text=text[at:]))
    return [each for each in parts if each.text]


@cache
def _commands() -> re.Pattern[str]:
    from bot.commands import VERBS  # all that commands do, which a document of a digest has no need of

    names = "|".join(re.escape(verb.name) for verb in VERBS if not verb.hidden)
    return re.compile(rf"(?<![A-Za-z0-9_/.:~@-])/(?:{names})(?![A-Za-z0-9_/@-]|\.\w)")
