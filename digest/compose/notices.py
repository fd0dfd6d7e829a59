"""Why a day is empty, late or incomplete, in one sentence each, from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from digest.compose.facts import is_late
from digest.model import CategoryDay, DayState, Digest, DigestItem, EmptyReason
from digest.readable import clean
from digest.wording import Plural, Wording, wording


def notices(digest: Digest, *, zone: tzinfo, words: Wording) -> tuple[str, ...]:
    """What a reader has to know about the digest's days, the most important first."""
    found = bool(digest.items or digest.more)
    lines = [] if found else list(_why_empty(digest, words))
    if found:
        lines += _late_delivery(digest, words)
    rows = digest.ledger
    lines += _troubles(rows, digest.local_date, zone, words)
    lines += _unannounced(rows, words)
    if not found and not lines:
        lines.append(words.say.none_matched(digest.scanned) if rows else words.say.nothing_new)
    return tuple(dict.fromkeys([*lines, *digest.notes]))


def _why_empty(digest: Digest, words: Wording) -> Iterable[str]:
    quiet = [row for row in digest.ledger if row.reason in (EmptyReason.WEEKEND, EmptyReason.HOLIDAY)]
    if not digest.queries:
        yield words.say.no_queries
    if digest.scanned:
        unfinished = any(not row.state.is_final for row in digest.ledger)
        sentence = words.say.none_matched_so_far if unfinished else words.say.none_matched
        yield sentence(digest.scanned)
    for day in sorted({row.day for row in quiet}):
        yield _quiet_day(next(row for row in quiet if row.day == day), digest.local_date, words)


def _quiet_day(row: CategoryDay, today: date, words: Wording) -> str:
    if row.reason is EmptyReason.HOLIDAY:
        return words.say.holiday.format(day=words.short(row.day))
    recent = abs((today - row.day).days) < 7
    return words.say.weekend.format(day=words.weekday(row.day) if recent else words.weekday_date(row.day))


def _late_delivery(digest: Digest, words: Wording) -> Iterable[str]:
    """Which papers were announced on an earlier day than this digest's own."""
    late = [day for day in sorted(digest.days) if is_late(day, digest)]
    for day in late:
        date_in_words = words.weekday_date(day)
        numbers = [
            str(number)
            for number, item in digest.numbered()
            if isinstance(item, DigestItem) and item.match.announcement.day == day
        ]
        if len(digest.days) == 1:
            yield words.say.delivered_late.format(date=date_in_words)
        elif numbers:
            yield words.say.these_delivered_late(len(numbers), date=date_in_words, papers=words.join(numbers))


def _troubles(rows: Sequence[CategoryDay], today: date, zone: tzinfo, words: Wording) -> Iterable[str]:
    """Late, failed and truncated categories, those alike in one sentence."""
    alike: dict[tuple[DayState, date, str, str], list[CategoryDay]] = defaultdict(list)
    for row in rows:
        if not row.state.is_final:
            when = _next(row, today, zone, words)
            note = "" if row.state is DayState.LATE else _note(row, words)
            alike[row.state, row.day, note, when].append(row)
    newest = max((row.day for row in rows), default=today)
    for (state, day, note, when), group in alike.items():
        names = [row.category for row in group]
        template = _template(state, words, dated=day != newest)
        yield template(
            len(names), categories=words.join(names), note=note, next=when, day=words.weekday_date(day)
        )


def _template(state: DayState, words: Wording, *, dated: bool) -> Plural:
    say = words.say
    match state:
        case DayState.LATE:
            return say.late_of if dated else say.late
        case DayState.TRUNCATED:
            return say.incomplete_of if dated else say.incomplete
        case _:
            return say.failed_of if dated else say.failed


def _next(row: CategoryDay, today: date, zone: tzinfo, words: Wording) -> str:
    """ "; next try 09:40", or nothing where no further try is planned."""
    if row.next_try is None:
        return ""
    when = words.say.next_try.format(time=words.time_of(row.next_try, zone, today=today))
    return (words.comma if row.state is DayState.LATE else words.semicolon) + when


def _note(row: CategoryDay, words: Wording) -> str:
    note = words.reason(clean(row.note)).rstrip(" .。")
    if not note and row.state is DayState.TRUNCATED and row.total:
        note = words.say.incomplete_note(row.total)
    return words.colon + note if note else ""


def _unannounced(rows: Sequence[CategoryDay], words: Wording) -> Iterable[str]:
    """Categories without an announcement on a working day."""
    alike: dict[date, list[str]] = defaultdict(list)
    for row in rows:
        if row.state is DayState.EMPTY and row.reason in (EmptyReason.NO_ANNOUNCEMENT, None):
            alike[row.day].append(row.category)
    for day, names in sorted(alike.items()):
        yield words.say.no_announcement.format(categories=words.join(names), day=words.weekday_date(day))


def state_sentence(row: CategoryDay, *, timezone: str, language: str = "en") -> str:
    """A ledger row in a few words, for tables that name its category and day: "late, next try 09:40"."""
    words = wording(language)
    zone = ZoneInfo(timezone)
    today = row.checked_at.astimezone(zone).date()
    parts = {"note": _note(row, words), "next": _next(row, today, zone, words)}
    say = words.say
    sentences: dict[DayState, Callable[[], str]] = {
        DayState.COMPLETE: lambda: say.state_complete(row.total),
        DayState.EMPTY: lambda: _empty_state(row, words),
        DayState.LATE: lambda: say.state_late.format(**parts),
        DayState.TRUNCATED: lambda: say.state_incomplete.format(**parts),
        DayState.FAILED: lambda: say.state_failed.format(**parts),
    }
    return sentences[row.state]()


def _empty_state(row: CategoryDay, words: Wording) -> str:
    match row.reason:
        case EmptyReason.WEEKEND:
            return words.say.state_weekend
        case EmptyReason.HOLIDAY:
            return words.say.state_holiday
        case _:
            return words.say.state_no_announcement
