"""Documents as Telegram messages: valid HTML, within the limits, nothing live that is not a link of ours."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bot.platforms.telegram.html import MAX_ENTITIES, message
from bot.platforms.telegram.keyboard import Token, callback, command_of, markup
from bot.platforms.telegram.split import parts
from digest.compose import compose, explanation
from digest.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Buttons,
    Code,
    Collapsible,
    Context,
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
    bullets,
    context,
    para,
)
from tests.compose_samples import BY_MODEL, COMBAT, DIGEST
from tests.documents import documents

_GOLDEN = Path(__file__).parent / "data" / "golden"
_TOKEN = re.compile(
    r'<(?P<close>/)?(?P<tag>b|i|code|pre|a|blockquote)(?P<attribute> expandable| href="(?P<url>[^"<>]*)")?>'
    r"|&(?P<name>amp|lt|gt|quot);|(?P<text>[^<>&]+)"
)
_NAMES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
_INSIDE = {"blockquote": {"b", "i", "code", "a"}}  # nothing else contains anything here

# The server's rules, from the comments of TDLib's td/telegram/MessageEntity.cpp; stricter where simpler.
_HOST = r"[A-Za-z0-9_~\-\u00c0-\u1fff\u200c\u200d\u2010-\u2015\u2070-\U0010ffff]+"
_DETECTED = {
    "mention": re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)"),
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?![\w/<>])"),
    "hashtag": re.compile(r"(?<![\d\w\u200c])#[\d_\u200c]*[^\W\d_][\w\u200c]*(?!#)"),
    "cashtag": re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])"),
    "tg_url": re.compile(r"(?i:tg|ton)://[a-zA-Z0-9_-]+"),
    "url": re.compile(rf"(?P<scheme>://)?(?<!{_HOST[:-1]})(?P<host>{_HOST}(?:\.{_HOST})+)"),
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[a-zA-Z]{2,8}"),
}


@dataclass(frozen=True)
class Parsed:
    """What the server makes of the HTML: the text, and each entity with its place in it."""

    text: str
    entities: tuple[tuple[str, int, int, str], ...]

    @property
    def units(self) -> int:
        return len(self.text.encode("utf-16-le")) // 2

    def live(self) -> list[str]:
        """What the server would find in the text outside code and links."""
        closed = [(start, stop) for tag, start, stop, _ in self.entities if tag in ("code", "pre", "a")]
        return [
            f"{kind} {found[0]!r}"
            for kind, pattern in _DETECTED.items()
            for found in pattern.finditer(self.text)
            if not any(start < found.end() and found.start() < stop for start, stop in closed)
            and (kind != "url" or _is_domain(found))
        ]


def _is_domain(found: re.Match[str]) -> bool:
    labels = found["host"].rstrip(".").split(".")
    if found["scheme"] or (len(labels) == 4 and all(label.isdecimal() for label in labels)):
        return True
    return len(labels[-1]) > 1 and all(unicodedata.category(each)[0] in "LM" for each in labels[-1])


def parsed(html: str) -> Parsed:
    """Telegram's HTML, read as strictly as the server reads it and more so."""
    text, at = "", 0
    stack: list[tuple[str, int, str]] = []
    entities: list[tuple[str, int, int, str]] = []
    while at < len(html):
        token = _TOKEN.match(html, at)
        assert token, f"not Telegram's HTML: {html[at : at + 40]!r}"
        at = token.end()
        if token["tag"] is None:
            text += token["text"] or _NAMES[token["name"]]
        elif token["close"]:
            tag, start, url = stack.pop()
            assert tag == token["tag"], f"</{token['tag']}> closes <{tag}>"
            assert token["attribute"] is None
            assert text[start:], f"<{tag}> has no text"
            entities.append((tag, start, len(text), url))
        else:
            assert not stack or token["tag"] in _INSIDE.get(stack[-1][0], ()), f"{token[0]} in {stack[-1]}"
            assert (token["tag"] == "a") == (token["url"] is not None)
            url = re.sub(r"&(\w+);", lambda name: _NAMES[name[1]], token["url"] or "")
            stack.append((token["tag"], len(text), url))
    assert not stack, f"never closed: {stack}"
    return Parsed(text, tuple(entities))


