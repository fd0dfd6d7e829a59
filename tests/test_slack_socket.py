"""The connection to Slack: made again whatever ends it, told clearly where it can never be made."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.demo.slack_wire import Delivery
from digest.channel import Channel
from digest.document import Document
from digest.errors import InvalidSetting, PlatformError, PlatformUnavailable
from tests.peers.slack import Slack, furnish
from tests.peers.slack_faults import bad_gateway, busy, refused
from tests.slack_bot import SlackBot

WITHIN = 3.0  # seconds; the tests' watch is some fifty times faster than the real one


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SlackBot]:
    async with SlackBot(tmp_path, slack=Slack(per_channel=None)) as bot:
        yield bot


async def works(bot: SlackBot) -> None:
    """A command is answered, as soon as there is a connection."""
    before = len(bot.slack.ephemerals("U1"))
    async with asyncio.timeout(WITHIN):
        await bot.slack.wire.connected.wait()
        await bot.command("/help")
    assert len(bot.slack.ephemerals("U1")) == before + 1


async def lost(bot: SlackBot, connections: int) -> None:
    """Wait until there is another connection than those so far."""
    async with asyncio.timeout(WITHIN):
        while bot.slack.wire.connections <= connections:
            await asyncio.sleep(0.01)


async def test_an_expired_ticket_is_not_tried_again(bot: SlackBot) -> None:
    bot.slack.expire_tickets(3)
    made = bot.slack.wire.connections
    bot.slack.cut_sockets()

    await lost(bot, made)

    await works(bot)
    opened = [call for call in bot.slack.calls if call.method == "apps.connections.open"]
    assert len(opened) == 5  # the first, three that expired, and the one that did


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets"])
@pytest.mark.parametrize("close", [True, False])
async def test_commands_work_after_a_disconnect_frame(bot: SlackBot, reason: str, close: bool) -> None:
    made = bot.slack.wire.connections
    await bot.slack.disconnect(reason, close=close)

    await lost(bot, made)

    await works(bot)


async def test_while_slack_asks_for_a_new_connection_the_old_one_still_serves(bot: SlackBot) -> None:
    bot.slack.misbehave("apps.connections.open", bad_gateway(processed=False), times=5)
    await bot.slack.disconnect("warning", close=False)

    await works(bot)


async def test_losses_of_all_kinds_are_got_over(bot: SlackBot) -> None:
    rng = random.Random(7)
    for _ in range(30):
        made = bot.slack.wire.connections
        match rng.randrange(4):
            case 0:
                await bot.slack.disconnect(
                    rng.choice(("warning", "refresh_requested")), close=rng.random() < 0.5
                )
            case 1:
                bot.slack.expire_tickets(rng.randrange(1, 3))
                bot.slack.cut_sockets()
            case 2:
                bot.slack.refuse_sockets(rng.randrange(1, 3))
                bot.slack.cut_sockets()
            case _:
                bot.slack.misbehave("apps.connections.open", refused("internal_error"), times=2)
                bot.slack.cut_sockets()
        await lost(bot, made)
    await works(bot)


async def test_a_connection_that_has_gone_silent_is_replaced(tmp_path: Path) -> None:
    slack = Slack(per_channel=None)
    async with _between(slack) as line, SlackBot(tmp_path, slack=slack) as bot:
        await works(bot)
        made = bot.slack.wire.connections

        line.goes_dead()

        await lost(bot, made)


async def test_an_event_that_was_not_acknowledged_in_time_is_answered_once(tmp_path: Path) -> None:
    slack = Slack(per_channel=None, patience=0.2)
    async with SlackBot(tmp_path, slack=slack) as bot:
        own = bot.slack.world.direct("U1").id
        delivery = await bot.slack.says(own, "U1", "help")
        bot.slack.cut_sockets()

        await bot.done(_there(delivery))
        await bot.idle()

        assert len(bot.own(own)) == 1


async def test_acknowledgements_are_quick(bot: SlackBot) -> None:
    for _ in range(10):
        commands = (bot.done(bot.slack.command("/help", user="U1", channel="C1")) for _ in range(10))
        await asyncio.gather(*commands)

    seconds = sorted(ack.seconds for _, ack in bot.slack.wire.acks)
    print(
        f"ack p50 {seconds[50] * 1e3:.1f} ms, p99 {seconds[98] * 1e3:.1f} ms, max {seconds[-1] * 1e3:.1f} ms"
    )
    assert seconds[98] < 0.3


async def test_what_could_not_be_kept_is_not_acknowledged(bot: SlackBot) -> None:
    bot.slack.wire.patience = 0.3
    await bot.parts.store.close()  # type: ignore[attr-defined]

    delivery = await bot.slack.command("/help", user="U1", channel="C1")

    with pytest.raises(Exception, match="operation_timeout"):
        await delivery.ack(within=20)


# Starting and stopping


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"slack_bot_token": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"slack_app_token": ""}, "SLACK_APP_TOKEN is not set"),
        ({"slack_bot_token": "xapp-1", "slack_app_token": "xoxb-1"}, "hold each other's token"),
        ({"slack_bot_token": "xoxp-1"}, "begins with xoxp-"),
        ({"slack_app_token": "xoxb-1"}, "begins with xoxb-"),
        ({"slack_mode": "http", "slack_signing_secret": ""}, "SLACK_SIGNING_SECRET is not set"),
    ],
)
async def test_a_token_that_lacks_is_named_with_where_to_find_it(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidSetting, match=sentence) as caught:
        async with SlackBot(tmp_path, **settings):
            pass
    assert "Example: SLACK_" in str(caught.value) or "exchange them" in str(caught.value)


@pytest.mark.parametrize("name", ["slack_bot_token", "slack_app_token"])
@pytest.mark.parametrize("quotes", ['""', "''", "“”"])
async def test_a_token_within_quotes_is_named_with_what_to_leave_out(
    tmp_path: Path, name: str, quotes: str
) -> None:
    with pytest.raises(InvalidSetting, match=f"{name.upper()} holds quotation marks"):
        async with SlackBot(tmp_path, **{name: f"{quotes[0]}xoxb-1{quotes[1]}"}):
            pass


@pytest.mark.parametrize(
    ("method", "error", "sentence"),
    [
        ("auth.test", "invalid_auth", "does not know the token in SLACK_BOT_TOKEN"),
        ("auth.test", "token_revoked", "revoked or expired"),
        ("auth.test", "account_inactive", "uninstalled"),
        ("auth.test", "not_allowed_token_type", "another kind"),
        ("apps.connections.open", "invalid_auth", "does not know the token in SLACK_APP_TOKEN"),
        ("apps.connections.open", "missing_scope", "connections:write"),
        ("apps.connections.open", "not_allowed_token_type", "App-Level Token"),
    ],
)
async def test_a_token_that_will_never_do_ends_the_start_in_one_sentence(
    tmp_path: Path, method: str, error: str, sentence: str
) -> None:
    slack = Slack(per_channel=None)
    slack.misbehave(method, refused(error))
    began = time.monotonic()

    with pytest.raises(PlatformError, match=sentence) as caught:
        async with SlackBot(tmp_path, slack=slack):
            pass

    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < WITHIN


async def test_a_scope_that_nothing_works_without_is_named(tmp_path: Path) -> None:
    slack = Slack(per_channel=None)
    slack.api.scopes -= {"chat:write"}

    with pytest.raises(PlatformError, match="lacks the scope chat:write"):
        async with SlackBot(tmp_path, slack=slack):
            pass


async def test_a_slack_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    slack = Slack(per_channel=None)
    furnish(slack)
    slack.add_channel("C0123", "papers", members=("U1",))
    slack.misbehave("auth.test", bad_gateway(processed=False), times=3)
    async with SlackBot(tmp_path, slack=slack, slack_channel="C0123", keywords=("vla",)) as bot:
        assert not bot.platform.connected
        with pytest.raises(PlatformUnavailable):
            await bot.platform.post(Channel(key="slack:T0001/C1", platform="slack"), Document(()), key="k")

        async with asyncio.timeout(WITHIN):
            while not bot.platform.connected:
                await asyncio.sleep(0.01)

        await works(bot)
        assert await bot.queries("C0123") == ["vla"]


async def test_a_busy_slack_at_the_start_is_waited_for(tmp_path: Path) -> None:
    slack = Slack(per_channel=None)
    slack.misbehave("apps.connections.open", busy(1), times=2)
    async with SlackBot(tmp_path, slack=slack) as bot:
        await works(bot)


async def test_stopping_is_quick_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with SlackBot(tmp_path, slack=Slack(per_channel=None)) as bot:
        await works(bot)
        began = time.monotonic()
        await bot.stop()
        assert time.monotonic() - began < 1
        assert bot.slack.wire.sockets == []
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert left == set()


async def test_after_a_stop_nothing_is_taken_and_nothing_lost(tmp_path: Path) -> None:
    slack = Slack(per_channel=None)
    async with SlackBot(tmp_path, slack=slack) as bot:
        await bot.platform.stop_listening()
        own = bot.slack.world.direct("U1").id
        delivery = await bot.slack.says(own, "U1", "help")
        await asyncio.sleep(0.1)
        assert not delivery.result.done()

        await bot.stop()
        await bot.start()
        await bot.done(_there(delivery))

        assert len(bot.own(own)) == 1


async def _there(delivery: Delivery) -> Delivery:
    return delivery


class _Line:
    """A way for bytes. What is connected when it goes dead stays so, without a word to either end."""

    def __init__(self) -> None:
        self.alive: set[int] = set()

    def goes_dead(self) -> None:
        self.alive.clear()


@asynccontextmanager
async def _between(slack: Slack) -> AsyncIterator[_Line]:
    """Let the sockets of a Slack go through a line."""
    line = _Line()
    tasks: set[asyncio.Task[None]] = set()

    async def pump(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if number in line.alive:
                writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(slack.api.url.rpartition(":")[2])
        line.alive.add(id(writer))
        there, back = await asyncio.open_connection("127.0.0.1", port)
        for pair in ((reader, back), (there, writer)):
            tasks.add(asyncio.create_task(pump(id(writer), *pair)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slack.api.new_socket = lambda: f"ws://127.0.0.1:{port}/link/?ticket={slack.wire.ticket()}"
    yield line
    server.close()
    await server.wait_closed()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
