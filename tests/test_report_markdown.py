"""Markdown that CommonMark's reference rules read as it was meant, whatever the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from digest.document import (
    Bold,
    Code,
    Collapsible,
    Document,
    Heading,
    Italic,
    Link,
    Table,
    Text,
    bullets,
    para,
)
from digest.markdown import escape, markdown
from tests.documents import documents, said
from tests.hostile import texts

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(source: str) -> Iterator[Any]:
    for token in _READER.parse(source):
        yield token
        yield from token.children or ()


def words(texts: Sequence[str]) -> str:
    """The texts without spaces and what cannot be written: controls and unpaired surrogates."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", "".join(texts))


@settings(max_examples=100, deadline=None)
@given(document=documents)
def test_what_is_written_is_what_is_read(document: Document) -> None:
    found = list(tokens(markdown(document)))

    shown = [token.content for token in found if token.type in {"text", "code_inline"}]
    assert words(shown) == words(list(said(document.blocks)))
    kinds = {token.type for token in found}
    assert not kinds & {"html_block", "html_inline", "fence", "code_block", "image", "s_open"}
    addresses = [token.attrGet("href") for token in found if token.type == "link_open"]
    assert all(str(address).startswith(("https://arxiv.org/", "https://x.example/")) for address in addresses)


@settings(max_examples=80, deadline=None)
@given(text=texts)
@example(text="1. x")
@example(text="a\n===")
@example(text="http://evil.example and www.evil.example")
def test_a_text_is_one_paragraph_of_text(text: str) -> None:
    kinds = {token.type for token in tokens(markdown(Document((para(text),))))}

    assert kinds <= {
        "paragraph_open",
        "inline",
        "text",
        "hardbreak",
        "softbreak",
        "paragraph_close",
        "text_special",
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("R&D at p < 0.05 in C#", "R&D at p < 0.05 in C#"),
        ("f_1 *and* [1]", r"f\_1 \*and\* \[1\]"),
        ("&lt; <b>", r"\&lt; \<b>"),
        ("$5 and $6", r"\$5 and \$6"),
    ],
)
def test_only_what_would_act_is_escaped(text: str, written: str) -> None:
    assert escape(text) == written


def test_lists_nest_by_their_indent_and_number_on() -> None:
    document = Document(
        (
            bullets([[Bold("Datasets")]]),
            bullets([["CUBench"], ["NAVSIM"]], indent=1),
            bullets([[Bold("Results")]]),
        )
    )

    assert markdown(document) == "- **Datasets**\n  - CUBench\n  - NAVSIM\n- **Results**\n"
    assert markdown(Document((bullets([["x"]], ordered=True, start=10),))) == "10. x\n"


def test_a_line_break_in_an_item_stays_in_the_item() -> None:
    assert markdown(Document((bullets([["one\ntwo"]], ordered=True),))) == "1. one\\\n   two\n"


def test_emphasis_that_could_not_be_read_is_left_out() -> None:
    inside = para("x", Bold("(y)"), "z")
    touching = para(Bold("a"), Italic("b"))

    assert markdown(Document((inside,))) == "x(y)z\n"
    assert markdown(Document((touching,))) == "**a**b\n"
    assert markdown(Document((para("Combat", Bold("VLA"), "!"),))) == "Combat**VLA**!\n"


def test_code_keeps_its_backticks() -> None:
    assert markdown(Document((para(Code("a`b"), Code("`")),))) == "``a`b`` `` ` ``\n"


def test_headings_links_tables_and_folded_parts_have_their_markdown() -> None:
    document = Document(
        (
            Heading("C #"),
            para(Link("a]b", "https://x.example/(1)")),
            Table(("a", "b"), (("1|2", "3"),)),
            Collapsible("More", (para(Text("inside")),)),
        )
    )

    assert markdown(document).split("\n\n") == [
        r"# C \#",
        r"[a\]b](https://x.example/%281%29)",
        "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
        "**More**",
        "inside\n",
    ]
