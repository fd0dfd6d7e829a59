"""The digest on demand: now, ahead, again, as a file, paused, weekly, and without empty days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.request import note
from bot.commands.times import parse_pause
from digest.channel import Channel, Delivery, DigestState, Who
from digest.errors import InvalidSetting
from tests.bot_under_test import TUESDAY, BotUnderTest, buttons, shown
from tests.peers.arxiv import new, revised, status

WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA: events for robots"))
        bot.arxiv.announce("cs.RO")
        yield bot


async def test_the_digest_can_be_asked_for_now_and_once(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    assert "Making today's digest" in await bot.says("/digest now")
    await bot.morning()
    assert len(bot.papers()) == 1
    assert "is out already" in await bot.says("/digest now")
    assert "Event-VLA" in await bot.says("/digest last")


@pytest.mark.parametrize(
    "command",
    [
        "digest now",
        "digest preview",
        "digest last",
        "digest resume",
        "report",
        "more",
        "status",
        "settings cap 1",
    ],
)
async def test_without_subscriptions_no_digest_is_promised(bot: BotUnderTest, command: str) -> None:
    said = await bot.says(f"/{command}")
    assert "There is nothing to look for yet. Start with: /subscribe" in " ".join(said.split())
    assert "Next digest" not in said
    await bot.says("/subscribe vla")
    assert "nothing to look for" not in await bot.says(f"/{command}")


async def test_an_empty_digest_is_told_where_somebody_asked_for_it(bot: BotUnderTest) -> None:
    await bot.says("/settings empty off")
    await bot.says("/subscribe zebrafish")

    await bot.says("/digest now")
    await bot.morning()

    assert "arXiv digest · Tuesday 30 June 2026 · no papers" in bot.printed()
    assert "is out already" in await bot.says("/digest now")
    printed = bot.printed()
    await bot.next_morning()
    assert bot.printed() == printed  # the schedule's own are not told


async def test_a_digest_asked_for_after_one_that_was_not_posted_tells_what_that_was(
    bot: BotUnderTest,
) -> None:
    await bot.says("/settings empty off")
    await bot.says("/subscribe zebrafish")
    await bot.morning()
    assert bot.printed() == ""
    said = await bot.says("/digest now")
    assert "1 paper scanned and none matched" in said
    assert "out already" not in said


async def test_a_digest_that_is_not_posted_yet_is_not_said_to_be_out(bot: BotUnderTest) -> None:
    room = await bot.room()
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    assert "is being made already" in shown(await bot.hears("/digest now"))
    await bot.parts.daily.deliver(room, TUESDAY)
    assert "made and on its way" in shown(await bot.hears("/digest now"))
    [opening, *_] = await bot.parts.store.outbox(channel=room.key)
    await bot.parts.store.begin_delivery(opening.key, at=bot.time.now)
    await bot.parts.store.finish_delivery(opening.key, "1.0")
    assert "is out already" in shown(await bot.hears("/digest now"))


async def test_a_look_ahead_tells_nothing_as_told(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    bot.arxiv.announce("cs.CV", new("2607.00001", "Tomorrow VLA", day=WEDNESDAY))
    bot.time.now += timedelta(hours=16)
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    assert "Tomorrow VLA" in await bot.says("/digest preview")
    await bot.next_morning(days=0)
    bot.time.now += timedelta(hours=8)
    await bot.morning()
    assert "Tomorrow VLA" in bot.papers()[-1]


async def test_while_paused_a_look_ahead_names_what_an_end_of_the_pause_would_bring(
    bot: BotUnderTest,
) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/digest pause")
    for offset in (1, 2):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))
        await bot.next_morning()

    said = await bot.says("/digest preview")
    assert "Resumed now, the digest would have 1 paper:" in said
    assert "VLA of Thursday" in said
    assert "VLA of Wednesday" not in said

    await bot.says("/digest resume")
    assert "VLA of Wednesday" not in await bot.says("/digest preview")
    await bot.says("/digest now")
    await bot.morning()
    assert bot.papers()[1:] == ["VLA of Thursday"]


async def test_a_pause_ended_on_a_day_of_rest_leaves_the_last_announcement_to_be_told(
    bot: BotUnderTest,
) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/digest pause")
    for offset in (1, 2, 3):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))
        await bot.next_morning()
    await bot.next_morning()  # Saturday: nothing is announced

    await bot.says("/digest resume")
    await bot.says("/digest now")
    await bot.morning()

    assert bot.papers()[1:] == ["VLA of Friday"]


async def test_an_end_of_a_pause_brings_one_digest_at_its_hour(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/digest pause")
    thursday = TUESDAY + timedelta(days=2)
    bot.arxiv.announce("cs.CV", new("2607.00002", "VLA of Thursday", day=thursday))
    before = bot.printed()
    bot.time.go(thursday, hour=11)
    await bot.morning()

    said = await bot.says("/digest resume")
    assert "Resumed. Next digest: Thursday 2 July, 12:00 UTC." in said
    assert "Digest now: `/digest now`" in said
    await bot.morning()
    assert bot.printed() == before

    bot.time.go(thursday, hour=12)
    await bot.morning()
    told = bot.printed()[len(before) :]
    assert told.count("arXiv digest ·") == 1
    assert "arXiv digest · Thursday 2 July 2026 · 1 paper" in told


async def test_an_end_of_a_pause_offers_no_digest_where_todays_is_out(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/digest pause")
    assert "Digest now" in buttons(await bot.hears("/digest resume"))
    await bot.hears("/digest now")
    await bot.hears("/digest pause")
    assert "Digest now" not in buttons(await bot.hears("/digest resume"))


async def test_a_pause_asked_for_twice_is_told_to_all_once(bot: BotUnderTest) -> None:
    for words in ("7d", ""):
        assert len(await bot.hears(f"/digest pause {words}")) == 2, words
        bot.time.now += timedelta(minutes=1)
        again = await bot.hears(f"/digest pause {words}", user="slack:T1/U2", name="Bo")
        assert "Paused" in shown(again)
        assert len(again) == 1, words
    assert len(await bot.hears("/digest pause 2d")) == 2
    assert len(await bot.hears("/digest pause 3d")) == 2


async def test_a_pause_that_a_person_asks_for_after_the_platforms_is_told(bot: BotUnderTest) -> None:
    await bot.room(paused=True, paused_because="The channel is archived.")
    assert len(await bot.hears("/digest pause")) == 2


async def test_an_older_digest_is_shown_again_by_its_date(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.next_morning()
    assert "Event-VLA" not in await bot.says("/digest last")
    assert "Event-VLA" in await bot.says("/digest last 2026-06-30")
    assert "Event-VLA" in await bot.says("digest last yesterday")


async def test_in_a_chat_the_last_digest_is_its_opening_and_a_file(bot: BotUnderTest) -> None:
    room = await bot.room()
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    await bot.parts.daily.deliver(room, TUESDAY)
    [last] = await bot.hears("/digest last")
    assert last.file is not None
    assert last.file.name == "digest-2026-06-30.md"
    assert last.file.content.startswith("# arXiv report - 30 June 2026")
    assert "Event-VLA" in last.file.content
    [report] = await bot.hears("/report 2026-06-30")
    assert report.file == last.file
    assert "no digest on 2026-06-29" in shown(await bot.hears("/report 2026-06-29"))


async def test_a_digest_opens_with_buttons_for_settings_a_pause_and_the_report(bot: BotUnderTest) -> None:
    room = await bot.room()
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    await bot.parts.daily.deliver(room, TUESDAY)
    commands = [each.command for each in buttons(await bot.hears("/digest last")).values()]
    assert commands == ["settings", "digest pause 7d", "report 2026-06-30"]


async def test_a_pause_with_an_end_ends_and_waits_for_the_hour(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    said = await bot.says("/digest pause until 2026-07-03")
    assert "Paused until Friday 3 July, 00:00 UTC" in said
    assert "paused until Friday 3 July" in await bot.says("/status")
    for offset in (1, 2, 3):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))

    await bot.next_morning()
    await bot.next_morning()
    assert len(bot.papers()) == 1
    bot.time.go(TUESDAY + timedelta(days=3), hour=1)
    await bot.morning()
    assert len(bot.papers()) == 1
    assert not (await bot.channel()).paused
    bot.time.go(TUESDAY + timedelta(days=3), hour=13)
    await bot.morning()
    assert bot.papers()[1:] == ["VLA of Friday", "VLA of Thursday"]  # and not Wednesday's


async def test_a_pause_ended_early_goes_back_to_the_next_hour(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/digest pause 7d")
    said = shown(await bot.hears("/digest resume"))
    assert "Resumed. Next digest: Wednesday 1 July, 09:00 UTC." in said
    assert "not paused" in shown(await bot.hears("/digest resume"))


async def test_nothing_is_made_while_paused(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/digest pause")
    said = await bot.hears("/digest now")
    assert "The digest is paused." in shown(said)
    assert buttons(said)["Resume"].command == "digest resume"
    assert await bot.parts.store.digest_runs(channel="slack:T1/C1") == ()


NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)  # a Tuesday; in Paris it is 15:00


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", None),
        ("7d", "2026-07-07T13:00"),
        ("7 days", "2026-07-07T13:00"),
        ("for 2 weeks", "2026-07-14T13:00"),
        ("a week", "2026-07-07T13:00"),
        ("1w", "2026-07-07T13:00"),
        ("12h", "2026-07-01T01:00"),
        ("1 month", "2026-07-30T13:00"),
        ("2周", "2026-07-14T13:00"),
        ("3 天", "2026-07-03T13:00"),
        ("until 2026-12-01", "2026-11-30T23:00"),
        ("2026-12-01", "2026-11-30T23:00"),
        ("until 2026/12/01", "2026-11-30T23:00"),
        ("到2026年12月01日", "2026-11-30T23:00"),
        ("until monday", "2026-07-05T22:00"),
        ("until next monday", "2026-07-05T22:00"),
        ("Tue", "2026-07-06T22:00"),
        ("tomorrow", "2026-06-30T22:00"),
    ],
)
def test_a_pause_is_read_as_people_write_it(text: str, end: str | None) -> None:
    channel = Channel(key="slack:T1/C1", platform="slack", timezone="Europe/Paris")
    expected = None if end is None else datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert parse_pause(text, channel, NOW) == expected


@pytest.mark.parametrize("text", ["soon", "d", "7", "7x", "until", "2026-13-45", "until yesterday", "-3d"])
def test_what_is_no_pause_is_refused_with_an_example(text: str) -> None:
    channel = Channel(key="slack:T1/C1", platform="slack", timezone="Pacific/Kiritimati")
    with pytest.raises(InvalidSetting, match="try 7d, 2 weeks or until 2026-07-14"):
        parse_pause(text, channel, NOW)


async def test_a_weekly_digest_gathers_the_week_and_says_its_days(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.says("/settings\ndays mon-fri\nmode weekly")
    await bot.morning()  # Tuesday: nothing, the week ends on Friday
    assert bot.printed() == ""
    for offset in (1, 2, 3):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))
        await bot.next_morning()
    first = bot.printed()
    days = {"VLA of Wednesday", "VLA of Thursday", "VLA of Friday"}
    assert set(bot.papers()) == {"Event-VLA: events for robots", *days}
    for offset in range(6, 11):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0001{offset - 6}", f"VLA of {day:%A}", day=day))
        bot.time.go(day)
        await bot.morning()
    week = bot.printed()[len(first) :]
    assert "arXiv digest · 6 July to 10 July 2026 · 5 papers: 5 new" in " ".join(week.split())
    assert "new · 6 July · `vla`" in " ".join(week.split())
    assert "late" not in week.split("│")[0]
    assert len(bot.papers()) == 9


async def test_an_empty_digest_is_not_posted_where_nobody_wants_it(bot: BotUnderTest) -> None:
    await bot.says("/settings empty off")
    await bot.says("/subscribe quantum teleportation")

    await bot.morning()

    assert bot.printed() == ""
    runs = await bot.parts.store.digest_runs()
    assert [run.state for run in runs] == [DigestState.DONE]
    assert "Last digest: Tuesday 30 June, 1 paper scanned and none matched." in await bot.says("/status")


async def test_what_comes_late_opens_a_digest_that_was_not_posted(bot: BotUnderTest) -> None:
    await bot.says("/settings empty off")
    await bot.says("/subscribe quadruped")
    for path in ("/rss/cs.RO", "/atom/cs.RO", "/list/cs.RO", "/catchup/cs.RO"):
        bot.arxiv.misbehave(path, status(503))
    await bot.morning()
    assert bot.printed() == ""

    bot.arxiv.behave()
    bot.arxiv.announce("cs.RO", new("2606.30005", "A quadruped"))
    bot.time.now += timedelta(hours=3)
    await bot.morning()

    assert bot.papers()[-1:] == ["A quadruped"]
    assert "arXiv digest · Tuesday 30 June 2026" in bot.printed()
    assert "arrived late" not in bot.printed()


async def test_a_new_version_of_a_paper_told_before_goes_into_its_old_thread(bot: BotUnderTest) -> None:
    await bot.says("/settings revisions on")
    await bot.says("/subscribe vla")
    await bot.morning()
    bot.arxiv.announce(
        "cs.CV",
        revised("2606.30001", "Event-VLA: events for robots", day=WEDNESDAY),
        revised("2503.00001", "Another VLA", day=WEDNESDAY),
    )

    await bot.next_morning()

    everything = await bot.parts.store.outbox(unsent=False)
    notes = [each for each in everything if each.key.endswith("2026-07-01/paper/2606.30001v2")]
    assert [each.parent_key for each in notes] == ["console:terminal/2026-06-30/digest"]
    assert "Version 2 was announced Wednesday 1 July." in bot.printed()
    assert "Besides, 1 paper told before has a new version: see its thread." in bot.printed()
    assert bot.papers() == ["Event-VLA: events for robots", "Another VLA"]
    printed = bot.printed()
    await bot.next_morning()
    assert "Version 2" not in bot.printed()[len(printed) :]


async def test_in_a_compact_channel_a_new_version_stands_in_the_digest(bot: BotUnderTest) -> None:
    await bot.says("/settings\nrevisions on\nmode compact")
    await bot.says("/subscribe vla")
    await bot.morning()
    bot.arxiv.announce("cs.CV", revised("2606.30001", "Event-VLA: events for robots", day=WEDNESDAY))

    await bot.next_morning()

    assert "1 paper: 1 revision" in bot.printed()


async def test_what_the_channel_saved_and_dismissed_orders_equals(bot: BotUnderTest) -> None:
    papers = {
        "2607.00001": ("VLA for soccer", "Robots play soccer on grass with a ball and a goal."),
        "2607.00002": ("VLA for cooking", "Robots cook pasta with tomatoes in a kitchen pan."),
        "2607.00003": ("VLA for painting", "Robots paint walls with brushes and colourful acrylics."),
    }
    bot.arxiv.announce(
        "cs.CV",
        new("2606.29001", "Cooking", abstract="A kitchen, a pan, pasta, tomatoes: how robots cook."),
        new("2606.29002", "Soccer", abstract="Grass, a ball, a goal: how robots play soccer."),
    )
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/save 2606.29001")
    await bot.says("/dismiss 2606.29002")
    bot.arxiv.announce(
        "cs.CV", *(new(each, title, day=WEDNESDAY, abstract=text) for each, (title, text) in papers.items())
    )

    await bot.next_morning()

    assert bot.papers()[1:] == ["VLA for cooking", "VLA for painting", "VLA for soccer"]


async def test_a_pause_and_its_end_are_told_to_the_channel_whatever_it_wants_to_hear(
    bot: BotUnderTest,
) -> None:
    paused = await bot.hears("/digest pause 7d")
    assert [each.to for each in paused] == ["caller", "channel"]
    assert shown(paused[1:]) == "Ada paused the digest until Tuesday 7 July, 13:00 UTC."
    assert shown((await bot.hears("/digest resume"))[1:]) == "Ada resumed the digest."
    private = await bot.room("slack:T1/D1", private=True)
    assert len(await bot.hears("/digest pause 7d", in_=private)) == 1
    group = await bot.room("telegram:-100")  # where the answer itself is read by all
    assert len(await bot.hears("/digest pause 7d", in_=group, standing=Who.ADMINS)) == 1


async def test_a_digest_shown_again_does_not_promise_what_was_next_then(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    assert "Next digest" in bot.printed() or "next digest" in bot.printed()
    assert "next digest" not in (await bot.says("/digest last")).lower()


async def test_a_look_ahead_says_that_what_was_told_is_not_told_again(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    assert "not told again" not in await bot.says("/digest preview")
    await bot.morning()
    said = await bot.says("/digest preview")
    assert "Nothing new matches yet." in said
    assert "What a digest told of is not told again." in said


async def test_a_report_is_of_today_or_yesterday(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    assert "The report of 30 June" in await bot.says("/report today")
    bot.time.now += timedelta(days=1)
    assert "The report of 30 June" in await bot.says("report yesterday")


async def test_a_look_ahead_before_anything_was_fetched_says_so(bot: BotUnderTest) -> None:
    await bot.says("/subscribe xyzzy")
    assert "Nothing was fetched from arXiv yet" in await bot.says("/digest preview")
    await bot.parts.daily.fetch(["cs.CV"])
    assert "Nothing new matches yet." in await bot.says("/digest preview")


async def test_a_room_with_subscriptions_is_greeted_with_them_and_not_as_new(bot: BotUnderTest) -> None:
    new_room = await bot.hears("/hello")
    assert "Once you subscribe" in shown(new_room)
    assert buttons(new_room)["Explain 1911.02782"].command == "explain 1911.02782"
    await bot.hears("/subscribe vla")
    again = shown(await bot.hears("/hello"))
    assert "There is 1 subscription here, in cs.CV, cs.RO." in again
    assert "Next digest: Wednesday 1 July, 09:00 UTC." in again
    assert "/subscribe" not in again


@pytest.mark.parametrize(("matches", "listed"), [(4, True), (30, False)])
async def test_more_says_when_the_digest_listed_all_its_titles_already(
    bot: BotUnderTest, matches: int, listed: bool
) -> None:
    bot.arxiv.announce("cs.CV", *(new(f"2606.31{n:03}", f"VLA number {n}") for n in range(matches)))
    room = await bot.room(cap=1)
    await bot.hears("/subscribe vla", in_=room)
    await bot.hears("/digest now", in_=room)
    await bot.parts.daily.deliver(room, TUESDAY)
    said = shown(await bot.hears("/more", in_=room))
    assert said.count("VLA number") == matches
    assert ("listed these titles already" in said) is listed


async def test_what_a_pause_held_back_is_told_of_on_resuming(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.reconcile.tick()
    await bot._engine.idle()
    await bot.says("/digest pause")
    key = (await bot.channel()).key
    late = Delivery(key=f"{key}/{TUESDAY}/late/1", channel=key, position=99, document=note("Late."))
    await bot.parts.store.enqueue(key, TUESDAY, deliveries=[late], papers=(), told=(), done=False)
    assert "1 message that waited comes now." in await bot.says("/digest resume")
    await bot.morning()
    await bot.says("/digest pause")
    assert "that waited" not in await bot.says("/digest resume")


async def test_more_is_of_the_last_digest_that_has_papers(bot: BotUnderTest) -> None:
    room = await bot.room(cap=1)
    await bot.hears("/subscribe quantum, vla", in_=room)
    assert "There was no digest yet." in shown(await bot.hears("/more", in_=room))
    monday = TUESDAY - timedelta(days=1)
    await bot.parts.store.claim_digest(room, monday, next_run_at=room.next_run_at, at=bot.time.now)
    assert "No digest had papers yet." in shown(await bot.hears("/more", in_=room))

    bot.arxiv.announce("cs.CV", *(new(f"2606.31{n:03}", f"VLA number {n}") for n in range(4)))
    await bot.hears("/digest now", in_=room)
    await bot.parts.daily.deliver(room, TUESDAY)
    bot.time.now += timedelta(days=1)
    await bot.hears("/digest now", in_=room)
    await bot.parts.daily.deliver(room, WEDNESDAY)

    assert "nothing has come yet" in shown(await bot.hears("/digest last", in_=room))
    said = shown(await bot.hears("/more", in_=room))
    assert said.count("VLA number") == 4
    assert "The digest of Tuesday 30 June listed these titles already" in said


async def test_more_of_a_digest_that_named_all_says_its_day(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    assert "The digest of Tuesday 30 June named all its papers" in await bot.says("/more")


async def test_in_a_group_on_telegram_a_pause_names_who_pressed_it_first(bot: BotUnderTest) -> None:
    group = await bot.room("telegram:-100")

    async def pressed(text: str, user: str, name: str) -> str:
        heard = await bot.hears(text, in_=group, user=user, name=name, pressed=True, standing=Who.ADMINS)
        assert len(heard) == 1
        return shown(heard)

    assert "Pressed by Bob." in await pressed("/digest pause 7d", "telegram:2", "Bob")
    first = await bot.room("telegram:-100")
    bot.time.now += timedelta(minutes=1)
    assert "Pressed by" not in await pressed("/digest pause 7d", "telegram:3", "Cy")
    second = await bot.room("telegram:-100")
    assert (second.paused_by, second.paused_because) == ("telegram:2", "by Bob")
    assert second.paused_at == first.paused_at
    assert "Pressed by Cy." in await pressed("/digest pause 3d", "telegram:3", "Cy")
    assert (await bot.room("telegram:-100")).paused_by == "telegram:3"
    assert "Pressed by Dee." in await pressed("/digest resume", "telegram:4", "Dee")
