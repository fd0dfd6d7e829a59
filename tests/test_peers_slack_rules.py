"""Blocks and views that Slack refuses, asked of the loopback Slack through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack_rules import NEW_BLOCKS
from tests.peers.arxiv import FakeTime
from tests.peers.slack import Slack, furnish

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None, time=FakeTime(datetime(2026, 6, 30, 9, tzinfo=UTC))) as peer:
        furnish(peer)
        yield peer


def client_of(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.url, retry_handlers=[])


async def post(slack: Slack, *blocks: Json) -> str:
    """What became of a message with these blocks: "ok" or the error's name."""
    try:
        await client_of(slack).chat_postMessage(channel="C1", text="fallback", blocks=list(blocks))
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(label: str = "Explain", **more: Any) -> Json:
    return {"type": "button", "text": plain(label), **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def text(content: str) -> Json:
    return {"type": "text", "text": content}


def container(*children: Json, **more: Any) -> Json:
    return {"type": "container", "title": plain("Full analysis"), "child_blocks": list(children), **more}


def table(rows: int = 2, cells: int = 2) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


GOOD: list[Json] = [
    {"type": "header", "text": plain("x" * 150)},
    {"type": "section", "text": mrkdwn("x" * 3000)},
    {"type": "section", "fields": [mrkdwn("x" * 2000)]},
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    {"type": "actions", "elements": [button(action_id=f"run:{n}", value="v" * 20) for n in range(25)]},
    {"type": "image", "image_url": "https://arxiv.org/x.png", "alt_text": "Figure 1"},
    {"type": "markdown", "text": "**x**"},
    {"type": "divider", "block_id": "here"},
    rich({"type": "link", "url": "https://arxiv.org", "text": "arXiv"}, text("x")),
    container(rich(text("x")), table(), is_collapsible=True, default_collapsed=True),
    table(100, 1),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "offset": 4,
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [text("x")]}],
            }
        ],
    },
    {
        "type": "data_visualization",
        "title": "Papers a week",
        "chart": {"type": "bar", "series": [{"name": "cs.RO", "data": [{"label": "W26", "value": 4}]}]},
    },
]

