"""The loopback Slack against the real slack_sdk: methods, rules, limits and faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack_server import SlackServer
from bot.demo.slack_world import Message
from tests.peers import slack_faults as faults
from tests.peers.arxiv import FakeTime
from tests.peers.slack import TIERS, Slack, furnish

META = {"event_type": "digest", "event_payload": {"key": "k1"}}


def at_nine() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 9, tzinfo=UTC))


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None, time=at_nine()) as peer:
        furnish(peer)
        yield peer


def client_of(slack: SlackServer, *, token: str = "", timeout: int = 5) -> AsyncWebClient:
    return AsyncWebClient(
        token=token or slack.bot_token, base_url=slack.url, retry_handlers=[], timeout=timeout
    )


async def refusal(call: Any) -> str:
    """The name under which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def texts(messages: Any) -> list[str]:
    return [message["text"] if isinstance(message, dict) else message.text for message in messages]


# Methods


async def test_arguments_arrive_by_query_form_and_json_alike(slack: Slack) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.url}chat.postMessage"
    async with aiohttp.ClientSession(headers=headers) as session:
        await session.get(url, params={"channel": "C1", "text": "by GET"})
        await session.post(url, params={"channel": "C1", "text": "by the query of a POST"})
        await session.post(url, data={"channel": "C1", "text": "by form", "metadata": json.dumps(META)})
        await session.post(url, json={"channel": "C1", "text": "by JSON"})

    assert texts(slack.channel("C1").messages) == ["by GET", "by the query of a POST", "by form", "by JSON"]
    assert slack.channel("C1").messages[2].metadata == META


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "", "not_authed"),
        ("auth.test", "xoxb-other", "invalid_auth"),
        ("auth.test", "xapp-1-A0001-paperboy", "not_allowed_token_type"),
        ("apps.connections.open", "xoxb-0001-paperboy", "not_allowed_token_type"),
        ("chat.scheduleMessage", "xoxb-0001-paperboy", "unknown_method"),
    ],
)
async def test_wrong_tokens_and_methods_are_named(slack: Slack, method: str, token: str, error: str) -> None:
    client = AsyncWebClient(token=token, base_url=slack.url, retry_handlers=[])

    assert await refusal(client.api_call(method)) == error


async def test_a_missing_scope_is_named_with_those_that_are_there() -> None:
    async with Slack(scopes=frozenset({"chat:write", "commands"})) as slack:
        furnish(slack)
        client = client_of(slack)
        with pytest.raises(SlackApiError) as caught:
            await client.conversations_history(channel="C1")
        who = await client.auth_test()

    answer = caught.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "channels:history",
        "chat:write,commands",
    )
    assert who.headers["x-oauth-scopes"] == "chat:write,commands"


async def test_a_channel_must_be_there_joined_and_alive(slack: Slack) -> None:
    client = client_of(slack)
    slack.add_channel("C3", "others", bot=False)
    slack.add_channel("C4", "secret", private=True, bot=False)
    await slack.archive("C2")

    async def post(channel: str, **more: str) -> str:
        return await refusal(client.chat_postMessage(channel=channel, text="hello", **more))

    assert await post("C9") == "channel_not_found"
    assert await post("C3") == "not_in_channel"
    assert await post("C4") == "channel_not_found"
    assert await post("C2") == "is_archived"
    assert await post("C1", thread_ts="1700000000.000100") == "thread_not_found"
    assert await refusal(client.api_call("chat.postMessage", json={"channel": "C1"})) == "no_text"
    assert await refusal(client.chat_postMessage(channel="C1", text="x" * 40_001)) == "msg_too_long"
    assert await refusal(client.conversations_history(channel="C3")) == "not_in_channel"
    assert await refusal(client.conversations_info(channel="C4")) == "channel_not_found"

    await client.conversations_join(channel="C3")
    await client.chat_postMessage(channel="C3", text="here now")
    assert texts(slack.channel("C3").messages) == ["here now"]


@pytest.mark.parametrize(
    "metadata", ["text", {"event_type": "digest"}, {"event_type": "", "event_payload": {}}]
)
async def test_metadata_without_type_or_payload_is_refused(slack: Slack, metadata: object) -> None:
    call = client_of(slack).api_call(
        "chat.postMessage", json={"channel": "C1", "text": "x", "metadata": metadata}
    )

    assert await refusal(call) == "invalid_metadata_format"


