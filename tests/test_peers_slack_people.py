"""What people do in the loopback Slack reaches a real bolt app, and what it answers reaches them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.demo.slack_wire import NotAcknowledged
from tests.peers.slack import Slack, furnish
from tests.peers.slack_app import App, until
from tests.test_peers_slack import texts


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None, patience=0.3) as peer:
        furnish(peer)
        yield peer


@pytest.fixture
async def app(slack: Slack) -> AsyncIterator[App]:
    app = App(slack)
    async with app.connected(slack.app_token):
        yield app


# Commands, messages, buttons


async def test_a_command_reaches_the_app_and_its_ack_only_the_person(slack: Slack, app: App) -> None:
    app.answer = {"text": "subscribed"}
    delivery = await slack.command("/subscribe", "a < b", user="U1", channel="C1")
    ack = await delivery.ack()

    body = app.heard[0]
    assert (body["command"], body["text"], body["channel_name"]) == ("/subscribe", "a &lt; b", "robots")
    assert (body["team_id"], body["user_id"], body["user_name"], body["api_app_id"]) == (
        "T0001",
        "U1",
        "ada",
        "A0001",
    )
    assert ack.payload == {"text": "subscribed"}
    assert ack.seconds < 1
    assert texts(slack.ephemerals("U1")) == ["subscribed"]
    assert slack.channel("C1").messages == []


async def test_a_response_url_takes_five_answers(slack: Slack, app: App) -> None:
    await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
    url = app.heard[0]["response_url"]
    async with aiohttp.ClientSession() as session:

        async def answer(**body: object) -> int:
            async with session.post(url, json=body) as response:
                return response.status

        assert await answer(text="alone") == 200
        assert await answer(text="for all", response_type="in_channel") == 200
        assert await answer(text="x", blocks=[{"type": "sparkle"}]) == 400
        assert [await answer(text="more") for _ in range(4)] == [200, 200, 200, 404]

    assert texts(slack.ephemerals("U1")) == ["alone", "more", "more", "more"]
    assert texts(slack.channel("C1").messages) == ["for all"]


async def test_a_person_whose_app_is_away_or_slow_is_told(slack: Slack, app: App) -> None:
    app.silent = 1
    slow = await slack.command("/subscribe", "vla", user="U1", channel="C1")
    with pytest.raises(NotAcknowledged, match="operation_timeout"):
        await slow.ack()
    slack.wire.sockets.clear()
    away = await slack.command("/subscribe", "vla", user="U2", channel="C1")
    with pytest.raises(NotAcknowledged, match="dispatch_failed"):
        await away.ack()

    assert texts(slack.ephemerals("U1")) == ["/subscribe failed with the error “operation_timeout”"]
    assert texts(slack.ephemerals("U2")) == ["/subscribe failed with the error “dispatch_failed”"]


async def test_a_mention_arrives_as_message_and_as_mention_as_people_wrote_it(slack: Slack, app: App) -> None:
    said = await slack.says("C1", "U1", "<@UBOT> explain https://arxiv.org/abs/1 & a<b")
    await said.ack()
    await until(lambda: len(app.heard) == 2)

    assert sorted(app.events()) == ["app_mention", "message"]
    event = app.heard[0]["event"]
    assert event["text"] == "<@UBOT> explain <https://arxiv.org/abs/1> &amp; a&lt;b"
    assert (event["channel"], event["user"], event["channel_type"]) == ("C1", "U1", "channel")
    thread = slack.channel("C1").messages[0].ts
    await (await slack.says("C1", "U2", "why?", thread=thread)).ack()
    assert app.heard[-1]["event"]["thread_ts"] == thread
    await (await slack.says("U1", "U1", "help")).ack()
    assert app.heard[-1]["event"]["channel_type"] == "im"


async def test_the_app_hears_only_what_its_scopes_allow() -> None:
    async with Slack(per_channel=None, scopes=frozenset({"chat:write", "app_mentions:read"})) as slack:
        furnish(slack)
        app = App(slack)
        async with app.connected(slack.app_token):
            await slack.says("C1", "U1", "nothing for you")
            await (await slack.says("C1", "U1", "<@UBOT> hello")).ack()

    assert app.events() == ["app_mention"]


async def test_a_button_is_pressed_by_its_label_and_its_message_may_be_replaced(
    slack: Slack, app: App
) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Undo"}}
    blocks = [{"type": "actions", "elements": [button | {"action_id": "run:0", "value": "undo 1"}]}]
    posted = await app.client.chat_postMessage(channel="C1", text="Subscribed", blocks=blocks)
    await (await slack.presses(posted["ts"], "Undo", "U2")).ack()

    body = next(body for body in app.heard if body.get("type") == "block_actions")
    assert [(each["action_id"], each["value"]) for each in body["actions"]] == [("run:0", "undo 1")]
    assert (body["user"]["id"], body["container"]["message_ts"]) == ("U2", posted["ts"])
    async with aiohttp.ClientSession() as session:
        await session.post(body["response_url"], json={"text": "Undone", "replace_original": True})
    assert texts(slack.channel("C1").messages) == ["Undone"]
    with pytest.raises(LookupError, match="nothing"):
        await slack.presses(posted["ts"], "Undo", "U2")


async def test_a_select_sends_what_was_chosen(slack: Slack, app: App) -> None:
    option = {"text": {"type": "plain_text", "text": "English"}, "value": "en"}
    chinese = {"text": {"type": "plain_text", "text": "中文"}, "value": "zh-CN"}
    select = {"type": "static_select", "action_id": "language", "options": [option, chinese]}
    blocks = [{"type": "actions", "elements": [select]}]
    posted = await app.client.chat_postMessage(channel="C1", text="Language", blocks=blocks)
    await (await slack.presses(posted["ts"], "language", "U1", choose="中文")).ack()

    body = next(body for body in app.heard if body.get("type") == "block_actions")
    assert body["actions"][0]["selected_option"] == chinese


async def test_a_modal_is_filled_in_refused_and_closed(slack: Slack, app: App) -> None:
    def plain(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    text = {"type": "plain_text_input", "action_id": "time", "initial_value": "09:00"}
    zone = {"type": "plain_text_input", "action_id": "zone"}
    blocks = [
        {"type": "input", "block_id": "b1", "label": plain("Time"), "element": text},
        {"type": "input", "block_id": "b2", "label": plain("Zone"), "element": zone},
    ]
    view = {"type": "modal", "callback_id": "settings", "title": plain("Settings"), "submit": plain("Save")}
    await app.client.views_open(trigger_id=slack.api.trigger("U1"), view=view | {"blocks": blocks})
    (modal,) = slack.views("U1")

    app.answer = {"response_action": "errors", "errors": {"b2": "Unknown time zone"}}
    await (await slack.submits(modal, {"Zone": "Mars"}, "U1")).ack()
    assert slack.views("U1")[0].errors == {"b2": "Unknown time zone"}
    values = app.heard[-1]["view"]["state"]["values"]
    assert (values["b1"]["time"]["value"], values["b2"]["zone"]["value"]) == ("09:00", "Mars")

    app.answer = {"response_action": "update", "view": view | {"blocks": blocks[:1]}}
    await (await slack.submits(modal, {"Zone": "UTC"}, "U1")).ack()
    assert [len(each.payload["blocks"]) for each in slack.views("U1")] == [1]
    app.answer = {}
    await (await slack.submits(modal, {"Time": "08:00"}, "U1")).ack()
    assert slack.views("U1") == ()
    with pytest.raises(LookupError):
        await slack.submits(modal, {}, "U1")


async def test_values_that_no_input_takes_are_a_mistake_of_the_test(slack: Slack, app: App) -> None:
    text = {"type": "plain_text", "text": "Settings"}
    view = {"type": "modal", "title": text, "blocks": [{"type": "section", "text": text}]}
    await app.client.views_open(trigger_id=slack.api.trigger("U1"), view=view)

    with pytest.raises(KeyError, match="Planet"):
        await slack.submits(slack.views("U1")[0], {"Planet": "Mars"}, "U1")


async def test_the_rest_of_a_day_reaches_the_app(slack: Slack, app: App) -> None:
    slack.add_channel("C5", "new", members=("U1",), bot=False)
    await (await slack.opens_home("U1")).ack()
    await (await slack.invite("C5", by="U1")).ack()
    await slack.says("C5", "U1", "welcome")
    await (await slack.reacts(slack.channel("C5").messages[0], "eyes", "U1")).ack()
    await (await slack.archive("C5")).ack()

    assert app.events()[:2] == ["app_home_opened", "member_joined_channel"]
    assert set(app.events()) == {
        "app_home_opened",
        "member_joined_channel",
        "message",
        "reaction_added",
        "channel_archive",
    }
    await slack.kick("C1")
    answer = await app.client.api_call("conversations.info", params={"channel": "C1"})
    assert answer["channel"]["is_member"] is False