BAD: list[Json] = [
    {"type": "header", "text": plain("x" * 151)},
    {"type": "header", "text": mrkdwn("x")},
    {"type": "section", "text": mrkdwn("x" * 3001)},
    {"type": "section", "text": mrkdwn("")},
    {"type": "section"},
    {"type": "section", "fields": [mrkdwn("x" * 2001)]},
    {"type": "section", "fields": [mrkdwn("x")] * 11},
    {"type": "section", "text": mrkdwn("x"), "colour": "red"},
    {"type": "context", "elements": [mrkdwn("x")] * 11},
    {"type": "context", "elements": []},
    {"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(26)]},
    {"type": "actions", "elements": [button("x" * 76)]},
    {"type": "actions", "elements": [button(value="x" * 2001)]},
    {"type": "actions", "elements": [button(url="arxiv.org/abs/1")]},
    {"type": "actions", "elements": [button(action_id="x" * 256)]},
    {"type": "actions", "elements": [button(action_id="twice"), button(action_id="twice")]},
    {"type": "image", "image_url": "https://arxiv.org/x.png"},
    {"type": "image", "alt_text": "x", "slack_file": {"id": "F404"}},
    {"type": "markdown", "text": ""},
    {"type": "divider", "block_id": "x" * 256},
    {"type": "sparkle"},
    rich(text("")),
    rich({"type": "link", "url": ""}),
    rich({"type": "text", "text": "x", "style": {"blink": True}}),
    {"type": "rich_text", "elements": []},
    container(is_collapsible=True),
    container(*[{"type": "divider"}] * 11),
    container({"type": "markdown", "text": "x"}),
    container({"type": "divider"}, default_collapsed=True),
    container({"type": "section", "text": mrkdwn("x" * 3001)}),
    table(101, 1),
    table(1, 21),
    {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]},
    {"type": "alert", "text": plain("only in modals")},
    {"type": "data_visualization", "title": "x" * 51, "chart": {"type": "bar", "series": []}},
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
async def test_what_slack_takes_is_taken(slack: Slack, block: Json) -> None:
    assert await post(slack, block) == "ok"


@pytest.mark.parametrize("block", BAD, ids=lambda block: block["type"])
async def test_what_slack_refuses_is_refused_with_a_reason(slack: Slack, block: Json) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client_of(slack).chat_postMessage(channel="C1", text="fallback", blocks=[block])

    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert len(answer["errors"][0]) > 10
    assert slack.channel("C1").messages == []


async def test_the_whole_message_has_limits_beside_those_of_its_blocks(slack: Slack) -> None:
    divider = {"type": "divider"}
    long = {"type": "section", "text": mrkdwn("x" * 2900)}

    assert await post(slack, *[divider] * 50) == "ok"
    assert await post(slack, *[divider] * 51) == "invalid_blocks"
    assert await post(slack, *[long] * 4) == "ok"
    assert await post(slack, *[long] * 5) == "msg_blocks_too_long"
    assert await post(slack, {"type": "markdown", "text": "数" * 12_000}) == "ok"
    assert await post(slack, *[{"type": "markdown", "text": "x" * 6_001}] * 2) == "invalid_blocks"
    assert await post(slack, table(), container(table())) == "invalid_attachments"
    assert await post(slack, {**divider, "block_id": "b"}, {**divider, "block_id": "b"}) == "invalid_blocks"


async def test_blocks_that_are_not_a_list_of_objects_have_an_error_of_their_own(slack: Slack) -> None:
    for blocks in ('{"type": "divider"}', "[[]]", "not JSON"):
        call = client_of(slack).api_call(
            "chat.postMessage", data={"channel": "C1", "text": "x", "blocks": blocks}
        )
        with pytest.raises(SlackApiError) as caught:
            await call
        assert caught.value.response["error"] == "invalid_blocks_format"


async def test_a_workspace_without_the_newer_blocks_refuses_them_at_any_depth(slack: Slack) -> None:
    slack.api.refuses_new_blocks = True

    assert await post(slack, container({"type": "divider"})) == "invalid_blocks"
    assert await post(slack, table()) == "invalid_blocks"
    assert await post(slack, {"type": "divider"}) == "ok"
    slack.api.refuses_new_blocks = False
    slack.api.refused_types = frozenset({"table"})
    assert await post(slack, container(table())) == "invalid_blocks"
    assert await post(slack, container({"type": "divider"})) == "ok"
    assert {"container", "card", "carousel", "table", "task_card", "plan"} <= NEW_BLOCKS


# Views


def modal(*blocks: Json, **more: Any) -> Json:
    shown = blocks or ({"type": "section", "text": plain("x")},)
    return {"type": "modal", "title": plain("Settings"), "blocks": list(shown), **more}


async def open_with(slack: Slack, trigger: str, view: Json) -> str:
    try:
        await client_of(slack).views_open(trigger_id=trigger, view=view)
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


async def test_a_trigger_opens_one_view_within_three_seconds(slack: Slack) -> None:
    late, used = slack.api.trigger("U1"), slack.api.trigger("U1")

    assert await open_with(slack, "1.2.x", modal()) == "invalid_trigger_id"
    assert await open_with(slack, used, modal()) == "ok"
    assert await open_with(slack, used, modal()) == "exchanged_trigger_id"
    slack.time.now += timedelta(seconds=3.1)
    assert await open_with(slack, late, modal()) == "expired_trigger_id"
    assert [view.payload["title"]["text"] for view in slack.views("U1")] == ["Settings"]


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("x" * 25)),
        modal(private_metadata="x" * 3001),
        modal(colour="red"),
        modal(table()),
        modal({"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}),
        {"type": "home", "blocks": [{"type": "divider"}]},
        {"type": "modal", "title": plain("x"), "blocks": []},
    ],
)
async def test_a_view_that_slack_refuses_leaves_the_trigger_unused(slack: Slack, view: Json) -> None:
    trigger = slack.api.trigger("U1")

    assert await open_with(slack, trigger, view) == "invalid_arguments"
    assert await open_with(slack, trigger, modal()) == "ok"


async def test_a_view_is_updated_by_id_against_races_and_a_home_is_published(slack: Slack) -> None:
    client = client_of(slack)
    opened = await client.views_open(trigger_id=slack.api.trigger("U1"), view=modal())
    first = opened["view"]
    await client.views_update(view_id=first["id"], hash=first["hash"], view=modal(title=plain("Two")))

    with pytest.raises(SlackApiError) as caught:
        await client.views_update(view_id=first["id"], hash=first["hash"], view=modal())
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id="U1", view=home)

    assert caught.value.response["error"] == "hash_conflict"
    assert [view.payload["title"]["text"] for view in slack.views("U1")] == ["Two"]
    shown = slack.home("U1")
    assert shown is not None
    assert [block["type"] for block in shown.payload["blocks"]] == ["divider"]
    assert slack.home("U2") is None
