"""Documents as Slack messages: nothing in them acts, nothing is lost, all is within Slack's limits.

`UPDATE_GOLDEN=1 pytest tests/test_slack_blocks.py` writes the golden messages anew; read the difference
before you commit.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.platforms.slack.blocks import message
from bot.platforms.slack.limits import weight
from bot.platforms.slack.split import parts
from digest.compose import compose, explanation
from digest.document import (
    Bold,
    Bullets,
    Button,
    Buttons,
    Code,
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
from tests.compose_samples import BY_MODEL, COMBAT, DIGEST, ITEMS
from tests.documents import said
from tests.planted import VISIBLE
from tests.slack_messages import Figures, examine, hostile_documents, live, nodes, read

_GOLDEN = Path(__file__).parent / "data" / "golden"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(document=hostile_documents)
def test_no_words_act_and_none_are_lost(document: Document) -> None:
    assert examine(document, Figures()) == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(document=hostile_documents)
def test_what_is_cut_into_small_messages_is_whole_too(document: Document) -> None:
    assert examine(document, Figures(), most=2_500) == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}},
        {"type": "markdown", "text": "<!channel>"},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "broadcast"}]}],
        },
        {"type": "actions", "elements": [{"type": "button", "url": "javascript:alert(1)"}]},
        {"type": "link", "url": "https://evil.example", "text": "https://arxiv.org"},
    ],
)
def test_the_check_for_what_acts_sees_it(block: dict[str, Any]) -> None:
    assert live([block], "") != []
    assert live([], "<!channel>") != []


def _golden() -> dict[str, tuple[Document, bool]]:
    digest = replace(DIGEST, items=ITEMS[:2])
    messages = compose(digest, timezone="Europe/Paris")
    return {
        "slack_parent_en.json": (messages.parent, False),
        "slack_reply_en.json": (messages.replies[0].document, False),
        "slack_reply_plain_en.json": (messages.replies[0].document, True),
        "slack_explanation_zh.json": (explanation(BY_MODEL, COMBAT, language="zh-CN"), False),
    }


@pytest.mark.parametrize("name", _golden())
def test_messages_are_what_was_read_and_agreed(name: str) -> None:
    document, plain = _golden()[name]
    made = message(document, plain=plain)
    written = {"text": made.text, "blocks": made.blocks}
    shown = json.dumps(written, ensure_ascii=False, indent=1) + "\n"
    path = _GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")

    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_parent_of_fifteen_papers_is_one_message(language: str) -> None:
    items = tuple(ITEMS[number % 2] for number in range(15))
    parent = compose(replace(DIGEST, language=language, items=items)).parent

    assert parts(parent) == (parent,)
    assert weight(message(parent).blocks) < 11_000


def test_a_long_chinese_text_is_counted_in_characters_and_lost_nowhere() -> None:
    sentence = "我们提出了一种用于端到端自动驾驶的视觉语言动作模型，并在两个基准上进行了评测。"
    document = Document((Heading("方法"), para(sentence * 700), Collapsible("全文", (para(sentence * 400),))))

    made = parts(document)

    assert len(made) == 4
    assert all([*said(part.blocks)][-1].endswith("。") for part in made)
    assert examine(document, Figures()) == []


@pytest.mark.parametrize("planting", VISIBLE[::7])
def test_planted_words_stay_words_in_every_place(planting: Any) -> None:
    words = planting.obeyed
    document = Document(
        (
            Heading(words),
            para(words, Bold(words), Code(words), Link(words, "https://arxiv.org/abs/2503.09527v2")),
            context(words),
            bullets([[words]]),
            Table((words,), ((words,),)),
            Collapsible(words, (para(words),)),
            Buttons((Button(words, command=f"ask {words}"),)),
        ),
        summary=words,
    )

    assert examine(document, Figures()) == []


def test_a_heading_too_long_for_a_header_is_bold_text() -> None:
    (block,) = message(Document((Heading("long " * 40),))).blocks

    assert block["type"] == "rich_text"
    assert block["elements"][0]["elements"][0]["style"] == {"bold": True}


def test_only_the_title_of_a_message_is_set_large() -> None:
    document = Document((Heading("Title", 2), para("a"), Heading("Method", 2), para("b")))

    title, first, second = message(document).blocks

    assert title == {"type": "header", "text": {"type": "plain_text", "text": "Title", "emoji": False}}
    assert (read(first), read(second)) == ("a", "Methodb")


def test_lists_nest_and_start_where_they_should() -> None:
    document = Document((bullets([["a"], ["b"]], ordered=True, start=4), bullets([["c"]], indent=1)))

    (block,) = message(document).blocks
    outer, inner = block["elements"]

    assert (outer["style"], outer["offset"]) == ("ordered", 3)
    assert (inner["style"], inner["indent"]) == ("bullet", 1)


def test_a_line_break_stays_within_its_paragraph() -> None:
    (block,) = message(Document((para("a\r\nb", Bold("c")),))).blocks

    assert block["elements"] == [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "a\nb"},
                {"type": "text", "text": "c", "style": {"bold": True}},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("click", "javascript:alert(1)"),
        ("click", "https://arxiv.org@evil.example/"),
        ("click", "https://evil.example/a b"),
        ("https://arxiv.org/abs/2503.09527", "https://evil.example/2503.09527"),
        ("see www.good.example now", "https://evil.example"),
        ("arxiv.org", "https://arxiv.org.evil.example/"),
        ("arxiv.org/…", "https://arxiv.org.evil.example/"),
    ],
)
def test_a_link_that_hides_where_it_leads_is_text(label: str, url: str) -> None:
    (block,) = message(Document((para(Link(label, url)),))).blocks

    assert block["elements"][0]["elements"] == [{"type": "text", "text": label}]


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("CombatVLA: a title", "https://arxiv.org/abs/2503.09527v2"),
        ("combatvla.github.io", "https://combatvla.github.io/"),
        ("github.com/a-long-name/and-a-longer-o…", "https://github.com/a-long-name/and-a-longer-one"),
        ("math.GT/0309136v1", "https://arxiv.org/abs/math.GT/0309136v1"),
        ("https://arxiv.org/abs/2503.09527", "http://www.arxiv.org/abs/2503.09527/"),
    ],
)
def test_a_link_that_tells_where_it_leads_is_one(label: str, url: str) -> None:
    (block,) = message(Document((para(Link(label, url)),))).blocks

    assert block["elements"][0]["elements"] == [{"type": "link", "url": url, "text": label}]


def test_an_identifier_beside_the_link_to_its_page_is_text() -> None:
    url = "https://arxiv.org/abs/2503.09527v2"
    (block,) = message(Document((bullets([[Link("Title", url), " · ", Link("2503.09527v2", url)]]),))).blocks

    assert [element["type"] for element in block["elements"][0]["elements"][0]["elements"]] == [
        "link",
        "text",
    ]


def test_small_print_is_small_unless_it_links() -> None:
    document = Document(
        (context("18 pages"), context("abs: ", Link("2503.1", "https://arxiv.org/abs/2503.1")))
    )

    assert [block["type"] for block in message(document).blocks] == ["context", "rich_text"]


def test_buttons_have_ids_of_their_own_and_rows_of_at_most_25() -> None:
    row = Buttons((Button("Explain", command="explain 1"), Button("PDF", url="https://arxiv.org/pdf/1")) * 13)

    blocks = message(Document((row, Collapsible("More", (row,))))).blocks

    made = [node for node in nodes(blocks) if node["type"] == "button"]
    assert sorted(node["action_id"] for node in made) == sorted(
        f"{kind}:{number}" for kind in ("run", "open") for number in range(26)
    )
    assert made[0]["value"] == "explain 1"
    assert [len(block["elements"]) for block in blocks[:2]] == [25, 1]


def test_a_button_that_would_do_nothing_is_its_label() -> None:
    row = Buttons((Button("Nowhere", url="javascript:alert(1)"), Button("Too long", command="x" * 2001)))

    (block,) = message(Document((row,))).blocks

    assert block["type"] == "context"
    assert read(block) == "Nowhere·Toolong"


def test_a_message_has_one_table_and_the_next_is_lines() -> None:
    table = Table(("set", "score"), (("CUBench", ""),))

    first, second = message(Document((table, table))).blocks

    assert [[cell["text"] for cell in row] for row in first["rows"]] == [["set", "score"], ["CUBench", "–"]]
    assert second["type"] == "rich_text"
    assert read(second) == "setscoreCUBench"


def test_a_picture_is_one_only_on_https_and_where_slack_takes_pictures() -> None:
    def types(url: str, *, plain: bool = False) -> list[str]:
        return [block["type"] for block in message(Document((Image(url, "Figure 1"),)), plain=plain).blocks]

    assert types("https://x.example/a.png") == ["image"]
    assert types("https://x.example/a.png", plain=True) == ["rich_text"]
    assert types("http://x.example/a.png") == ["rich_text"]


def test_what_folds_is_unfolded_for_servers_without_containers() -> None:
    document = Document((Collapsible("Full analysis", (Heading("1. Overview", 3), para("It plays."))),))

    (folded,) = message(document).blocks
    unfolded = message(document, plain=True).blocks

    assert (folded["type"], folded["default_collapsed"]) == ("container", True)
    assert [block["type"] for block in unfolded] == ["rich_text", "rich_text"]
    assert read(unfolded) == "Fullanalysis1.OverviewItplays."


def test_many_parts_of_a_collapsible_are_fewer_blocks() -> None:
    inner = tuple(block for number in range(14) for block in (Heading(f"{number}.", 3), para("a"), para("b")))

    (block,) = message(Document((Collapsible("Full analysis", inner),))).blocks

    assert len(block["child_blocks"]) <= 10


def test_a_collapsible_of_too_many_blocks_is_several() -> None:
    inner = (para("a"), Divider()) * 11

    blocks = message(Document((Collapsible("All", inner),))).blocks

    assert [block["title"]["text"] for block in blocks] == ["All", "All (2)", "All (3)"]
    assert [len(block["child_blocks"]) for block in blocks] == [10, 10, 2]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (Document((para("a"),), summary="R&D <!channel> \u202eof\nVLA"), "R&amp;D &lt;!channel&gt; of VLA"),
        (Document((Heading("CombatVLA"), para("It plays."), Divider())), "CombatVLA It plays."),
        (Document((Divider(),)), "Paperboy"),
        (Document(()), "Paperboy"),
    ],
)
def test_the_notification_is_one_line_of_words(document: Document, text: str) -> None:
    assert message(document).text == text


def test_a_long_notification_is_cut_outside_its_entities() -> None:
    text = message(Document((), summary="&" * 400)).text

    assert len(text) <= 300
    assert re.fullmatch(r"(&amp;)+…", text)


def test_a_list_goes_on_with_the_right_number() -> None:
    document = Document((Heading("Titles"), bullets([["word " * 200]] * 30, ordered=True, start=5)))

    lists = [block for part in parts(document) for block in part.blocks if isinstance(block, Bullets)]

    assert len(lists) > 1
    assert [each.start for each in lists] == [
        5 + sum(len(before.items) for before in lists[:index]) for index in range(len(lists))
    ]


def test_a_long_collapsible_goes_on_under_its_title() -> None:
    inner = (Heading("1. Overview", 3), para("word " * 1500), Heading("2. Method", 3), para("word " * 1500))
    document = Document(
        (para("In one line"), Collapsible("Full analysis", inner), para("read whole")), "CombatVLA"
    )

    first, second = parts(document)

    assert [
        block.title for part in (first, second) for block in part.blocks if isinstance(block, Collapsible)
    ] == [
        "Full analysis",
        "Full analysis (2)",
    ]
    assert isinstance(second.blocks[0], Collapsible)
    assert second.blocks[0].blocks == inner[2:]
    assert (first.summary, second.summary) == ("CombatVLA (1/2)", "CombatVLA (2/2)")


def test_a_table_with_rows_too_long_for_a_message_is_paragraphs() -> None:
    table = Table(("claim",), (("word " * 3000,),))

    made = parts(Document((Collapsible("Results", (table,)),)))

    assert [block.title for part in made for block in part.blocks] == ["Results", "Results (2)"]
    assert [text.strip() for text in said(made[0].blocks)][:2] == ["Results", "claim"]


def test_a_long_paragraph_is_cut_behind_a_sentence_and_never_in_a_link() -> None:
    link = Link("the anchor of the claim " * 10, "https://arxiv.org/abs/2503.09527v2")
    document = Document((para(*["One sentence of the paper ", link, ". "] * 60),))

    made = parts(document)

    assert len(made) > 1
    assert all(words.endswith(". ") for part in made for words in said(part.blocks))
    links = [span for part in made for block in part.blocks for span in block.spans if isinstance(span, Link)]
    assert set(links) == {link}


def test_a_heading_goes_along_with_what_it_heads_and_buttons_with_what_they_follow() -> None:
    long, footer = para("word " * 2300), context("31/33 claims verified")
    row = Buttons((Button("Explain", command="explain " + "x" * 400),))

    first, second = parts(Document((long, Heading("Method"), para("word " * 200))))
    assert (first.blocks, second.blocks[0]) == ((long,), Heading("Method"))

    first, second = parts(Document((long, footer, row)))
    assert (first.blocks, second.blocks) == ((long,), (footer, row))


def test_laying_out_blocks_does_not_load_the_sdk() -> None:
    code = "import sys, bot.platforms.slack.split; print('slack_sdk' in sys.modules)"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "False\n"
