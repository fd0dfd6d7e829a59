"""Buttons under a Telegram message: which command each runs, in at most 64 bytes, and in which row it stands.

Every message has at least one button whose data is unique to the message. Telegram gives bots neither an
idempotency key nor their own history, so after a send of unknown outcome a message is found again by editing
its keyboard into the same keyboard: "message is not modified" is the answer of the right one.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from rich.cells import cell_len

from digest.document import Block, Button, Buttons, Collapsible, Document
from digest.readable import clean

# https://core.telegram.org/bots/api#inlinekeyboardbutton; the server takes no more keys than a hundred.
MAX_DATA = 64  # bytes
MAX_KEYS = 100
_ROW = 3  # eight fit a desktop's row; on a phone three are still read
_ROW_WIDTH = 30  # columns of all labels in a row, a Chinese character being two
_LABEL = 48
_ADDRESS = re.compile(r"https?://[!-~]+")
_DATA = re.compile(r"(#?)(.+)~[A-Za-z0-9_-]{8}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A button: it runs a command ("explain 1911.02782v2") or opens a URL."""

    label: str
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What a button sends back. `stored` is a token and the command that it stands for, to be kept by us."""

    data: str
    stored: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """Stands for a command too long for a button."""

    value: str


# On messages without a button of their own: "help" is a command everywhere and for everyone, changes nothing,
# and its three bars are read as "what can I do here" without a word to translate.
MENU = Key(label="☰", command="help")


def keyboard(document: Document) -> tuple[tuple[Key, ...], ...]:
    """The document's buttons in rows of at most three; long labels stand alone."""
    rows: list[list[Key]] = []
    count = 0
    for block in _buttons(document.blocks):
        width = _ROW_WIDTH + 1  # each block begins a row
        for key in filter(None, map(_key, block.buttons)):
            if count == MAX_KEYS - 1:  # one is left for the menu
                return tuple(map(tuple, rows))
            wanted = cell_len(key.label)
            if width + wanted > _ROW_WIDTH or len(rows[-1]) == _ROW:
                rows.append([])
                width = 0
            rows[-1].append(key)
            width += wanted
            count += 1
    return tuple(map(tuple, rows))


def markup(document: Document, key: str) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The InlineKeyboardMarkup of the message `key`, and the commands to store by their tokens."""
    rows = keyboard(document)
    if not any(each.command for row in rows for each in row):
        rows = (*rows, (MENU,))
    stored: dict[str, str] = {}
    shown: list[list[dict[str, str]]] = []
    for row in rows:
        shown.append([])
        for each in row:
            if each.url:
                shown[-1].append({"text": each.label, "url": each.url})
                continue
            back = callback(each.command, key)
            stored.update([back.stored] if back.stored else [])
            shown[-1].append({"text": each.label, "callback_data": back.data})
    return {"inline_keyboard": shown}, tuple(stored.items())


def callback(command: str, key: str) -> Callback:
    """The data of a button that runs `command` under the message `key`, unique to both.

    "explain 2503.09527v2~kR3_b0Qx"; a command that is too long becomes a hash of itself: "#<hash>~kR3_b0Qx".
    """
    data = f"{command}~{_hash(key, 6)}"
    plain = command.isprintable() and not command.startswith("#")
    if command and plain and len(data.encode()) <= MAX_DATA:
        return Callback(data=data)
    token = _hash(command, 12)
    return Callback(data=f"#{token}~{_hash(key, 6)}", stored=(token, command))


def command_of(data: str) -> str | Token | None:
    """The command in a button's data, the token of a stored one, or None where the data is not ours."""
    found = _DATA.fullmatch(data)
    if found is None:
        return None
    return Token(found[2]) if found[1] else found[2]


def _hash(text: str, size: int) -> str:
    """The hash of `size` bytes, a multiple of three, four characters for each three."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
    return urlsafe_b64encode(digest).decode()


def _buttons(blocks: Iterable[Block]) -> Iterator[Buttons]:
    for block in blocks:
        if isinstance(block, Buttons):
            yield block
        elif isinstance(block, Collapsible):
            yield from _buttons(block.blocks)


def _key(button: Button) -> Key | None:
    """The button as Telegram takes it; None where it neither runs a command nor opens a web address."""
    url = button.url if _ADDRESS.fullmatch(button.url) else ""
    if not url and not button.command:
        return None
    label = clean(button.label) or clean(button.command) or "…"
    return Key(
        label=label if len(label) <= _LABEL else label[: _LABEL - 1] + "…",
        command="" if url else button.command,
        url=url,
    )
