"""A Document as one Slack message: blocks for people, a line of text for the notification.

Slack parses nothing of it: all words are rich text, plain text or raw text, never `mrkdwn` or `markdown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.platforms.slack.limits import (
    ACTIONS,
    ALT,
    CELLS,
    CHILDREN,
    COLUMNS,
    CONTEXT_ELEMENTS,
    HEADER,
    LABEL,
    NOTIFICATION,
    ROWS,
    TITLE,
    VALUE,
    Element,
    cut,
    escaped,
    units,
)
from bot.platforms.slack.richtext import (
    chunks,
    has_link,
    is_visible,
    line,
    listed,
    quote,
    section,
    shown,
    target,
)
from digest.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Buttons,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Image,
    Link,
    Para,
    Quote,
    Table,
    Text,
)
from digest.document import plain as words_of

_NAMELESS = "…"  # where Slack asks for words and there are none
_EMPTY_CELL = "–"
_NO_WORDS = "Paperboy"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """The `blocks` and `text` of `chat.postMessage`."""

    blocks: tuple[Element, ...]
    text: str


def message(document: Document, *, plain: bool = False) -> SlackMessage:
    """The message of a document that `parts` gave; a larger one may be beyond Slack's limits.

    `plain` uses none of Slack's newer blocks, for servers that answer `invalid_blocks`: what folds is
    unfolded, tables are lines, pictures links.
    """
    blocks = laid_out(document.blocks, plain=plain)
    return SlackMessage(blocks=blocks, text=_notification(document.summary, blocks))


def laid_out(blocks: Sequence[Block], *, plain: bool = False) -> tuple[Element, ...]:
    """The Slack blocks of a document's blocks."""
    return tuple(_Page(plain=plain).blocks(blocks))


