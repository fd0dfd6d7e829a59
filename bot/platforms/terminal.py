"""A Document on a terminal: lines of text, with ANSI styles and links where the terminal takes them.

Nothing in a document can act on the terminal: only what is printable is printed, and the escape sequences are
ours alone. Styles are the sixteen colours' and leave the colours to the reader's theme, dark or light.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from zlib import crc32

from rich.cells import cell_len

from bot.platforms.wrap import Line, Run, wrapped
from digest.document import (
    Block,
    Bold,
    Bullets,
    Buttons,
    Code,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Image,
    Italic,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
)

_BOLD, _DIM, _ITALIC, _CODE, _WARNING = "1", "2", "3", "36", "1;33"
_ADDRESS = re.compile(r"https?://[!-~]+")
_COMMANDS = frozenset({"explain"})
_PAGE = "#page="  # addresses of anchors: the text names the page, and they would drown the claims
_MIN_WIDTH = 20
_READINGS = frozenset({"abs", "PDF", "HTML"})  # of a paper whose identifier stands beside them


def print_document(document: Document, *, thread: bool = False) -> None:
    """Print a document to standard output, styled where that is a terminal."""
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    for line in render_lines(document, width, color=color, thread=thread):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def render_lines(
    document: Document,
    width: int,
    *,
    color: bool,
    thread: bool = False,
    commands: frozenset[str] = _COMMANDS,
) -> tuple[str, ...]:
    """The document as lines of at most `width` cells.

    With `color`, ANSI styles and OSC 8 links; without, plain text, addresses written out where no identifier
    tells them. `thread` sets the lines in behind a rail, under their parent. Of the buttons,
    those are shown whose command is one of `commands`.
    """
    rail = Run("│ ", _DIM) if thread else Run("")
    page = _Page(document, color=color, commands=commands)
    lines = page.blocks(document.blocks, max(width - rail.width, _MIN_WIDTH))
    return tuple(_printed((rail, *line), color=color) for line in ([()] if thread else []) + lines)


def _printed(line: Sequence[Run], *, color: bool) -> str:
    if not color:
        return "".join(run.text for run in line).rstrip()
    return "".join(_ansi(run) for run in line if run.text)


def _ansi(run: Run) -> str:
    text = f"\x1b[{run.style}m{run.text}\x1b[0m" if run.style else run.text
    if not run.url:
        return text
    # The id lets a terminal highlight a link as one when it is wrapped over lines.
    number = crc32(run.url.encode())
    return f"\x1b]8;id={number:x};{run.url}\x1b\\{text}\x1b]8;;\x1b\\"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else " " if character.isspace() else ""
        for character in text
    )


class _Page:
    """Lays out the blocks of one document."""

    def __init__(self, document: Document, *, color: bool, commands: frozenset[str]) -> None:
        self._color = color
        self._commands = commands
        links = [span for span in _spans_of(document.blocks) if isinstance(span, Link)]
        # Addresses that a reader of plain text can tell from the identifier or the text itself.
        self._told = {link.url for link in links if _tells(link)}

    def blocks(self, blocks: Sequence[Block], width: int) -> list[Line]:
        """All blocks, a blank line between them where one is needed."""
        lines: list[Line] = []
        previous: Block | None = None
        for block in blocks:
            shown = self._block(block, width)
            if shown and previous is not None and _apart(previous, block):
                lines.append(())
            lines += shown
            previous = block if shown else previous
        return lines

    def _block(self, block: Block, width: int) -> list[Line]:
        match block:
            case Heading(text, _):
                return wrapped([Run(_printable(text), _BOLD)], width)
            case Para(spans):
                return wrapped(self._runs(spans), width)
            case Context(spans):
                return wrapped(self._runs(spans, _DIM), width)
            case Quote(spans):
                return _indented(wrapped(self._runs(spans, _ITALIC), width - 2), Run("▏ ", _DIM))
            case Bullets():
                return self._list(block, width)
            case Collapsible(title, inner):
                heading = wrapped([Run(f"▾ {_printable(title)}", _BOLD)], width)
                return [*heading, (), *_indented(self.blocks(inner, width - 2), Run("  "))]
            case Table():
                return _table(block, width)
            case Image(url, alt):
                return wrapped(self._runs((Link(alt or url, url),), _DIM), width)
            case Buttons():
                shown = self._buttons(block)
                return wrapped(shown, width) if shown else []
            case Divider():
                return [(Run("─" * width, _DIM),)]

    def _list(self, block: Bullets, width: int) -> list[Line]:
        lines: list[Line] = []
        last = block.start + len(block.items) - 1
        size = len(str(last)) + 2 if block.ordered else 2
        margin = 2 * block.indent + (1 if block.ordered else 0)
        spaced = any("\n" in span.text for item in block.items for span in item)
        for number, item in enumerate(block.items, block.start):
            if spaced and lines:
                lines.append(())
            marker = f"{number}. ".rjust(size) if block.ordered else "• "
            inner = wrapped(self._item(item, spaced), width - margin - len(marker))
            first = Run(" " * margin + marker, _DIM if not block.ordered else _BOLD)
            rest = Run(" " * (margin + len(marker)))
            lines += [(first if index == 0 else rest, *line) for index, line in enumerate(inner)]
        return lines

    def _item(self, item: Sequence[Span], spaced: bool) -> list[Run]:
        """An item; where it has several lines the first stands out and the second is small print."""
        if not spaced:
            return self._runs(item)
        runs: list[Run] = []
        breaks = 0
        for span in item:
            runs += self._runs((span,), (_BOLD, _DIM, "")[min(breaks, 2)])
            breaks += span.text.count("\n")
        return runs

    def _runs(self, spans: Iterable[Span], base: str = "") -> list[Run]:
        return [run for span in spans for run in self._run(span, base)]

    def _run(self, span: Span, base: str) -> list[Run]:
        text = _printable(span.text)
        match span:
            case Text():
                return [Run(text, base)]
            case Bold():
                return [Run(text, _WARNING if text.startswith("⚠") else _BOLD)]
            case Italic():
                return [Run(text, f"{base};{_ITALIC}" if base else _ITALIC)]
            case Code():
                return [Run(text if self._color else f"`{text}`", _CODE)]
            case Link(_, url):
                return self._link(text, url, base)

    def _link(self, text: str, url: str, base: str) -> list[Run]:
        if not _ADDRESS.fullmatch(url):
            return [Run(text, base)]
        if self._color:
            return [Run(text, base or (_DIM if _PAGE in url else ""), url)]
        if url in self._told or _PAGE in url or text in _READINGS:
            return [Run(text, base)]
        self._told.add(url)
        return [Run(f"{text} <{url}>", base)]

    def _buttons(self, block: Buttons) -> list[Run]:
        shown = [
            Run(f"/{_printable(button.command)}", _CODE)
            for button in block.buttons
            if button.command.partition(" ")[0] in self._commands
        ]
        return [run for index, each in enumerate(shown) for run in ([Run("  ")] if index else []) + [each]]


def _apart(one: Block, other: Block) -> bool:
    """Whether a blank line stands between two blocks: not before a list, nor after a small heading."""
    if isinstance(other, Context) and isinstance(one, Heading | Context):
        return False
    if isinstance(other, Bullets) and isinstance(one, Bullets | Para):
        return False
    if isinstance(one, Heading):
        return one.level < 2
    return not (isinstance(other, Buttons) and isinstance(one, Context))


def _indented(lines: Iterable[Line], margin: Run) -> list[Line]:
    return [(margin, *line) if line or margin.text.strip() else () for line in lines]


def _tells(link: Link) -> bool:
    """Whether a link's text says where it leads: its last part, or the address without "https://"."""
    return link.url.rstrip("/").endswith(link.text.rstrip("/").rstrip("…")) and "." in link.text


