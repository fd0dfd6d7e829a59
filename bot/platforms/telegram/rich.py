"""Documents as rich messages (Bot API 10.1), for chats that opted in: headings, tables, parts that fold.

Older clients show nothing of them, and some showed Chinese garbled in the first months, so they are a choice
and every document can still be sent as plain HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bot.platforms.telegram import split
from bot.platforms.telegram.html import (
    Markup,
    Piece,
    clean,
    escaped,
    opening,
    pieces,
    shown_address,
    table_line,
)
from bot.platforms.telegram.keyboard import Key, keyboard
from digest.document import (
    Block,
    Bold,
    Bullets,
    Collapsible,
    Context,
    Divider,
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

# https://core.telegram.org/bots/api#inputrichmessage, "Rich Message Limits". Blocks are counted with those
# inside them, list items and table rows.
MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_DEPTH = 16  # of which two details, lists four deep and a style take twelve
MAX_COLUMNS = 20

_LARGEST_HEADING = 3  # h1 would shout in a chat
_MAX_INDENT = 3
_MAX_FOLDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RichMessage:
    """A rich message as it is sent; `characters` are counted as UTF-16 code units, the safe way."""

    html: str
    characters: int
    blocks: int
    keyboard: tuple[tuple[Key, ...], ...] = ()

    @property
    def input_rich_message(self) -> dict[str, Any]:
        """The `InputRichMessage` for `sendRichMessage`. Text is text: nothing is looked for in it."""
        return {"html": self.html, "skip_entity_detection": True}


def message(document: Document) -> RichMessage:
    """The document as one rich message, however long; `parts` cuts it to size before."""
    body = _blocks(document.blocks)
    if not body.shows:
        body = _paragraph("p", (Text(document.summary),))
        body = body if body.shows else _paragraph("p", (Text("…"),))
    return RichMessage(
        html=body.html, characters=body.units, blocks=body.entities, keyboard=keyboard(document)
    )


def parts(document: Document) -> tuple[Document, ...]:
    """The document in parts that each fit one rich message, the buttons under the last."""
    return split.parts(document, form=_FORM)


def _whole(document: Document) -> split.Room:
    shown = message(document)
    return split.Room(shown.characters, shown.blocks)


def _one(block: Block, folded: bool) -> split.Room:
    shown = _blocks((block,))
    return split.Room(shown.units, shown.entities)


_FORM = split.Form(
    room=split.Room(MAX_CHARACTERS - 2_768, MAX_BLOCKS - 20), whole=_whole, block=_one, marks_per_span=0
)


# Of the Markup here, `entities` counts blocks.


def _blocks(blocks: Iterable[Block], folds: int = 0) -> Markup:
    body = Markup()
    for are_lists, group in groupby(blocks, key=lambda block: isinstance(block, Bullets)):
        if are_lists:
            body += _lists([block for block in group if isinstance(block, Bullets)])
        else:
            body += sum((_block(block, folds) for block in group), Markup())
    return body


def _block(block: Block, folds: int) -> Markup:
    match block:
        case Heading(text, level):
            return _paragraph(f"h{min(max(level, 1), 3) + _LARGEST_HEADING - 1}", (Text(text),))
        case Para(spans):
            return _paragraph("p", spans)
        case Context(spans):
            return _paragraph("footer", spans)
        case Quote(spans):
            return _paragraph("blockquote", spans)
        case Table(header, rows):
            return _table(header, rows)
        case Collapsible(title, inner):
            return _collapsible(title, _blocks(inner, folds + 1), folds)
        case Image(url, alt):  # a picture that cannot be fetched would cost the message
            return _paragraph("p", (Link(alt or shown_address(url), url),))
        case Divider():
            return Markup("<hr/>", "\u2014", 1)
        case _:
            return Markup()


def _collapsible(title: str, body: Markup, folds: int) -> Markup:
    summary = _inline((Text(title),))
    if not body.shows or folds >= _MAX_FOLDS:
        return _paragraph("p", (Bold(title),)) + body
    head = _within("summary", summary if summary.shows else _inline((Text("…"),)))
    return _within("details", head + body, 1)


def _within(tag: str, body: Markup, blocks: int = 0) -> Markup:
    return Markup(f"<{tag}>{body.html}</{tag}>", body.text, body.entities + blocks)


def _paragraph(tag: str, spans: Iterable[Span]) -> Markup:
    body = _inline(spans)
    # A quotation holds a paragraph of its own.
    return _within(tag, body, 2 if tag == "blockquote" else 1) if body.shows else Markup()


def _inline(spans: Iterable[Span]) -> Markup:
    return sum(map(_tagged, pieces(spans)), Markup())


def _tagged(piece: Piece) -> Markup:
    text = escaped(piece.text)
    text = text.replace("\n", " " if piece.tag == "code" else "<br>")
    if not piece.tag or piece.text.isspace():
        return Markup(text, piece.text)
    return Markup(f"{opening(piece)}{text}</{piece.tag}>", piece.text)


def _lists(lists: Sequence[Bullets]) -> Markup:
    """Neighbouring lists, those with a larger indent inside the item before them."""
    body = Markup()
    at = 0
    while at < len(lists):
        inner = at + 1
        while inner < len(lists) and _indent(lists[inner]) > _indent(lists[at]):
            inner += 1
        body += _list(lists[at], _lists(lists[at + 1 : inner]))
        at = inner
    return body


def _indent(each: Bullets) -> int:
    return min(each.indent, _MAX_INDENT)


def _list(each: Bullets, nested: Markup) -> Markup:
    items = [(number, _inline(item)) for number, item in enumerate(each.items, each.start)]
    told = [(number, item) for number, item in items if item.shows]
    if not told:
        return nested
    body = Markup()
    for at, (number, item) in enumerate(told):
        inner = item + nested if at == len(told) - 1 else item
        label = f' value="{number}"' if each.ordered else ""
        body += Markup(f"<li{label}>{inner.html}</li>", inner.text, inner.entities + 2)
    return _within("ol" if each.ordered else "ul", body, 1)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    told = [row for row in rows if table_line(header, row)]
    if max([len(header), *map(len, told)]) > MAX_COLUMNS:
        return _list(Bullets(tuple((Text(table_line(header, row)),) for row in told)), Markup())
    width = max([len(header), *map(len, told)])
    shown = [_row(header, "th", width)] if any(map(clean, header)) else []
    body = sum(shown + [_row(row, "td", width) for row in told], Markup())
    if not body.shows:
        return Markup()
    return Markup(f"<table bordered striped>{body.html}</table>", body.text, body.entities + 1)


def _row(cells: Sequence[str], tag: str, width: int) -> Markup:
    padded = [*cells, *[""] * (width - len(cells))]
    inner = (_within(tag, _inline((Text(cell.replace("\n", " ")),))) for cell in padded)
    return _within("tr", sum(inner, Markup()), 1)
