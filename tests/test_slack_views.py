"""Modals and the Home tab: how they open, what they hold, and what comes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.slack_world import Message
from bot.locale import in_language
from bot.platforms.slack.views import Opened, changes, home_view, settings_view
from digest.document import Button, Buttons, Document, para
from tests.peers.arxiv import new
from tests.peers.slack_faults import refused
from tests.slack_bot import TEXT, SlackBot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SlackBot]:
    async with SlackBot(tmp_path) as bot:
        yield bot


async def told(bot: SlackBot) -> Message:
    """The reply about the one paper of a digest."""
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract=TEXT))
    await bot.command("/subscribe", "vla")
    await bot.command("/digest", "now")
    await bot.morning()
    return bot.own()[-1]


async def test_ask_opens_a_question_whose_answer_comes_in_the_papers_thread(bot: SlackBot) -> None:
    paper = await told(bot)
    await bot.presses(paper, "Ask", user="U2")

    await bot.submits(bot.form("U2"), {"question": "Is it better than others?"}, user="U2")

    answer = bot.own()[-1]
    assert answer.thread_ts == paper.thread_ts
    assert "Is it better than others?" in bot.text(answer)
    assert bot.slack.views("U2") == ()


async def test_an_empty_question_is_asked_for_again(bot: SlackBot) -> None:
    await bot.presses(await told(bot), "Ask")

    await bot.submits(bot.form(), {"question": "   "})

    assert bot.form().errors == {"question": "What would you like to know?"}


async def test_where_no_modal_can_be_opened_words_do(bot: SlackBot) -> None:
    paper = await told(bot)
    bot.slack.misbehave("views.open", refused("expired_trigger_id"))

    await bot.command("/settings")
    assert "Settings of this channel" in bot.alone()

    await bot.presses(paper, "Ask")
    assert "What do you want to know about Event-VLA?" in bot.alone()
    await bot.says("how lovely", user="U2", thread=paper.thread_ts)
    await bot.says("Is it better than others?", thread=paper.thread_ts)
    await bot.says("thanks", thread=paper.thread_ts)
    (answer,) = bot.own()[2:]
    assert "Is it better than others?" in bot.text(answer)


async def test_settings_show_what_is_and_change_only_what_was_changed(bot: SlackBot) -> None:
    await bot.command("/arxiv", "settings")
    form = bot.form()
    fields = {block["block_id"]: block["element"] for block in form.payload["blocks"]}
    assert fields["time"]["initial_value"] == "12:00"
    assert fields["language"]["initial_option"]["value"] == "en"

    await bot.submits(form, {"time": "08:30", "mode": "compact"})

    channel = await bot.channel()
    assert (channel.digest_at, channel.mode, channel.language) == ("08:30", "compact", "en")
    assert "Time" in bot.alone()


async def test_submitting_unchanged_settings_says_nothing(bot: SlackBot) -> None:
    await bot.command("/settings")
    seen = bot.slack.ephemerals("U1")

    await bot.submits(bot.form(), {})

    assert bot.slack.ephemerals("U1") == seen
    assert bot.slack.views("U1") == ()


async def test_all_settings_that_mean_nothing_are_told_in_the_form_and_none_is_saved(bot: SlackBot) -> None:
    await bot.command("/settings")
    seen = bot.slack.ephemerals("U1")

    await bot.submits(bot.form(), {"time": "25:99", "cap": "many", "categories": "cs.RO"})

    errors = bot.form().errors
    assert errors.keys() == {"time", "cap"}
    assert errors["time"].startswith("Nothing was saved: ")
    assert "25:99" in errors["time"]
    assert "many" in errors["cap"]
    assert bot.slack.ephemerals("U1") == seen
    channel = await bot.channel()
    assert (channel.digest_at, channel.categories) == ("12:00", ("cs.CV",))

    await bot.submits(bot.form(), {"time": "08:30", "cap": "3", "categories": "cs.RO"})
    assert (await bot.channel()).cap == 3


async def test_nobody_shuts_the_door_behind_which_they_stand_by_a_form(bot: SlackBot) -> None:
    await bot.command("/settings", user="U2")

    await bot.submits(bot.form("U2"), {"who": "admins"}, user="U2")

    assert "keep you out" in bot.form("U2").errors["who"]


async def test_whoever_may_not_change_the_channel_sees_that_before_any_field(bot: SlackBot) -> None:
    await bot.command("/arxiv", "settings who admins", user="U1")

    await bot.command("/settings", user="U2")

    view = bot.form("U2").payload
    assert "Only its administrators can change" in str(view["blocks"][0])
    assert {block["type"] for block in view["blocks"]} == {"section"}
    assert "submit" not in view
    assert "A message a day, a reply for each paper" in str(view["blocks"])


async def test_hints_are_for_fields_that_are_written_in(bot: SlackBot) -> None:
    await bot.command("/settings")

    blocks = {block["block_id"]: block for block in bot.form().payload["blocks"]}
    assert blocks["time"]["hint"]["text"] == "For example: 08:30"
    assert "hint" not in blocks["mode"]


async def test_a_channel_in_chinese_has_forms_in_chinese(bot: SlackBot) -> None:
    paper = await told(bot)
    await bot.command("/arxiv", "settings language zh-CN")

    await bot.presses(paper, "Ask")

    assert bot.form().payload["title"]["text"] == "向论文提问"
    await bot.submits(bot.form(), {"question": " "})
    assert bot.form().errors == {"question": "您想知道什么？"}


async def test_the_settings_button_of_a_digest_opens_the_form(bot: SlackBot) -> None:
    await told(bot)

    await bot.presses(bot.own()[0], "Settings", user="U2")

    assert bot.form("U2").payload["callback_id"] == "settings"


async def test_a_press_delivered_twice_opens_one_modal_and_says_nothing(bot: SlackBot) -> None:
    paper = await told(bot)
    seen = len(bot.slack.ephemerals("U1"))
    bot.slack.duplicate()

    await bot.presses(paper, "Ask")

    assert len(bot.slack.views("U1")) == 1
    assert len(bot.slack.ephemerals("U1")) == seen


async def test_home_shows_ones_own_subscriptions_and_changes_with_them(bot: SlackBot) -> None:
    await bot.done(bot.slack.opens_home("U1"))
    view = bot.slack.home("U1")
    assert view is not None
    assert "None yet" in bot.home()

    await bot.presses(view, "Subscribe to vla")

    own = bot.slack.world.direct("U1").id
    assert await bot.queries(own) == ["vla, vision language action"]
    assert "#1 vla, vision language action" in bot.home()
    assert "Subscribed, #1" in bot.read(own)


async def test_home_is_for_each_person_their_own(bot: SlackBot) -> None:
    await bot.says("subscribe robots", user="U2", channel=bot.slack.world.direct("U2").id)

    await bot.done(bot.slack.opens_home("U1"))
    await bot.done(bot.slack.opens_home("U2"))

    assert "robots" in bot.home("U2")
    assert "robots" not in bot.home("U1")


def test_a_home_of_any_length_fits() -> None:
    many = Document(
        tuple(block for n in range(90) for block in (para(f"{n}"), Buttons((Button("Go", "help"),))))
    )

    view = home_view(many, in_language("en"), channel="D1")

    assert len(view["blocks"]) == 100
    assert "There is more" in str(view["blocks"][-1])


def test_only_other_values_than_before_are_changes() -> None:
    class Field:
        name, label, value, choices, hint = "time", "Time", "09:00", (), "08:30"

    view = settings_view([Field()], Opened(channel="slack:T/C"), in_language("en"))  # type: ignore[list-item]
    said = {"blocks": view["blocks"], "state": {"values": {"time": {"time": {"value": " 09:00 "}}}}}
    assert changes(said) == ()

    said["state"] = {
        "values": {"time": {"time": {"value": "10:00\nlanguage zh"}}, "x": {"x": {"value": "1"}}}
    }
    assert changes(said) == (("time", "10:00 language zh"),)
