"""The daily digest from arXiv's announcement to the screen, with days lost, late, repeated and broken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.demo import arxiv_feeds
from digest.channel import DeliveryState, DigestState
from digest.model import DayState
from tests.bot_under_test import MONDAY, TUESDAY, BotUnderTest
from tests.peers.arxiv import body, busy, cross, feed_error_400, html, new, revised, status


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV")
        bot.arxiv.announce("cs.RO")
        bot.arxiv.mail(TUESDAY)
        yield bot


async def test_a_paper_listed_in_two_categories_is_delivered_once(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", cross("2606.30001", "Event-VLA"))
    bot.arxiv.announce("cs.RO", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")

    await bot.morning()

    assert bot.papers() == ["Event-VLA"]
    assert "1 paper: 1 new" in bot.printed()


async def test_the_same_morning_again_says_nothing_more(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    printed = bot.printed()

    await bot.morning()
    await bot.restart()
    await bot.morning()

    assert bot.printed() == printed


async def test_a_paper_announced_again_the_next_day_is_not_told_twice(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    wednesday = TUESDAY + timedelta(days=1)
    bot.arxiv.announce("cs.RO", cross("2606.30001", "Event-VLA", day=wednesday))
    bot.arxiv.announce("cs.CV", new("2607.00001", "Another VLA", day=wednesday))

    await bot.next_morning()

    assert bot.papers() == ["Event-VLA", "Another VLA"]


async def test_revisions_are_not_told_unless_asked_for(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", revised("2503.09527", "CombatVLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    assert bot.papers() == []

    await bot.says("/settings revisions on")
    wednesday = TUESDAY + timedelta(days=1)
    bot.arxiv.announce("cs.CV", revised("2503.09528", "NavVLA", day=wednesday))
    await bot.next_morning()

    assert bot.papers() == ["NavVLA"]
    assert "revised" in bot.printed()


async def test_missed_days_are_fetched_and_told_once_with_their_date(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "First VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    for offset in (1, 2, 3):  # Wednesday to Friday, while the bot is off
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))

    await bot.next_morning(days=3)

    assert sorted(bot.papers()[1:]) == ["VLA of Friday", "VLA of Thursday", "VLA of Wednesday"]
    assert "Wednesday 1 July" in bot.printed()


async def test_a_late_category_is_named_and_its_papers_join_the_thread(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.RO", new("2606.29001", "Old VLA", day=MONDAY))
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    bot.arxiv.misbehave("/rss/cs.RO", status(503))
    bot.arxiv.misbehave("/atom/cs.RO", status(503))
    bot.arxiv.misbehave("/list/cs.RO", status(503))
    bot.arxiv.misbehave("/catchup/cs.RO", status(503))

    await bot.morning()

    assert "cs.RO" in bot.printed().split("│")[0]
    assert "next try" in bot.printed()
    assert bot.papers() == ["Event-VLA"]

    bot.arxiv.behave()
    bot.arxiv.announce("cs.RO", new("2606.30002", "Robot VLA"))
    bot.time.now += timedelta(hours=3)
    await bot.morning()

    assert bot.papers() == ["Event-VLA", "Robot VLA"]
    runs = await bot.parts.store.digest_runs()
    assert [run.state for run in runs] == [DigestState.DONE]


async def test_one_broken_category_never_stops_the_others(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    for path in ("/rss/cs.RO", "/atom/cs.RO"):
        bot.arxiv.misbehave(path, feed_error_400())
    for path in ("/list/cs.RO", "/catchup/cs.RO"):
        bot.arxiv.misbehave(path, html())

    await bot.morning()

    assert bot.papers() == ["Event-VLA"]
    assert "cs.RO" in await bot.says("/status")


async def test_a_broken_pdf_gives_a_labelled_abstract(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"), new("2606.30002", "Other VLA"))
    bot.arxiv.add_pdf("2606.30001", b"%PDF-1.5 broken")
    bot.arxiv.misbehave("/pdf/2606.30002", html())

    await bot.morning()

    assert sorted(bot.papers()) == ["Event-VLA", "Other VLA"]
    assert bot.printed().count("Abstract only") == 2


async def test_a_rate_limited_api_costs_only_the_extra_fields(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    bot.arxiv.misbehave("/api/query", busy())

    await bot.morning()

    assert bot.papers() == ["Event-VLA"]


async def test_a_first_digest_on_a_sunday_shows_friday(tmp_path: Path) -> None:
    friday, sunday = date(2026, 6, 26), date(2026, 6, 28)
    async with BotUnderTest(tmp_path, day=sunday) as bot:
        bot.arxiv.announce("cs.CV", new("2606.26001", "Friday VLA", day=friday))
        bot.arxiv.announce("cs.RO")
        await bot.says("/subscribe vla")

        await bot.morning()

        assert bot.papers() == ["Friday VLA"]
        assert "announced Friday 26 June" in bot.printed()


async def test_a_sunday_says_that_arxiv_rests(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    for days in (1, 2, 3):
        bot.arxiv.mail(TUESDAY + timedelta(days=days))

    await bot.next_morning(days=5)

    assert "Sunday: arXiv announces nothing." in bot.printed()


async def test_an_empty_day_says_how_many_papers_were_scanned(bot: BotUnderTest) -> None:
    await bot.says("/subscribe quantum teleportation")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"), new("2606.30002", "Segmentation"))

    await bot.morning()

    assert "2 papers scanned, none matched." in bot.printed()


async def test_beyond_the_cap_titles_are_listed(bot: BotUnderTest) -> None:
    await bot.says("/settings cap 2")
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.CV", *(new(f"2606.3000{n}", f"VLA number {n}") for n in range(1, 6)))

    await bot.morning()

    assert len(bot.papers()) == 2
    assert "VLA number 5" in bot.printed()
    assert "VLA number 5" in await bot.says("/more")


async def test_a_new_channel_of_an_old_category_is_not_flooded(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    wednesday = TUESDAY + timedelta(days=1)
    bot.arxiv.announce("cs.AI", new("2606.30009", "Old VLA of cs.AI"))
    bot.arxiv.announce("cs.AI", new("2607.00009", "New VLA of cs.AI", day=wednesday))
    await bot.says("/settings categories cs.CV, cs.AI")

    await bot.next_morning()

    assert bot.papers() == ["Event-VLA", "New VLA of cs.AI"]


async def test_after_a_pause_only_the_newest_day_is_told(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "First VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/digest pause")
    for offset in (1, 2):
        day = TUESDAY + timedelta(days=offset)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{offset}", f"VLA of {day:%A}", day=day))
        await bot.next_morning()
    assert bot.papers() == ["First VLA"]

    await bot.says("/digest resume")
    await bot.says("/digest now")
    await bot.morning()

    assert bot.papers() == ["First VLA", "VLA of Thursday"]


async def test_the_report_is_kept_as_a_file(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract="We present Event-VLA, a model."))
    await bot.says("/subscribe vla")
    await bot.says("/settings language zh")

    await bot.morning()

    [path] = (bot.folder / "reports").glob("*.md")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# arXiv论文监控报告 - 2026年06月30日")
    assert "We present Event-VLA, a model." in text


async def test_the_ledger_knows_how_each_day_was_got(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.morning()

    ledger = await bot.parts.store.ledger(["cs.CV", "cs.RO"], since=MONDAY)

    assert {row.category: row.state for row in ledger} == {
        "cs.CV": DayState.COMPLETE,
        "cs.RO": DayState.EMPTY,
    }


async def test_every_message_of_a_digest_ends_up_sent(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.morning()

    everything = await bot.parts.store.outbox(unsent=False)

    assert [each.key.split("/", 2)[2] for each in everything] == ["digest", "paper/2606.30001v1"]
    assert {each.state for each in everything} == {DeliveryState.SENT}


async def test_a_report_that_cannot_be_written_costs_no_digest(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    async with BotUnderTest(tmp_path, report_dir=tmp_path / "file") as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        await bot.says("/subscribe vla")

        await bot.morning()

        assert bot.papers() == ["Event-VLA"]


async def test_on_a_weekend_a_feed_that_bears_fridays_date_is_fridays(tmp_path: Path) -> None:
    friday, sunday = date(2026, 6, 26), date(2026, 6, 28)
    async with BotUnderTest(tmp_path, day=sunday) as bot:
        bot.arxiv.announce("cs.CV", new("2606.26001", "Friday VLA", day=friday))
        bot.arxiv.announce("cs.RO")
        feed = arxiv_feeds.rss("cs.CV", bot.arxiv.batch("cs.CV", friday), day=friday, built=bot.time.now)
        bot.arxiv.misbehave("/rss/cs.CV", body(feed))
        for path in ("/catchup/cs.CV", "/list/cs.CV"):
            bot.arxiv.misbehave(path, status(404))
        await bot.says("/subscribe vla")

        await bot.morning()

        assert bot.papers() == ["Friday VLA"]
        assert "announced Friday 26 June" in bot.printed()
