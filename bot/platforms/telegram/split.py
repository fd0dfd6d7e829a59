"""Documents too long for one Telegram message, cut on the tree: never inside a tag, a link or an emoji.

The parts are the same whenever they are made, and a part is cut no further: a delivery that is taken up again
after a crash finds the same messages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.platforms.telegram.html import MAX_ENTITIES, MAX_UNITS, clean, measured, message, table_line, utf16
from bot.platforms.telegram.typed import commands_apart
from digest.document import (
    Block,
    Bold,
    Bullets,
    Buttons,
    Collapsible,
    Context,
    Document,
    Heading,
    Image,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
)

_GAP = 2  # units between two blocks, at most
_MARKERS = 40  # units for a list's margin and number, or a quote's mark
_WORTHWHILE = 400  # units of room below which nothing is begun that does not fit
_TITLE = 100  # characters of a title that is repeated
_LONG_TITLE = 300
_ADDRESS = 64  # units of the address that a misleading link shows
_COSTLY = frozenset("@/#$.:")  # a word joiner may follow
_BREAKS = tuple(map(re.compile, (r"\n", r"[.!?](?=\s)|[。！？]", r"\s|(?<=[，、；])")))


@dataclass(frozen=True, slots=True)
class Room:
    """A size or what is left of one: UTF-16 units, and marks (entities, or blocks of a rich message)."""

    units: int
    marks: int

    def __add__(self, other: Room) -> Room:
        return Room(self.units + other.units, self.marks + other.marks)

    def __sub__(self, other: Room) -> Room:
        return Room(self.units - other.units, self.marks - other.marks)

    def holds(self, other: Room) -> bool:
        return other.units <= self.units and other.marks <= self.marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a kind of message is measured: a whole document, and a block, in a Collapsible or not."""

    room: Room
    whole: Callable[[Document], Room]
    block: Callable[[Block, bool], Room]
    marks_per_span: int


def _whole(document: Document) -> Room:
    shown = message(document)
    return Room(shown.units, shown.entities)


def _one(block: Block, folded: bool) -> Room:
    shown = measured(block, folded=folded)
    return Room(shown.units, shown.entities)


# A little below the limits: the server finds telephone and card numbers by itself.
HTML = Form(room=Room(MAX_UNITS - 196, MAX_ENTITIES - 5), whole=_whole, block=_one, marks_per_span=1)


def parts(document: Document, *, form: Form = HTML) -> tuple[Document, ...]:
    """The document in parts that each fit one message, the buttons under the last.

    Where something is folded the buttons stand under the part in which that begins, by the title: what is
    folded is detail. Lists go on with their numbers, tables with their headers, and a Collapsible under its
    title and " (2)".
    """
    if form.room.holds(form.whole(document)):
        return (document,)
    buttons: list[Block] = []
    blocks = tuple(_without_buttons(document.blocks, buttons))
    pages = _packed(blocks, form, first=form.room, full=form.room, folded=False)
    begins = (at for at, page in enumerate(pages) if any(isinstance(each, Collapsible) for each in page))
    pages[next(begins, -1)] += buttons
    return tuple(replace(document, blocks=tuple(page)) for page in pages)