def visible(text: str) -> str:
    """The characters that can be seen."""
    kept = "".join(
        " " if each in "\t\x0b\x0c\x85\u2028\u2029" else each
        for each in text
        if each in "\t\n\x0b\x0c\x85\u2028\u2029"
        or (unicodedata.category(each) not in ("Cc", "Cf", "Cs") and ord(each) & 0xFFFE != 0xFFFE)
    )
    return re.sub(r"\s", "", unicodedata.normalize("NFD", kept))


def told(blocks: Iterable[Block]) -> Iterable[str]:
    """All texts in order, those of tables and buttons aside."""
    for block in blocks:
        match block:
            case Heading(text):
                yield text
            case Para(spans) | Context(spans) | Quote(spans):
                yield "".join(span.text for span in spans)
            case Bullets(items):
                yield from ("".join(span.text for span in item) for item in items)
            case Image(_, alt):
                yield alt
            case Collapsible(title, inner):
                yield title
                yield from told(inner)


def cells(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        match block:
            case Table(header, rows):
                yield from header
                yield from (cell for row in rows for cell in row)
            case Collapsible(_, inner):
                yield from cells(inner)


def lost(document: Document, shown: str) -> list[str]:
    """What of the document is not in the text, in its order."""
    missing, seen, at = [], visible(shown), 0
    for text in told(document.blocks):
        for character in visible(text):
            found = seen.find(character, at)
            if found < 0:
                missing.append(text)
                break
            at = found + 1
    return missing + [cell for cell in cells(document.blocks) if not _within(visible(cell), seen)]


def _within(part: str, whole: str) -> bool:
    """Whether the characters of the part stand in the whole in their order, as where a page was turned."""
    rest = iter(whole)
    return part in whole or all(character in rest for character in part)


def grown(document: Document, factor: int) -> Document:
    """The document with every text of its spans that many times as long."""
    return Document(tuple(_grown(block, factor) for block in document.blocks), summary=document.summary)


def _grown(block: Block, factor: int) -> Block:
    def longer(spans: Iterable[Span]) -> tuple[Span, ...]:
        return tuple(replace(span, text=span.text * factor) for span in spans)

    match block:
        case Heading(text, level):
            return Heading(text * factor, level)
        case Para(spans):
            return Para(longer(spans))
        case Context(spans):
            return Context(longer(spans))
        case Quote(spans):
            return Quote(longer(spans))
        case Bullets(items):
            return replace(block, items=tuple(map(longer, items * min(factor, 5))))
        case Table(header, rows):
            return Table(header, tuple(tuple(cell * factor for cell in row) for row in rows))
        case Collapsible(title, inner):
            return Collapsible(title, tuple(_grown(each, factor) for each in inner))
    return block


_IMAGES = st.builds(Image, st.just("https://x.example/a_b.png"), st.text(max_size=5))
_PIECES = st.sampled_from(
    (
        "@",
        "every",
        "one",
        "/",
        "start",
        "cs",
        ".",
        "AI",
        "#",
        "tag",
        "t",
        "me",
        "://",
        "$US",
        "127.0.0.1",
        "http",
        "1a",
    )
)
_JOINTS = st.lists(
    st.builds(lambda kind, text: kind(text), st.sampled_from((Text, Bold, Code)), _PIECES), max_size=8
).map(tuple)
hostile = st.builds(
    lambda document, image, joints, factor, times, many: grown(
        Document((*document.blocks, image, *[Para(joints), Bullets((joints,))] * many) * times), factor
    ),
    documents,
    _IMAGES,
    _JOINTS,
    st.sampled_from((*[1] * 12, 20, 40, 150)),
    st.sampled_from((1, 1, 1, 1, 3)),
    st.sampled_from((1, 1, 1, 1, 1, 25)),
)


@dataclass
class Figures:
    """What `hostile_run` counted; all but the first two ought to be 0."""

    documents: int = 0
    messages: int = 0
    broken: int = 0
    live: int = 0
    over_limits: int = 0
    lost: int = 0


def judge(document: Document, figures: Figures) -> list[str]:
    """Everything that is wrong with the messages of a document."""
    shown, wrong = "", []
    figures.documents += 1
    for part in parts(document):
        sent = message(part)
        figures.messages += 1
        try:
            read = parsed(sent.html)
        except AssertionError as error:
            figures.broken += 1
            wrong.append(str(error))
            continue
        shown += read.text + "\n"
        if (read.units, len(read.entities)) != (sent.units, sent.entities) or not read.text.strip():
            figures.broken += 1
            wrong.append(f"{read.units}, {len(read.entities)} counted as {sent.units}, {sent.entities}")
        if read.units > 4096 or len(read.entities) > 100:
            figures.over_limits += 1
            wrong.append(f"{read.units} units, {len(read.entities)} entities")
        if parts(part) != (part,):
            wrong.append("a part was cut again")
            figures.broken += 1
        figures.live += len(read.live())
        wrong += read.live()
    missing = lost(document, shown)
    figures.lost += len(missing)
    return wrong + [f"lost: {text!r}" for text in missing]


def hostile_run(count: int) -> Figures:
    """The figures of `count` hostile documents, the same in each run, for `make chaos`."""
    figures = Figures()

    # In batches: the longer Hypothesis goes on, the larger the documents it makes.
    for batch in range(0, count, 500):

        @seed(batch)
        @settings(
            max_examples=min(500, count - batch),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(document=hostile)
        def run(document: Document) -> None:
            judge(document, figures)

        run()
    return figures


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=hostile)
def test_whatever_the_words_the_messages_are_valid_quiet_within_the_limits_and_whole(
    document: Document,
) -> None:
    assert judge(document, Figures()) == []


def sent(*blocks: Block) -> str:
    """The HTML, its word joiners written as carets."""
    return message(Document(blocks)).html.replace("\u2060", "^")


_SHOWN: dict[str, Callable[[], Document]] = {
    "parent": lambda: compose(DIGEST, timezone="Europe/Paris").parent,
    "reply": lambda: compose(DIGEST, timezone="Europe/Paris").replies[0].document,
    "explanation": lambda: explanation(BY_MODEL, COMBAT),
    "explanation_zh": lambda: explanation(BY_MODEL, COMBAT, language="zh-CN"),
}


@pytest.mark.parametrize("name", _SHOWN)
def test_what_people_see_on_telegram_is_what_was_read_and_agreed(name: str) -> None:
    shown = message(_SHOWN[name]()).html + "\n"
    path = _GOLDEN / f"telegram_{name}.html"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")

    assert shown == path.read_text(encoding="utf-8")
    assert parsed(shown).live() == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ask @everyone", "ask @^everyone"),
        ("mail a@b.example", "mail a@b.^example"),
        ("then /start it", "then /^start it"),
        ("and/or, 1/2", "and/or, 1/2"),
        ("the #1 of #tags", "the #1 of #^tags"),
        ("$USD, $5", "$^USD, $5"),
        ("cs.AI beats 63.61 in Fig.3", "cs.^AI beats 63.61 in Fig.3"),
        ("see https://evil.example/?q=1.", "see https://evil.^example/?q=1."),
        ("tg://resolve?domain=x", "tg:^//resolve?domain=x"),
        ("at 127.0.0.1", "at 127.^0.^0.^1"),
        ("见方法.世界", "见方法.^世界"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
    ],
)
def test_text_stays_text(text: str, shown: str) -> None:
    assert sent(para(text)) == shown


