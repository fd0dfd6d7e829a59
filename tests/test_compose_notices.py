"""Why a day is empty, late or incomplete: each in one sentence, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.compose import notices, parent, state_sentence
from digest.document import Para, plain
from digest.model import CategoryDay, DayState, Digest, EmptyReason
from digest.wording import wording
from tests.compose_samples import DIGEST, EMPTY, ITEMS, MONDAY, TUESDAY, row

_PARIS = ZoneInfo("Europe/Paris")
_NEXT = datetime(2026, 6, 30, 7, 40, tzinfo=UTC)
_SUNDAY = date(2026, 6, 28)
_THURSDAY = date(2026, 6, 25)


def told(digest: Digest, *, language: str = "en") -> tuple[str, ...]:
    return notices(digest, zone=_PARIS, words=wording(language))


def day(*rows: CategoryDay, scanned: int = 0, local: date = TUESDAY) -> Digest:
    days = tuple({each.day for each in rows if each.state is not DayState.EMPTY})
    return replace(EMPTY, ledger=rows, days=days, scanned=scanned, local_date=local)


def resting(reason: EmptyReason, on: date) -> CategoryDay:
    return row("cs.AI", DayState.EMPTY, day=on, reason=reason, total=0)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Sunday: arXiv announces nothing."), ("zh", "星期日：arXiv 不发布公告。")],
)
def test_a_weekend_is_named(language: str, sentence: str) -> None:
    assert told(day(resting(EmptyReason.WEEKEND, _SUNDAY), local=_SUNDAY), language=language) == (sentence,)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "26 November is a holiday: arXiv announces nothing."),
        ("zh", "11月26日是假日：arXiv 不发布公告。"),
    ],
)
def test_a_holiday_is_named(language: str, sentence: str) -> None:
    thanksgiving = date(2026, 11, 26)

    assert told(day(resting(EmptyReason.HOLIDAY, thanksgiving), local=thanksgiving), language=language) == (
        sentence,
    )


def test_categories_that_rest_on_the_same_day_share_one_sentence() -> None:
    rows = (
        resting(EmptyReason.WEEKEND, _SUNDAY),
        replace(resting(EmptyReason.WEEKEND, _SUNDAY), category="cs.CV"),
    )

    assert told(day(*rows, local=_SUNDAY)) == ("Sunday: arXiv announces nothing.",)


def test_a_category_without_an_announcement_on_a_working_day_is_named() -> None:
    rows = (
        row("cs.AI"),
        resting(EmptyReason.NO_ANNOUNCEMENT, TUESDAY),
    )

    assert told(day(replace(rows[1], category="econ.TH"), rows[0], scanned=306)) == (
        "306 papers scanned, none matched.",
        "arXiv announced nothing in econ.TH on Tuesday 30 June.",
    )


@pytest.mark.parametrize(
    ("scanned", "sentence"),
    [
        (612, "612 papers scanned, none matched."),
        (1612, "1,612 papers scanned, none matched."),
        (1, "1 paper scanned, it did not match."),
        (0, "0 papers scanned, none matched."),
    ],
)
def test_nothing_matched_says_how_many_were_scanned(scanned: int, sentence: str) -> None:
    assert told(day(row("cs.AI"), scanned=scanned)) == (sentence,)


def test_nothing_matched_so_far_while_a_category_is_late() -> None:
    late = row("cs.RO", DayState.LATE, next_try=_NEXT)

    assert told(day(row("cs.AI"), late, scanned=412)) == (
        "412 papers scanned so far, none matched.",
        "cs.RO is late, next try 09:40.",
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "cs.CV and cs.RO are late, next try 09:40."), ("zh", "cs.CV和cs.RO 尚未更新，09:40 重试。")],
)
def test_categories_late_alike_share_one_sentence(language: str, sentence: str) -> None:
    rows = (row("cs.CV", DayState.LATE, next_try=_NEXT), row("cs.RO", DayState.LATE, next_try=_NEXT))

    assert told(day(*rows), language=language) == (sentence,)


def test_a_next_try_on_another_day_has_its_date() -> None:
    late = row("cs.RO", DayState.LATE, next_try=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    assert told(day(late)) == ("cs.RO is late, next try Wednesday 1 July 01:30.",)


def test_a_late_category_without_a_next_try_is_just_late() -> None:
    assert told(day(row("cs.RO", DayState.LATE))) == ("cs.RO is late.",)


def test_a_late_category_of_an_earlier_day_has_its_day() -> None:
    rows = (row("cs.AI"), row("cs.RO", DayState.LATE, day=MONDAY, next_try=_NEXT))

    assert told(day(*rows, scanned=306))[1] == "cs.RO of Monday 29 June is late, next try 09:40."


def test_a_failed_category_says_why_and_when_it_is_tried_again() -> None:
    failed = row("cs.AI", DayState.FAILED, note="arxiv.org answered HTTP 410.", next_try=_NEXT)

    assert told(day(failed)) == ("cs.AI could not be fetched: arxiv.org answered HTTP 410; next try 09:40.",)
    assert told(day(failed), language="zh-CN") == ("cs.AI 获取失败：arxiv.org 返回 HTTP 410；09:40 重试。",)


def test_an_incomplete_category_says_what_is_missing() -> None:
    noted = row(
        "cs.LG", DayState.TRUNCATED, note="2,000 of 2,310 announcements could be fetched", next_try=_NEXT
    )
    bare = row("cs.LG", DayState.TRUNCATED, total=2000)

    assert told(day(noted))[-1] == (
        "cs.LG is incomplete: 2,000 of 2,310 announcements could be fetched; next try 09:40."
    )
    assert told(day(bare))[-1] == "cs.LG is incomplete: only 2,000 announcements could be fetched."


def test_a_note_cannot_break_out_of_its_sentence() -> None:
    failed = row("cs.AI", DayState.FAILED, note="bad\nthings {next}\u202e happened")

    assert told(day(failed)) == ("cs.AI could not be fetched: bad things {next} happened.",)


def test_a_channel_without_subscriptions_is_told_how_to_subscribe() -> None:
    assert told(replace(day(row("cs.AI"), scanned=306), queries=()))[0] == (
        "This channel has no subscriptions yet; try /subscribe vision language action."
    )


def test_nothing_new_is_no_missing_announcement() -> None:
    assert told(day()) == ("Nothing new has been announced since the last digest.",)


def test_rest_days_are_not_mentioned_beside_papers() -> None:
    digest = replace(DIGEST, ledger=(row("cs.AI"), resting(EmptyReason.WEEKEND, _SUNDAY)), days=(TUESDAY,))

    assert told(digest) == ()


def test_a_missed_day_is_labelled_with_its_date() -> None:
    digest = replace(DIGEST, days=(_THURSDAY,), ledger=(row("cs.AI", day=_THURSDAY),))

    assert told(digest) == ("Announced Thursday 25 June, delivered late.",)


def test_papers_of_a_missed_day_are_named_by_number() -> None:
    assert told(DIGEST)[0] == "Announced Monday 29 June, delivered late: paper 3."


def test_yesterdays_announcement_in_the_next_morning_is_not_late() -> None:
    digest = replace(DIGEST, days=(MONDAY,), ledger=(row("cs.AI", day=MONDAY),), items=ITEMS[:2])

    assert told(digest) == ()


def test_fridays_announcement_on_monday_morning_is_not_late() -> None:
    friday = date(2026, 6, 26)

    assert told(replace(DIGEST, local_date=MONDAY, days=(friday,), ledger=(row("cs.AI", day=friday),))) == ()


def test_every_notice_stands_in_the_parent() -> None:
    digest = day(row("cs.RO", DayState.LATE, next_try=_NEXT))
    shown = [
        plain(block.spans)
        for block in parent(digest, timezone="Europe/Paris").blocks
        if isinstance(block, Para)
    ]

    assert shown == ["cs.RO is late, next try 09:40."]


@pytest.mark.parametrize(
    ("ledger", "state"),
    [
        (row("cs.AI", total=646), "complete, 646 announcements"),
        (row("cs.AI", DayState.LATE, next_try=_NEXT), "late, next try 09:40"),
        (row("cs.AI", DayState.FAILED, note="arXiv refused."), "could not be fetched: arXiv refused"),
        (
            row("cs.AI", DayState.TRUNCATED, total=2000),
            "incomplete: only 2,000 announcements could be fetched",
        ),
        (resting(EmptyReason.WEEKEND, _SUNDAY), "weekend, arXiv announces nothing"),
        (resting(EmptyReason.HOLIDAY, TUESDAY), "holiday, arXiv announces nothing"),
        (resting(EmptyReason.NO_ANNOUNCEMENT, TUESDAY), "arXiv announced nothing"),
    ],
)
def test_a_ledger_row_in_a_table_is_a_few_words(ledger: CategoryDay, state: str) -> None:
    assert state_sentence(ledger, timezone="Europe/Paris") == state
    assert state_sentence(ledger, timezone="Europe/Paris", language="zh")
