"""A Document in parts that each make one Slack message: cut in the tree, never in markup."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.platforms.slack.blocks import laid_out
from bot.platforms.slack.limits import BLOCKS, CONTENT, weight
from digest.document import (
    Block,
    Bold,
    Bullets,
    Buttons,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
    plain,
)

_SENTENCE = re.compile(r"[.!?][\"”’)\]]*\s+|[。！？；][”’）」]*|\n")
_WORD = re.compile(r"\s+|(?<=[\u3000-\u9fff\uff00-\uffef])(?=[\u3000-\u9fff])")
_LABEL = 1_000  # characters of a link's text up to which it stays in one piece
_TITLE = 300  # characters of a title that can fold; a longer one is a heading
_AGAIN = 100  # characters of a title that are said again

Fits = Callable[[Block], bool]
Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Left:
    """A block still to be placed; `number` counts the parts of a collapsible that was called `title`."""

    block: Block
    title: str = ""
    number: int = 1


def parts(document: Document, *, most: int = CONTENT) -> tuple[Document, ...]:
    """The document as one or more, each of which fits one message, rich or plain, of `most` characters.

    Lists go on with the right number, collapsibles under their title and " (2)", tables under their header;
    a heading stays with what it heads and buttons with what stands before them. Other blocks are cut only
    where they are longer than a message: between sentences, else between words. Buttons behind something
    folded move before it, to the title: what is folded is detail.
    """

    def fit(blocks: Sequence[Block]) -> bool:
        return _fits(blocks, most)

    if fit(document.blocks):
        return (document,)
    packed = [blocks for blocks in _packed(_buttons_first(document.blocks), fit) if laid_out(blocks)]
    count = len(packed)
    summary = document.summary.strip()
    return tuple(
        Document(blocks, summary=f"{summary[:280]} ({number}/{count})" if summary and count > 1 else summary)
        for number, blocks in enumerate(packed, 1)
    )


def _buttons_first(blocks: Sequence[Block]) -> tuple[Block, ...]:
    folds = [at for at, block in enumerate(blocks) if isinstance(block, Collapsible)]
    if not folds:
        return tuple(blocks)
    before, after = blocks[: folds[0]], blocks[folds[0] :]
    buttons = [block for block in after if isinstance(block, Buttons)]
    return (*before, *buttons, *(block for block in after if not isinstance(block, Buttons)))


def _fits(blocks: Sequence[Block], most: int) -> bool:
    forms = (laid_out(blocks, plain=plain) for plain in (False, True))
    return all(len(form) <= BLOCKS and weight(form) <= most for form in forms)


def _packed(blocks: Sequence[Block], fit: Callable[[Sequence[Block]], bool]) -> list[tuple[Block, ...]]:
    """The blocks in as few groups that `fit` as filling one after the other gives."""
    queue = deque(_Left(block) for block in blocks)
    packed: list[tuple[Block, ...]] = []
    current: list[Block] = []
    while queue:
        left = queue.popleft()
        if isinstance(left.block, Divider) and packed and not current:
            continue  # the gap between two messages divides enough
        if fit((*current, left.block)):
            current.append(left.block)
            continue
        halves = _split(left.block, room=_beside(current, fit), alone=_beside((), fit))
        if halves is not None:
            head, rest = halves
            if head:
                packed.append((*current, *head))
                current = []
            following = (
                _renamed(left, rest) if head else [replace(left, block=rest[0]), *map(_Left, rest[1:])]
            )
            queue.extendleft(reversed(following))
        elif current:
            closed, current = _closed(current, left.block, fit)
            packed.append(closed)
            queue.appendleft(left)
        else:
            current.append(left.block)  # nothing smaller can be made of it
    return [*packed, tuple(current)] if current else packed


def _beside(placed: Sequence[Block], fit: Callable[[Sequence[Block]], bool]) -> Fits:
    before = tuple(placed)
    return lambda block: fit((*before, block))


def _renamed(left: _Left, rest: Sequence[Block]) -> list[_Left]:
    """What is left of a block after its head has been placed; a collapsible goes on under its own title."""
    first, *others = rest
    if not isinstance(first, Collapsible):
        return [_Left(block) for block in rest]
    title, number = left.title or first.title, left.number + 1
    again = replace(first, title=f"{title if len(title) <= _AGAIN else title[:_AGAIN] + '…'} ({number})")
    return [_Left(again, title, number), *map(_Left, others)]


def _closed(
    current: Sequence[Block], following: Block, fit: Callable[[Sequence[Block]], bool]
) -> tuple[tuple[Block, ...], list[Block]]:
    """The part's blocks, and those of its end that go along with what follows."""
    at = len(current)
    if isinstance(following, Buttons) and isinstance(current[-1], Para | Context):
        at -= 1
    while at > 0 and (isinstance(current[at - 1], Heading) or _leads(current, at, following)):
        at -= 1
    carried = list(current[at:])
    if at == 0 or not fit((*carried, following)):
        at, carried = len(current), []
    end = at
    while end > 1 and isinstance(current[end - 1], Divider):
        end -= 1
    return tuple(current[:end]), carried


def _leads(current: Sequence[Block], at: int, following: Block) -> bool:
    """Whether the last paragraph only introduces the list that follows."""
    last = current[at - 1]
    return (
        at == len(current)
        and isinstance(last, Para)
        and isinstance(following, Bullets)
        and plain(last.spans).rstrip().endswith((":", "："))
    )