def test_a_mention_put_together_from_two_styles_is_no_mention() -> None:
    assert sent(para("@", Bold("every"), "one")) == "@^<b>every</b>one"
    assert sent(para(Code("@"), "everyone")) == "<code>@</code>^everyone"


def test_commands_in_code_can_be_copied_as_they_are() -> None:
    assert sent(para("Say ", Code("/subscribe cat:cs.AI"))) == "Say <code>/subscribe cat:cs.AI</code>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/subscribe vla", "<code>/subscribe</code> vla"),
        ("deleted; /subscribe in General.", "deleted; <code>/subscribe</code> in General."),
        (
            "Say “/help”, (/saved) or /status.",
            "Say “<code>/help</code>”, (<code>/saved</code>) or <code>/status</code>.",
        ),
        ("用/help看", "用<code>/help</code>看"),
        ("read/ask, ./ask, //ask, x:/ask", "read/ask, ./^ask, //ask, x:/^ask"),
        ("/asking /ask.py /ask/x /ask-x /ask_x", "/^asking /^ask.^py /^ask/x /^ask-x /^ask_x"),
        ("/start /sub /menu", "/^start /^sub /^menu"),
    ],
)
def test_commands_of_our_own_in_a_sentence_are_code(text: str, shown: str) -> None:
    assert sent(para(text)) == shown


