"""Which days are fetched and told: nothing is skipped, nothing is told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from digest.model import (
    Announcement,
    AnnounceType,
    ArxivId,
    CategoryDay,
    DayState,
    Digest,
    EmptyReason,
    Paper,
)
from digest.planning import days_due, enriched, is_done, merged, to_tell, told_as

FRIDAY, SATURDAY, SUNDAY = date(2026, 6, 26), date(2026, 6, 27), date(2026, 6, 28)
MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)


def row(
    category: str, day: date, state: DayState = DayState.COMPLETE, *, next_try: datetime | None = None
) -> CategoryDay:
    reason = EmptyReason.WEEKEND if state is DayState.EMPTY else None
    return CategoryDay(
        category=category, day=day, state=state, reason=reason, checked_at=NOW, next_try=next_try
    )


def test_a_new_category_starts_with_the_latest_announcement_day() -> None:
    assert days_due((), today=TUESDAY, now=NOW) == (TUESDAY,)


def test_a_new_category_on_a_sunday_asks_about_friday_and_today() -> None:
    assert days_due((), today=SUNDAY, now=NOW) == (FRIDAY, SUNDAY)


def test_after_downtime_every_missed_working_day_is_due() -> None:
    known = (row("cs.CV", date(2026, 6, 23)),)
    assert days_due(known, today=TUESDAY, now=NOW) == tuple(
        date(2026, 6, day) for day in (24, 25, 26, 29, 30)
    )


def test_a_final_day_is_never_fetched_again() -> None:
    known = (row("cs.CV", MONDAY), row("cs.CV", TUESDAY, DayState.EMPTY))
    assert days_due(known, today=TUESDAY, now=NOW) == ()


def test_a_late_day_waits_for_its_next_try() -> None:
    late = row("cs.CV", TUESDAY, DayState.LATE, next_try=NOW + timedelta(minutes=10))
    assert days_due((late,), today=TUESDAY, now=NOW) == ()
    assert days_due((late,), today=TUESDAY, now=NOW + timedelta(minutes=10)) == (TUESDAY,)


def test_a_channel_is_told_what_it_was_not_told() -> None:
    ledger = (row("cs.CV", MONDAY), row("cs.CV", TUESDAY))
    assert to_tell(ledger, {("cs.CV", MONDAY)}, today=TUESDAY) == (ledger[1],)


def test_a_category_that_is_new_to_a_channel_does_not_flood_it() -> None:
    ledger = (row("cs.RO", FRIDAY), row("cs.RO", MONDAY), row("cs.RO", TUESDAY))
    assert to_tell(ledger, {("cs.CV", FRIDAY)}, today=TUESDAY) == (ledger[2],)


def test_days_missed_in_a_known_category_are_told_late() -> None:
    ledger = (row("cs.CV", FRIDAY), row("cs.CV", MONDAY), row("cs.CV", TUESDAY))
    assert to_tell(ledger, {("cs.CV", FRIDAY)}, today=TUESDAY) == ledger[1:]


def test_a_rest_day_is_told_on_the_day_only() -> None:
    ledger = (
        row("cs.CV", FRIDAY),
        row("cs.CV", SATURDAY, DayState.EMPTY),
        row("cs.CV", SUNDAY, DayState.EMPTY),
    )
    told = {("cs.CV", FRIDAY)}
    assert to_tell(ledger, told, today=SUNDAY) == (ledger[2],)


def announcement(kind: AnnounceType, version: int) -> Announcement:
    paper = Paper(id=ArxivId("2606.00001", version), title="A paper")
    return Announcement(paper=paper, type=kind, day=TUESDAY)


def test_a_paper_counts_as_told_once_but_each_revision_anew() -> None:
    assert told_as(announcement(AnnounceType.NEW, 1)) == told_as(announcement(AnnounceType.CROSS, 1))
    assert told_as(announcement(AnnounceType.REPLACE, 2)) != told_as(announcement(AnnounceType.REPLACE, 3))


def test_the_api_adds_what_the_feed_lacks_and_takes_nothing_away() -> None:
    feed = announcement(AnnounceType.NEW, 2)
    api = Paper(
        id=ArxivId("2606.00001", 3), title="A retitled paper", comment="12 pages", submitted=date(2026, 5, 1)
    )
    richer = enriched(feed, {"2606.00001": api}).paper
    assert (richer.id.version, richer.title) == (2, "A paper")
    assert (richer.comment, richer.submitted) == ("12 pages", date(2026, 5, 1))


def digest(*rows: CategoryDay, scanned: int) -> Digest:
    return Digest(
        channel="c",
        local_date=TUESDAY,
        categories=("cs.CV", "cs.RO"),
        queries=("vla",),
        language="en",
        days=(TUESDAY,),
        scanned=scanned,
        ledger=rows,
    )


def test_a_digest_is_done_when_no_category_can_still_come() -> None:
    assert is_done(digest(row("cs.CV", TUESDAY), scanned=1))
    assert not is_done(digest(row("cs.CV", TUESDAY), row("cs.RO", TUESDAY, DayState.LATE), scanned=1))


def test_what_comes_late_joins_the_digest_of_the_day() -> None:
    before = digest(row("cs.CV", TUESDAY), row("cs.RO", TUESDAY, DayState.LATE), scanned=10)
    whole = merged(before, digest(row("cs.RO", TUESDAY), scanned=5))
    assert whole.scanned == 15
    assert [each.state for each in whole.ledger] == [DayState.COMPLETE, DayState.COMPLETE]