def _split(block: Block, *, room: Fits, alone: Fits) -> tuple[tuple[Block, ...], tuple[Block, ...]] | None:
    """What of the block has `room`, and the rest; None if nothing has, or it is better left whole.

    `alone` tells whether a block fits a message of its own.
    """
    match block:
        case Bullets():
            return _split_list(block, room=room, alone=alone)
        case Table():
            return _split_table(block, room=room, alone=alone)
        case Collapsible():
            return _split_collapsible(block, room=room, alone=alone)
        case Buttons(buttons):
            count = _most(len(buttons) - 1, lambda n: room(Buttons(buttons[:n])))
            return ((Buttons(buttons[:count]),), (Buttons(buttons[count:]),)) if count else None
        case Heading(text, level) if not alone(block):
            halves = _split_spans((Text(text),), lambda head: room(Heading(plain(head), level)))
            return halves and ((Heading(plain(halves[0]), level),), (Heading(plain(halves[1]), level),))
        case Para() | Context() | Quote() if not alone(block):
            kind = type(block)
            halves = _split_spans(block.spans, lambda head: room(kind(head)))
            return halves and ((kind(halves[0]),), (kind(halves[1]),))
        case _:
            return None


def _split_list(
    block: Bullets, *, room: Fits, alone: Fits
) -> tuple[tuple[Block, ...], tuple[Block, ...]] | None:
    def of(items: Sequence[Spans], start: int = block.start) -> Bullets:
        return replace(block, items=tuple(items), start=start)

    items = block.items
    count = _most(len(items) - 1, lambda n: room(of(items[:n])))
    if count:
        return (of(items[:count]),), (of(items[count:], block.start + count),)
    if not items or alone(of(items[:1])):
        return None
    halves = _split_spans(items[0], lambda head: room(of([head])))
    if halves is None:
        return None
    after = (of(items[1:], block.start + 1),) if items[1:] else ()
    return (of([halves[0]]),), (Para(halves[1]), *after)


def _split_table(
    block: Table, *, room: Fits, alone: Fits
) -> tuple[tuple[Block, ...], tuple[Block, ...]] | None:
    header, rows = block.header, block.rows
    count = _most(len(rows) - 1, lambda n: room(Table(header, rows[:n])))
    if count:
        return (Table(header, rows[:count]),), (Table(header, rows[count:]),)
    if alone(Table(header, rows[:1])):
        return None
    lines = (Para((Text(" | ".join(row)),)) for row in rows)
    return (), (Para((Bold(" | ".join(header)),)), *lines)


def _split_collapsible(
    block: Collapsible, *, room: Fits, alone: Fits
) -> tuple[tuple[Block, ...], tuple[Block, ...]] | None:
    title, inner = block.title, _unfolded(block.blocks)
    if len(title) > _TITLE:
        return (), (Heading(title, 3), Collapsible(f"{title[:_AGAIN]}…", inner))

    def of(blocks: Sequence[Block]) -> Collapsible:
        return Collapsible(title, tuple(blocks))

    if not inner:
        return None
    count = _most(len(inner) - 1, lambda n: room(of(inner[:n])))
    kept, following, after = inner[:count], inner[count], inner[count + 1 :]
    halves = _split(
        following, room=lambda head: room(of((*kept, head))), alone=lambda block: alone(of((block,)))
    )
    if halves is not None:
        head, rest = halves
        return (of((*kept, *head)),) if kept or head else (), (of((*rest, *after)),)
    while count and isinstance(inner[count - 1], Heading):
        count -= 1
    if not count and not alone(of((*kept, following))):
        count = len(kept)
    return ((of(inner[:count]),), (of(inner[count:]),)) if count else None


def _unfolded(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks of a collapsible as they are shown: those that would fold in it do not."""
    flat: list[Block] = []
    for block in blocks:
        if isinstance(block, Collapsible):
            flat += (Heading(block.title, 3), *_unfolded(block.blocks))
        else:
            flat.append(block)
    return tuple(flat)


def _most(count: int, holds: Callable[[int], bool]) -> int:
    """The largest number of 0 to `count` that holds, where all smaller ones do."""
    return bisect_left(range(1, count + 1), True, key=lambda number: not holds(number))


def _split_spans(spans: Spans, room: Callable[[Spans], bool]) -> tuple[Spans, Spans] | None:
    """The spans cut at the last sentence that has room, else at the last word; links stay whole."""
    text = plain(spans)
    most = _most(len(text) - 1, lambda n: room(_cut(spans, n)[0]))
    for border in (_SENTENCE, _WORD):
        ends = (found.end() for found in border.finditer(text, 0, most))
        ends_inside = [end for end in ends if end >= most // 2 and _outside_links(spans, end) == end]
        if ends_inside:
            return _cut(spans, ends_inside[-1])
    at = _outside_links(spans, most)
    return _cut(spans, at) if at else None


def _outside_links(spans: Spans, at: int) -> int:
    """The place itself, or the start of the link that it is in."""
    start = 0
    for span in spans:
        end = start + len(span.text)
        if start < at < end:
            return start if isinstance(span, Link) and len(span.text) <= _LABEL else at
        start = end
    return at


def _cut(spans: Spans, at: int) -> tuple[Spans, Spans]:
    head: list[Span] = []
    rest: list[Span] = []
    for span in spans:
        size = len(span.text)
        if at >= size:
            head.append(span)
        elif at <= 0:
            rest.append(span)
        else:
            head.append(replace(span, text=span.text[:at]))
            rest.append(replace(span, text=span.text[at:]))
        at -= size
    return tuple(head), tuple(rest)