def test_a_command_is_told_by_what_stands_before_it_in_another_style() -> None:
    assert sent(para("read", Bold("/ask"))) == "read<b>/ask</b>"
    assert sent(para("Say ", Bold("/ask <paper>"), "!")) == "Say <code>/ask</code><b> &lt;paper&gt;</b>!"
    assert sent(para(Link("/ask", "https://x.example/"))) == '<a href="https://x.example/">/ask</a>'


def test_what_is_quoted_from_a_paper_has_no_commands_of_ours() -> None:
    assert sent(Quote((Text("then /ask it"),))) == "<blockquote>then /^ask it</blockquote>"


def test_commands_in_a_long_text_stay_within_the_entities_that_a_message_keeps() -> None:
    found = parts(
        Document((para("say /help or " * 250), bullets([["/ask it"]] * 120), para(Bold("/saved x " * 150))))
    )

    messages = [message(each) for each in found]
    assert max(each.entities for each in messages) <= MAX_ENTITIES
    assert sum(each.html.count("<code>") for each in messages) == 250 + 120 + 150


def test_a_link_that_looks_like_another_address_shows_where_it_leads() -> None:
    html = sent(para(Link("https://good.example/login", "https://evil.example/x")))

    assert html == 'https://good.^example/login (<a href="https://evil.example/x">evil.example/x</a>)'


@pytest.mark.parametrize(
    "text", ["arxiv.org/abs/2503.09527v2", "https://arxiv.org/…", "2503.09527v2", "A title"]
)
def test_a_link_that_tells_the_truth_is_left_as_it_is(text: str) -> None:
    assert sent(para(Link(text, "https://arxiv.org/abs/2503.09527v2"))) == (
        f'<a href="https://arxiv.org/abs/2503.09527v2">{text}</a>'
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "tg://user?id=1", "https://x.example/ y", ""])
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert sent(para(Link("x", url))) == "x"


def test_an_address_cannot_leave_its_attribute() -> None:
    html = sent(para(Link("x", 'https://x.example/"><b>&amp;')))

    assert parsed(html).entities == (("a", 0, 1, 'https://x.example/"><b>&amp;'),)


def test_nothing_that_cannot_be_seen_is_sent() -> None:
    assert sent(para("a\x00b\u202ec\u2066d\u200fe\ud800f\u061cg\u2060h\x85i")) == "abcdefgh i"


def test_accents_are_composed_because_the_server_drops_some_that_are_not() -> None:
    assert sent(para("A\u030angstro\u0308m")) == "Ångström"


@pytest.mark.parametrize(
    ("text", "units"), [("😀", 2), ("中文", 2), ("👩\u200d🔬", 5), ("שלום", 4), ("e\u0301\u0302", 2)]
)
def test_length_is_counted_in_utf_16(text: str, units: int) -> None:
    assert message(Document((para(text),))).units == units


def test_a_folded_part_holds_lines_because_quotes_cannot_be_nested() -> None:
    html = sent(
        Collapsible(
            "Analysis",
            (
                Heading("1. Method"),
                Quote((Text("said"),)),
                Table(("A", "B"), (("1", ""),)),
                Collapsible("More", (para("x"),)),
                bullets([["nested"]], indent=1),
            ),
        )
    )

    assert html == (
        "<b>Analysis</b>\n<blockquote expandable><b>1. Method</b>\n» said\n\n• A: 1 · B: –\n\n"
        "<b>More</b>\nx\n\n\u00a0\u00a0\u00a0◦ nested</blockquote>"
    )


def test_a_narrow_table_stands_in_columns_and_a_wide_one_in_lines() -> None:
    narrow = sent(Table(("模型", "Score"), (("VLA", "1"), ("视觉", "22"))))
    wide = sent(Table(("Model", "Remark"), (("VLA", "x" * 40),)))

    assert narrow == "<pre>模型  Score\n───────────\nVLA   1\n视觉  22</pre>"
    assert wide == f"• Model: VLA · Remark: {'x' * 40}"


def test_a_document_that_shows_nothing_sends_its_summary() -> None:
    assert (
        message(Document((para("\u200d \u2066"),), summary="3 papers & more")).html == "3 papers &amp; more"
    )
    assert message(Document(())).html == "…"


