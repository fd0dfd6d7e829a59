"""Paperboy on a loopback Slack: what people say there, and what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.demo.slack_server import Answer
from bot.demo.slack_wire import Delivery
from bot.demo.slack_world import Message
from bot.platforms.slack.address import Address, Source
from digest.channel import Who
from digest.people import Incoming
from tests.peers.arxiv import new
from tests.peers.slack import Slack, furnish
from tests.slack_bot import TEXT, CoarseTime, SlackBot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SlackBot]:
    async with SlackBot(tmp_path) as bot:
        yield bot


async def told(bot: SlackBot) -> tuple[Message, Message, Message]:
    """The messages of a digest of two papers: the parent and the replies."""
    bot.arxiv.announce(
        "cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT), new("2606.30002", "Other-VLA", abstract=TEXT)
    )
    await bot.command("/subscribe", "vla")
    await bot.command("/digest", "now")
    await bot.morning()
    parent, first, second = bot.own()
    return parent, first, second


# Commands


async def test_a_command_is_answered_to_the_caller_alone(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")

    assert "Subscribed, #1" in bot.alone("U1")
    assert bot.own() == ()
    assert await bot.queries() == ["vla"]
    assert bot.slack.wire.acks[0][1].payload is None


@pytest.mark.parametrize("command", ["/subscribe", "/arxiv", "/pb-subscribe", "/pb-arxiv"])
async def test_bare_commands_the_umbrella_and_the_prefix_do_the_same(tmp_path: Path, command: str) -> None:
    prefix = "pb-" if command.startswith("/pb-") else ""
    words = "subscribe vla" if command.endswith("arxiv") else "vla"
    async with SlackBot(tmp_path, slack_prefix=prefix) as bot:
        await bot.command(command, words)

        assert await bot.queries() == ["vla"]


async def test_an_unknown_command_is_answered_with_the_nearest_one(bot: SlackBot) -> None:
    await bot.command("/subscrbe", "vla")
    assert "/subscribe" in bot.alone()

    await bot.command("/arxiv", "")
    assert "You can say" in bot.alone()


async def test_answers_name_commands_as_they_are_typed_in_slack(tmp_path: Path) -> None:
    async with SlackBot(tmp_path, slack_prefix="pb-") as bot:
        await bot.command("/pb-subscrbe")
        assert "/pb-subscribe" in bot.alone()
    async with SlackBot(tmp_path / "bare") as bot:
        await bot.command("/help")
        assert "/arxiv status" in bot.alone()  # Slack has a /status of its own


async def test_entities_and_typographers_quotes_are_read_as_typed(bot: SlackBot) -> None:
    await bot.command("/subscribe", "“world model” AND author:“Li & Sons”")

    assert await bot.queries() == ['"world model" AND author:"Li & Sons"']


async def test_more_than_4000_characters_get_one_clear_answer(bot: SlackBot) -> None:
    await bot.command("/ask", "why " * 1_200)

    assert "longer than 4,000 characters" in bot.read()
    assert len(bot.slack.ephemerals("U1")) == 1


async def test_the_same_command_delivered_twice_is_done_once(bot: SlackBot) -> None:
    bot.slack.duplicate()
    await bot.command("/subscribe", "vla")

    assert len(bot.slack.ephemerals("U1")) == 1


async def test_what_comes_from_another_workspace_is_ignored(bot: SlackBot) -> None:
    await bot.slack.command("/subscribe", "vla", user="U1", channel="C1")
    await bot.idle()
    stranger = bot.slack.wire.sent[-1]["payload"] | {"team_id": "T0666", "trigger_id": "9.9.u1"}

    delivery = bot.slack.wire.send("slash_commands", stranger | {"text": "foreign"})
    await bot.done(_there(delivery))

    assert await bot.queries() == ["vla"]


@pytest.mark.parametrize("private", [False, True])
async def test_whoever_subscribes_where_the_bot_is_no_member_is_told_at_once(
    bot: SlackBot, private: bool
) -> None:
    bot.slack.add_channel("C9", "elsewhere", members=("U1",), private=private, bot=False)

    await bot.command("/subscribe", "vla", channel="C9")
    assert "no digest can reach it. Please say here: /invite @paperboy" in bot.alone("U1", "C9")
    await bot.command("/help", channel="C9")
    assert "/invite" not in bot.alone("U1", "C9")
    await bot.command("/digest", "now", channel="C9")
    assert "/invite @paperboy" in bot.alone("U1", "C9")

    await bot.done(bot.slack.invite("C9", by="U1"))
    await bot.command("/subscribe", "robots", channel="C9")
    assert "/invite" not in bot.alone("U1", "C9")


async def test_being_added_by_nobody_that_slack_names_is_greeted_too(bot: SlackBot) -> None:
    bot.slack.add_channel("C8", "fresh", members=("U1",), bot=False)

    await bot.done(bot.slack.invite("C8"))

    assert "/subscribe" in bot.read("C8")


async def test_an_analysis_where_the_bot_is_no_member_is_the_callers_alone_with_one_invitation(
    bot: SlackBot,
) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    bot.slack.add_channel("C9", "elsewhere", members=("U1",), bot=False)

    await bot.command("/explain", "2606.30001", channel="C9")

    read = bot.read("C9")
    assert "Event-VLA" in read
    assert read.count("/invite @paperboy") == 1
    assert "in the thread" not in read
    assert bot.read("C9", user="U2") == ""


async def test_where_the_bot_is_no_member_no_digest_is_said_to_be_made(bot: SlackBot) -> None:
    bot.slack.add_channel("C9", "visitors", members=("U1",), bot=False)
    await bot.command("/subscribe", "vla", channel="C9")
    await bot.command("/arxiv", "digest", channel="C9")

    said = bot.alone("U1", "C9")
    assert "Making today's digest" not in said
    assert "no digest can reach it. Please say here: /invite @paperboy" in said


async def test_an_invitation_is_enough_for_what_waited(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    bot.slack.add_channel("C9", "elsewhere", members=("U1",), bot=False)
    await bot.command("/subscribe", "vla", channel="C9")
    await bot.command("/digest", "now", channel="C9")
    await bot.morning()
    paused = await bot.channel("C9")
    assert paused.paused
    assert paused.paused_because.endswith("To go on: /invite @paperboy in the channel.")

    await bot.done(bot.slack.invite("C9", by="U1"))
    await bot.morning()

    assert "Event-VLA" in "".join(bot.text(each) for each in bot.own("C9"))


async def test_commands_with_another_prefix_than_the_settings_are_understood(bot: SlackBot) -> None:
    await bot.command("/pb-subscribe", "vla")
    await bot.command("/pb-arxiv", "subscribe robots")
    assert await bot.queries() == ["vla", "robots"]

    await bot.command("/pb-nothing")
    assert "/help" in bot.alone()


# Mentions and messages


async def test_a_mention_is_answered_once_in_its_thread_though_slack_tells_it_twice(bot: SlackBot) -> None:
    await bot.says("<@UBOT> subscriptions")

    (answer,) = bot.own()
    assert answer.thread_ts == bot.slack.channel("C1").messages[0].ts


async def test_what_is_ones_own_is_not_told_to_all_when_asked_for_by_a_mention(bot: SlackBot) -> None:
    parent, first, _ = await told(bot)
    await bot.presses(first, "Save")
    said = len(bot.own())

    await bot.says("<@UBOT> saved")
    assert "Event-VLA" in bot.alone("U1")
    assert bot.slack.ephemerals("U1")[-1].thread_ts == ""  # a new thread shows nothing to one person
    await bot.says("<@UBOT> saved", thread=parent.ts)
    assert bot.slack.ephemerals("U1")[-1].thread_ts == parent.ts
    for words in ("export saved bib", "settings time 25:99", "subscriptions mine"):
        seen = len(bot.slack.ephemerals("U1"))
        await bot.says(f"<@UBOT> {words}")
        assert len(bot.slack.ephemerals("U1")) == seen + 1

    assert len(bot.own()) == said


async def test_nobody_overwrites_what_all_see_and_another_caused(bot: SlackBot) -> None:
    await bot.says("<@UBOT> subscribe vla")
    (answer,) = bot.own()

    await bot.presses(answer, "Undo", user="U2")

    assert await bot.queries() == []
    assert "Subscribed, #1" in bot.text(bot.own()[0])
    assert "vla" in bot.alone("U2")


async def test_whoever_caused_a_message_for_all_has_it_replaced(bot: SlackBot) -> None:
    await bot.says("<@UBOT> subscribe vla")

    await bot.presses(bot.own()[0], "Undo", user="U1")

    assert "Subscribed, #1" not in bot.text(bot.own()[0])
    assert len(bot.own()) == 1


async def test_an_analysis_in_a_thread_is_whole_and_points_to_no_other(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))

    await bot.says("<@UBOT> explain 2606.30001")

    (answer,) = bot.own()
    assert "in the thread" not in bot.text(answer)
    assert answer.thread_ts == bot.slack.channel("C1").messages[0].ts


async def test_that_a_paper_is_being_read_is_not_left_standing_in_private(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    own = bot.slack.world.direct("U1").id

    await bot.says("explain 2606.30001", channel=own)

    assert "chat.delete" in [call.method for call in bot.slack.calls]
    opening, whole = bot.own(own)
    assert "Reading" not in bot.text(opening)
    assert whole.thread_ts == opening.ts


async def test_a_second_wish_for_an_analysis_is_pointed_to_the_first(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.command("/explain", "2606.30001")
    opening, _ = bot.own()

    await bot.command("/explain", "2606.30001", user="U2")
    assert len(bot.own()) == 2
    assert "2606.30001" in bot.alone("U2")
    assert "explained here" in bot.alone("U2")
    assert f"p{opening.ts.replace('.', '')}" in str(bot.slack.ephemerals("U2")[-1].blocks)

    await bot.command("/explain", "2606.30001 again")
    assert len(bot.own()) == 4
    await bot.command("/explain", "2606.30001 lang:zh")
    assert len(bot.own()) == 6


async def test_an_analysis_that_is_deleted_or_a_week_old_is_given_again(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.says("<@UBOT> explain 2606.30001")
    await bot.done(_nothing(bot.slack.erases(bot.own()[0])))

    await bot.says("<@UBOT> explain 2606.30001")
    assert len(bot.own()) == 1

    bot.time.now += timedelta(days=7, minutes=1)
    await bot.says("<@UBOT> explain 2606.30001")
    assert len(bot.own()) == 2


async def test_a_long_question_is_quoted_in_part(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))

    await bot.command("/ask", "2606.30001 " + "Is it better than others? " * 60)

    assert len(bot.own()) == 1
    assert bot.text(bot.own()[0]).count("Is it better") <= 12


async def test_a_private_message_is_answered_plainly_in_the_persons_own_time_and_language(
    bot: SlackBot,
) -> None:
    own = bot.slack.world.direct("U2").id
    await bot.says("subscribe vla", user="U2", channel=own)

    (answer,) = bot.own(own)
    assert answer.thread_ts == ""
    channel = await bot.channel(own)
    assert channel.private


async def test_without_settings_of_its_own_a_private_channel_has_the_persons_zone(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        own = bot.slack.world.direct("U2").id
        said = Incoming(
            id="slack:1",
            channel=f"slack:T0001/{own}",
            person="slack:T0001/U2",
            name="Bo",
            text="hello",
            received_at=bot.time.now,
            address=Address(source=Source.DIRECT, user="U2").written(),
        )
        place = await bot.platform.place(said)

    assert (place.private, place.timezone, place.language) == (True, "Asia/Shanghai", "zh-CN")


async def test_bots_edits_and_notices_are_never_answered(bot: SlackBot) -> None:
    own = bot.slack.world.direct("U1").id
    event = {
        "type": "message",
        "channel": own,
        "channel_type": "im",
        "ts": "1.1",
        "text": "help",
        "user": "U1",
    }
    for more in (
        {"bot_id": "B2"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"edited": {"ts": "2"}},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
    ):
        await bot.done(_there(bot.slack.emit(event | more)))

    assert bot.own(own) == ()


async def test_an_explanation_can_be_asked_about_in_its_thread_by_anyone(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.command("/explain", "2606.30001")
    root = bot.own()[0]

    await bot.says("Is it better than others?", user="U2", thread=root.ts)

    assert "Is it better than others?" in bot.text(bot.own()[-1])
    assert bot.own()[-1].thread_ts == root.ts


async def test_an_explanation_asked_for_by_a_mention_can_be_asked_about_too(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.says("<@UBOT> explain 2606.30001")
    said = len(bot.own())

    await bot.says("better than what?", thread=bot.slack.channel("C1").messages[0].ts)

    assert len(bot.own()) == said + 1


async def test_people_can_talk_under_a_digest_and_ask_by_number(bot: SlackBot) -> None:
    parent, *_ = await told(bot)
    said = len(bot.own())

    await bot.says("nice one", thread=parent.ts)
    await bot.says("<@U2> look", thread=parent.ts)
    assert len(bot.own()) == said

    for count, words in enumerate(("#2 is it better?", "＃2：is it better?", "#2:is it better?"), 1):
        await bot.says(words, thread=parent.ts)
        assert len(bot.own()) == said + count
        assert "Other-VLA" in bot.text(bot.own()[-1])
        assert "：is" not in bot.text(bot.own()[-1])


async def test_a_number_and_the_report_under_an_older_digest_are_that_digests(bot: SlackBot) -> None:
    parent, *_ = await told(bot)
    july = date(2026, 7, 1)
    bot.arxiv.announce("cs.CV", new("2607.00001", "July-VLA", abstract=TEXT, day=july), day=july)
    await bot.next_morning()
    assert "July-VLA" in bot.read()

    for words in ("#1 is it better?", "ask #1 is it better?", "explain #1"):
        said = len(bot.own())
        await bot.says(f"<@UBOT> {words}", thread=parent.ts)
        answer = "\n".join(map(bot.text, bot.own()[said:]))
        assert "Event-VLA" in answer, words
        assert "July-VLA" not in answer, words

    await bot.presses(parent, "Report")
    assert "30 June 2026" in bot.read()
    assert "1 July 2026, as Markdown" not in bot.read()


async def test_chatter_in_a_papers_thread_gets_neither_an_answer_nor_a_look(bot: SlackBot) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.says("<@UBOT> explain 2606.30001")
    root = bot.slack.channel("C1").messages[0]
    said = len(bot.own())

    for text in ("lol", ":tada:", "never mind", "哈哈"):
        await bot.says(text, thread=root.ts)
        assert not bot.slack.channel("C1").messages[-1].reactions, text
    assert len(bot.own()) == said

    await bot.says("<@UBOT> lol", thread=root.ts)
    assert len(bot.own()) == said + 1


async def test_being_added_to_a_channel_says_hello_to_all(bot: SlackBot) -> None:
    bot.slack.add_channel("C9", "new", members=("U1",), bot=False)

    await bot.done(bot.slack.invite("C9", by="U1"))

    (hello,) = bot.own("C9")
    assert "Hello, I am Paperboy." in bot.text(hello)


async def test_a_bookmark_under_a_paper_saves_it(bot: SlackBot) -> None:
    _, first, _ = await told(bot)

    await bot.done(bot.slack.reacts(first, "bookmark", "U1"))

    await bot.command("/saved")
    assert "Event-VLA" in bot.alone()


async def test_a_thumb_under_a_paper_is_an_opinion(bot: SlackBot) -> None:
    _, first, second = await told(bot)

    await bot.done(bot.slack.reacts(first, "+1::skin-tone-3", "U1"))
    await bot.done(bot.slack.reacts(second, "-1", "U2"))
    await bot.done(bot.slack.reacts(second, "tada", "U1"))

    key = (await bot.channel()).key
    opinions = {each.paper: each.liked for each in await bot.parts.store.opinions(key)}
    assert opinions == {"2606.30001": True, "2606.30002": False}


# Standing and places


async def test_standing_is_told_by_slack_and_least_where_it_does_not(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    channel = await bot.channel()

    assert await bot.platform.standing(channel, "slack:T0001/U1") is Who.CREATOR
    assert await bot.platform.standing(channel, "slack:T0001/U2") is Who.MEMBERS
    assert await bot.platform.standing(channel, "slack:T0001/U404") is Who.MEMBERS
    assert channel.title == "#robots"


async def test_the_channel_of_the_settings_is_there_from_the_start(tmp_path: Path) -> None:
    slack = Slack(time=CoarseTime(datetime(2026, 6, 30, 13, tzinfo=UTC)))
    furnish(slack)
    slack.add_channel("C0123", "papers", members=("U1",))
    async with SlackBot(tmp_path, slack=slack, slack_channel="C0123", keywords=("vla",)) as bot:
        assert await bot.queries("C0123") == ["vla"]
        assert (await bot.channel("C0123")).title == "#papers"


async def test_a_server_that_knows_few_methods_is_enough(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        for method in ("users.info", "conversations.info", "reactions.add", "views.open", "views.publish"):
            bot.slack.misbehave(method, _unknown)
        await bot.command("/settings")
        await bot.says("<@UBOT> subscribe vla")
        await bot.done(bot.slack.opens_home("U1"))

        assert "Settings of this channel" in bot.read()
        assert await bot.queries() == ["vla"]


# Channels that change


async def test_an_archived_channel_pauses_and_goes_on_when_it_is_back(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")

    await bot.done(bot.slack.archive("C1"))
    paused = await bot.channel()
    await bot.done(bot.slack.unarchive("C1"))

    assert (paused.paused, paused.paused_because) == (True, "The channel is archived.")
    assert not (await bot.channel()).paused


async def test_a_pause_that_a_person_asked_for_outlasts_an_archive(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    await bot.command("/arxiv", "digest pause 7d")
    paused = await bot.channel()

    await bot.done(bot.slack.archive("C1"))
    await bot.done(bot.slack.unarchive("C1"))

    assert paused.paused_until
    assert await bot.channel() == paused


async def test_a_renamed_channel_has_its_new_name(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    await bot.done(bot.slack.rename("C1", "machines"))

    assert (await bot.channel()).title == "#machines"


async def test_removed_from_a_channel_it_says_how_to_be_back(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    await bot.done(bot.slack.kick("C1"))

    assert "/invite @paperboy" in (await bot.channel()).paused_because


async def test_why_a_channel_pauses_is_said_in_its_language(bot: SlackBot) -> None:
    await bot.command("/arxiv", "settings language zh-CN")
    await bot.done(bot.slack.archive("C1"))

    assert (await bot.channel()).paused_because == "频道已归档。"


# Answers by other ways


async def test_an_expired_response_url_is_no_reason_not_to_answer(bot: SlackBot) -> None:
    delivery = await bot.slack.command("/subscribe", "vla", user="U1", channel="C1")
    bot.slack.api.response_urls.clear()

    await bot.done(_there(delivery))

    assert "Subscribed, #1" in bot.alone()
    assert "chat.postEphemeral" in [call.method for call in bot.slack.calls]


async def test_undo_takes_the_place_of_the_message_it_was_pressed_in(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    before = bot.slack.ephemerals("U1")

    await bot.presses(before[-1], "Undo")

    assert await bot.queries() == []
    assert len(bot.slack.ephemerals("U1")) == len(before)


async def test_several_that_were_removed_are_taken_back_at_once(bot: SlackBot) -> None:
    for query in ("vla", "slam", '"world model"'):
        await bot.command("/subscribe", query)
    await bot.command("/unsubscribe", "#1 #2 #3")
    await bot.presses(bot.slack.ephemerals("U1")[-1], "Undo #2")
    one = await bot.queries()

    await bot.presses(bot.slack.ephemerals("U1")[-1], "Undo all")

    assert one == ["slam"]
    assert sorted(await bot.queries()) == ['"world model"', "slam", "vla"]


async def test_a_pause_is_told_in_the_channel_though_its_button_stands_in_a_thread(bot: SlackBot) -> None:
    parent, _, _ = await told(bot)
    known = len(bot.own())

    await bot.presses(parent, "Pause 7 d", user="U2")

    [notice] = bot.own()[known:]
    assert "paused the digest" in bot.text(notice)
    assert notice.thread_ts == ""


async def test_a_file_for_the_caller_goes_into_their_own_conversation(bot: SlackBot) -> None:
    _, first, _ = await told(bot)
    await bot.presses(first, "Save")

    await bot.command("/export", "saved bib")

    own = bot.slack.world.direct("U1").id
    assert [file.name for each in bot.own(own) for file in each.files] == ["papers-saved.bib"]
    assert "papers-saved.bib is in our direct messages." in bot.alone()
    assert not any(each.files for each in bot.own("C1"))


async def test_a_file_that_the_app_may_not_upload_is_named_with_what_to_do(bot: SlackBot) -> None:
    _, first, _ = await told(bot)
    await bot.presses(first, "Save")
    bot.slack.api.scopes -= {"files:write"}

    await bot.command("/export", "saved bib")

    assert "files:write" in bot.alone()
    assert "is in our direct messages" not in bot.alone()


async def _there(delivery: Delivery | None) -> Delivery | None:
    return delivery


async def _nothing(doing: Awaitable[None]) -> None:
    await doing


async def _unknown(request: web.Request, answer: Answer) -> web.Response:
    return web.json_response({"ok": False, "error": "unknown_method"})
