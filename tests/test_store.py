"""The contract of the Store, run against every driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.channel import Channel, Delivery, DeliveryState, DigestState
from digest.conversation import Answer, AnswerKind
from digest.document import Document, para
from digest.errors import StoreError
from digest.fulltext import FullText, Paragraph, Section
from digest.model import (
    Analysis,
    Announcement,
    AnnounceType,
    ArxivId,
    Basis,
    CategoryBatch,
    CategoryDay,
    Claim,
    ClaimSection,
    DayState,
    Depth,
    Digest,
    EmptyReason,
    Paper,
    Usage,
)
from digest.ports import Store as StorePort
from storage import Store, open_store

NOW = datetime(2026, 6, 30, 7, 0, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1)
CHANNEL = Channel(key="console:terminal", platform="console", categories=("cs.CV",), next_run_at=NOW)


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = "sqlite:///:memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/paperboy.db"
    async with open_store(url) as opened:
        port: StorePort = opened  # the type checker compares every signature
        assert port is opened
        yield opened


def paper(number: str, title: str = "", version: int | None = 1, **known: object) -> Paper:
    return Paper(id=ArxivId(f"2606.{number}", version), title=title or f"Paper {number}", **known)  # type: ignore[arg-type]


def announced(
    told: Paper, kind: AnnounceType = AnnounceType.NEW, day: date = TUESDAY, listed_in: tuple[str, ...] = ()
) -> Announcement:
    return Announcement(paper=told, type=kind, day=day, listed_in=listed_in)


def ledger_row(category: str, day: date = TUESDAY, state: DayState = DayState.COMPLETE) -> CategoryDay:
    return CategoryDay(category=category, day=day, state=state, checked_at=NOW)


def batch(category: str, *announcements: Announcement, state: DayState = DayState.COMPLETE) -> CategoryBatch:
    day = announcements[0].day if announcements else TUESDAY
    return CategoryBatch(ledger=ledger_row(category, day, state), announcements=announcements)


def message(position: int, parent: int | None = None, channel: str = CHANNEL.key) -> Delivery:
    return Delivery(
        key=f"{channel}/{position}",
        channel=channel,
        position=position,
        document=Document((para(f"message {position}"),)),
        parent_key=None if parent is None else f"{channel}/{parent}",
    )


async def put(store: Store, *messages: Delivery, day: date = TUESDAY) -> None:
    await store.enqueue(CHANNEL.key, day, deliveries=messages, papers=(), told=(), done=False)


# Announcements and the ledger


async def test_a_batch_comes_back_as_it_was_announced(store: Store) -> None:
    full = paper(
        "00001",
        abstract="We study “café” crawlers.",
        authors=("Ana María", "李飞飞"),
        categories=("cs.CV", "cs.RO"),
        comment="8 pages",
        journal_ref="CVPR",
        doi="10.1/x",
        licence="http://creativecommons.org/licenses/by/4.0/",
        submitted=MONDAY,
    )
    told = announced(full, listed_in=("cs.CV",))
    await store.save_batch(batch("cs.CV", told))

    assert await store.announcements([TUESDAY]) == (told,)
    assert await store.paper(ArxivId("2606.00001")) == full


async def test_a_paper_listed_in_two_categories_is_one_announcement_of_the_stronger_type(
    store: Store,
) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00001"), AnnounceType.CROSS)))
    await store.save_batch(batch("cs.RO", announced(paper("00001"), AnnounceType.NEW)))

    (both,) = await store.announcements([TUESDAY])
    (vision,) = await store.announcements([TUESDAY], categories=["cs.CV"])

    assert (both.type, both.listed_in) == (AnnounceType.NEW, ("cs.CV", "cs.RO"))
    assert (vision.type, vision.listed_in) == (AnnounceType.CROSS, ("cs.CV",))
    assert await store.announcements([TUESDAY], categories=[]) == ()
    assert await store.announcements([]) == ()


async def test_a_later_fetch_of_a_category_day_adds_to_it_and_loses_nothing(store: Store) -> None:
    first, second = announced(paper("00001"), AnnounceType.NEW), announced(paper("00002"))
    await store.save_batch(batch("cs.CV", first, state=DayState.TRUNCATED))
    await store.save_batch(batch("cs.CV", announced(paper("00001"), AnnounceType.CROSS), second))

    got = await store.announcements([TUESDAY])

    assert [(each.paper.id.id, each.type.value) for each in got] == [
        ("2606.00001", "new"),
        ("2606.00002", "new"),
    ]


async def test_announcements_keep_the_order_of_the_listing(store: Store) -> None:
    numbers = ["00009", "00003", "00007", "00001"]
    await store.save_batch(batch("cs.CV", *(announced(paper(number)) for number in numbers)))

    got = await store.announcements([TUESDAY])

    assert [each.paper.id.id for each in got] == [f"2606.{number}" for number in numbers]


async def test_a_failed_attempt_does_not_undo_a_complete_day(store: Store) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00001"))))
    await store.save_batch(batch("cs.CV", state=DayState.FAILED))

    (row,) = await store.ledger(["cs.CV"], since=MONDAY)

    assert row.state is DayState.COMPLETE


async def test_a_late_day_that_arrives_becomes_complete_and_keeps_its_validators(store: Store) -> None:
    late = replace(ledger_row("cs.CV", state=DayState.LATE), etag='"1"', next_try=NOW, note="Not yet.")
    await store.save_batch(CategoryBatch(ledger=late))
    await store.save_batch(batch("cs.CV", announced(paper("00001"))))

    (row,) = await store.ledger(["cs.CV"], since=TUESDAY, until=TUESDAY)

    assert (row.state, row.etag, row.next_try, row.note) == (DayState.COMPLETE, '"1"', None, "")


async def test_the_ledger_is_told_by_day_then_category_within_the_days_asked(store: Store) -> None:
    for category, day in [("cs.RO", TUESDAY), ("cs.CV", TUESDAY), ("cs.RO", MONDAY), ("cs.CV", WEDNESDAY)]:
        await store.save_batch(CategoryBatch(ledger=ledger_row(category, day)))

    rows = await store.ledger(["cs.RO", "cs.CV", "cs.AI"], since=MONDAY, until=TUESDAY)

    assert [(row.category, row.day) for row in rows] == [
        ("cs.RO", MONDAY),
        ("cs.CV", TUESDAY),
        ("cs.RO", TUESDAY),
    ]


async def test_a_ledger_row_keeps_every_field(store: Store) -> None:
    row = CategoryDay(
        category="cs.CV",
        day=TUESDAY,
        state=DayState.EMPTY,
        source="catchup",
        counts=((AnnounceType.NEW, 3), (AnnounceType.REPLACE_CROSS, 1)),
        reason=EmptyReason.HOLIDAY,
        note="arXiv’s holiday",
        checked_at=NOW,
        next_try=NOW + timedelta(minutes=10),
        etag='"x"',
        last_modified="Tue",
    )
    await store.save_batch(CategoryBatch(ledger=row))

    assert await store.ledger(["cs.CV"], since=TUESDAY) == (row,)


async def test_the_last_batch_is_the_newest_day_that_has_entries(store: Store) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00001"), day=MONDAY)))
    await store.save_batch(batch("cs.RO", announced(paper("00002"), day=TUESDAY)))
    await store.save_batch(CategoryBatch(ledger=ledger_row("cs.CV", TUESDAY, DayState.LATE)))

    row, ids = await store.last_batch("cs.CV")

    assert row is not None
    assert (row.day, ids) == (MONDAY, frozenset({"2606.00001"}))
    assert await store.last_batch("math.AG") == (None, frozenset())


async def test_days_with_announcements_are_told_newest_first(store: Store) -> None:
    for number, day in [("00001", MONDAY), ("00002", WEDNESDAY), ("00003", TUESDAY)]:
        await store.save_batch(batch("cs.CV", announced(paper(number), day=day)))
    await store.save_batch(CategoryBatch(ledger=ledger_row("cs.CV", date(2026, 7, 2), DayState.EMPTY)))

    assert await store.days_with_announcements(limit=2) == (WEDNESDAY, TUESDAY)


async def test_what_is_newly_known_of_a_paper_is_added_and_nothing_known_is_lost(store: Store) -> None:
    await store.save_papers([paper("00001", "Crawlers", abstract="All of it.", authors=("A", "B", "C"))])
    await store.save_papers(
        [paper("00001", "Crawlers", abstract="All", authors=("A", "B"), comment="8 pages", submitted=MONDAY)]
    )

    known = await store.paper(ArxivId("2606.00001"))

    assert known is not None
    assert (known.abstract, known.authors) == ("All of it.", ("A", "B", "C"))
    assert (known.comment, known.submitted) == ("8 pages", MONDAY)


async def test_a_revision_brings_its_title_and_an_older_version_does_not(store: Store) -> None:
    await store.save_papers([paper("00001", "Second title", version=2)])
    await store.save_papers([paper("00001", "First title", version=1, doi="10.1/x")])

    known = await store.paper(ArxivId("2606.00001"))

    assert known is not None
    assert (known.title, known.id.version, known.doi) == ("Second title", 2, "10.1/x")
    assert await store.paper(ArxivId("2606.00001", 2)) == known
    assert await store.paper(ArxivId("2606.00001", 1)) is None


async def test_an_announcement_keeps_its_version_when_the_paper_is_revised(store: Store) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00001", version=1), day=MONDAY)))
    revised = announced(paper("00001", version=2), AnnounceType.REPLACE, TUESDAY)
    await store.save_batch(batch("cs.CV", revised))

    monday, tuesday = await store.announcements([MONDAY, TUESDAY])

    assert (monday.paper.id.version, tuesday.paper.id.version) == (1, 2)


async def test_text_with_nul_and_broken_surrogates_is_stored(store: Store) -> None:
    await store.save_papers([paper("00001", "Bro\0ken \ud800 title")])
    document = Document((para("half a pair \ud83d and \0"),))
    await put(store, replace(message(1), document=document))

    known = await store.paper(ArxivId("2606.00001"))
    row = await store.delivery(message(1).key)

    assert known is not None
    assert known.title == "Broken ? title"
    assert row is not None
    assert row.document == document


async def test_a_search_finds_words_phrases_and_prefixes_latest_announced_first(store: Store) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00003", "Vision and action"), day=TUESDAY)))
    await store.save_batch(
        batch("cs.CV", announced(paper("00001", "Action without vision"), day=MONDAY))  # fetched later
    )
    await store.save_batch(
        batch(
            "cs.CV",
            announced(paper("00002", "Language", abstract="A vision")),
        )
    )

    async def found(text: str) -> list[str]:
        return [each.id.id[-1] for each in await store.search(text)]

    assert await found("vision") == ["2", "3", "1"]
    assert await found("VISIONS action") == ["3", "1"]
    assert await found('"vision and action"') == ["3"]
    assert await found("lang*") == ["2"]
    assert await found('AND OR NOT " ( * :') == []
    assert await found("") == []
    assert len(await store.search("vision", limit=1)) == 1


async def test_a_search_sees_a_revised_title_and_forgets_the_old_one(store: Store) -> None:
    await store.save_papers([paper("00001", "Old words")])
    await store.save_papers([paper("00001", "New words", version=2)])

    assert await store.search("old") == ()
    assert len(await store.search("new words")) == 1
    assert await store.integrity_check() == ()


# Channels and subscriptions


async def test_a_channel_comes_back_with_all_its_settings(store: Store) -> None:
    channel = replace(CHANNEL, language="zh-CN", days=(0, 2), timezone="Asia/Shanghai")
    await store.save_channel(channel)
    await store.save_channel(replace(CHANNEL, key="console:other"))

    assert await store.channel(CHANNEL.key) == channel
    assert [each.key for each in await store.channels()] == ["console:other", "console:terminal"]
    assert await store.channel("nowhere") is None


async def test_pausing_a_channel_keeps_its_other_settings(store: Store) -> None:
    await store.save_channel(CHANNEL)
    await store.change_channel(
        CHANNEL.key, lambda known: replace(known, paused=True, paused_because="The channel was archived.")
    )
    assert await store.change_channel("nowhere", lambda known: known) is None

    paused = replace(CHANNEL, paused=True, paused_because="The channel was archived.")
    assert await store.channels() == (paused,)


async def test_a_query_is_subscribed_once_whatever_its_case_and_spaces(store: Store) -> None:
    first = await store.add_subscription("a", "Vision  Language", by="ana", at=NOW)
    again = await store.add_subscription("a", " vision language ", by="bo", at=NOW)
    other = await store.add_subscription("b", "vision language", by="bo", at=NOW)

    assert first == again
    assert (first.number, first.query, other.number) == (1, "Vision  Language", 1)
    assert await store.subscriptions() == (first, other)


async def test_removing_a_subscription_changes_no_other_number_and_frees_none(store: Store) -> None:
    for query in ("one", "two", "three"):
        await store.add_subscription("a", query, by="ana", at=NOW)
    removed = await store.remove_subscription("a", 3)
    await store.remove_subscription("a", 1)
    await store.add_subscription("a", "three", by="ana", at=NOW)

    assert removed is not None
    assert removed.query == "three"
    assert [(each.number, each.query) for each in await store.subscriptions("a")] == [
        (2, "two"),
        (4, "three"),
    ]
    assert await store.remove_subscription("a", 3) is None


# Texts and analyses


async def test_texts_are_kept_per_version_until_they_are_too_old(store: Store) -> None:
    body = (Paragraph(id=1, page=1, text="Half a pair: \ud800."),)
    text = FullText(pages=3, sections=(Section(number="1", title="引言", page=1, paragraphs=body),))
    await store.save_text(ArxivId("2606.00001", 1), text, at=NOW)
    await store.save_text(ArxivId("2606.00001", 2), FullText(pages=4), at=NOW + timedelta(days=2))

    assert await store.text(ArxivId("2606.00001", 1)) == text
    assert await store.text(ArxivId("2606.00001")) is None
    assert await store.prune_texts(NOW + timedelta(days=1)) == 1
    assert await store.text(ArxivId("2606.00001", 1)) is None
    assert await store.text(ArxivId("2606.00001", 2)) is not None


async def test_an_analysis_is_found_under_all_that_it_depends_on(store: Store) -> None:
    analysis = Analysis(
        paper=ArxivId("2606.00001", 1),
        title="Crawlers",
        language="en",
        depth=Depth.BRIEF,
        claims=(Claim(section=ClaimSection.TLDR, text="It crawls.", quote="crawls", paragraph=3, page=1),),
        missing=(ClaimSection.ABLATIONS,),
        basis=Basis(kind="full text", pages=9, pages_read=9),
        analyzer="extractive",
        prompt_version="3",
        created_at=NOW,
    )
    await store.save_analysis(analysis, language="zh-CN")

    async def found(**other: str) -> Analysis | None:
        asked = {"language": "zh-CN", "analyzer": "extractive", "prompt_version": "3"} | other
        return await store.analysis(analysis.paper, depth=Depth.BRIEF, **asked)

    assert await found() == analysis
    assert await found(language="en") is None
    assert await found(prompt_version="4") is None
    assert await found(analyzer="openai:x") is None


# Digests and the outbox


async def test_a_digest_is_claimed_once(store: Store) -> None:
    await store.save_channel(CHANNEL)
    later = NOW + timedelta(days=1)

    claims = await asyncio.gather(
        *(store.claim_digest(CHANNEL, TUESDAY, next_run_at=later, at=NOW) for _ in range(50))
    )

    assert claims.count(True) == 1
    known = await store.channel(CHANNEL.key)
    assert known is not None
    assert known.next_run_at == later
    (run,) = await store.digest_runs(channel=CHANNEL.key)
    assert (run.local_date, run.state, run.started_at) == (TUESDAY, DigestState.OPEN, NOW)


async def test_a_date_whose_digest_was_made_by_hand_is_not_due_for_ever(store: Store) -> None:
    await store.save_channel(CHANNEL)
    later = NOW + timedelta(hours=1)
    assert await store.claim_digest(CHANNEL, TUESDAY, next_run_at=later, at=NOW)

    due_again = replace(CHANNEL, next_run_at=later)
    tomorrow = NOW + timedelta(days=1)
    claimed = await store.claim_digest(due_again, TUESDAY, next_run_at=tomorrow, at=NOW)

    known = await store.channel(CHANNEL.key)
    assert not claimed
    assert known is not None
    assert known.next_run_at == tomorrow


async def test_a_channel_that_is_not_stored_or_never_runs_can_be_claimed_as_it_is(store: Store) -> None:
    never = replace(CHANNEL, next_run_at=None)

    assert not await store.claim_digest(never, TUESDAY, next_run_at=None, at=NOW)
    await store.save_channel(never)
    assert await store.claim_digest(never, TUESDAY, next_run_at=None, at=NOW)


async def test_runs_are_told_newest_first_and_by_state(store: Store) -> None:
    await store.save_channel(replace(CHANNEL, next_run_at=None))
    for day in (MONDAY, TUESDAY):
        await store.claim_digest(replace(CHANNEL, next_run_at=None), day, next_run_at=None, at=NOW)
    await store.enqueue(CHANNEL.key, MONDAY, deliveries=(), papers=(), told=(), done=True)

    assert [run.local_date for run in await store.digest_runs()] == [TUESDAY, MONDAY]
    assert [run.local_date for run in await store.digest_runs(state=DigestState.DONE)] == [MONDAY]
    assert await store.digest_runs(channel="nowhere") == ()


async def test_a_digest_goes_into_the_outbox_whole_and_once(store: Store) -> None:
    digest = Digest(
        channel=CHANNEL.key,
        local_date=TUESDAY,
        categories=("cs.CV",),
        queries=("vla",),
        language="en",
        days=(TUESDAY,),
        scanned=612,
        ledger=(ledger_row("cs.CV"),),
    )
    messages = [message(1), message(2, parent=1)]
    for _ in range(2):
        await store.enqueue(
            CHANNEL.key,
            TUESDAY,
            deliveries=messages,
            papers=["2606.00001", "2606.00002v2"],
            told=[("cs.CV", TUESDAY)],
            done=True,
            digest=digest,
        )
        await store.begin_delivery(messages[0].key, at=NOW)

    assert [row.state for row in await store.outbox()] == [DeliveryState.SENDING, DeliveryState.PENDING]
    assert await store.delivered_papers(CHANNEL.key) == {"2606.00001", "2606.00002v2"}
    assert await store.told_days(CHANNEL.key) == {("cs.CV", TUESDAY)}
    assert await store.digest(CHANNEL.key, TUESDAY) == digest
    assert await store.digest(CHANNEL.key, MONDAY) is None


async def test_the_outbox_is_told_by_channel_day_and_position(store: Store) -> None:
    await put(store, message(2), message(1), message(9, channel="another"))
    await put(store, replace(message(1), key="early"), day=MONDAY)

    rows = await store.outbox()

    assert [row.key for row in rows] == ["another/9", "early", message(1).key, message(2).key]
    assert [row.key for row in await store.outbox(channel="another")] == ["another/9"]


async def test_a_message_is_pending_then_sending_then_sent_and_never_goes_back(store: Store) -> None:
    await put(store, message(1))
    key = message(1).key

    assert await store.begin_delivery(key, at=NOW)
    assert not await store.begin_delivery(key, at=NOW)
    await store.finish_delivery(key, "ts1")
    await store.finish_delivery(key, "ts1")

    row = await store.delivery(key)
    assert row is not None
    assert (row.state, row.message_id, row.attempts) == (DeliveryState.SENT, "ts1", 1)
    assert await store.outbox() == ()
    assert await store.outbox(unsent=False) == (row,)
    for refused in (
        store.finish_delivery(key, "ts2"),
        store.postpone_delivery(key, until=None, error="x"),
        store.bury_delivery(key, at=NOW, error="x"),
    ):
        with pytest.raises(StoreError, match=r"console:terminal/1 cannot be .*: it is sent"):
            await refused
    assert not await store.begin_delivery(key, at=NOW)


async def test_a_pending_message_cannot_be_marked_sent(store: Store) -> None:
    await put(store, message(1))

    with pytest.raises(StoreError, match="it is pending"):
        await store.finish_delivery(message(1).key, "ts1")
    with pytest.raises(StoreError, match="it is unknown"):
        await store.finish_delivery("no such message", "ts1")


async def test_a_postponed_message_waits_with_its_reason_and_a_buried_one_is_dead(store: Store) -> None:
    await put(store, message(1), message(2))
    until = NOW + timedelta(minutes=1)
    await store.begin_delivery(message(1).key, at=NOW)
    await store.postpone_delivery(message(1).key, until=until, error="Slack is busy.")
    await store.bury_delivery(message(2).key, at=NOW, error="msg_too_long")

    (waiting,) = await store.outbox()
    dead = await store.delivery(message(2).key)

    assert (waiting.state, waiting.not_before) == (DeliveryState.PENDING, until)
    assert (waiting.error, waiting.attempts) == ("Slack is busy.", 1)
    assert dead is not None
    assert (dead.state, dead.error, dead.buried_at) == (DeliveryState.DEAD, "msg_too_long", NOW)


async def test_what_was_given_up_lately_is_told_by_when_that_was(store: Store) -> None:
    await put(store, message(1), message(2), message(3))
    for number, hours in ((2, 1), (1, 2), (3, -30)):  # the second was never tried
        if number != 2:
            await store.begin_delivery(message(number).key, at=NOW - timedelta(days=3))
        await store.bury_delivery(message(number).key, at=NOW + timedelta(hours=hours), error="refused")

    lately = await store.buried(since=NOW - timedelta(hours=24))

    assert [each.key for each in lately] == [message(2).key, message(1).key]


async def test_fifty_tasks_at_once_neither_lose_nor_mix_anything(store: Store) -> None:
    await put(store, *(message(number) for number in range(50)))

    async def work(number: int) -> None:
        category = f"x{number % 5}.YZ"
        await store.save_batch(batch(category, announced(paper(f"{number:05}"))))
        await store.add_subscription("a", f"query {number}", by="ana", at=NOW)
        assert await store.begin_delivery(message(number).key, at=NOW)
        await store.finish_delivery(message(number).key, str(number))

    await asyncio.gather(*map(work, range(50)))

    assert len(await store.announcements([TUESDAY])) == 50
    numbers = [each.number for each in await store.subscriptions("a")]
    assert numbers == list(range(1, 51))
    assert all(row.message_id == str(row.position) for row in await store.outbox(unsent=False))


async def test_a_call_that_is_cancelled_is_stored_whole_or_not_at_all(store: Store) -> None:
    calls = [
        asyncio.create_task(store.save_batch(batch("cs.CV", announced(paper(f"{number:05}")))))
        for number in range(20)
    ]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    announcements = await store.announcements([TUESDAY])

    assert len(announcements) >= 10
    assert await store.integrity_check() == ()


async def test_small_facts_are_remembered(store: Store) -> None:
    assert await store.meta("last backup") is None
    await store.set_meta("last backup", "Monday")
    await store.set_meta("last backup", "Tuesday")

    assert await store.meta("last backup") == "Tuesday"


async def test_a_backup_opens_as_a_store_of_the_same_content(store: Store, tmp_path: Path) -> None:
    await store.save_batch(batch("cs.CV", announced(paper("00001"))))
    copy = tmp_path / "backups" / "today.db"
    await store.backup(copy)

    with pytest.raises(StoreError, match="exists"):
        await store.backup(copy)
    async with open_store(str(copy)) as restored:
        assert await restored.announcements([TUESDAY]) == await store.announcements([TUESDAY])
        assert await restored.integrity_check() == ()


# Questions and what models take


def _answer(number: int) -> Answer:
    claim = Claim(section=ClaimSection.ANSWER, text="是的。", quote="we do so", paragraph=3, verified=True)
    return Answer(
        paper=ArxivId("2606.30001", 1),
        question=f"问题 {number}?",
        kind=AnswerKind.ANSWERED,
        claims=(claim,),
        language="zh-CN",
        analyzer="openai:m",
        usage=Usage(prompt_tokens=9, cost=0.001),
        asked_by="slack:U1",
        created_at=NOW,
    )


async def test_a_conversation_is_kept_per_thread_in_order_and_read_from_its_end(store: Store) -> None:
    for number in range(5):
        await store.add_answer("slack:C1/1.0", _answer(number))
    await store.add_answer("slack:C1/2.0", _answer(9))
    assert await store.conversation("slack:C1/1.0", limit=2) == (_answer(3), _answer(4))
    assert await store.conversation("slack:C1/1.0", limit=99) == tuple(map(_answer, range(5)))
    assert await store.conversation("elsewhere", limit=9) == ()


async def test_what_models_take_adds_up_by_day_channel_and_person(store: Store) -> None:
    one = Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=2, cost=0.25)
    await store.record_usage(one, day=MONDAY, channel="a", person="x", model="m")
    await store.record_usage(one, day=MONDAY, channel="a", person="x", model="m")
    await store.record_usage(one, day=MONDAY, channel="b", model="m")
    await store.record_usage(one, day=TUESDAY, channel="a")

    def times(number: int) -> Usage:
        return Usage(
            prompt_tokens=10 * number,
            cached_tokens=4 * number,
            completion_tokens=2 * number,
            cost=0.25 * number,
        )

    assert await store.usage(MONDAY) == times(3)
    assert await store.usage(MONDAY, channel="a") == times(2)
    assert await store.usage(MONDAY, person="x") == times(2)
    assert await store.usage(MONDAY, until=TUESDAY, channel="a") == times(3)
    assert await store.usage(WEDNESDAY) == Usage()
