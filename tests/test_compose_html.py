"""Documents as an HTML page: everything escaped, nothing loaded, nothing run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings

from bot.platforms.html import fragment, page
from digest.document import Button, Buttons, Document, Image, Link, bullets, para
from tests.documents import documents, said

_TAGS = {
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "a", "br", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "hr", "span"),
}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> _Page:
    reader = _Page()
    reader.feed(html)
    reader.close()
    return reader


def _words(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]", "", text)


@settings(max_examples=80, deadline=None)
@given(document=documents)
def test_no_words_become_markup(document: Document) -> None:
    document = Document(tuple(block for block in document.blocks if not isinstance(block, Buttons)))

    read = parsed(fragment(document))

    assert {tag for tag, _ in read.tags} <= _TAGS
    assert all(str(attrs["href"]).startswith("https://") for tag, attrs in read.tags if tag == "a")
    assert _words(read.text) == _words("".join(said(document.blocks)))


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    html = page([Document((Image("https://x.example/a.png", "Figure 1"),), summary="A <title>")])

    assert "<script" not in html
    assert "<img" not in html
    assert "default-src 'none'" in html
    assert "<title>A &lt;title&gt;</title>" in html


def test_an_address_that_is_not_on_the_web_is_no_link() -> None:
    html = fragment(
        Document((para(Link("x", "javascript:alert(1)")), Buttons((Button("y", url="data:text/html,z"),))))
    )

    assert "javascript" not in html
    assert "data:" not in html


def test_lists_nest_in_the_item_before_them() -> None:
    html = fragment(Document((bullets([["a"]]), bullets([["b"]], indent=1), bullets([["c"]]))))

    assert html == "<ul><li>a<ul><li>b</li></ul></li></ul><ul><li>c</li></ul>"


def test_replies_stand_in_a_thread_and_fold_unless_asked() -> None:
    document = Document((para("parent"),))

    html = page([document], replies=[Document((para("reply"),))])

    assert '<section class="thread">\n<p>reply</p>' in html
