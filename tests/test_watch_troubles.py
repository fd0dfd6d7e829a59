"""What is wrong, when it is told, and to whom: once when it begins, once when it is over."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.backup import LastBackup
from bot.commands.troubles import relief, sentence
from bot.config import load
from bot.locale import in_language
from bot.platforms.telegram.calls import UNKNOWN
from bot.values import parse_admin_channel
from bot.watch.admin import NOTICE
from bot.watch.remembered import last_look
from bot.watch.tally import LAST_SUCCESS
from bot.watch.troubles import (
    Facts,
    Kind,
    Known,
    Trouble,
    compared,
    last_completed,
    least_free,
    troubles,
    unread,
    working_time,
)
from bot.watch.watch import Watch
from digest.channel import Channel, Delivery, DeliveryState
from digest.document import Document, para
from digest.errors import InvalidSetting
from digest.model import CategoryDay, DayState, EmptyReason
from tests.bot_under_test import BotUnderTest
from tests.peers.arxiv import new
from tests.peers.telegram import drop_before
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot

TUESDAY = datetime(2026, 6, 30, 13, tzinfo=UTC)
FAILED = '{"error": "No room.", "tried": "2026-06-30T03:00:00+00:00"}'
NOTE = Document((para("A note"),), summary="A note")


def row(day: date, state: DayState = DayState.COMPLETE, **more: Any) -> CategoryDay:
    at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    return CategoryDay(category="cs.CV", day=day, state=state, **{"checked_at": at, **more})


def facts(now: datetime, *ledger: CategoryDay, **more: Any) -> Facts:
    given = {"started": now - timedelta(days=9), "disconnected": {}, "backup": LastBackup(), **more}
    return Facts(now=now, ledger=ledger, **{"watched": given["started"], **given})


def kinds(told: Facts) -> list[str]:
    return [each.key for each in troubles(told)]


# arXiv


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-06-29T04:00", "2026-06-30T04:00", 24),  # Monday, New York
        ("2026-06-26T04:00", "2026-06-29T04:00", 24),  # Friday, then a weekend
        ("2026-06-27T12:00", "2026-06-28T12:00", 0),
        ("2026-11-25T05:00", "2026-11-27T05:00", 24),  # Thanksgiving is no working day
        ("2026-10-30T04:00", "2026-11-03T05:00", 48),  # the clocks go back on a Sunday
        ("2026-06-30T10:00", "2026-06-30T09:00", 0),
    ],
)
def test_only_the_hours_of_working_days_count(start: str, end: str, hours: float) -> None:
    between = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)]
    assert working_time(*between) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("completed", "now", "missing"),
    [
        (date(2026, 6, 29), "2026-06-30T05:59", False),  # two hours late by New York's midnight
        (date(2026, 6, 29), "2026-06-30T06:01", True),
        (date(2026, 6, 26), "2026-06-29T03:00", False),  # the weekend has nothing to bring
        (date(2026, 6, 26), "2026-06-29T06:01", True),
        (date(2026, 11, 25), "2026-11-27T06:59", False),  # nor has Thanksgiving
        (date(2026, 11, 25), "2026-11-27T07:01", True),
    ],
)
def test_a_day_that_is_not_complete_in_26_working_hours_is_a_trouble(
    completed: date, now: str, missing: bool
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    ledger = [row(completed), row(at.date(), DayState.LATE, note="Not announced yet.")]
    assert (kinds(facts(at, *ledger)) == ["announcements"]) is missing


def test_a_weekend_that_is_known_to_be_empty_completes_nothing() -> None:
    friday, saturday = date(2026, 6, 26), date(2026, 6, 27)
    weekend = row(saturday, DayState.EMPTY, reason=EmptyReason.WEEKEND)
    found = last_completed([row(friday), weekend])
    assert found is not None
    assert found.day == friday


def test_one_category_that_is_complete_is_enough() -> None:
    day = date(2026, 6, 30)
    late = replace(row(day, DayState.FAILED), category="cs.RO")
    assert kinds(facts(TUESDAY, row(day), late)) == []


def test_a_new_paperboy_and_one_just_started_have_time_to_fetch() -> None:
    assert kinds(facts(TUESDAY, started=TUESDAY - timedelta(hours=20))) == []
    assert kinds(facts(TUESDAY, started=TUESDAY - timedelta(hours=40))) == ["announcements"]
    old = row(date(2026, 6, 1))
    assert kinds(facts(TUESDAY, old, started=TUESDAY - timedelta(minutes=14))) == []
    assert kinds(facts(TUESDAY, old, started=TUESDAY - timedelta(minutes=15))) == ["announcements"]


# The others


def test_a_platform_that_is_cut_off_for_an_hour_is_a_trouble() -> None:
    since = {"slack": TUESDAY - timedelta(minutes=61), "telegram": TUESDAY - timedelta(minutes=59)}
    assert kinds(facts(TUESDAY, row(TUESDAY.date()), disconnected=since)) == ["disconnected/slack"]


def test_a_platform_that_takes_nothing_from_us_for_five_minutes_is_a_trouble_with_its_reason() -> None:
    since = {name: TUESDAY - timedelta(minutes=6) for name in ("slack", "telegram")}
    refused = {"slack": "The app is uninstalled.", "telegram": ""}
    told = facts(TUESDAY, row(TUESDAY.date()), disconnected=since, refused=refused)
    assert [(each.key, each.why) for each in troubles(told)] == [
        ("disconnected/slack", "The app is uninstalled.")
    ]
    soon = facts(TUESDAY - timedelta(minutes=2), row(TUESDAY.date()), disconnected=since, refused=refused)
    assert kinds(soon) == []


@pytest.mark.parametrize(
    ("backup", "wrong"),
    [
        (LastBackup(), False),
        (LastBackup(at="2026-06-29T03:00:00+00:00", path="x.db"), False),
        (LastBackup(at="2026-06-27T03:00:00+00:00", path="x.db"), True),
        (
            LastBackup(at="2026-06-29T03:00:00+00:00", error="No room.", tried="2026-06-30T03:00:00+00:00"),
            True,
        ),
    ],
)
def test_a_backup_that_failed_or_is_old_is_a_trouble(backup: LastBackup, wrong: bool) -> None:
    assert (kinds(facts(TUESDAY, row(TUESDAY.date()), backup=backup)) == ["backup"]) is wrong


@pytest.mark.parametrize(
    ("free", "size", "full"),
    [
        (199 * 2**20, 2**30, True),
        (201 * 2**20, 2**30, False),
        (900 * 2**20, 20 * 2**30, True),  # less than a twentieth
        (6 * 2**30, 2**40, False),  # a twentieth of a terabyte is room for years
        (4 * 2**30, 2**40, True),
    ],
)
def test_a_disk_is_nearly_full_by_its_size(free: int, size: int, full: bool) -> None:
    assert (free < least_free(size)) is full
    assert (kinds(facts(TUESDAY, row(TUESDAY.date()), free=free, size=size)) == ["disk"]) is full


# What is told of them


def outage(minutes: int = 0, *, number: int = 0, kind: Kind = Kind.DISK) -> Trouble:
    return Trouble(kind=kind, since=TUESDAY + timedelta(minutes=minutes), number=number)


def test_a_trouble_is_told_once_and_once_that_it_is_over() -> None:
    told: list[str] = []
    known: tuple[Known, ...] = ()
    for minute in range(6):
        found = [outage(minute)] if 1 <= minute <= 3 else []
        known, changes = compared(known, found, TUESDAY + timedelta(minutes=minute))
        told += [f"{minute} {'over' if each.over else 'begins'}" for each in changes]
    assert told == ["1 begins", "4 over"]


def test_an_outage_has_begun_when_it_was_first_seen() -> None:
    known, _ = compared((), [outage()], TUESDAY)
    known, _ = compared(known, [outage(5)], TUESDAY + timedelta(minutes=5))
    assert known[0].trouble.since == TUESDAY


def test_more_messages_given_up_are_told_at_most_once_an_hour_and_never_that_it_is_over() -> None:
    known: tuple[Known, ...] = ()
    told = []
    for minute in range(0, 181, 10):
        number = 1 + minute // 30
        found = [outage(number=number, kind=Kind.BURIED)] if minute < 170 else []
        known, changes = compared(known, found, TUESDAY + timedelta(minutes=minute))
        told += [(minute, each.trouble.number, each.over) for each in changes]
    assert told == [(0, 1, False), (60, 3, False), (120, 5, False)]


def test_messages_given_up_later_are_told_though_they_are_fewer() -> None:
    known: tuple[Known, ...] = ()
    told = []
    # Hours, messages given up within the last 24, and when the last was.
    for hours, number, last in (
        (0, 5, 0),
        (23, 5, 0),
        (25, 1, 25),
        (25.5, 2, 25.5),
        (27, 2, 25.5),
        (30, 2, 25.5),
    ):
        found = [outage(int(last * 60), number=number, kind=Kind.BURIED)]
        known, changes = compared(known, found, TUESDAY + timedelta(hours=hours))
        told += [(hours, each.trouble.number) for each in changes]
    assert told == [(0, 5), (25, 1), (27, 2)]


def test_a_trouble_that_cannot_be_judged_after_a_start_is_still_there() -> None:
    old, just = row(date(2026, 6, 1)), TUESDAY - timedelta(minutes=1)
    (known,) = troubles(facts(TUESDAY, old))
    assert troubles(facts(TUESDAY, old, started=just, last=[known])) == (known,)
    assert kinds(facts(TUESDAY, old, row(TUESDAY.date()), started=just, last=[known])) == []

    never = outage(-600, kind=Kind.ANNOUNCEMENTS)  # nothing was ever fetched
    later = TUESDAY + timedelta(days=3)
    assert kinds(facts(later, started=later, last=[never])) == ["announcements"]

    admin = outage(kind=Kind.ADMIN)
    assert kinds(facts(TUESDAY, row(TUESDAY.date()), last=[admin], admin=None)) == ["admin"]
    assert kinds(facts(TUESDAY, row(TUESDAY.date()), last=[admin], admin="")) == []


def test_a_start_in_the_future_of_a_clock_that_was_set_back_excuses_nothing() -> None:
    assert kinds(facts(TUESDAY, row(date(2026, 6, 1)), started=TUESDAY + timedelta(hours=5))) == [
        "announcements"
    ]


def test_a_store_that_refuses_for_five_minutes_is_a_trouble_also_where_nothing_can_be_read() -> None:
    today, disk = row(TUESDAY.date()), outage()
    brief, long = ((TUESDAY - timedelta(minutes=each), "It is locked.") for each in (4, 5))
    assert kinds(facts(TUESDAY, today, refusal=brief)) == []
    assert kinds(facts(TUESDAY, today, refusal=long)) == ["store"]
    assert [each.key for each in unread([disk], brief, TUESDAY)] == ["disk"]
    (_, store) = unread([disk], long, TUESDAY)
    assert (store.key, store.since, store.why) == ("store", *long)
    assert unread([disk, store], long, TUESDAY) == (disk, store)
    assert unread([disk, store], brief, TUESDAY)[1].kind is Kind.STORE  # as after a restart
    assert kinds(facts(TUESDAY, today, last=[store], refusal=brief)) == ["store"]
    assert kinds(facts(TUESDAY, today, last=[store])) == []


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_trouble_has_its_sentence_and_its_relief(kind: Kind, language: str) -> None:
    say = in_language(language)
    trouble = Trouble(kind=kind, about="telegram", since=TUESDAY, why="Why.", number=3)
    for told in (sentence(say, trouble, "Europe/Paris"), relief(say, trouble)):
        assert told
        assert "{" not in told
        assert (language == "en") is told.isascii() or "’" in told


# The settings


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("", ""),
        (" slack:C0123ABCD ", "slack:C0123ABCD"),
        ("slack:T0001/C0123", "slack:T0001/C0123"),
        ("telegram:-1001234567890/77", "telegram:-1001234567890/77"),
        ("console", "console:terminal"),
    ],
)
def test_the_admin_channel_is_named_with_its_platform(text: str, channel: str) -> None:
    assert parse_admin_channel(text) == channel


@pytest.mark.parametrize("text", ["C0123ABCD", "#ops", "slack:#ops", "irc:x", "telegram:@ops", "slack:"])
def test_a_name_that_is_no_channel_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidSetting, match="try slack:C0123ABCD"):
        parse_admin_channel(text)


def test_settings_that_do_not_agree_are_refused() -> None:
    with pytest.raises(
        InvalidSetting, match="ADMIN_CHANNEL=slack:C0123 is on Slack, and PLATFORM is console"
    ):
        load(_env_file=None, admin_channel="slack:C0123")
    with pytest.raises(InvalidSetting, match="HTTP_LISTEN is empty"):
        load(_env_file=None, platform="slack", slack_mode="http", http_listen="")
    assert load(_env_file=None, http_listen=" ").http_listen == ""


# A whole Paperboy


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path, admin_channel="console") as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        yield bot


async def test_days_without_arxiv_are_told_in_the_admin_channel_and_in_status(bot: BotUnderTest) -> None:
    watch = Watch(bot.parts, {}, period=20)
    await bot.morning()
    await watch.look()
    assert "needs attention" not in bot.printed()

    bot.arxiv.misbehave("/", _gone)
    for _ in range(4):
        await bot.next_morning()
        await watch.look()
        await bot.tick()

    printed = " ".join(bot.printed().split())
    assert printed.count("Paperboy needs attention") == 1
    assert "No announcement day of arXiv has been complete since" in printed
    status = " ".join((await bot.says("/status")).split())
    assert "No announcement day of arXiv has been complete since" in status

    bot.arxiv.behave()
    bot.arxiv.announce("cs.CV", new("2607.00001", "Late-VLA", day=date(2026, 7, 6)), day=date(2026, 7, 6))
    await bot.next_morning(days=2)
    await watch.look()
    await bot.tick()

    assert bot.printed().count("arXiv's announcements arrive again.") == 1
    assert "No announcement day" not in await bot.says("/status")


async def test_a_restart_while_days_are_missing_ends_nothing_and_tells_nothing_twice(
    bot: BotUnderTest,
) -> None:
    missing, again = "No announcement day of arXiv has been complete since", "announcements arrive again."

    def told() -> tuple[int, int]:
        printed = " ".join(bot.printed().split())
        return printed.count(missing), printed.count(again)

    async def minutes(number: int) -> None:
        for _ in range(number):
            bot.time.now += timedelta(minutes=1)
            await watch.look()
            await bot.tick()

    async def days(number: int) -> None:
        for _ in range(number):
            await bot.next_morning()
            await watch.look()
            await bot.tick()

    watch = Watch(bot.parts, {}, period=20)
    await bot.morning()
    bot.arxiv.misbehave("/", _gone)
    await days(4)
    assert told() == (1, 0)

    for _ in range(2):
        await bot.restart()
        watch = Watch(bot.parts, {}, period=20)
        await watch.look()
        await minutes(17)
        assert told() == (1, 0)

    bot.arxiv.behave()
    bot.arxiv.announce("cs.CV", new("2607.00001", "Late-VLA", day=date(2026, 7, 6)), day=date(2026, 7, 6))
    await days(2)
    assert told() == (1, 1)
    await bot.restart()
    watch = Watch(bot.parts, {}, period=20)
    await minutes(17)
    assert told() == (1, 1)

    bot.arxiv.misbehave("/", _gone)
    await days(4)
    assert told() == (2, 1)


async def test_where_there_is_no_channel_to_fetch_for_no_day_is_missed(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        # What was tried in the terminal before PLATFORM was changed.
        terminal = Channel(key="console:terminal", platform="console", categories=("cs.AI",))
        await bot.parts.store.save_channel(terminal)
        watch = Watch(bot.parts, {"slack": bot.platform}, period=20)
        for days in (0, 3):
            bot.time.now += timedelta(days=days)
            await watch.look()
            assert watch._look.found == ()

        await bot.command("/help")
        bot.arxiv.misbehave("/", _gone)
        for passed, missed in ((timedelta(minutes=1), False), (timedelta(days=6), True)):
            bot.time.now += passed
            await watch.look()
            assert (Kind.ANNOUNCEMENTS in [each.kind for each in watch._look.found]) is missed


async def _gone(_: object) -> Any:
    from aiohttp import web

    return web.Response(status=404)


async def test_status_tells_when_no_running_paperboy_looks_any_more(bot: BotUnderTest) -> None:
    assert "No running Paperboy" not in await bot.says("/status")
    await Watch(bot.parts, {}, period=20).look()
    assert "No running Paperboy" not in await bot.says("/status")
    bot.time.now += timedelta(minutes=16)
    assert "No running Paperboy has looked after this since" in " ".join((await bot.says("/status")).split())


async def test_a_message_that_was_given_up_is_told_but_not_that_a_notice_was(bot: BotUnderTest) -> None:
    await bot.morning()
    store, now = bot.parts.store, bot.time.now
    key = (await bot.channel()).key
    for name in ("digest/1", "notice/disk/2"):
        delivery = Delivery(key=f"{key}/{name}", channel=key, position=0, document=NOTE)
        await store.enqueue(key, now.date(), deliveries=[delivery], papers=(), told=(), done=False)
        await store.begin_delivery(delivery.key, at=now)
        await store.bury_delivery(delivery.key, at=now, error="Slack refused it: too long.")
    assert (await store.outbox_depth())["console", DeliveryState.DEAD] == 2

    watch = Watch(bot.parts, {}, period=20)
    await watch.look()
    await bot.tick()

    assert "1 message was refused and given up: Slack refused it: too long." in " ".join(
        bot.printed().split()
    )
    bot.time.now += timedelta(hours=25)
    await watch.look()
    assert Kind.BURIED not in [each.kind for each in (await last_look(store)).found]


async def test_a_message_that_waited_for_days_is_told_when_it_is_given_up(bot: BotUnderTest) -> None:
    await bot.morning()
    store, key = bot.parts.store, (await bot.channel()).key
    watch = Watch(bot.parts, {}, period=20)
    with capture_logs() as logs:
        for number in range(3):
            delivery = Delivery(key=f"{key}/digest/{number}", channel=key, position=0, document=NOTE)
            await store.enqueue(
                key, bot.time.now.date(), deliveries=[delivery], papers=(), told=(), done=False
            )
            await store.begin_delivery(delivery.key, at=bot.time.now)
            bot.time.now += timedelta(hours=30)
            await store.bury_delivery(delivery.key, at=bot.time.now, error="Too long.")
            await watch.look()
            await bot.tick()

    # Each is news to the channel and to the log: those of the day before are not counted any more.
    assert " ".join(bot.printed().split()).count("1 message was refused and given up: Too long.") == 3
    assert [each["event"] for each in logs if each.get("kind") == "buried"] == ["trouble"] * 3


@pytest.mark.parametrize(
    "death",
    [
        "BEFORE INSERT ON outbox WHEN NEW.key LIKE '%/notice/%'",
        "AFTER INSERT ON outbox WHEN NEW.key LIKE '%/notice/%'",
        (
            "BEFORE UPDATE ON meta WHEN NEW.key = 'watch/troubles' AND EXISTS "
            "(SELECT 1 FROM outbox WHERE key LIKE '%/notice/%' AND state = 'pending')"
        ),
    ],
    ids=["before the message", "within the message", "after the message"],
)
async def test_a_notice_is_sent_once_wherever_the_process_dies(bot: BotUnderTest, death: str) -> None:
    die = f"CREATE TRIGGER death {death} BEGIN SELECT RAISE(ABORT, 'as if it had died'); END"
    await Watch(bot.parts, {}, period=20).look()
    for last, told in ((FAILED, "The last backup failed: No room."), ("{}", "Backups are made again.")):
        await bot.parts.store.set_meta("backup/last", last)
        await execute(bot, die)
        with pytest.raises(sqlite3.IntegrityError, match="as if it had died"):
            await Watch(bot.parts, {}, period=20).look()
        await execute(bot, "DROP TRIGGER death")
        for _ in range(2):
            bot.time.now += timedelta(minutes=1)
            await Watch(bot.parts, {}, period=20).look()
            await bot.tick()
            assert bot.printed().count(told) == 1


async def test_a_trouble_that_begins_again_as_of_the_same_moment_is_told_again(bot: BotUnderTest) -> None:
    watch = Watch(bot.parts, {}, period=20)
    for number in (1, 2):
        for last in (FAILED, "{}"):
            await bot.parts.store.set_meta("backup/last", last)
            bot.time.now += timedelta(minutes=1)
            await watch.look()
            await bot.tick()
        assert bot.printed().count("The last backup failed: No room.") == number
        assert bot.printed().count("Backups are made again.") == number


async def test_the_log_has_the_sentences_of_the_admin_channel(bot: BotUnderTest) -> None:
    watch = Watch(bot.parts, {}, period=20)
    with capture_logs() as logs:
        for last in ('{"at": "2026-06-27T03:00:00+00:00", "path": "x.db"}', "{}"):
            await bot.parts.store.set_meta("backup/last", last)
            await watch.look()
            bot.time.now += timedelta(minutes=1)
    assert [each["says"] for each in logs if each["event"].startswith("trouble")] == [
        "The last backup is of Saturday 27 June, 03:00 UTC.",
        "Backups are made again.",
    ]


async def execute(bot: BotUnderTest, sql: str) -> None:
    """Run a statement in the store's own database."""
    driver: Any = bot.parts.store._driver
    await driver._hop(lambda: driver._connection.execute(sql))


