"""The loopback Telegram answers the client library as the real one does: rights, updates, files, menus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import BotCommand, BotCommandScopeAllGroupChats
from telegram.error import (
    ChatMigrated,
    Conflict,
    Forbidden,
    TelegramError,
)

from bot.demo.telegram_model import Status
from tests.peers.telegram_scene import Scene, bot_of, opened, refused


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with opened() as scene:
        yield scene


# Who may speak where


async def test_an_unknown_chat_is_not_found(scene: Scene) -> None:
    assert await refused(scene, scene.bot.send_message(-100999, "x")) == "chat not found"
    assert await refused(scene, scene.bot.send_message("@nobody_here", "x")) == "chat not found"


async def test_nobody_is_written_to_who_did_not_start(scene: Scene) -> None:
    scene.telegram.group("Lab", scene.ada, scene.bob)

    assert await refused(scene, scene.bot.send_message(scene.bob.id, "x"), Forbidden) == (
        "Forbidden: bot can't initiate conversation with a user"
    )


async def test_who_blocked_the_bot_gets_nothing_until_it_is_started_again(scene: Scene) -> None:
    await scene.telegram.blocks(scene.ada)
    assert await refused(scene, scene.says("x"), Forbidden) == "Forbidden: bot was blocked by the user"
    await scene.telegram.starts(scene.ada)
    await scene.says("x")

    told = [each.get("my_chat_member") for each in await scene.updates()]
    assert [each["new_chat_member"]["status"] for each in told if each] == ["kicked", "member"]


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_where_the_bot_was_thrown_out_it_may_not_speak(scene: Scene, kind: str) -> None:
    chat = getattr(scene.telegram, kind)("Lab", scene.ada)
    await scene.telegram.kicks(chat)

    reason = f"Forbidden: bot was kicked from the {kind} chat"
    assert await refused(scene, scene.says("x", chat), Forbidden) == reason
    assert (await scene.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    await scene.telegram.adds_bot(chat, scene.ada, status=Status.ADMINISTRATOR)
    await scene.says("x", chat)


async def test_a_chat_that_the_bot_left_is_closed_to_it(scene: Scene) -> None:
    team = scene.telegram.supergroup("Team", scene.ada)
    await scene.bot.leave_chat(team.id)

    reason = "Forbidden: bot is not a member of the supergroup chat"
    assert await refused(scene, scene.says("x", team), Forbidden) == reason


async def test_a_muted_bot_has_not_enough_rights(scene: Scene) -> None:
    team = scene.telegram.supergroup("Team", scene.ada)
    scene.telegram.mutes(team)

    assert (
        await refused(scene, scene.says("x", team)) == "not enough rights to send text messages to the chat"
    )


async def test_a_channel_wants_an_administrator(scene: Scene) -> None:
    channel = scene.telegram.channel("Papers", scene.ada, username="papers")
    posted = await scene.bot.send_message("@papers", "x")
    assert (posted.from_user, posted.sender_chat) == (None, posted.chat)
    await scene.telegram.promotes(channel, scene.telegram.bot, status=Status.MEMBER)

    reason = await refused(scene, scene.says("x", channel))
    assert reason == "need administrator rights in the channel chat"


async def test_a_group_that_became_a_supergroup_says_where_it_went(scene: Scene) -> None:
    group = scene.telegram.group("Lab", scene.ada)
    before = await scene.says("x", group)
    moved = await scene.telegram.migrates(group)
    with pytest.raises(ChatMigrated) as error:
        await scene.says("y", group)

    assert error.value.new_chat_id == moved.id
    told = [each["message"] for each in await scene.updates()]
    assert (told[0]["migrate_to_chat_id"], told[1]["migrate_from_chat_id"]) == (moved.id, group.id)
    edit = scene.bot.edit_message_text("z", chat_id=group.id, message_id=before.id)
    assert await refused(scene, edit) == "message can't be edited"
    await scene.says("y", moved)


# What the bot is told


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/help", True),
        ("/help@paperboy_bot", True),
        ("/help@another_bot", False),
        ("what do you think, @paperboy_bot?", True),
        ("good morning", False),
    ],
)
async def test_privacy_mode_hides_what_is_not_for_the_bot(scene: Scene, text: str, heard: bool) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada)
    await scene.telegram.says(group, scene.ada, text)

    assert [each["message"]["text"] for each in await scene.updates()] == [text] * heard


async def test_replies_to_the_bot_and_all_words_to_an_administrator_are_heard(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada)
    said = await scene.says("x", group)
    await scene.telegram.says(group, scene.ada, "why?", reply_to=said)
    await scene.telegram.promotes(group, scene.telegram.bot)
    await scene.telegram.says(group, scene.ada, "good morning")

    heard = [each["message"] for each in await scene.updates() if "message" in each]
    assert [each["text"] for each in heard] == ["why?", "good morning"]
    assert heard[0]["reply_to_message"]["message_id"] == said.id


async def test_an_anonymous_administrator_speaks_as_the_group(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada)
    await scene.telegram.promotes(group, scene.bob, anonymous=True)
    await scene.telegram.says(group, scene.bob, "/pause")
    [update] = await scene.updates()

    assert update["message"]["sender_chat"]["id"] == group.id
    assert update["message"]["from"]["username"] == "GroupAnonymousBot"


async def test_posts_and_edits_come_as_what_they_are(scene: Scene) -> None:
    channel = scene.telegram.channel("Papers", scene.ada)
    post = await scene.telegram.says(channel, scene.ada, "/help")
    await scene.telegram.edits(post, "/status")
    first, second = await scene.updates()

    assert "from" not in first["channel_post"]
    assert second["edited_channel_post"]["text"] == "/status"


async def test_reactions_come_only_when_asked_for(scene: Scene) -> None:
    said = await scene.says("x")
    await scene.telegram.reacts(said, scene.ada, "👍")
    assert await scene.updates() == []
    await scene.updates(allowed_updates=["message", "message_reaction"])
    await scene.telegram.reacts(said, scene.ada, "🔥")
    [update] = await scene.updates()

    assert [each["emoji"] for each in update["message_reaction"]["old_reaction"]] == ["👍"]
    assert [each["emoji"] for each in update["message_reaction"]["new_reaction"]] == ["🔥"]


async def test_updates_stay_until_they_are_confirmed(scene: Scene) -> None:
    for text in ("one", "two", "three"):
        await scene.telegram.says(scene.private, scene.ada, text)
    first = await scene.bot.get_updates(timeout=0, limit=2)
    again = await scene.bot.get_updates(timeout=0)
    later = await scene.bot.get_updates(timeout=0, offset=first[-1].update_id + 1)

    assert [each.message.text for each in again if each.message] == ["one", "two", "three"]
    assert [each.message.text for each in later if each.message] == ["three"]


async def test_a_long_poll_ends_with_the_first_update(scene: Scene) -> None:
    poll = asyncio.create_task(scene.bot.get_updates(timeout=20))
    await scene.telegram.until(lambda: scene.telegram.updates.polled)
    await scene.telegram.says(scene.private, scene.ada, "hello")

    [update] = await asyncio.wait_for(poll, 2)
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_second_poller_ends_the_first(scene: Scene) -> None:
    poll = asyncio.create_task(scene.bot.get_updates(timeout=20))
    await scene.telegram.until(lambda: scene.telegram.updates.polled)
    async with bot_of(scene.telegram) as second:
        assert await second.get_updates(timeout=0) == ()

    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await poll


async def test_a_webhook_gets_updates_with_its_secret_until_it_takes_them(scene: Scene) -> None:
    got: list[tuple[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        got.append((secret, (await request.json())["message"]["text"]))
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await scene.bot.set_webhook(url, secret_token="s3cret")
    await scene.telegram.says(scene.private, scene.ada, "hello")
    await scene.telegram.until(lambda: len(got) == 2 and not scene.telegram.updates.pending)

    assert got == [("s3cret", "hello")] * 2
    assert (await scene.bot.get_webhook_info()).url == url
    assert "webhook is active" in await refused(scene, scene.bot.get_updates(timeout=0), Conflict)
    await scene.bot.delete_webhook()
    assert await scene.bot.get_updates(timeout=0) == ()
    await runner.cleanup()


async def test_a_webhook_must_be_secure(scene: Scene) -> None:
    reason = await refused(scene, scene.bot.set_webhook("http://example.org/hook"))
    assert reason == "bad webhook: An HTTPS URL must be provided for webhook"


# Files, menus, members


async def test_a_document_arrives_with_its_caption_and_can_be_fetched(scene: Scene) -> None:
    sent = await scene.bot.send_document(
        scene.private.id, b"# Report", filename="report.md", caption="<b>Today</b>", parse_mode="HTML"
    )
    message = scene.telegram.from_bot(scene.private)[-1]
    assert message.document is not None
    assert (message.document.name, message.document.content, message.text) == (
        "report.md",
        b"# Report",
        "Today",
    )

    assert sent.document is not None
    file = await scene.bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"# Report"
    again = await scene.bot.send_document(scene.private.id, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_name == "report.md"


async def test_captions_have_1024_units_and_files_are_not_empty(scene: Scene) -> None:
    long = scene.bot.send_document(scene.private.id, b"x", caption="x" * 1025)
    assert await refused(scene, long) == "message caption is too long"
    assert await refused(scene, scene.bot.send_document(scene.private.id, b"")) == "file must be non-empty"


async def test_a_photo_has_its_size(scene: Scene) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (513).to_bytes(4, "big") + (362).to_bytes(4, "big")
    sent = await scene.bot.send_photo(scene.private.id, png, caption="Figure 1")

    assert [(each.width, each.height) for each in sent.photo] == [(513, 362)]


async def test_the_menu_is_the_narrowest_in_the_persons_language(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada, scene.bob)
    await scene.bot.set_my_commands([BotCommand("help", "What I can do")])
    await scene.bot.set_my_commands(
        [BotCommand("help", "帮助")], scope=BotCommandScopeAllGroupChats(), language_code="zh"
    )

    assert scene.telegram.menu(group, scene.bob)[0]["description"] == "帮助"
    assert scene.telegram.menu(group, scene.ada)[0]["description"] == "What I can do"
    assert [each.command for each in await scene.bot.get_my_commands()] == ["help"]
    await scene.bot.delete_my_commands()
    assert scene.telegram.menu(group, scene.ada) == ()
    assert await refused(scene, scene.bot.set_my_commands([BotCommand("Help", "x")])) == "BOT_COMMAND_INVALID"


async def test_the_bot_describes_itself(scene: Scene) -> None:
    await scene.bot.set_my_description("Reads arXiv")
    await scene.bot.set_my_short_description("读 arXiv", language_code="zh")
    await scene.bot.set_my_name("Paperboy of the lab")

    assert (await scene.bot.get_my_description(language_code="de")).description == "Reads arXiv"
    assert (await scene.bot.get_my_short_description(language_code="zh")).short_description == "读 arXiv"
    assert (await scene.bot.get_my_name()).name == "Paperboy of the lab"


async def test_members_and_administrators_are_told(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada, scene.bob)
    administrators = await scene.bot.get_chat_administrators(group.id)
    member = await scene.bot.get_chat_member(group.id, scene.bob.id)
    chat = await scene.bot.get_chat(group.id)

    assert [(each.user.first_name, each.status) for each in administrators] == [("Ada", "creator")]
    assert (member.status, chat.title, chat.type) == ("member", "Lab", "supergroup")
    assert await refused(scene, scene.bot.get_chat_member(group.id, 1)) == "PARTICIPANT_ID_INVALID"
    reason = await refused(scene, scene.bot.get_chat_administrators(scene.private.id))
    assert reason == "there are no administrators in the private chat"


async def test_small_signs_reach_people(scene: Scene) -> None:
    said = await scene.says("x")
    await scene.bot.send_chat_action(scene.private.id, "typing")
    await scene.bot.set_message_reaction(scene.private.id, said.id, "👀")
    await scene.bot.pin_chat_message(scene.private.id, said.id)

    assert scene.telegram.actions == [(scene.private.id, "typing")]
    assert scene.telegram.now(said).reactions == ((scene.telegram.bot.id, "👀"),)
    assert scene.telegram.now(said).pinned
    odd = scene.bot.set_message_reaction(scene.private.id, said.id, "📄")
    assert await refused(scene, odd) == "REACTION_INVALID"


async def test_rich_messages_are_taken_by_servers_that_have_them(scene: Scene) -> None:
    rich = {"chat_id": scene.private.id, "rich_message": {"html": "<h3>Title</h3><p>a &lt; b</p>"}}
    await scene.bot.do_api_request("sendRichMessage", api_kwargs=rich)
    assert scene.telegram.from_bot(scene.private)[-1].text == "Title\n\na < b"
    scene.telegram.takes_rich = False

    with pytest.raises(TelegramError, match=r"(?i)not found"):
        await scene.bot.do_api_request("sendRichMessage", api_kwargs=rich)