def _without_buttons(blocks: Sequence[Block], buttons: list[Block]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case Buttons():
                buttons.append(block)
            case Collapsible(title, inner):
                kept = tuple(_without_buttons(inner, buttons))
                if len(title) > _LONG_TITLE:
                    yield Para((Bold(title),))
                    title = _short(title)
                yield Collapsible(title, kept)
            case _:
                yield block


def _packed(
    blocks: Sequence[Block], form: Form, *, first: Room, full: Room, folded: bool
) -> list[list[Block]]:
    """The blocks in pages of size `full`; the first has room for `first` only, and may be left empty."""
    packer = _Packer(form, first=first, full=full, folded=folded)
    for block in blocks:
        packer.put(block)
    return packer.pages


class _Packer:
    """Fills one page after another."""

    def __init__(self, form: Form, *, first: Room, full: Room, folded: bool) -> None:
        self.pages: list[list[Block]] = [[]]
        self._form = form
        self._left = first
        self._full = full
        self._folded = folded

    def put(self, block: Block) -> None:
        """Add a block, to this page if it fits, else to the next; in pieces if it fits none."""
        size = self._size(block)
        if size.units == _GAP:
            return  # shows nothing
        if self._left.holds(size):
            self._add(block, size)
        elif self._full.holds(size) and not self._flows(block):
            self._turn(before=block)
            if not self._left.holds(size):  # for the headings that came along
                self._turn()
            self._add(block, size)
        else:
            self._put_in_pieces(block)

    def _flows(self, block: Block) -> bool:
        """Whether a block that would fit the next page is begun on this one all the same."""
        if isinstance(block, Bullets):
            return len(block.items) > 1
        small = self._left.units > self._full.units * 2 // 3
        return isinstance(block, Collapsible | Table) and small

    def _put_in_pieces(self, block: Block) -> None:
        match block:
            case Bullets(items) if len(items) > 1:
                for number, item in enumerate(items):
                    self._put_item(replace(block, items=(item,), start=block.start + number))
            case Bullets((item,)):
                self._put_spans(item, lambda spans: replace(block, items=(spans,)))
            case Collapsible():
                self._put_collapsible(block)
            case Table():
                self._put_table(block)
            case Heading(text, level):
                self._put_spans((Text(text),), lambda spans: Heading(_plain(spans), level))
            case Para(spans):
                self._put_spans(spans, Para)
            case Context(spans):
                self._put_spans(spans, Context)
            case Quote(spans):
                self._put_spans(spans, Quote)
            case Image(url, alt):
                self._put_spans((Link(alt, url),), Para)

    def _put_item(self, single: Bullets) -> None:
        """A list item, joined to the items before it on the same page."""
        before = len(self.pages)
        last = self.pages[-1][-1] if self.pages[-1] else None
        self.put(single)
        page = self.pages[-1]
        if len(self.pages) == before and page and page[-1] == single and _goes_on(last, single):
            assert isinstance(last, Bullets)
            page[-2:] = [replace(last, items=last.items + single.items)]

    def _put_spans(self, spans: Sequence[Span], make: Callable[[tuple[Span, ...]], Block]) -> None:
        if self._left.units < _WORTHWHILE or self._left.marks < 2:
            self._turn(before=make(tuple(spans)))
        rest = tuple(_cleaned(span) for span in spans)
        rest = rest if make is Quote else commands_apart(rest)  # each takes a mark
        while rest:
            room = self._left - Room(_MARKERS + _GAP, 1)
            head, rest = _cut(rest, room, self._form.marks_per_span)
            block = make(head)
            size = self._size(block)
            if size.units > _GAP:
                self._add(block, size)
                if rest:
                    self._turn()

    def _put_collapsible(self, block: Collapsible) -> None:
        begun = False
        frame = self._frame(block)
        if not self._left.holds(frame + Room(_WORTHWHILE, 5)):
            self._turn(before=block)
        inner = _packed(
            block.blocks, self._form, first=self._left - frame, full=self._full - frame, folded=True
        )
        number = 1
        for at, page in enumerate(inner):
            if at:
                self._turn(before=None if begun else block)
            if page:
                title = f"{_short(block.title)} ({number})" if begun else block.title
                each = Collapsible(title, tuple(page))
                self._add(each, self._size(each))
                begun = True
                number += 1

    def _frame(self, block: Collapsible) -> Room:
        """What a Collapsible takes beside its blocks, under its title and under the one that is repeated."""
        titles = (block.title, f"{_short(block.title)} (999)")
        sizes = [self._size(Collapsible(title, (Para((Text("x"),)),))) for title in titles]
        return Room(max(size.units for size in sizes), max(size.marks for size in sizes))

    def _put_table(self, block: Table) -> None:
        rows = [row for row in block.rows if table_line(block.header, row)]
        if not rows:
            self._put_line((), block.header)
        while rows:
            count = self._fitting(block.header, rows)
            if count:
                part = Table(block.header, tuple(rows[:count]))
                self._add(part, self._size(part))
                del rows[:count]
            elif self._left != self._full:
                self._turn(before=block)
            else:
                self._put_line(block.header, rows.pop(0))

    def _fitting(self, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> int:
        """How many of the rows there is room for."""
        for count in range(1, len(rows) + 1):
            if not self._left.holds(self._size(Table(header, tuple(rows[:count])))):
                return count - 1
        return len(rows)

    def _put_line(self, header: Sequence[str], row: Sequence[str]) -> None:
        self._put_spans((Text(table_line(header, row)),), Para)

    def _add(self, block: Block, size: Room) -> None:
        self.pages[-1].append(block)
        self._left -= size

    def _turn(self, before: Block | None = None) -> None:
        """Begin a new page; the headings of the block that comes go with it."""
        page = self.pages[-1]
        if not page and len(self.pages) > 1:
            return
        taken = 0
        while before is not None and taken < len(page) - 1 and _leads(page[-1 - taken], before):
            taken += 1
        carried = page[len(page) - taken :] if taken else []
        del page[len(page) - len(carried) :]
        self.pages.append([])
        self._left = self._full
        for block in carried:
            self._add(block, self._size(block))

    def _size(self, block: Block) -> Room:
        size = self._form.block(block, self._folded)
        return Room(size.units + _GAP, size.marks)


def _goes_on(last: Block | None, single: Bullets) -> bool:
    return (
        isinstance(last, Bullets)
        and (last.ordered, last.indent) == (single.ordered, single.indent)
        and last.start + len(last.items) == single.start
    )


def _leads(block: Block, to: Block) -> bool:
    """Whether a block is the heading of the one after it, and short enough to be moved."""
    if isinstance(block, Heading):
        return len(block.text) <= _LONG_TITLE
    return isinstance(block, Para) and isinstance(to, Bullets) and len(_plain(block.spans)) <= _TITLE


def _plain(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"


def _cleaned(span: Span) -> Span:
    return replace(span, text=clean(span.text))


def _cut(
    spans: tuple[Span, ...], room: Room, marks_per_span: int
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The longest beginning that fits the room and ends well, and the rest."""
    end = _reach(spans, room, marks_per_span)
    text = _plain(spans)
    if end >= len(text):
        return spans, ()
    at = _good_break(text, end, _links(spans))
    head, rest = _divided(spans, at)
    return _trimmed(head, str.rstrip, -1), _trimmed(rest, str.lstrip, 0)


def _reach(spans: Sequence[Span], room: Room, marks_per_span: int) -> int:
    """How many characters fit, at the most that they can cost; one at least."""
    units, marks, reached = room.units, room.marks, 0
    for span in spans:
        if not isinstance(span, Text):
            marks -= marks_per_span
        if isinstance(span, Link):
            units -= _ADDRESS
        if marks < 0:
            break
        for character in span.text:
            units -= utf16(character) + (character in _COSTLY)
            if units < 0:
                return max(reached, 1)
            reached += 1
    return max(reached, 1)


def _links(spans: Sequence[Span]) -> list[tuple[int, int]]:
    found, at = [], 0
    for span in spans:
        if isinstance(span, Link):
            found.append((at, at + len(span.text)))
        at += len(span.text)
    return found


def _good_break(text: str, end: int, links: Sequence[tuple[int, int]]) -> int:
    """Where to cut at or before `end`: after a line, a sentence or a word; in a link only if it is all."""

    def outside(at: int) -> bool:
        return not any(start < at < stop for start, stop in links)

    for pattern in _BREAKS:
        found = [each.end() for each in pattern.finditer(text, end // 2, end) if outside(each.end())]
        if found:
            return found[-1]
    start = next((start for start, stop in links if start < end < stop), 0)
    return start or _between_characters(text, end)


def _between_characters(text: str, end: int) -> int:
    """The place at or before `end` where no accent or emoji is taken from what it belongs to."""
    for at in range(end, max(end - 32, 0), -1):
        if not (_belongs(text[at]) or text[at - 1] == "\u200d"):
            return at
    return end


def _belongs(character: str) -> bool:
    return (
        character == "\u200d"
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _divided(spans: Sequence[Span], at: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    head: list[Span] = []
    for index, span in enumerate(spans):
        if at < len(span.text):
            first = [replace(span, text=span.text[:at])] if at else []
            return (*head, *first), (replace(span, text=span.text[at:]), *spans[index + 1 :])
        head.append(span)
        at -= len(span.text)
    return tuple(head), ()


def _trimmed(spans: tuple[Span, ...], trim: Callable[[str], str], at: int) -> tuple[Span, ...]:
    if not spans:
        return spans
    trimmed = list(spans)
    trimmed[at] = replace(spans[at], text=trim(spans[at].text))
    return tuple(trimmed)