async def test_old_backups_are_no_trouble_where_none_are_to_be_made(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path, backup_keep=0) as bot:
        await bot.parts.store.set_meta("backup/last", '{"at": "2026-05-30T03:00:00+00:00", "path": "x.db"}')
        watch = Watch(bot.parts, {}, period=20)
        await watch.look()
        assert (await last_look(bot.parts.store)).found == ()
        assert ("backup",) not in (await watch.gauges())[LAST_SUCCESS]


async def test_without_an_admin_channel_status_tells_alone(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path) as bot:
        await bot.parts.store.set_meta(
            "backup/last", '{"error": "No room.", "tried": "2026-06-30T03:00:00+00:00"}'
        )
        await Watch(bot.parts, {}, period=20).look()
        await bot.tick()
        assert "No room." not in bot.printed()
        assert (await bot.says("/status")).count("The last backup failed: No room.") == 1


async def test_slack_is_told_in_a_channel_it_never_heard_from(tmp_path: Path) -> None:
    async with SlackBot(tmp_path, admin_channel="slack:C0OPS") as bot:
        bot.slack.add_channel("C0OPS", "ops", members=("U1",))
        watch = Watch(bot.parts, {"slack": bot.platform}, period=20)
        await watch.look()
        assert (await watch.health.ready())[-1].well
        bot.slack.refuse_sockets(10**6)
        bot.slack.cut_sockets()
        while bot.platform.connected:
            await bot.idle()
        for _ in range(3):
            bot.time.now += timedelta(minutes=31)
            await watch.look()
        assert not (await watch.health.ready())[-1].well
        await bot.morning()

        assert bot.read("C0OPS").count("Slack has not been connected since") == 1
        assert "More: /arxiv status" in bot.read("C0OPS")


