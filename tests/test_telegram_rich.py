"""Documents as rich messages: the tags that Telegram knows, within its limits, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings

from bot.platforms.telegram.rich import message, parts
from digest.compose import compose, explanation
from digest.document import (
    Block,
    Bold,
    Button,
    Buttons,
    Collapsible,
    Divider,
    Document,
    Heading,
    Image,
    Link,
    Table,
    bullets,
    context,
    para,
)
from tests.compose_samples import BY_MODEL, COMBAT, DIGEST
from tests.test_telegram_html import hostile, lost

# Of the tags in "Rich HTML style" (https://core.telegram.org/bots/api#rich-message-formatting-options) those
# that are used, and what each may stand in.
_PARAGRAPHS = {"h3", "h4", "h5", "p", "footer", "blockquote", "summary", "th", "td"}
_FLOW = {"", "details"}
_PARENTS = {
    **dict.fromkeys(("h3", "h4", "h5", "p", "footer", "blockquote", "table", "hr", "details"), _FLOW),
    **{tag: {*_PARAGRAPHS, "li"} for tag in ("b", "i", "code", "a")},
    "br": {*_PARAGRAPHS, "li", "b", "i", "a"},
    "ul": {*_FLOW, "li"},
    "ol": {*_FLOW, "li"},
    "summary": {"details"},
    "li": {"ul", "ol"},
    "tr": {"table"},
    "th": {"tr"},
    "td": {"tr"},
}
_ATTRIBUTES = {"a": {"href"}, "li": {"value"}, "table": {"bordered", "striped"}}
# A list item and a quotation hold a paragraph each.
_BLOCKS = {
    "h3": 1,
    "h4": 1,
    "h5": 1,
    "p": 1,
    "footer": 1,
    "hr": 1,
    "ul": 1,
    "ol": 1,
    "details": 1,
    "table": 1,
}
_BLOCKS |= {"tr": 1, "li": 2, "blockquote": 2}


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = [""]
        self.text = ""
        self.characters = 0
        self.blocks = self.depth = 0
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.stack[-1] not in _PARENTS.get(tag, set()):
            self.wrong.append(f"<{tag}> in <{self.stack[-1]}>")
        if not {name for name, _ in attrs} <= _ATTRIBUTES.get(tag, set()):
            self.wrong.append(f"<{tag} {attrs}>")
        self.blocks += _BLOCKS.get(tag, 0)
        self.text += " "
        if tag not in ("br", "hr"):
            self.stack.append(tag)
            self.depth = max(self.depth, len(self.stack) - 1)

    def handle_endtag(self, tag: str) -> None:
        if tag != "hr" and self.stack.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data
        self.characters += len(data.encode("utf-16-le")) // 2
        if self.stack[-1] in ("", *_FLOW, "ul", "ol", "tr", "table"):
            self.wrong.append(f"{data!r} in <{self.stack[-1]}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


@dataclass(frozen=True)
class Read:
    """What a strict reader makes of a rich message."""

    text: str
    characters: int
    blocks: int
    depth: int
    wrong: tuple[str, ...]


def read(html: str) -> Read:
    reader = _Strict()
    reader.feed(html)
    reader.close()
    unclosed = [f"<{tag}> stays open" for tag in reader.stack[1:]]
    return Read(reader.text, reader.characters, reader.blocks, reader.depth, (*reader.wrong, *unclosed))


def judge(document: Document) -> list[str]:
    """Everything that is wrong with the rich messages of a document."""
    shown, wrong = "", []
    for part in parts(document):
        sent = message(part)
        seen = read(sent.html)
        shown += seen.text
        wrong += seen.wrong
        if seen.characters > 32_768 or seen.blocks > 500 or seen.depth > 16:
            wrong.append(f"{seen.characters} characters, {seen.blocks} blocks, {seen.depth} deep")
        if seen.characters > sent.characters or seen.blocks > sent.blocks:
            wrong.append(f"{seen.characters}, {seen.blocks} counted as {sent.characters}, {sent.blocks}")
        if parts(part) != (part,) or not sent.input_rich_message["skip_entity_detection"]:
            wrong.append("cut again, or searched for mentions")
    return wrong + lost(document, shown)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=hostile)
def test_whatever_the_words_rich_messages_are_valid_within_the_limits_and_whole(document: Document) -> None:
    assert judge(document) == []


def test_a_day_fits_rich_messages_one_each() -> None:
    messages = compose(DIGEST, timezone="Europe/Paris")
    documents = (
        messages.parent,
        *(reply.document for reply in messages.replies),
        explanation(BY_MODEL, COMBAT),
    )

    assert [len(parts(document)) for document in documents] == [1] * 5
    assert [judge(document) for document in documents] == [[]] * 5


def test_each_block_has_its_own_form() -> None:
    document = Document(
        (
            Heading("Title", 1),
            context("facts\nmore"),
            para(Link("a & b", 'https://x.example/"')),
            bullets([["one"]], ordered=True, start=3),
            bullets([["in it"]], indent=1),
            Table(("A", "B"), (("1", "2\n3"), ("x",))),
            Divider(),
            Collapsible("Full analysis", (para("inside"),)),
            Image("https://x.example/a.png", "Figure 1"),
            Buttons((Button("Show all", command="more"),)),
        )
    )

    sent = message(document)

    assert sent.html == (
        '<h3>Title</h3><footer>facts<br>more</footer><p><a href="https://x.example/&quot;">a &amp; b</a></p>'
        '<ol><li value="3">one<ul><li>in it</li></ul></li></ol>'
        "<table bordered striped><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2 3</td></tr>"
        "<tr><td>x</td><td></td></tr></table><hr/>"
        "<details><summary>Full analysis</summary><p>inside</p></details>"
        '<p><a href="https://x.example/a.png">Figure 1</a></p>'
    )
    assert sent.keyboard[0][0].command == "more"


def test_what_does_not_fit_one_rich_message_goes_on_under_the_same_title() -> None:
    document = Document((Collapsible("Results", (bullets([["x" * 90] for _ in range(600)]),)),))

    cut = parts(document)

    titles = [part.blocks[0].title for part in cut if isinstance(part.blocks[0], Collapsible)]
    assert titles == ["Results", "Results (2)", "Results (3)", "Results (4)"]
    assert all(message(part).blocks <= 500 for part in cut)


def test_parts_in_parts_are_told_without_folding_before_they_nest_too_deep() -> None:
    block: Block = bullets([[Bold("deep")]], indent=3)
    for _ in range(20):
        block = Collapsible("more", (bullets([["a"]]), bullets([["b"]], indent=1), block))

    assert judge(Document((block,))) == []


def test_a_table_of_more_columns_than_telegram_takes_is_told_in_lines() -> None:
    wide = Table(tuple(f"c{n}" for n in range(21)), (tuple(str(n) for n in range(21)),))

    assert message(Document((wide,))).html.startswith("<ul><li>c0: 0 · c1: 1")


def test_a_document_that_shows_nothing_sends_its_summary() -> None:
    assert message(Document((para("\u200d"),), summary="3 papers")).html == "<p>3 papers</p>"
    assert message(Document(())).html == "<p>…</p>"
