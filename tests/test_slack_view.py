"""What people see in the loopback Slack, as lines and as a page; mentions that notify; links that mislead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.demo.slack_view import hidden_links, lines, live_mentions, page, view_lines, view_page
from bot.demo.slack_world import File, Message, View

NAMES = {"U1": "Ada", "UBOT": "Paperboy", "C1": "robots"}
NINE = datetime(2026, 6, 30, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()


def message(number: int, text: str = "", user: str = "UBOT", **fields: Any) -> Message:
    at = NINE + timedelta(minutes=number)
    return Message(channel="C1", ts=f"{number}.000000", user=user, text=text, at=at, **fields)


def text(content: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": content} | ({"style": style} if style else {})


def section(*elements: dict[str, Any], kind: str = "rich_text_section", **more: Any) -> dict[str, Any]:
    return {"type": kind, "elements": list(elements), **more}


def rich(*sections: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(sections)}


def plain(content: str) -> dict[str, str]:
    return {"type": "plain_text", "text": content}


def button(label: str) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), "action_id": label}


LINK = {"type": "link", "url": "https://arxiv.org/abs/2606.30001", "text": "Event-VLA"}
BLOCKS = (
    {"type": "header", "text": plain("arXiv digest")},
    rich(
        section(text("New: ", bold=True), LINK),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "offset": 2,
            "elements": [section(text("third")), section(text("fourth"))],
        },
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section(text("nested"))]},
        section(text("We run at 30 Hz"), kind="rich_text_quote"),
        section(text("x = <1>"), kind="rich_text_preformatted"),
    ),
    {
        "type": "container",
        "title": plain("Full analysis"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "方法"}, {"type": "raw_text", "text": "score"}],
                    [{"type": "raw_text", "text": "ours"}, {"type": "raw_text", "text": "63.6"}],
                ],
            }
        ],
    },
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "next *Wed* <https://x.org|here> &lt;"}]},
    {"type": "actions", "elements": [button("Explain"), button("Save")]},
)
CONVERSATION = (
    message(0, "hello <@UBOT>", user="U1"),
    message(1, "digest", blocks=BLOCKS),
    message(
        2, "reply", thread_ts="1.000000", files=(File(id="F1", name="r.md", title="The day", user="UBOT"),)
    ),
    message(3, "Subscribed.", only_for="U1"),
    message(4, "gone", deleted=True),
)


def test_a_terminal_shows_what_a_person_reads() -> None:
    assert "\n".join(lines(CONVERSATION, NAMES, tz="Europe/Paris")) == (
        "Ada  11:00\n"
        "  hello @Paperboy\n"
        "\n"
        "Paperboy  APP  11:01\n"
        "  arXiv digest\n"
        "  New: Event-VLA\n"
        "  3. third\n"
        "  4. fourth\n"
        "     • nested\n"
        "  ▎ We run at 30 Hz\n"
        "      x = <1>\n"
        "  ▾ Full analysis\n"
        "    方法 │ score\n"
        "    ours │ 63.6\n"
        "  ────────────────────────────────────────\n"
        "  next Wed here <\n"
        "  [Explain] [Save]\n"
        "  └ 1 reply\n"
        "\n"
        "    Paperboy  APP  11:02\n"
        "      reply\n"
        "      📄 The day (0 bytes)\n"
        "\n"
        "Paperboy  APP  11:03\n"
        "  (only visible to Ada)\n"
        "  Subscribed."
    )


def test_containers_fold_links_tell_their_address_and_long_lines_wrap() -> None:
    shown = lines(CONVERSATION[1:2], NAMES, unfolded=False, urls=True)

    assert "  ▸ Full analysis" in shown
    assert "    方法 │ score" not in shown
    assert "  New: Event-VLA (https://arxiv.org/abs/2606.30001)" in shown
    wide = message(0, "word " * 40 + "字" * 60)
    assert max(map(len, lines([wide], NAMES, width=50))) <= 50


def test_a_page_looks_the_same_and_escapes_everything() -> None:
    html = page([*CONVERSATION, message(9, "<b>&amp;</b>", user="U1")], NAMES, title="robots")

    body = html.partition("<body>")[2]
    assert '<a href="https://arxiv.org/abs/2606.30001">Event-VLA</a>' in body
    assert '<ol start="3"' in body
    assert "<blockquote>We run at 30 Hz</blockquote>" in body
    assert "<pre>x = &lt;1&gt;</pre>" in body
    assert '<details class="box"><summary>Full analysis</summary>' in body
    assert body.count('<span class="app">APP</span>') == 3
    assert '<div class="thread"><div class="count">1 reply</div>' in body
    assert "Only visible to Ada" in body
    assert "gone" not in body
    assert "http" not in re.sub(r'href="[^"]*"', "", html)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "javascript:x()"]
)
def test_no_text_becomes_markup_in_a_page(hostile: str) -> None:
    link = {"type": "link", "url": hostile, "text": hostile}
    blocks = (
        {"type": "header", "text": plain(hostile)},
        rich(section(text(hostile), link)),
        {"type": "image", "image_url": hostile, "alt_text": hostile},
        {"type": "markdown", "text": f"# {hostile}\n[x]({hostile})"},
        {"type": hostile},
    )
    body = page([message(0, blocks=blocks)], {"UBOT": hostile}, title=hostile).partition("<body>")[2]

    assert "<script" not in body
    assert "<img" not in body
    assert "href" not in body


def test_a_modal_shows_its_inputs_and_errors() -> None:
    element = {"type": "plain_text_input", "initial_value": "09:00"}
    payload = {
        "type": "modal",
        "title": plain("Settings"),
        "submit": plain("Save"),
        "blocks": [{"type": "input", "block_id": "b", "label": plain("Time"), "element": element}],
    }
    view = View(id="V1", user="U1", payload=payload, hash="h", errors={"b": "No such time"})

    assert view_lines(view, NAMES) == [
        "┌ Settings",
        "│ Time:",
        "│   [09:00                         ]",
        "│ ! No such time",
        "└ [Save]",
    ]
    assert "No such time" in view_page(view, NAMES)


# Mentions and links


def mrkdwn(content: str, **more: Any) -> tuple[dict[str, Any], ...]:
    return ({"type": "section", "text": {"type": "mrkdwn", "text": content, **more}},)


def nested(*elements: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    inner = rich(section(*elements))
    return ({"type": "container", "title": plain("x"), "child_blocks": [inner]},)


@pytest.mark.parametrize(
    ("shown", "mentions"),
    [
        (Shown(text="<!channel> and <!here|all>"), ["<!channel>", "<!here|all>"]),
        (Shown(text="<@U1> in <#C1|robots>"), ["<@U1>", "<#C1|robots>"]),
        (Shown(blocks=mrkdwn("<!subteam^S1|@ops>")), ["<!subteam^S1|@ops>"]),
        (Shown(blocks=mrkdwn("@everyone")), ["@everyone"]),
        (Shown(blocks=({"type": "markdown", "text": "<!everyone>"},)), ["<!everyone>"]),
        (Shown(blocks=nested({"type": "user", "user_id": "U1"})), ["user U1"]),
        (Shown(blocks=nested({"type": "broadcast", "range": "here"})), ["broadcast here"]),
        (message(0, "hi @ada", link_names=True), ["@ada"]),
        (Shown(text="&lt;!channel&gt; @channel me@here.org <https://x.org|@here>"), []),
        (Shown(blocks=nested(text("<!channel> @here <@U1>"))), []),
        (Shown(blocks=({"type": "header", "text": plain("<!channel> @everyone")},)), []),
        (Shown(blocks=mrkdwn("@everyone", verbatim=True)), []),
    ],
)
def test_mentions_are_live_only_where_slack_reads_them(shown: Any, mentions: list[str]) -> None:
    assert live_mentions(shown) == mentions


@pytest.mark.parametrize(
    ("label", "url", "hides"),
    [
        ("https://arxiv.org/abs/1", "https://evil.example/abs/1", True),
        ("arxiv.org/abs/1", "https://arxiv.org/abs/2", True),
        ("see www.slack.com now", "https://evil.example", True),
        ("https://arxiv.org/abs/1", "https://arxiv.org/abs/1", False),
        ("arxiv.org/abs/1", "https://www.arxiv.org/abs/1/", False),
        ("arxiv.org/abs/25…", "https://arxiv.org/abs/2503.09527", False),
        ("arxiv.org", "https://arxiv.org/abs/1", False),
        ("Event-VLA in cs.CV, v1.0", "https://arxiv.org/abs/1", False),
    ],
)
def test_a_label_that_is_another_address_is_found_wherever_it_stands(
    label: str, url: str, hides: bool
) -> None:
    link = {"type": "link", "url": url, "text": label}
    ways = (
        Shown(text=f"<{url}|{label}>"),
        Shown(blocks=nested(link)),
        Shown(blocks=mrkdwn(f"<{url}|{label}>")),
        Shown(blocks=({"type": "markdown", "text": f"[{label}]({url})"},)),
    )

    assert [hidden_links(way) for way in ways] == [[f"{label} -> {url}"] if hides else []] * 4