async def test_an_admin_channel_on_slack_that_cannot_be_written_in_is_a_trouble_until_it_can(
    tmp_path: Path,
) -> None:
    async with SlackBot(tmp_path, admin_channel="slack:C0OPS") as bot:
        watch = Watch(bot.parts, {"slack": bot.platform}, period=20)
        with capture_logs() as logs:
            await watch.look()
        await bot.says("<@UBOT> status")
        said = " ".join(bot.read().split())
        assert "Notices do not reach the channel of ADMIN_CHANNEL: I am not in C0OPS; write /invite" in said
        assert [each["log_level"] for each in logs if each["event"] == "trouble"] == ["error"]
        assert not [each for each in await bot.parts.store.outbox() if NOTICE in each.key]

        bot.slack.add_channel("C0OPS", "ops", members=("U1",))
        bot.time.now += timedelta(minutes=2)
        await watch.look()
        assert not watch._look.found

        await bot.slack.archive("C0OPS")
        bot.time.now += timedelta(minutes=61)
        await watch.look()
        assert [each.why for each in watch._look.found] == ["#ops is archived."]


async def test_an_admin_channel_on_telegram_that_is_unknown_is_a_trouble_and_an_outage_is_none(
    tmp_path: Path,
) -> None:
    async with TelegramBot(tmp_path, admin_channel="telegram:-1009999999999") as bot:
        watch = Watch(bot.parts, {"telegram": bot.platform}, period=20)
        bot.telegram.misbehave(drop_before(), method="getChat", times=1)
        await watch.look()
        assert not watch._look.found
        await watch.look()
        assert [(each.kind, each.why) for each in watch._look.found] == [(Kind.ADMIN, UNKNOWN)]


async def test_telegram_is_told_in_a_topic(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path, admin_channel="telegram:-1001000000001/5") as bot:
        watch = Watch(bot.parts, {"telegram": bot.platform}, period=20)
        await bot.parts.store.set_meta(
            "backup/last", '{"error": "No room.", "tried": "2026-06-30T03:00:00+00:00"}'
        )
        await watch.look()

        rows = await bot.parts.store.outbox()
        assert [each.channel for each in rows] == ["telegram:-1001000000001/5"]
        assert (await bot.channel("telegram:-1001000000001/5")).created_by == "ADMIN_CHANNEL"
