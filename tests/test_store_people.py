"""The contract of the Store about people: what they say, save and think, and channels that move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.channel import Channel, Delivery, DeliveryState
from digest.document import Document, para
from digest.model import Digest
from digest.people import Incoming, Opinion, Saved
from storage import Store, open_store

NOW = datetime(2026, 6, 30, 7, 0, tzinfo=UTC)
DAY = date(2026, 6, 30)
OLD, NEW = "telegram:-5", "telegram:-1005"


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = "sqlite:///:memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/paperboy.db"
    async with open_store(url) as opened:
        yield opened


def said(number: int, text: str = "/subscribe vla", at: datetime = NOW) -> Incoming:
    return Incoming(
        id=f"slack:Ev{number}",
        channel="slack:T1/C1",
        person="slack:T1/U1",
        name="Ada",
        text=text,
        received_at=at,
        thread="17.1",
        address="{}",
    )


async def test_what_was_said_waits_until_it_is_answered_and_is_taken_once(store: Store) -> None:
    assert await store.accept(said(1))
    assert not await store.accept(said(1, "the same envelope again"))
    await store.accept(said(2, at=NOW - timedelta(seconds=1)))

    assert await store.unanswered() == (said(2, at=NOW - timedelta(seconds=1)), said(1))
    assert await store.begin_answer("slack:Ev1") == 1
    assert await store.incoming("slack:Ev1") == replace(said(1), tries=1)
    await store.finish_answer("slack:Ev1", at=NOW)

    assert await store.incoming("slack:Ev1") is None
    assert await store.begin_answer("slack:Ev1") == 0
    assert not await store.accept(said(1)), "an answered message is not answered again"
    assert [each.id for each in await store.unanswered()] == ["slack:Ev2"]


async def test_a_try_that_is_postponed_counts_no_more_but_is_known(store: Store) -> None:
    await store.accept(said(1))

    tries = []
    for _ in range(3):
        tries.append(await store.begin_answer("slack:Ev1"))
        await store.postpone_answer("slack:Ev1")

    assert tries == [1, 2, 2]
    assert await store.incoming("slack:Ev1") == replace(said(1), tries=1)


async def test_old_talk_is_forgotten_but_never_what_waits(store: Store) -> None:
    for number in (1, 2):
        await store.accept(said(number))
    await store.finish_answer("slack:Ev1", at=NOW)
    await store.note_message("slack:T1/C1", "17.1", paper="1911.02782v3", at=NOW)

    assert await store.prune_talk(NOW) == 0
    assert await store.prune_talk(NOW + timedelta(days=1)) == 2

    assert [each.id for each in await store.unanswered()] == ["slack:Ev2"]
    assert await store.paper_of_message("slack:T1/C1", "17.1") is None


async def test_the_paper_of_a_message_is_known_in_its_own_channel_only(store: Store) -> None:
    await store.note_message("slack:T1/C1", "17.1", paper="1911.02782v3", at=NOW)
    await store.note_message("slack:T1/C1", "17.1", paper="2301.13298v1", at=NOW)

    assert await store.paper_of_message("slack:T1/C1", "17.1") == "2301.13298v1"
    assert await store.paper_of_message("slack:T2/C1", "17.1") is None


async def test_papers_are_saved_once_and_forgotten(store: Store) -> None:
    saved = Saved(channel="a", person="ada", paper="1911.02782", saved_at=NOW)
    other = Saved(channel="a", person="bo", paper="2301.13298", saved_at=NOW + timedelta(hours=1))

    assert await store.save_paper(saved)
    assert not await store.save_paper(replace(saved, saved_at=NOW + timedelta(days=1)))
    assert await store.save_paper(other)

    assert await store.saved_papers(channel="a") == (saved, other)
    assert await store.saved_papers(person="ada") == (saved,)
    assert await store.forget_paper("a", "ada", "1911.02782")
    assert not await store.forget_paper("a", "ada", "1911.02782")
    assert await store.saved_papers() == (other,)


async def test_the_latest_opinion_of_a_person_counts(store: Store) -> None:
    liked = Opinion(channel="a", person="ada", paper="1911.02782", liked=True)
    await store.judge_paper(liked)
    await store.judge_paper(replace(liked, liked=False))
    await store.judge_paper(replace(liked, channel="b"))

    assert await store.opinions("a") == (replace(liked, liked=False),)
    assert await store.withdraw_opinion("a", "ada", "1911.02782")
    assert await store.opinions("a") == ()


async def test_a_buttons_command_is_remembered_by_its_token(store: Store) -> None:
    await store.remember_command("k1", "subscribe " + "very long " * 30)
    await store.remember_command("k1", "something else")

    assert await store.command("k1") == "subscribe " + "very long " * 30
    assert await store.command("k2") is None


async def test_a_change_sees_what_others_changed_meanwhile(store: Store) -> None:
    channel = Channel(key=OLD, platform="telegram", next_run_at=NOW)
    await store.save_channel(channel)
    assert await store.claim_digest(channel, DAY, next_run_at=NOW + timedelta(days=1), at=NOW)

    changed = await store.change_channel(OLD, lambda known: replace(known, language="zh-CN"))

    assert changed == replace(channel, language="zh-CN", next_run_at=NOW + timedelta(days=1))
    assert await store.channel(OLD) == changed


async def test_a_channel_that_moves_takes_everything_with_it(store: Store) -> None:
    await store.save_channel(Channel(key=OLD, platform="telegram", next_run_at=NOW))
    await store.save_channel(Channel(key="telegram:-55", platform="telegram"))
    await store.add_subscription(OLD, "vla", by="ada", at=NOW)
    await store.add_subscription("telegram:-55", "tsf", by="bo", at=NOW)
    messages = [
        Delivery(key=f"{OLD}/{DAY}/digest", channel=OLD, position=0, document=Document((para("x"),))),
        Delivery(
            key=f"{OLD}/{DAY}/paper/1",
            channel=OLD,
            position=1,
            document=Document((para("y"),)),
            parent_key=f"{OLD}/{DAY}/digest",
        ),
    ]
    digest = Digest(
        channel=OLD,
        local_date=DAY,
        categories=("cs.CV",),
        queries=("vla",),
        language="en",
        days=(DAY,),
        scanned=3,
        ledger=(),
    )
    await store.enqueue(
        OLD, DAY, deliveries=messages, papers=["1"], told=[("cs.CV", DAY)], done=True, digest=digest
    )
    await store.save_paper(Saved(channel=OLD, person="ada", paper="1", saved_at=NOW))
    await store.accept(replace(said(1), channel=OLD))

    await store.set_meta(f"last_paper/{OLD}", "1911.02782v3")

    assert await store.rename_channel(OLD, NEW)

    assert await store.channel(OLD) is None
    assert [each.query for each in await store.subscriptions(NEW)] == ["vla"]
    assert (await store.add_subscription(NEW, "world model", by="ada", at=NOW)).number == 2
    rows = await store.outbox(channel=NEW)
    assert [(row.key, row.parent_key) for row in rows] == [
        (f"{NEW}/{DAY}/digest", None),
        (f"{NEW}/{DAY}/paper/1", f"{NEW}/{DAY}/digest"),
    ]
    assert await store.digest(NEW, DAY) == replace(digest, channel=NEW)
    assert await store.meta(f"last_paper/{NEW}") == "1911.02782v3"
    assert await store.delivered_papers(NEW) == {"1"}
    assert await store.told_days(NEW) == {("cs.CV", DAY)}
    assert [each.channel for each in await store.saved_papers()] == [NEW]
    assert [each.channel for each in await store.unanswered()] == [NEW]
    assert [each.query for each in await store.subscriptions("telegram:-55")] == ["tsf"]
    assert not await store.rename_channel(OLD, NEW)
    assert not await store.rename_channel(NEW, "telegram:-55"), "a channel never takes the place of another"


async def test_the_message_that_told_of_a_paper_is_found_again(store: Store) -> None:
    parent, reply = f"a/{DAY}/digest", f"a/{DAY}/paper/2606.1"
    rows = [
        Delivery(key=parent, channel="a", position=0, document=Document(())),
        Delivery(key=reply, channel="a", position=1, document=Document(()), parent_key=parent),
    ]
    await store.enqueue("a", DAY, deliveries=rows, papers=["2606.1"], told=[], done=True)
    for key, message in ((parent, "10"), (reply, "11")):
        assert await store.begin_delivery(key, at=NOW)
        await store.finish_delivery(key, message)

    told, found = await store.told_of("a", "2606.1"), await store.sent_delivery("a", "11")

    assert told is not None
    assert (told.key, told.message_id, told.begun_at) == (parent, "10", NOW)
    assert found is not None
    assert found.key == reply
    assert await store.told_of("b", "2606.1") is None
    assert await store.sent_delivery("b", "11") is None


async def test_a_split_message_keeps_its_place_and_its_thread(store: Store) -> None:
    rows = [
        Delivery(key="one", channel="a", position=0, document=Document((para("all"),))),
        Delivery(key="two", channel="a", position=1, document=Document(()), parent_key="one"),
    ]
    await store.enqueue("a", DAY, deliveries=rows, papers=[], told=[], done=True)
    parts = [Document((para(str(number)),)) for number in range(12)]

    assert await store.channels_with_unsent() == ("a",)
    assert await store.split_delivery("one", parts)

    split = await store.outbox(channel="a")
    assert [row.key for row in split] == ["one", *(f"one~{n:02}" for n in range(2, 13)), "two"]
    assert [row.document for row in split[:12]] == parts
    assert {row.parent_key for row in split[1:]} == {"one"}
    assert {row.state for row in split} == {DeliveryState.PENDING}