def test_a_list_goes_on_with_its_number_and_the_buttons_stand_under_the_last_part() -> None:
    buttons = Buttons((Button("Show all", command="more"),))
    document = Document(
        (buttons, bullets([[f"paper {n} " + "x" * 500] for n in range(20)], ordered=True, start=3))
    )

    cut = parts(document)

    assert [sum(len(block.items) for block in part.blocks if isinstance(block, Bullets)) for part in cut] == [
        7,
        7,
        6,
    ]
    assert message(cut[1]).html.startswith("10. paper 7 ")
    assert [message(part).keyboard != () for part in cut] == [False, False, True]


def test_a_folded_part_goes_on_under_its_title() -> None:
    claims = bullets([["claim " + "y" * 300] for _ in range(40)])

    cut = parts(Document((para("before"), Collapsible("Full analysis", (Heading("Method"), claims)))))

    titles = [block.title for part in cut for block in part.blocks if isinstance(block, Collapsible)]
    assert titles == ["Full analysis", "Full analysis (2)", "Full analysis (3)", "Full analysis (4)"]


def test_a_heading_goes_to_the_next_message_with_what_it_heads() -> None:
    cut = parts(Document((para("x" * 3800), Heading("Results"), para("y" * 500))))

    assert [part.blocks[0] for part in cut] == [para("x" * 3800), Heading("Results")]


def test_a_long_paragraph_is_cut_after_a_sentence_and_never_in_a_link_or_an_emoji() -> None:
    sentences = parts(Document((para(("A sentence of words. " * 300).rstrip()),)))
    links = parts(Document((para("x" * 3700, Link("y" * 300, "https://x.example/")),)))
    emoji = parts(Document((para("👩\u200d🔬" * 1000),)))

    assert all(message(part).html.endswith("words.") for part in sentences)
    assert [part.blocks for part in links][1] == (Para((Link("y" * 300, "https://x.example/"),)),)
    assert all(message(part).html.replace("👩\u200d🔬", "") == "" for part in emoji)


def test_no_message_has_more_than_a_hundred_entities() -> None:
    document = Document((bullets([[Bold("a"), " ", Italic("b"), " ", Code("c")] for _ in range(100)]),))

    assert max(message(part).entities for part in parts(document)) <= 95


def test_the_data_of_a_button_fits_names_its_command_and_is_unique_to_its_message() -> None:
    short, other = callback("explain 2503.09527v2", "a"), callback("explain 2503.09527v2", "b")
    long = callback("unsubscribe " + "视觉" * 30, "a")

    assert command_of(short.data) == "explain 2503.09527v2"
    assert short.data != other.data
    assert short.stored is None
    assert long.stored is not None
    assert command_of(long.data) == Token(long.stored[0])
    assert long.stored[1] == "unsubscribe " + "视觉" * 30
    assert command_of("vote:17") is None


@settings(max_examples=200, deadline=None)
@given(command=st.text(max_size=40), key=st.text(max_size=20))
def test_any_command_comes_back_from_its_button(command: str, key: str) -> None:
    made = callback(command, key)

    assert 1 <= len(made.data.encode()) <= 64
    back = command_of(made.data)
    assert back == command or (isinstance(back, Token) and made.stored == (back.value, command))


def test_every_message_has_a_button_of_its_own_even_if_it_only_links() -> None:
    document = Document((Buttons((Button("PDF", url="https://arxiv.org/pdf/2503.09527v2"),)),))

    keyboard, stored = markup(document, "slack/1")

    assert [[key["text"] for key in row] for row in keyboard["inline_keyboard"]] == [["PDF"], ["☰"]]
    assert command_of(keyboard["inline_keyboard"][1][0]["callback_data"]) == "help"
    assert stored == ()


def test_buttons_stand_three_in_a_row_and_never_more_than_a_hundred() -> None:
    labels = ["Explain", "Ask", "Save", "Not relevant", "A very long label that stands in a row alone"]
    few, _ = markup(Document((Buttons(tuple(Button(each, command="help") for each in labels)),)), "k")
    many, _ = markup(Document((Buttons((Button("x", command="y"),) * 500),)), "k")

    rows = [[key["text"] for key in row] for row in few["inline_keyboard"]]
    assert rows == [labels[:3], labels[3:4], labels[4:]]
    assert sum(map(len, many["inline_keyboard"])) <= 100
    assert max(map(len, many["inline_keyboard"])) == 3


def test_small_print_stands_right_under_its_heading() -> None:
    assert sent(Heading("Title"), context("facts"), context("places"), para("text")) == (
        "<b>Title</b>\nfacts\nplaces\n\ntext"
    )
