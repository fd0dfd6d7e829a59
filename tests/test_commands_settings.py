"""Settings: one, several at once, in a form, and only by those who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import Reply
from bot.commands.front import Front
from bot.commands.setting_table import SETTINGS
from bot.locale import in_language
from digest.channel import Mode, Who
from digest.document import Document
from tests.bot_under_test import BotUnderTest, buttons, shown


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV")
        bot.arxiv.announce("cs.RO")
        yield bot


def front(bot: BotUnderTest) -> Front:
    return Front(bot.parts.desk(start_digest=bot.reconcile.start_digest))


async def test_settings_are_kept_and_the_next_digest_moves(bot: BotUnderTest) -> None:
    assert "14:30" in await bot.says("/settings time 14:30 Europe/Paris")
    channel = await bot.channel()
    assert (channel.digest_at, channel.timezone) == ("14:30", "Europe/Paris")
    assert channel.next_run_at is not None
    assert channel.next_run_at > bot.time.clock()
    await bot.says("/settings days mon, wed")
    assert (await bot.channel()).days == (0, 2)


async def test_several_settings_are_changed_together(bot: BotUnderTest) -> None:
    said = await bot.hears("/settings\ntime: 08:30\n\nlanguage zh\n  cap 5\nempty off\nmode weekly")
    room = await bot.room()
    assert (room.digest_at, room.language, room.cap, room.mode) == ("08:30", "zh-CN", 5, Mode.WEEKLY)
    assert not room.tells_empty_days
    assert len(said) == 1


async def test_with_one_wrong_among_several_nothing_is_changed(bot: BotUnderTest) -> None:
    before = await bot.room()
    for wrong in ("cap 5000", "colour blue", "time", "time 25:00", "days moonday"):
        [said] = await bot.hears(f"/settings\ntime 08:30\n{wrong}\nlanguage zh")
        assert "try" in shown([said]) or "there are" in shown([said]) or "To change it" in shown([said])
        assert await bot.room() == before


async def test_a_change_is_made_to_the_channel_as_it_is_not_as_it_was(bot: BotUnderTest) -> None:
    room = await bot.room()
    [table] = await bot.hears("/settings", in_=room)
    assert "/settings cap 8" in shown([table])
    await bot.hears("/settings cap 5", in_=room)
    await bot.hears("/settings language zh-CN", in_=room)
    assert ((await bot.room()).cap, (await bot.room()).language) == (5, "zh-CN")


async def test_only_what_did_change_is_told_to_the_channel_in_one_line(bot: BotUnderTest) -> None:
    await bot.room(announces_changes=True)
    _, told = await bot.hears("/settings\ntime 09:00\ncap 5\nrevisions on", name="Ada")
    assert shown([told]) == "Ada set the cap to 5, revised papers to on."
    assert len(await bot.hears("/settings cap 5")) == 1


async def test_the_creator_of_a_channel_can_keep_it_to_themselves(bot: BotUnderTest) -> None:
    assert "keep you out yourself" in shown(await bot.hears("/settings who admins"))
    await bot.hears("/settings who creator", standing=Who.CREATOR)
    assert (await bot.room()).changes_by is Who.CREATOR
    refused = shown(await bot.hears("/subscribe vla", standing=Who.ADMINS))
    assert "Only whoever created it" in refused
    assert "Subscribed" in shown(await bot.hears("/subscribe vla", standing=Who.CREATOR))


async def test_each_platform_shows_the_settings_that_mean_something_there(bot: BotUnderTest) -> None:
    console = await bot.says("/settings")
    assert "/settings who" not in console
    slack = shown(await bot.hears("/settings"))
    assert "/settings who" in slack
    assert "/settings rich" not in slack
    telegram = await bot.room("telegram:-100")
    assert "/settings rich" in shown(await bot.hears("/settings", in_=telegram))


async def test_the_form_holds_every_setting_and_its_values_are_taken(bot: BotUnderTest) -> None:
    telegram = await bot.room("telegram:-100")
    fields = await front(bot).form(telegram)
    assert [each.name for each in fields] == list(SETTINGS)
    for field in fields:
        assert field.value in [value for value, _ in field.choices] or not field.choices
        for value in (field.value, field.hint, *(value for value, _ in field.choices)):
            lines = f"/settings\n{field.name} {value}"
            said = shown(await bot.hears(lines, in_=telegram, standing=Who.CREATOR))
            assert "try" not in said, lines
            speaks = in_language((await bot.room("telegram:-100")).language)
            assert speaks.translated(SETTINGS[field.name].label) in said


async def test_every_setting_reads_back_what_it_shows(bot: BotUnderTest) -> None:
    room = await bot.room("telegram:-100", days=(0, 2, 4), cap=3, language="pt-BR", rich=True)
    for name, setting in SETTINGS.items():
        assert setting.shown(setting.change(room, setting.shown(room))) == setting.shown(room), name


async def test_a_persons_home_shows_their_own_subscriptions_and_saved_papers(bot: BotUnderTest) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    await bot.hears("/subscribe vla", in_=private)
    await bot.hears("/subscribe secret of the room", user="slack:T1/U2")
    await bot.hears("/save 1911.02782", user="slack:T1/U2")
    home = await front(bot).home("slack:T1/U1", private.key)
    page = "\n".join(shown([_reply(home)]).splitlines())
    assert "#1 vla" in page
    assert "secret" not in page
    assert "Next digest: Wednesday 1 July, 09:00 UTC." in page
    assert "None yet. Press Save under a paper." in page


async def test_a_home_shows_the_channels_where_the_person_subscribed_and_no_others(bot: BotUnderTest) -> None:
    ours = await bot.room("slack:T1/C1", title="#robots")
    await bot.hears("/subscribe world model", in_=ours)
    await bot.hears("/subscribe diffusion", in_=ours, user="slack:T1/U2")
    theirs = await bot.room("slack:T1/C2", title="#secret")
    await bot.hears("/subscribe merger", in_=theirs, user="slack:T1/U2")

    page = shown([_reply(await front(bot).home("slack:T1/U1", None))])

    assert "In #robots" in page
    assert "world model" in page
    assert "diffusion" in page
    assert "secret" not in page
    assert "merger" not in page


async def test_a_home_without_a_private_channel_says_how_to_begin(bot: BotUnderTest) -> None:
    home = await front(bot).home("slack:T1/U9", None)
    assert "Write to me: /subscribe vla" in shown([_reply(home)])
    assert "Subscribe to vla" in buttons([_reply(home)])


def _reply(document: Document) -> Reply:
    return Reply(document=document)


async def test_the_next_digest_is_promised_for_a_date_that_has_none_yet(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    for change in ("time 17:00", "days daily", "mode compact", "timezone Europe/Berlin"):
        assert "Next digest: Wednesday 1 July" in shown(await bot.hears(f"/settings {change}")), change
    await bot.hears("/digest pause 1h")
    assert "Next digest: Wednesday 1 July" in shown(await bot.hears("/digest resume"))


async def test_a_weekly_digest_of_today_comes_at_once_when_its_hour_is_set_back(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.says("/settings\ndays mon,tue\ntime 17:00\nmode weekly")
    assert "comes right away" in await bot.says("/settings time 09:00")
    await bot.morning()
    assert "arXiv digest" in bot.printed()


@pytest.mark.parametrize(
    ("written", "shown_as"),
    [
        ("time 8am", "08:00"),
        ("time 8:30 PM", "20:30"),
        ("time 12 a.m. Europe/Paris", "00:00 (Europe/Paris)"),
        ("time １８：３０", "18:30"),
        ("cap １２", "12"),
        ("days mon-sun", "daily"),
        ("days Mondays, thurs", "mon, thu"),
        ("days mon to wed", "mon-wed"),
        ("days mon – wed, sat", "mon, tue, wed, sat"),
        ("days weekend", "sat, sun"),
        ("language English", "en"),
        ("timezone utc", "UTC"),
        ("timezone europe/paris", "Europe/Paris"),
        ("timezone AMERICA/NEW_YORK", "America/New_York"),
    ],
)
async def test_values_are_taken_as_people_write_them(bot: BotUnderTest, written: str, shown_as: str) -> None:
    assert f": {shown_as}" in shown(await bot.hears(f"/settings {written}")).splitlines()[0]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("timezone Paris", "try Europe/Paris"),
        ("timezone new york", "try America/New_York"),
        ("timezone +05:45", "“+05:45” is not the name of a time zone; try Asia/Kathmandu"),
        ("timezone Mars", "try Europe/Paris, Asia/Shanghai or UTC"),
        ("days montag", "“montag” names no days"),
        ("days mo", "names no days"),
        ("days mon-", "“mon-” names no days"),
        ("days 周一到", "names no days"),
        ("who me", "“me” is none of the three who may; try members, admins or creator"),
        ("categories cs.XX", "“cs.XX” is not an arXiv category; try cs.RO, cs.CV or math.GT"),
        ("categories cs.R0", "“cs.R0” is not an arXiv category; did you mean cs.RO?"),
        ("time 13pm", "try 09:00"),
        ("time 0am", "try 09:00"),
    ],
)
async def test_a_value_that_is_nearly_right_gets_a_hint(bot: BotUnderTest, wrong: str, hint: str) -> None:
    assert hint in shown(await bot.hears(f"/settings {wrong}"))


async def test_a_private_chat_neither_lists_nor_takes_what_concerns_several_people(bot: BotUnderTest) -> None:
    private = await bot.room("telegram:5", platform="telegram", private=True)
    listed = shown(await bot.hears("/settings", in_=private))
    assert "/settings cap" in listed
    for name, value in (("who", "admins"), ("announce", "on")):
        assert f"/settings {name}" not in listed
        refused = shown(await bot.hears(f"/settings {name} {value}", in_=private))
        assert f"“{name}” concerns channels with several people; here there are time" in refused
    kept = await bot.parts.store.channel("telegram:5")
    assert kept is not None
    assert kept.changes_by is None
    assert not kept.announces_changes


async def test_only_slack_whose_answers_are_private_has_a_second_line_of_a_change(bot: BotUnderTest) -> None:
    for platform, lines in (("slack", 2), ("telegram", 1)):
        room = await bot.room(f"{platform}:T1/C7", platform=platform, announces_changes=True)
        assert len(await bot.hears("/settings cap 5", in_=room, standing=Who.CREATOR)) == lines


async def test_a_language_tells_what_of_it_there_is_without_a_model(bot: BotUnderTest) -> None:
    german = shown(await bot.hears("/settings language de"))
    assert "extracts stay in the language of the paper" in german
    assert "The words around them stay English." in german
    chinese = shown(await bot.hears("/settings language zh"))
    assert "摘录保持论文的原文" in chinese
    assert "仍为英文" not in chinese
    assert "extracts" not in shown(await bot.hears("/settings language en"))
    assert "extracts" not in shown(await bot.hears("/settings cap 5"))


async def test_the_weekly_form_tells_its_day(bot: BotUnderTest) -> None:
    weekly = shown(await bot.hears("/settings mode weekly"))
    assert "The weekly digest comes on Friday, the last of mon-fri." in weekly
    assert "comes on Tuesday." in shown(await bot.hears("/settings days tue"))
    assert "weekly digest" not in shown(await bot.hears("/settings mode thread"))


async def test_on_telegram_each_setting_and_each_day_is_one_short_line(bot: BotUnderTest) -> None:
    chat = await bot.room("telegram:9", platform="telegram")
    lines = shown(await bot.hears("/settings", in_=chat)).replace("*", "").replace("`", "")
    assert "cap 10 · /settings cap 8" in lines
    assert "value" not in lines
    await bot.parts.daily.fetch(["cs.CV"])
    assert "cs.CV · Tuesday 30 June · " in shown(await bot.hears("/status", in_=chat))


async def test_what_is_proposed_differs_from_what_is_set(bot: BotUnderTest) -> None:
    room = await bot.room("telegram:-100", language="zh-CN", digest_at="08:30", cap=8, rich=True)
    assert SETTINGS["categories"].proposal(room) == "cs.CL, cs.LG"  # cs.CV, cs.RO are set
    for name, setting in SETTINGS.items():
        for text in (setting.example, setting.other):
            changed = setting.change(room, text)
            proposed = setting.change(changed, setting.proposal(changed))
            assert setting.shown(proposed) != setting.shown(changed), (name, text)
    await bot.hears("/settings revisions on")
    said = shown(await bot.hears("/settings revisions"))
    assert "Revised papers too: on. To change it: /settings revisions off" in said
    assert "/settings revisions off" in shown(await bot.hears("/settings"))


async def test_everybody_may_ask_what_a_setting_is(bot: BotUnderTest) -> None:
    group = await bot.room("telegram:-100")
    for command in ("settings cap", "digest cap", "settings\ncap"):
        assert "Papers analysed a digest: 10." in shown(await bot.hears(f"/{command}", in_=group)), command


async def test_a_new_weekly_channel_whose_hour_was_over_before_it_gets_no_digest_at_once(
    bot: BotUnderTest,
) -> None:
    bot.time.now = datetime(2026, 7, 5, 18, tzinfo=UTC)  # a Sunday
    room = await bot.room("slack:T1/C5", digest_at="12:00", days=tuple(range(7)))
    await bot.hears("/subscribe vla", in_=room)
    said = shown(await bot.hears("/digest mode weekly", in_=room))
    assert "Next digest: Sunday 12 July, 12:00 UTC." in said


async def test_a_digest_of_today_that_a_change_drops_is_offered_now(bot: BotUnderTest) -> None:
    bot.time.now = datetime(2026, 6, 30, 8, tzinfo=UTC)
    room = await bot.room("slack:T1/C5")  # its digest comes at 09:00
    assert "Digest now" not in buttons(await bot.hears("/settings time 07:00", in_=room))
    await bot.hears("/settings time 09:00", in_=room)
    await bot.hears("/subscribe vla", in_=room)
    assert "Digest now" not in buttons(await bot.hears("/settings time 10:00", in_=room))
    dropped = await bot.hears("/settings time 07:00", in_=room)
    assert "Today's digest does not come by itself any more." in shown(dropped)
    assert buttons(dropped)["Digest now"].command == "digest now"
    assert "Digest now" not in buttons(await bot.hears("/settings time 06:00", in_=room))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("周一", (0,)),
        ("星期日", (6,)),
        ("礼拜天", (6,)),
        ("周一到周五", (0, 1, 2, 3, 4)),
        ("星期一至星期三，周六", (0, 1, 2, 5)),
        ("周一、周三", (0, 2)),
        ("周一三五", (0, 2, 4)),
        ("周末", (5, 6)),
        ("每天", (0, 1, 2, 3, 4, 5, 6)),
        ("工作日", (0, 1, 2, 3, 4)),
    ],
)
async def test_a_chinese_channel_knows_its_weekdays(
    bot: BotUnderTest, written: str, days: tuple[int, ...]
) -> None:
    room = await bot.room(language="zh-CN", days=(3,))
    await bot.hears(f"/settings days {written}", in_=room)
    assert (await bot.room()).days == days


async def test_a_chinese_channel_takes_its_words_for_on_and_off_and_hears_of_wrong_days(
    bot: BotUnderTest,
) -> None:
    room = await bot.room(language="zh-CN")
    await bot.hears("/settings empty 关", in_=room)
    assert not (await bot.room()).tells_empty_days
    await bot.hears("/settings empty 开", in_=room)
    assert (await bot.room()).tells_empty_days
    refused = shown(await bot.hears("/settings days 周八", in_=room))
    assert "“周八”不是星期；试试 周一到周五" in refused