async def test_a_thread_is_read_back_in_pages_with_metadata_only_when_asked_for(slack: Slack) -> None:
    client = client_of(slack)
    parent = await client.chat_postMessage(channel="C1", text="parent", metadata=META)
    for number in range(5):
        await client.chat_postMessage(channel="C1", text=f"reply {number}", thread_ts=parent["ts"])
    await client.chat_postMessage(channel="C1", text="later")

    history = await client.conversations_history(channel="C1", include_all_metadata=True)
    plain = await client.conversations_replies(channel="C1", ts=parent["ts"], limit=4)
    rest = await client.conversations_replies(
        channel="C1", ts=parent["ts"], limit=4, cursor=plain["response_metadata"]["next_cursor"]
    )
    last = slack.channel("C1").thread(parent["ts"])[-2].ts
    newer = await client.conversations_replies(channel="C1", ts=parent["ts"], oldest=last)

    assert texts(history["messages"]) == ["later", "parent"]
    assert history["messages"][1]["metadata"] == META
    assert history["messages"][1]["reply_count"] == 5
    assert texts(plain["messages"]) == ["parent", "reply 0", "reply 1", "reply 2"]
    assert "metadata" not in plain["messages"][0]
    assert (plain["has_more"], rest["has_more"]) == (True, False)
    assert texts(rest["messages"]) == ["reply 3", "reply 4"]
    assert texts(newer["messages"]) == ["parent", "reply 4"]
    since = await client.conversations_history(channel="C1", oldest=parent["ts"], inclusive=True, limit=1)
    assert (texts(since["messages"]), since["has_more"]) == (["later"], True)


async def test_a_reply_to_a_reply_is_refused(slack: Slack) -> None:
    client = client_of(slack)
    parent = await client.chat_postMessage(channel="C1", text="parent")
    reply = await client.chat_postMessage(channel="C1", text="reply", thread_ts=parent["ts"])

    call = client.chat_postMessage(channel="C1", text="nested", thread_ts=reply["ts"])

    assert await refusal(call) == "cannot_reply_to_message"


async def test_an_update_keeps_metadata_and_drops_blocks_that_are_not_given_again(slack: Slack) -> None:
    client = client_of(slack)
    posted = await client.chat_postMessage(
        channel="C1", text="one", blocks=[{"type": "divider"}], metadata=META
    )
    await client.chat_update(channel="C1", ts=posted["ts"], text="two")

    message = slack.channel("C1").messages[0]
    assert (message.text, message.blocks, message.metadata) == ("two", (), META)
    assert message.edited
    await slack.says("C1", "U1", "mine")
    theirs = slack.channel("C1").messages[-1].ts
    assert await refusal(client.chat_update(channel="C1", ts=theirs, text="x")) == "cant_update_message"
    assert await refusal(client.chat_update(channel="C1", ts="1.2", text="x")) == "message_not_found"
    assert (
        await refusal(client.chat_update(channel="C1", ts=posted["ts"], text="数" * 1400)) == "msg_too_long"
    )


async def test_a_deleted_parent_leaves_a_tombstone_over_its_thread(slack: Slack) -> None:
    client = client_of(slack)
    parent = await client.chat_postMessage(channel="C1", text="parent")
    reply = await client.chat_postMessage(channel="C1", text="reply", thread_ts=parent["ts"])
    await client.chat_delete(channel="C1", ts=parent["ts"])

    assert texts(slack.channel("C1").shown) == ["This message was deleted.", "reply"]
    await client.chat_delete(channel="C1", ts=reply["ts"])
    assert texts(slack.channel("C1").shown) == ["This message was deleted."]


async def test_a_file_lands_in_a_thread_and_has_a_type_when_slack_is_done_with_it(slack: Slack) -> None:
    client = client_of(slack)
    slack.api.file_delay = timedelta(seconds=2)
    parent = await client.chat_postMessage(channel="C1", text="parent")
    shared = await client.files_upload_v2(
        channel="C1", thread_ts=parent["ts"], content="# Report", filename="report.md", title="The day"
    )
    early = await client.files_info(file=shared["file"]["id"])
    slack.time.now += timedelta(seconds=2)
    late = await client.files_info(file=shared["file"]["id"])

    (reply,) = slack.channel("C1").thread(parent["ts"])
    assert [(file.title, file.content) for file in reply.files] == [("The day", b"# Report")]
    assert (early["file"]["mimetype"], late["file"]["mimetype"]) == ("", "text/markdown")


async def test_only_one_person_sees_an_ephemeral_message(slack: Slack) -> None:
    client = client_of(slack)
    await client.chat_postEphemeral(channel="C1", user="U1", text="for you")
    await client.chat_postMessage(channel="C2", text="elsewhere")

    assert texts(slack.ephemerals("U1")) == texts(slack.seen_by("U1", "C1")) == ["for you"]
    assert slack.seen_by("U2", "C1") == ()
    assert (slack.ephemerals("U2"), slack.channel("C1").shown) == ((), ())
    call = client.chat_postEphemeral(channel="C2", user="U2", text="x")
    assert await refusal(call) == "user_not_in_channel"


