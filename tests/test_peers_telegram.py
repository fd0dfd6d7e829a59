"""The loopback Telegram answers the client library as the real one does: text, keyboards, edits, places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, ReplyParameters
from telegram import InlineKeyboardMarkup as Markup

from bot.demo.telegram_html import Entity, ParseFault, cut, parse_html, settled, units
from bot.demo.telegram_view import hidden_links, live_commands, live_mentions
from tests.peers.telegram_scene import MORNING, Scene, keyboard, opened, refused

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with opened() as scene:
        yield scene


# Text and its markup


async def test_html_becomes_text_with_entities_in_utf16_units(scene: Scene) -> None:
    said = await scene.says('😀 <b>Event-VLA</b> &lt;3 <a href="https://arxiv.org/abs/2606.30001">paper</a>')

    assert said.text == "😀 Event-VLA <3 paper"
    assert said.entities == (
        Entity(type="bold", offset=3, length=9),
        Entity(type="text_link", offset=16, length=5, url="https://arxiv.org/abs/2606.30001"),
    )
    assert said.html.startswith("😀 <b>")


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("é <h1>Title</h1>", 'Unsupported start tag "h1" at byte offset 3'),
        ("é <b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é bold</b>", "Unexpected end tag at byte offset 7"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_broken_markup_is_refused_with_its_place_in_bytes(scene: Scene, html: str, reason: str) -> None:
    assert await refused(scene, scene.says(html)) == f"can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        ("<blockquote expandable>Method</blockquote>", ["expandable_blockquote"]),
        ("<blockquote>a<b>b</b></blockquote>", ["blockquote", "bold"]),
        ('<pre><code class="language-py">x</code></pre>', ["pre"]),
        ("<pre>x</pre>", ["pre"]),
        ("<tg-spoiler>x</tg-spoiler>", ["spoiler"]),
        ('<span class="tg-spoiler">x</span>', ["spoiler"]),
        ("<b>a <code>b</code> c</b>", ["bold", "code", "bold"]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", ["blockquote"]),
        ('<a href="tg://user?id=42">x</a>', ["text_mention"]),
        ("<u>x</u><s>y</s><i>z</i>", ["underline", "strikethrough", "italic"]),
        ("<b></b>x", []),
    ],
)
def test_each_tag_becomes_the_entities_that_may_stand_together(html: str, kinds: list[str]) -> None:
    assert [each.type for each in settled(parse_html(html)).entities] == kinds


def test_code_in_a_language_keeps_it() -> None:
    marked = parse_html('<pre><code class="language-python">print()</code></pre>')

    assert marked.entities == (Entity(type="pre", offset=0, length=7, language="python"),)


def test_unmatched_surrogates_are_refused() -> None:
    with pytest.raises(ParseFault, match="invalid Unicode characters"):
        parse_html("&#xD83D;")


def test_unknown_references_stay_as_they_are() -> None:
    assert parse_html("&nbsp;&laquo;&#12345678;&amp;").text == "&nbsp;&laquo;&#12345678;&"


async def test_the_limit_is_4096_utf16_units_after_the_markup(scene: Scene) -> None:
    said = await scene.says("<b>" + "é" * 4094 + "</b>😀")
    assert len(said.text) == 4095

    assert await refused(scene, scene.says("é" * 4095 + "😀")) == "message is too long"


async def test_empty_text_is_refused(scene: Scene) -> None:
    assert await refused(scene, scene.says("  ")) == "message text is empty"
    assert await refused(scene, scene.says("<b> </b>")) == "text must be non-empty"


async def test_the_hundred_and_first_entity_is_dropped_and_counted(scene: Scene) -> None:
    said = await scene.says(" ".join(f"<b>{n}</b>" for n in range(105)))

    assert said.written == 105
    assert len(said.entities) == 100


async def test_text_is_trimmed_and_cleaned_of_controls(scene: Scene) -> None:
    said = await scene.says("\n <b>a\u202eb</b>\x07 \n")

    assert said.text == "ab"
    assert said.entities == (Entity(type="bold", offset=0, length=2),)


async def test_typed_names_commands_and_addresses_come_alive(scene: Scene) -> None:
    said = await scene.says(
        "Ask @everyone or /help, see arxiv.org/abs/1 but not <code>@ada_l</code>, a@b.co or R@50."
    )

    assert live_mentions(said) == ("@everyone",)
    assert live_commands(said) == ("/help",)
    assert [each.type for each in said.entities] == ["mention", "bot_command", "url", "code", "email"]


async def test_people_linked_by_id_are_called(scene: Scene) -> None:
    assert live_mentions(await scene.says('<a href="tg://user?id=7">the author</a>')) == ("the author",)


async def test_a_link_under_another_address_is_found(scene: Scene) -> None:
    said = await scene.says(
        '<a href="https://evil.example/x">arxiv.org/abs/2301.1</a> '
        '<a href="https://arxiv.org/abs/2301.1">arxiv.org/abs/2301.1</a> <a href="https://arxiv.org">Title</a>'
    )

    assert hidden_links(said) == (("arxiv.org/abs/2301.1", "https://evil.example/x"),)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = parse_html(f"é<b>{escaped}</b>😀")

    assert marked.text == f"é{text}😀"
    assert [cut(marked.text, each.offset, each.length) for each in marked.entities] == [text] * bool(text)
    assert units(marked.text) == len(marked.text.encode("utf-16-le")) // 2


# Keyboards


async def test_a_keyboard_stands_under_the_message(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("Explain", "Save"))

    assert said.labels() == ("Explain", "Save")


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (keyboard("x", data="é" * 33), "BUTTON_DATA_INVALID"),
        (Markup([[InlineKeyboardButton("x")]]), "can't parse inline keyboard button"),
        (Markup([[InlineKeyboardButton("x", url="no address")]]), "inline keyboard button URL 'no address'"),
        (Markup([[InlineKeyboardButton(" ", callback_data="x")]]), "BUTTON_TEXT_INVALID"),
        (keyboard(*map(str, range(9))), "reply markup is too long"),
        (
            Markup([[InlineKeyboardButton("x", callback_data=f"{n}")] for n in range(101)]),
            "reply markup is too long",
        ),
    ],
)
async def test_bad_keyboards_are_refused(scene: Scene, markup: Markup, reason: str) -> None:
    assert (await refused(scene, scene.says("x", reply_markup=markup))).startswith(reason)


async def test_callback_data_may_have_64_bytes(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("x", data="é" * 32))

    assert said.keyboard[0][0].data == "é" * 32


async def test_a_press_reaches_the_bot_and_its_answer_the_person(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("Save"))
    query = await scene.telegram.presses(said, "Save", scene.ada)
    [update] = await scene.updates()

    assert update["callback_query"]["data"] == "save"
    assert update["callback_query"]["message"]["message_id"] == said.id
    await scene.bot.answer_callback_query(query.id, "Saved", show_alert=True)
    answered = scene.telegram.answer(query)
    assert (answered.text, answered.alert) == ("Saved", True)


async def test_a_press_is_answered_once_and_soon(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("Save"))
    late = "query is too old and response timeout expired or query ID is invalid"
    query = await scene.telegram.presses(said, "save", scene.ada)
    scene.time.now += timedelta(minutes=2)

    assert await refused(scene, scene.bot.answer_callback_query(query.id)) == late

    fresh = await scene.telegram.presses(said, "save", scene.ada)
    assert await refused(scene, scene.bot.answer_callback_query(fresh.id, "x" * 201)) == "MESSAGE_TOO_LONG"
    await scene.bot.answer_callback_query(fresh.id)
    assert await refused(scene, scene.bot.answer_callback_query(fresh.id)) == late


async def test_only_buttons_that_are_there_can_be_pressed(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("Save"))
    with pytest.raises(LookupError, match="has no button 'Explain'"):
        await scene.telegram.presses(said, "Explain", scene.ada)


# Edits and deletions


async def test_an_edit_changes_what_people_see(scene: Scene) -> None:
    said = await scene.says("Reading ...", reply_markup=keyboard("Stop"))
    await scene.bot.edit_message_text(
        "<b>Done</b>", chat_id=scene.private.id, message_id=said.id, parse_mode="HTML"
    )
    now = scene.telegram.now(said)

    assert (now.text, now.keyboard, now.edited) == ("Done", (), MORNING)


async def test_an_identical_edit_is_refused_as_not_modified(scene: Scene) -> None:
    said = await scene.says("x", reply_markup=keyboard("Save"))
    where: dict[str, Any] = {"chat_id": scene.private.id, "message_id": said.id}

    again = scene.bot.edit_message_reply_markup(**where, reply_markup=keyboard("Save"))
    assert await refused(scene, again) == NOT_MODIFIED
    same = scene.bot.edit_message_text("x", **where, reply_markup=keyboard("Save"))
    assert await refused(scene, same) == NOT_MODIFIED
    await scene.bot.edit_message_reply_markup(**where, reply_markup=keyboard("Saved"))
    assert scene.telegram.now(said).labels() == ("Saved",)


async def test_others_messages_can_not_be_edited(scene: Scene) -> None:
    said = await scene.telegram.says(scene.private, scene.ada, "hello")
    edit = scene.bot.edit_message_text("x", chat_id=scene.private.id, message_id=said.id)

    assert await refused(scene, edit) == "message can't be edited"


async def test_what_the_bot_never_saw_is_not_found_like_what_was_never_sent(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada)
    scene.telegram.foreign(group)
    said = await scene.says("x", group)

    for unknown in (said.id - 1, said.id + 1):
        edit = scene.bot.edit_message_reply_markup(group.id, unknown, reply_markup=keyboard("x"))
        assert await refused(scene, edit) == "message to edit not found"


async def test_a_deleted_message_is_gone(scene: Scene) -> None:
    said = await scene.says("x")
    await scene.bot.delete_message(scene.private.id, said.id)

    assert scene.telegram.visible(scene.private) == ()
    edit = scene.bot.edit_message_text("y", chat_id=scene.private.id, message_id=said.id)
    assert await refused(scene, edit) == "message to edit not found"
    assert (
        await refused(scene, scene.bot.delete_message(scene.private.id, 99)) == "message to delete not found"
    )


async def test_messages_of_others_and_old_ones_can_not_be_deleted(scene: Scene) -> None:
    group = scene.telegram.group("Lab", scene.ada)
    command = await scene.telegram.says(group, scene.ada, "/help")
    mine = await scene.says("x", group)
    scene.time.now += timedelta(hours=49)

    assert await refused(scene, scene.bot.delete_message(group.id, command.id)) == "message can't be deleted"
    old = await refused(scene, scene.bot.delete_message(group.id, mine.id))
    assert old == "message can't be deleted for everyone"


# Replies, topics, numbers


async def test_a_reply_needs_its_message(scene: Scene) -> None:
    parent = await scene.says("parent")
    reply = await scene.says("reply", reply_parameters=ReplyParameters(parent.id))
    assert reply.reply_to == parent.id

    assert await refused(scene, scene.says("x", reply_parameters=ReplyParameters(99))) == (
        "message to be replied not found"
    )
    alone = await scene.says("x", reply_parameters=ReplyParameters(99, allow_sending_without_reply=True))
    assert alone.reply_to == 0


async def test_topics_hold_messages_until_they_are_deleted(scene: Scene) -> None:
    forum = scene.telegram.supergroup("Team", scene.ada, forum=True)
    topic = scene.telegram.topic(forum, "Papers", id=77)
    await scene.updates()
    command = await scene.telegram.says(forum, scene.ada, "/subscribe@paperboy_bot vla", topic=topic)
    [update] = await scene.updates()

    assert topic == 77
    assert update["message"]["message_thread_id"] == 77
    assert update["message"]["is_topic_message"] is True
    # Telegram gives every message of a topic as a reply to its beginning.
    assert update["message"]["reply_to_message"]["forum_topic_created"]["name"] == "Papers"
    answer = await scene.says("ok", forum, reply_parameters=ReplyParameters(command.id))
    assert answer.topic == 77
    scene.telegram.deletes_topic(forum, topic)
    assert await refused(scene, scene.says("x", forum, message_thread_id=77)) == "message thread not found"
    assert (await scene.says("x", forum)).topic == 0


async def test_a_chain_of_replies_is_no_topic(scene: Scene) -> None:
    group = scene.telegram.supergroup("Lab", scene.ada)
    parent = await scene.says("parent", group)
    await scene.telegram.says(group, scene.ada, "why?", reply_to=parent)
    [update] = await scene.updates()

    assert update["message"]["message_thread_id"] == parent.id
    assert "is_topic_message" not in update["message"]
    assert (
        await refused(scene, scene.says("x", group, message_thread_id=parent.id))
        == "message thread not found"
    )


async def test_supergroups_count_alone_and_private_chats_with_groups_together(scene: Scene) -> None:
    group = scene.telegram.group("Lab", scene.ada)
    team = scene.telegram.supergroup("Team", scene.ada)
    said = [await scene.says("x", chat) for chat in (scene.private, team, group, team, scene.private)]

    assert [each.id for each in said] == [1, 1, 2, 2, 3]


async def test_the_bot_makes_a_topic_where_it_is_an_administrator(scene: Scene) -> None:
    forum = scene.telegram.supergroup("Team", scene.ada, forum=True)
    assert await refused(scene, scene.bot.create_forum_topic(forum.id, "arXiv")) == (
        "not enough rights to create a topic"
    )
    await scene.telegram.promotes(forum, scene.telegram.bot)
    made = await scene.bot.create_forum_topic(forum.id, "arXiv")

    assert (await scene.says("x", forum, message_thread_id=made.message_thread_id)).topic in forum.topics
    plain = scene.telegram.supergroup("Lab", scene.ada)
    assert await refused(scene, scene.bot.create_forum_topic(plain.id, "arXiv")) == "the chat is not a forum"
