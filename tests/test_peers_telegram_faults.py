"""The loopback Telegram is as strict as the real one, misbehaves when told to, and can be looked at."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from telegram import ReplyParameters
from telegram.error import (
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import Application, CommandHandler, ContextTypes

from bot.demo.telegram_model import Message
from bot.demo.telegram_server import TOKEN
from bot.demo.telegram_view import lines, page
from tests.peers import botapi
from tests.peers import telegram as peer
from tests.peers.telegram import Limits, Telegram
from tests.peers.telegram_scene import MORNING, UNLIMITED, Scene, bot_of, keyboard, opened


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with opened() as scene:
        yield scene


@pytest.fixture(autouse=True)
def _waits_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this setting the library warns whenever it is told to wait."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


# Tokens, forms and the specification


async def test_another_token_is_not_let_in(scene: Scene) -> None:
    strange = bot_of(scene.telegram, token="123456:" + "x" * 35)
    with pytest.raises(InvalidToken):
        await strange.initialize()
    await strange.shutdown()
    async with httpx.AsyncClient(base_url=scene.telegram.url) as client:
        answers = [await client.get(f"/bot{token}/getMe") for token in ("123456:" + "x" * 35, "nonsense")]
        unknown = await client.get(f"/bot{TOKEN}/sendNonsense")

    assert [each.status_code for each in answers] == [401, 404]
    assert answers[0].json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert answers[1].json()["description"] == "Not Found"
    assert unknown.json()["error_code"] == 404
    assert scene.telegram.violations.pop() == "sendNonsense: no such method"


async def test_arguments_come_by_query_form_or_json(scene: Scene) -> None:
    told = {"chat_id": str(scene.private.id), "text": "x"}
    async with httpx.AsyncClient(base_url=f"{scene.telegram.url}/bot{TOKEN}") as client:
        answers = [
            await client.get("/sendMessage", params=told),
            await client.post("/sendMessage", data=told),
            await client.post("/SENDMESSAGE", json=told),
            await client.post("/sendMessage", data=told, files={"other": ("a.txt", b"x")}),
        ]

    assert [each.json()["ok"] for each in answers] == [True] * 4
    assert scene.telegram.violations == ["sendMessage: unknown field other"]
    scene.telegram.violations.clear()


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"text": "x"}, "no chat_id"),
        ({"chat_id": 1, "text": "x", "txt": "y"}, "unknown field txt"),
        ({"chat_id": [1], "text": "x"}, "chat_id is no Integer but [1]"),
        ({"chat_id": 1, "text": 5}, "text is no String but 5"),
        (
            {"chat_id": 1, "text": "x", "disable_notification": "perhaps"},
            "disable_notification is no Boolean",
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"label": "x"}]]}},
            "unknown field reply_markup.inline_keyboard[0][0].label",
        ),
        ({"chat_id": 1, "text": "x", "reply_parameters": '{"chat_id": 1}'}, "no reply_parameters.message_id"),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": "yes"}},
            "link_preview_options.is_disabled is no Boolean but 'yes'",
        ),
        ({"chat_id": 1, "text": "x", "reply_markup": "no JSON"}, "reply_markup is no InlineKeyboardMarkup"),
    ],
)
async def test_a_call_against_the_specification_is_recorded(
    scene: Scene, values: dict[str, Any], fault: str
) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(f"{scene.telegram.url}/bot{TOKEN}/sendMessage", json=values)

    assert scene.telegram.violations[0].startswith(f"sendMessage: {fault}")
    scene.telegram.violations.clear()


async def test_the_servers_own_answers_follow_the_specification(scene: Scene) -> None:
    forum = scene.telegram.supergroup("Team", scene.ada, scene.bob, forum=True)
    topic = scene.telegram.topic(forum, "Papers")
    said = await scene.says("<b>x</b> @ada_l", forum, message_thread_id=topic, reply_markup=keyboard("Save"))
    await scene.telegram.says(forum, scene.ada, "why?", reply_to=said)
    await scene.telegram.presses(said, "Save", scene.ada)
    await scene.telegram.says(scene.telegram.channel("Papers", scene.ada), scene.ada, "/help")
    await scene.telegram.migrates(scene.telegram.group("Lab", scene.ada))
    await scene.telegram.kicks(forum)
    base = f"{scene.telegram.url}/bot{TOKEN}"
    rich = {"chat_id": scene.private.id, "rich_message": {"html": "<p>x</p>"}}
    document = {"data": {"chat_id": str(scene.private.id)}, "files": {"document": ("a.md", b"x")}}
    async with httpx.AsyncClient() as client:
        answers = {
            "Array of Update": await client.get(f"{base}/getUpdates"),
            "User": await client.get(f"{base}/getMe"),
            "ChatFullInfo": await client.get(f"{base}/getChat", params={"chat_id": scene.private.id}),
            "WebhookInfo": await client.get(f"{base}/getWebhookInfo"),
            "Message": await client.post(f"{base}/sendDocument", **document),
            "RichMessage": await client.post(f"{base}/sendRichMessage", json=rich),
        }
    results = {kind: each.json()["result"] for kind, each in answers.items()}

    assert len(results["Array of Update"]) >= 7
    results["RichMessage"] = results["RichMessage"]["rich_message"]
    assert [fault for kind, value in results.items() for fault in botapi.faults_of(kind, value)] == []


# Limits


@pytest.fixture
async def strict() -> AsyncIterator[Scene]:
    async with opened(Limits(slack=0)) as scene:
        yield scene


async def test_a_chat_takes_one_message_a_second(strict: Scene) -> None:
    await strict.says("one")
    strict.time.now += timedelta(seconds=0.9)
    with pytest.raises(RetryAfter) as error:
        await strict.says("two")
    assert error.value.retry_after == timedelta(seconds=1)
    await strict.says("elsewhere", strict.telegram.private(strict.bob))
    strict.time.now += timedelta(seconds=0.1)
    await strict.says("two")

    assert [each.text for each in strict.telegram.from_bot(strict.private)] == ["one", "two"]
    assert strict.telegram.refusals == [(MORNING + timedelta(seconds=0.9), strict.private.id, "sendMessage")]


async def test_a_group_takes_twenty_in_any_minute_and_a_person_more(strict: Scene) -> None:
    team = strict.telegram.supergroup("Team", strict.ada)
    for n in range(20):
        await strict.says(f"{n}", team)
        await strict.says(f"{n}")
        strict.time.now += timedelta(seconds=1)
    await strict.says("20")
    with pytest.raises(RetryAfter) as error:
        await strict.says("20", team)
    assert error.value.retry_after == timedelta(seconds=40)
    strict.time.now += timedelta(seconds=40)
    await strict.says("20", team)
    strict.time.now += timedelta(seconds=0.5)
    with pytest.raises(RetryAfter):
        await strict.says("21", team)

    assert len(strict.telegram.from_bot(team)) == 21


async def test_all_chats_together_take_thirty_a_second(strict: Scene) -> None:
    people = [strict.telegram.private(strict.telegram.person(f"P{n}")) for n in range(31)]
    for chat in people[:30]:
        await strict.says("x", chat)
    with pytest.raises(RetryAfter):
        await strict.says("x", people[30])
    strict.time.now += timedelta(seconds=1)
    await strict.says("x", people[30])


async def test_edits_are_free_unless_they_are_said_to_count(strict: Scene) -> None:
    said = await strict.says("0")
    for n in range(1, 5):
        await strict.bot.edit_message_text(f"{n}", chat_id=strict.private.id, message_id=said.id)
    assert strict.telegram.refusals == []
    strict.telegram.limits = Limits(edits=True)
    with pytest.raises(RetryAfter):
        await strict.bot.edit_message_text("5", chat_id=strict.private.id, message_id=said.id)


# Faults


@pytest.mark.parametrize(
    ("fault", "kind", "delivered"),
    [
        (peer.drop_before, NetworkError, False),
        (peer.drop_after, NetworkError, True),
        (peer.broken, NetworkError, False),
        (peer.broken_after, NetworkError, True),
        (peer.bad_gateway, NetworkError, False),
        (peer.cut_after, TelegramError, True),
        (peer.busy, RetryAfter, False),
        (peer.conflict, Conflict, False),
        (lambda: peer.stall(1), TimedOut, True),
    ],
)
async def test_each_fault_is_seen_by_the_bot_and_happens_where_it_says(
    fault: Callable[[], peer.Fault], kind: type[TelegramError], delivered: bool
) -> None:
    async with Telegram(limits=UNLIMITED) as telegram, bot_of(telegram, read_timeout=0.3) as bot:
        chat = telegram.private(telegram.person("Ada"))
        telegram.misbehave(fault(), method="sendMessage", times=1)
        with pytest.raises(kind):
            await bot.send_message(chat.id, "x")
        assert [each.text for each in telegram.from_bot(chat)] == ["x"] * delivered

        await bot.send_message(chat.id, "y")
        assert telegram.from_bot(chat)[-1].text == "y"


async def test_a_fault_strikes_only_its_chat_and_method(scene: Scene) -> None:
    other = scene.telegram.private(scene.bob)
    scene.telegram.misbehave(peer.broken(), method="sendMessage", chat=other)
    await scene.says("x")
    await scene.bot.send_chat_action(other.id, "typing")
    with pytest.raises(NetworkError):
        await scene.says("x", other)
    scene.telegram.behave()
    await scene.says("x", other)


async def test_a_mix_of_faults_is_the_same_for_the_same_seed() -> None:
    async def run(seed: int) -> list[tuple[str, str]]:
        async with Telegram(limits=UNLIMITED) as telegram, bot_of(telegram) as bot:
            chat = telegram.private(telegram.person("Ada"))
            telegram.mix(0.4, seed=seed)
            for n in range(30):
                with suppress(TelegramError):
                    await bot.send_message(chat.id, f"{n}")
            return telegram.faults_made

    first = await run(1)
    assert len({name for name, _ in first}) >= 3
    assert first == await run(1)
    assert first != await run(2)


async def test_messages_of_others_come_between_those_of_the_bot() -> None:
    async with Telegram(limits=UNLIMITED, foreign=0.5, seed=3) as telegram, bot_of(telegram) as bot:
        group = telegram.supergroup("Lab", telegram.person("Ada"))
        ids = [(await bot.send_message(group.id, f"{n}")).message_id for n in range(20)]

        assert ids != list(range(1, 21))
        assert len(telegram.from_bot(group)) == 20
        assert telegram.updates.pending == ()


# How it looks


async def conversation(scene: Scene) -> tuple[Message, ...]:
    command = await scene.telegram.says(scene.private, scene.ada, "/digest now")
    parent = await scene.says(
        "<b>arXiv digest</b>\n1. <a href='https://arxiv.org/abs/1'>Event-VLA</a> <code>vla</code>",
        reply_parameters=ReplyParameters(command.id),
    )
    await scene.says(
        "In short <i>fast</i>.\n<blockquote expandable>Method\nTwo &lt;steps&gt;</blockquote>\n"
        '<pre><code class="language-py">x = 1</code></pre>',
        reply_parameters=ReplyParameters(parent.id),
        reply_markup=keyboard("Explain", "Save"),
    )
    await scene.bot.send_document(scene.private.id, b"# Report", filename="report.md")
    return scene.telegram.visible(scene.private)


async def test_a_conversation_reads_well_in_a_terminal(scene: Scene) -> None:
    shown = lines(await conversation(scene), bot=scene.telegram.bot)

    assert "\n".join(shown) == (
        "Ada  13:00\n/digest now\n\n"
        "Paperboy  13:00\n↪ Ada: /digest now\narXiv digest\n1. Event-VLA vla\n\n"
        "Paperboy  13:00\n↪ Paperboy: arXiv digest 1. Event-VLA vla\nIn short fast.\n"
        "▾ Method\n▎ Two <steps>\nx = 1\n[Explain] [Save]\n\n"
        "Paperboy  13:00\n📎 report.md (8 B)"
    )


async def test_a_conversation_becomes_one_page_without_live_markup(scene: Scene) -> None:
    shown = page(await conversation(scene), title="<Paperboy>", bot=scene.telegram.bot)

    assert "&lt;Paperboy&gt;" in shown
    assert "<script" not in shown
    assert '<blockquote class="expandable">Method\nTwo &lt;steps&gt;</blockquote>' in shown
    assert "<b>arXiv digest</b>" in shown
    assert "<span>Explain</span><span>Save</span>" in shown
    assert "http-equiv" not in shown
    assert "src=" not in shown


# The whole, as it is used


async def test_an_application_of_the_library_runs_against_it(scene: Scene) -> None:
    async def subscribe(update: Any, context: ContextTypes.DEFAULT_TYPE) -> None:
        await update.effective_message.reply_text(f"Subscribed to {' '.join(context.args or [])}")

    forum = scene.telegram.supergroup("Team", scene.ada, forum=True)
    topic = scene.telegram.topic(forum, "Papers", id=77)
    base = scene.telegram.url
    builder = Application.builder().token(TOKEN).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    application = builder.job_queue(None).build()
    application.add_handler(CommandHandler("subscribe", subscribe))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling(timeout=5)
        await application.start()
        await scene.telegram.says(forum, scene.ada, "/subscribe@paperboy_bot vla", topic=topic)
        await scene.telegram.until(lambda: scene.telegram.from_bot(forum))
        await application.updater.stop()
        await application.stop()

    [said] = scene.telegram.from_bot(forum)
    assert (said.text, said.topic) == ("Subscribed to vla", 77)
    assert scene.telegram.updates.pending == ()


async def test_the_process_tells_its_address_and_acts_for_people() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.telegram", "--port", "0", "--seed", "7", "--foreign", "0.5"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    told = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    chat, ada = told["chats"]["private"], told["people"]["ada"]
    async with httpx.AsyncClient(base_url=told["url"]) as client:
        do = {"do": "says", "chat": chat, "person": ada, "text": "hello"}
        await client.post("/__peer/do", json=do)
        answer = await client.post(f"/bot{told['token']}/sendMessage", data={"chat_id": chat, "text": "hi"})
        state = (await client.get("/__peer/state")).json()
        wrong = await client.post("/__peer/do", json={"do": "dance"})
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()

    assert answer.json()["ok"] is True
    assert [each["text"] for each in state["chats"][str(chat)]["messages"]] == ["hello", "hi"]
    assert (state["violations"], state["too_many"], wrong.status_code) == ([], 0, 400)
    assert (process.returncode, errors) == (0, b"")