def _spans_of(blocks: Iterable[Block]) -> Iterable[Span]:
    for block in blocks:
        match block:
            case Para(spans) | Context(spans) | Quote(spans):
                yield from spans
            case Bullets(items):
                yield from (span for item in items for span in item)
            case Collapsible(_, inner):
                yield from _spans_of(inner)


def _table(table: Table, width: int) -> list[Line]:
    """Columns side by side, the widest made narrower until all fit; cells wrap."""
    count = max([len(table.header), *(len(row) for row in table.rows)], default=0)
    rows = [
        [_printable(cell) for cell in (*row, *[""] * (count - len(row)))]
        for row in (table.header, *table.rows)
    ]
    sizes = [
        max(1, *(cell_len(line) for row in rows for line in row[column].split("\n")))
        for column in range(count)
    ]
    while sum(sizes) + 2 * (count - 1) > width and max(sizes, default=0) > 4:
        sizes[sizes.index(max(sizes))] -= 1
    lines: list[Line] = []
    for index, row in enumerate(rows):
        style = _BOLD if index == 0 else ""
        cells = [wrapped([Run(cell, style)], size) for cell, size in zip(row, sizes, strict=True)]
        lines += [_table_line(cells, sizes, line) for line in range(max(map(len, cells), default=0))]
        if index == 0 and count:
            lines.append((Run("─" * min(width, sum(sizes) + 2 * (count - 1)), _DIM),))
    return lines


def _table_line(cells: Sequence[Sequence[Line]], sizes: Sequence[int], index: int) -> Line:
    runs: list[Run] = []
    for cell, size in zip(cells, sizes, strict=True):
        line = cell[index] if index < len(cell) else ()
        used = sum(run.width for run in line)
        runs += [*line, Run(" " * (size - used + 2))]
    return tuple(runs[:-1])
