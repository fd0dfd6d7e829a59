"""Documents of every shape with hostile words, for property tests of the renderers."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from digest.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Buttons,
    Code,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Italic,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
)
from tests.hostile import texts

urls = st.sampled_from(
    (
        "https://arxiv.org/abs/2503.09527v2",
        "https://arxiv.org/pdf/2503.09527v2#page=3",
        "https://x.example/(a)_b?c=*d*",
    )
)
spans = st.one_of(
    texts.map(Text),
    texts.map(Bold),
    texts.map(Italic),
    texts.map(Code),
    st.builds(Link, texts.map(lambda text: f"x{text}"), urls),
)
lines = st.lists(spans, min_size=1, max_size=4).map(tuple)
_items = st.lists(lines, min_size=1, max_size=3).map(tuple)
_flat = st.one_of(
    st.builds(Heading, texts, st.integers(1, 3)),
    st.builds(Para, lines),
    st.builds(Context, lines),
    st.builds(Quote, lines),
    st.builds(Bullets, _items, st.booleans(), st.integers(1, 12), st.integers(0, 2)),
    st.builds(Table, st.tuples(texts, texts), st.lists(st.tuples(texts, texts), max_size=2).map(tuple)),
    st.just(Divider()),
)
_buttons = st.builds(Buttons, st.tuples(st.builds(Button, texts, st.just("explain 2503.09527v2"))))
blocks = st.one_of(_flat, _buttons, st.builds(Collapsible, texts, st.lists(_flat, max_size=3).map(tuple)))
documents = st.lists(blocks, max_size=6).map(lambda each: Document(tuple(each)))


def said(blocks: Iterable[Block]) -> Iterable[str]:
    """All texts of the blocks in order, buttons aside."""
    for block in blocks:
        match block:
            case Heading(text):
                yield text
            case Para(spans) | Context(spans) | Quote(spans):
                yield "".join(_text(span) for span in spans)
            case Bullets(items):
                yield from ("".join(_text(span) for span in item) for item in items)
            case Table(header, rows):
                yield from header
                yield from (cell for row in rows for cell in row)
            case Collapsible(title, inner):
                yield title
                yield from said(inner)


def _text(span: Span) -> str:
    return span.text
