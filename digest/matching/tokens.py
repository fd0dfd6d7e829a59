"""The tokens of a query: words, quoted text, fields and operators, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto

from digest.errors import InvalidQuery

MAX_CHARACTERS = 4_000

_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'),
        **dict.fromkeys("，、；;|｜\u2028\u2029", ","),
        "：": ":",
        "＊": "*",
        "－": "-",
    }
)
FIELDS = {
    "title": "title",
    "ti": "title",
    "abstract": "abstract",
    "abs": "abstract",
    "author": "author",
    "au": "author",
    "cat": "cat",
    "category": "cat",
    "like": "like",
}
_FIELD_NAMES = "title:, abstract:, author:, cat: and like:"
_TOKEN = re.compile(
    r"""\s+
      | (?P<comma>,)
      | "(?P<quoted>[^"]*)"
      | (?P<open>")
      | (?P<field>[A-Za-z]+):(?!//)
      | (?P<minus>(?<![^\s,])-+(?=[^\s,-]))
      | (?P<word>[^\s,"]+)""",
    re.VERBOSE,
)


class TokenKind(Enum):
    OR = auto()
    AND = auto()
    NOT = auto()
    FIELD = auto()
    QUOTED = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its place in the query, `[start:end]`; `text` is without quotes or colon."""

    kind: TokenKind
    text: str
    start: int
    end: int


def refusal(what: str, position: int, example: str) -> InvalidQuery:
    """An error that says what is wrong, where, and shows a query that works."""
    return InvalidQuery(f"{what} (at character {position + 1}). Try: {example}", position=position)


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a query. Raises `InvalidQuery`."""
    _check_characters(text)
    return tuple(_tokens(text.translate(_SAME)))


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InvalidQuery(
            f"The query has {len(text):,} characters; at most {MAX_CHARACTERS:,} are taken. "
            "Try a few short phrases: vla, vision language action",
            position=MAX_CHARACTERS,
        )
    for position, character in enumerate(text):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            what = f"The query holds a character that cannot be written, U+{ord(character):04X}"
            raise refusal(what, position, "vla, vision language action")


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    value = False  # directly after a field: `like:arXiv:2503.09527`
    while match := _TOKEN.match(text, position):
        start, position = position, match.end()
        after_field, value = value, match["field"] is not None
        if match["open"]:
            raise refusal("This quotation mark is never closed", start, '"world model"')
        if match["field"] and match["field"].lower() not in FIELDS:
            if not after_field:
                _check_field(text, match)
            value = False
            word = re.compile(r'[^\s,"]+').match(text, start)
            assert word is not None
            position = word.end()
            yield Token(TokenKind.WORD, word[0], start, position)
        elif token := _token(match, start):
            yield token


def _check_field(text: str, match: re.Match[str]) -> None:
    """Refuse a field there is not; before a blank, a colon only ends a word (`Re: agents`)."""
    following = text[match.end() : match.end() + 1]
    if not (following.isalnum() or following == '"'):
        return
    near = get_close_matches(match["field"].lower(), FIELDS, n=1, cutoff=0.75)
    hint = f"did you mean “{near[0]}:”?" if near else f"the fields are {_FIELD_NAMES}"
    what = f"There is no field “{match['field']}:”; {hint}"
    raise refusal(what, match.start(), 'title:agents, author:"Fei-Fei Li", cat:cs.RO')


def _token(match: re.Match[str], start: int) -> Token | None:
    end = match.end()
    if match["comma"]:
        return Token(TokenKind.OR, ",", start, end)
    if match["quoted"] is not None:
        return Token(TokenKind.QUOTED, match["quoted"], start, end)
    if field := match["field"]:
        return Token(TokenKind.FIELD, field.lower(), start, end)
    if match["minus"]:
        return Token(TokenKind.NOT, "-", start, end)
    if word := match["word"]:
        kind = TokenKind[word] if word in ("AND", "OR", "NOT") else TokenKind.WORD
        return Token(kind, word, start, end)
    return None