async def test_people_have_time_zones_and_direct_messages(slack: Slack) -> None:
    client = client_of(slack)
    ada = (await client.users_info(user="U1"))["user"]
    opened = await client.conversations_open(users="U1")
    await client.chat_postMessage(channel="U1", text="hello Ada")

    assert (ada["tz"], ada["tz_offset"], ada["real_name"]) == ("Europe/Paris", 7200, "Ada")
    assert texts(slack.channel(opened["channel"]["id"]).messages) == ["hello Ada"]
    assert {each["id"] for each in (await client.users_list())["members"]} == {"U1", "U2", "UBOT"}
    seen = await client.conversations_list(types="public_channel,private_channel")
    assert [each["name"] for each in seen["channels"]] == ["robots", "lab"]
    link = await client.chat_getPermalink(channel="C1", message_ts=(await _post(slack)).ts)
    assert link["permalink"].startswith("https://lab.slack.com/archives/C1/p17828")


async def _post(slack: Slack) -> Message:
    await client_of(slack).chat_postMessage(channel="C1", text="one")
    return slack.channel("C1").messages[-1]


# Limits


async def test_a_channel_takes_one_message_a_second_and_others_do_not_wait_for_it() -> None:
    time = at_nine()
    async with Slack(time=time) as slack:
        furnish(slack)
        client = client_of(slack)
        await client.chat_postMessage(channel="C1", text="one")
        time.now += timedelta(seconds=0.3)
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postEphemeral(channel="C1", user="U1", text="two")
        await client.chat_postMessage(channel="C2", text="elsewhere")
        time.now += timedelta(seconds=0.7)
        await client.chat_postMessage(channel="C1", text="two")

    answer = caught.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    assert texts(slack.channel("C1").messages) == ["one", "two"]
    assert [call.method for call in slack.limited] == ["chat.postEphemeral"]


async def test_the_workspace_and_the_methods_have_limits_of_their_own() -> None:
    time = at_nine()
    async with Slack(time=time, workspace=2, tiers={**TIERS, "users.info": 1}) as slack:
        furnish(slack)
        client = client_of(slack)
        await client.chat_postMessage(channel="C1", text="one")
        await client.chat_postMessage(channel="C2", text="two")
        await client.users_info(user="U1")

        assert await refusal(client.chat_postMessage(channel="U1", text="three")) == "ratelimited"
        assert await refusal(client.users_info(user="U1")) == "ratelimited"
        time.now += timedelta(seconds=60)
        await client.chat_postMessage(channel="U1", text="three")


# Faults


@pytest.mark.parametrize("processed", [False, True])
@pytest.mark.parametrize(
    ("make", "status"),
    [
        (faults.drop, 0),
        (faults.server_error, 500),
        (faults.bad_gateway, 502),
        (faults.cut_json, 200),
        (faults.refused, 200),
    ],
)
async def test_a_call_may_fail_before_or_after_it_was_done(
    slack: Slack, make: Any, status: int, processed: bool
) -> None:
    slack.misbehave("chat.postMessage", make(processed=processed), channel="C1", times=1)
    client = client_of(slack)

    with pytest.raises((SlackApiError, aiohttp.ClientError)) as caught:
        await client.chat_postMessage(channel="C1", text="one")
    await client.chat_postMessage(channel="C1", text="two")

    assert isinstance(caught.value, SlackApiError) == bool(status)
    assert texts(slack.channel("C1").messages) == (["one", "two"] if processed else ["two"])
    assert len(slack.failed) == 1


async def test_internal_errors_are_those_that_slack_names(slack: Slack) -> None:
    slack.misbehave("", faults.refused("fatal_error"), times=1)

    assert await refusal(client_of(slack).auth_test()) == "fatal_error"


async def test_a_stall_outlasts_the_client_though_the_message_is_there(slack: Slack) -> None:
    slack.misbehave("chat.postMessage", faults.stall(2.0), times=1)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client_of(slack).chat_postMessage(channel="C1", text="one"), 0.1)

    assert texts(slack.channel("C1").messages) == ["one"]


async def test_busy_says_how_long_to_wait(slack: Slack) -> None:
    slack.misbehave("chat.postMessage", faults.busy(retry_after=7), channel="C1", times=1)
    client = client_of(slack)

    await client.chat_postMessage(channel="C2", text="elsewhere")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="one")

    assert caught.value.response.headers["Retry-After"] == "7"
    assert slack.limited == []


async def test_a_storm_is_the_same_for_the_same_seed_and_can_end(slack: Slack) -> None:
    async def outcomes() -> list[bool]:
        slack.storm(0.5, seed=7, faults=(faults.server_error(processed=False),))
        before = len(slack.failed)
        found = []
        for _ in range(12):
            try:
                await client_of(slack).chat_postMessage(channel="C1", text="one")
            except SlackApiError:
                found.append(False)
            else:
                found.append(True)
        assert len(slack.failed) - before == found.count(False)
        return found

    first = await outcomes()

    assert await outcomes() == first
    assert set(first) == {True, False}
    slack.behave()
    await client_of(slack).chat_postMessage(channel="C1", text="calm")
    assert len(faults.all_faults()) == 15