class _Page:
    """Lays out one message; it counts what has to be unique or rare in it."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._has_table = False
        self._commands = 0
        self._addresses = 0

    def blocks(self, blocks: Sequence[Block], *, folded: bool = False) -> list[Element]:
        """The blocks; text that belongs together is in one, which is shorter and reads as one."""
        laid: list[Element] = []
        last: Block | None = None
        for block in blocks:
            rich = self._rich(block, is_header=not folded and _is_header(block, is_first=not laid))
            if rich is None:
                laid += self._own(block, folded=folded)
                last = None
            elif rich and last is not None and _continues(last, block):
                laid[-1]["elements"] += rich
                last = block
            elif rich:
                laid.append({"type": "rich_text", "elements": rich})
                last = block
        return laid

    def _rich(self, block: Block, *, is_header: bool) -> list[Element] | None:
        """The block as rich text; None if it is a block of its own kind."""
        match block:
            case Heading(text):
                return None if is_header else section((Bold(line(text)),))
            case Para(spans):
                return section(spans)
            case Quote(spans):
                return quote(spans)
            case Bullets():
                return listed(block)
            case Context(spans):
                # Only context blocks are in small print, but their one way to link is `mrkdwn`.
                return section(spans) if has_link(spans) else None
            case Table():
                return None if self._takes(block) else _table_lines(block)
            case Image(url, alt):
                return None if self._is_picture(block) else section((Link(alt or url, url),))
            case _:
                return None

    def _own(self, block: Block, *, folded: bool) -> list[Element]:
        match block:
            case Heading(text):
                return [{"type": "header", "text": _plain_text(line(text))}]
            case Context(spans):
                return _context(words_of(spans))
            case Table():
                self._has_table = True
                return [_table(block)]
            case Image(url, alt):
                alt = cut(line(alt), ALT) if is_visible(alt) else url
                return [{"type": "image", "image_url": url, "alt_text": alt}]
            case Collapsible(title, inner):
                if self._plain or folded:
                    return self.blocks((Heading(title, 3), *inner), folded=True)
                return self._containers(title, inner)
            case Buttons(buttons):
                return self._actions(buttons)
            case Divider():
                return [{"type": "divider"}]
            case _:
                return []

    def _is_picture(self, image: Image) -> bool:
        return not self._plain and image.url.startswith("https://") and bool(target("", image.url))

    def _takes(self, table: Table) -> bool:
        """Whether the table can be Slack's own, of which a message takes one."""
        if self._plain or self._has_table:
            return False
        rows = [row for row in (table.header, *table.rows) if row]
        if not 0 < len(rows) <= ROWS or max(map(len, rows)) > COLUMNS:
            return False
        return sum(units(cell) for row in _rows(table) for cell in row) <= CELLS

    def _containers(self, title: str, inner: Sequence[Block]) -> list[Element]:
        """One container that opens at a click; more only for more than ten blocks that are not text."""
        title = line(title)
        is_long = units(title) > TITLE
        children = self.blocks((Heading(title, 3), *inner) if is_long else inner, folded=True)
        if not children:
            return self.blocks((Heading(title, 3),), folded=True)
        if len(children) > CHILDREN:
            children = _merged(children)
        return [
            {
                "type": "container",
                "title": _plain_text(_numbered(title, at // CHILDREN + 1)),
                "is_collapsible": True,
                "default_collapsed": True,
                "child_blocks": children[at : at + CHILDREN],
            }
            for at in range(0, len(children), CHILDREN)
        ]

    def _actions(self, buttons: Sequence[Button]) -> list[Element]:
        """The buttons, and the labels of those that would do nothing."""
        made = [(button, self._button(button)) for button in buttons]
        live = [element for _, element in made if element]
        labels = [button.label for button, element in made if not element and is_visible(button.label)]
        rows: list[Element] = [
            {"type": "actions", "elements": live[at : at + ACTIONS]} for at in range(0, len(live), ACTIONS)
        ]
        return [*rows, *_context(" · ".join(labels))]

    def _button(self, button: Button) -> Element | None:
        url = target("", button.url)
        # Under some commands stands a list, a line for each thing in it.
        command = "\n".join(line(each) for each in button.command.splitlines()).strip()
        label = cut(line(button.label if is_visible(button.label) else command or url), LABEL)
        made: Element = {"type": "button", "text": _plain_text(label)}
        if command and units(command) <= VALUE:
            made |= {"action_id": f"run:{self._commands}", "value": command}
            self._commands += 1
        elif url:
            made |= {"action_id": f"open:{self._addresses}", "url": url}
            self._addresses += 1
        else:
            return None
        return made


def _is_header(block: Block, *, is_first: bool) -> bool:
    """Whether a heading is set large: a message's first one, and any of the first level."""
    if not isinstance(block, Heading) or not (block.level == 1 or is_first):
        return False
    text = line(block.text)
    return is_visible(text) and units(text) <= HEADER


def _continues(last: Block, block: Block) -> bool:
    """Whether two texts are one to the eye: a heading and what follows it, a list and its lead."""
    if isinstance(block, Bullets):
        return isinstance(last, Heading | Para | Bullets)
    return isinstance(last, Heading) and isinstance(block, Para | Quote | Table)


def _numbered(title: str, number: int) -> str:
    mark = f" ({number})" if number > 1 else ""
    return cut(title if is_visible(title) else _NAMELESS, TITLE - len(mark)) + mark


def _merged(blocks: Sequence[Element]) -> list[Element]:
    merged: list[Element] = []
    for block in blocks:
        if merged and merged[-1]["type"] == block["type"] == "rich_text":
            merged[-1] = {"type": "rich_text", "elements": [*merged[-1]["elements"], *block["elements"]]}
        else:
            merged.append(block)
    return merged


def _plain_text(text: str) -> Element:
    """A text object in which ":tada:" stays ":tada:"."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _context(text: str) -> list[Element]:
    pieces = [_plain_text(piece) for piece in chunks(shown(text).strip()) if is_visible(piece)]
    return [
        {"type": "context", "elements": pieces[at : at + CONTEXT_ELEMENTS]}
        for at in range(0, len(pieces), CONTEXT_ELEMENTS)
    ]


def _rows(table: Table) -> list[list[str]]:
    """All rows, the header first, each as long as the longest."""
    rows = [row for row in (table.header, *table.rows) if row]
    count = max(map(len, rows), default=0)
    return [[*map(_cell, row), *[_EMPTY_CELL] * (count - len(row))] for row in rows]


def _cell(text: str) -> str:
    return shown(text).strip() if is_visible(text) else _EMPTY_CELL


def _table(table: Table) -> Element:
    return {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in _rows(table)],
    }


def _table_lines(table: Table) -> list[Element]:
    lines = [" | ".join(map(_cell, row)) for row in (table.header, *table.rows) if row]
    return [
        element
        for number, row in enumerate(lines)
        for element in section((Bold(row) if number == 0 and table.header else Text(row),))
    ]


def _notification(summary: str, blocks: Sequence[Element]) -> str:
    """One line for the notification, as people read it when escaped for Slack."""
    words = line(summary)
    text = cut(words if is_visible(words) else line(" ".join(_texts(blocks))), NOTIFICATION)
    while (excess := units(escaped(text)) - NOTIFICATION) > 0:
        text = cut(text, units(text) - max(1, excess // 5))
    return escaped(text) or _NO_WORDS


def _texts(blocks: Sequence[Element]) -> Iterator[str]:
    for block in blocks:
        if block["type"] in ("actions", "image"):
            continue
        text = block.get("text", block.get("title"))
        if isinstance(text, str):
            yield text
        elif text is not None:
            yield str(text["text"])
        yield from _texts(block.get("elements") or block.get("child_blocks") or ())
