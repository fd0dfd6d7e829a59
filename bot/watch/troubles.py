"""What is wrong with a running Paperboy by the facts of now, and what has begun, or is over, since then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.backup import LATE as BACKUP_LATE
from bot.backup import LastBackup
from digest.arxiv.calendar import HOLIDAYS, announcement_day, announces, expected_at
from digest.channel import Delivery
from digest.model import CategoryDay, EmptyReason

OVERDUE = timedelta(hours=26)  # of working days, from one announcement day to the completion of the next
SETTLING = timedelta(minutes=15)  # after a start, in which what was missed is fetched
CUT_OFF = timedelta(hours=1)  # without a connection
REFUSING = timedelta(
    minutes=5
)  # that the store cannot be read or written, or a platform takes nothing from us
BURIED_FOR = timedelta(hours=24)  # that a message which was given up is told of
TELL_AGAIN = timedelta(hours=1)  # at the earliest, of more messages given up
LEAST_FREE = 200 * 2**20  # bytes
LEAST_SHARE = 0.05  # of the disk, where that is less than
ENOUGH_FREE = 5 * 2**30
_LONGEST_LOOK = timedelta(days=60)


class Kind(StrEnum):
    ANNOUNCEMENTS = "announcements"
    DISCONNECTED = "disconnected"
    BACKUP = "backup"
    DISK = "disk"
    BURIED = "buried"
    ADMIN = "admin"
    STORE = "store"


# That one of these begins cannot be told in the admin channel: it is what every message goes through.
UNTOLD = (Kind.ADMIN, Kind.STORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that a person should know: `about` is a platform, `number` messages or free megabytes.

    `since` is when it began, for messages given up when the last of them was.
    """

    kind: Kind
    since: datetime
    about: str = ""
    why: str = ""
    number: int = 0

    @property
    def key(self) -> str:
        """What it is the same trouble by."""
        return f"{self.kind}/{self.about}" if self.about else self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is looked at.

    `last` are the troubles of the last look, the previous process's at the first; `ledger` the rows of the
    last weeks, `watched` since when there is a channel to fetch for (None where there is none),
    `disconnected` since when by platform, `refused` why by platform where it takes nothing from us, `free`
    and `size` bytes of the store's disk (None where it has none), `buried` the messages given up within
    `BURIED_FOR`, `admin` why the admin channel cannot be written in (empty where it can, or there is none;
    None where that is not known yet), `refusal` since when the store refuses, and why.
    """

    now: datetime
    started: datetime
    last: Sequence[Trouble] = ()
    ledger: Sequence[CategoryDay] = ()
    watched: datetime | None
    disconnected: Mapping[str, datetime]
    refused: Mapping[str, str] = field(default_factory=dict)
    backup: LastBackup
    free: int | None = None
    size: int | None = None
    buried: Sequence[Delivery] = ()
    admin: str | None = ""
    refusal: tuple[datetime, str] | None = None

    def known(self, kind: Kind) -> Trouble | None:
        """The trouble of a kind as it was last found."""
        return next((each for each in self.last if each.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A trouble as it was found at the last look, and as it was when it was last told of, at `told_at`."""

    trouble: Trouble
    told_number: int
    told_since: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the admin channel is told: a trouble that began or grew, or that is over, as seen `at` a look."""

    trouble: Trouble
    at: datetime
    over: bool = False


def troubles(facts: Facts) -> tuple[Trouble, ...]:
    """All that is wrong now."""
    found = (
        _announcements(facts),
        *_disconnected(facts),
        _backup(facts),
        _disk(facts),
        _buried(facts),
        _admin(facts),
        _refusing(facts.refusal, facts.now, known=facts.known(Kind.STORE) is not None),
    )
    return tuple(each for each in found if each is not None)


def unread(
    last: Sequence[Trouble], refusal: tuple[datetime, str] | None, now: datetime
) -> tuple[Trouble, ...]:
    """All that is wrong where the store cannot be read: what was, and the store itself."""
    others = tuple(each for each in last if each.kind is not Kind.STORE)
    store = _refusing(refusal, now, known=others != tuple(last))
    return others if store is None else (*others, store)


def compared(
    known: Iterable[Known], found: Iterable[Trouble], now: datetime
) -> tuple[tuple[Known, ...], tuple[Change, ...]]:
    """What is known from now on, and what to tell: each trouble when it begins, and when it is over.

    More messages that were given up are told of again, at most once an hour.
    """
    before = {each.trouble.key: each for each in known}
    after, changes = [], []
    for trouble in found:
        last = before.pop(trouble.key, None)
        if last is not None and trouble.kind is not Kind.BURIED:
            trouble = replace(trouble, since=min(trouble.since, last.trouble.since))
        if last is None or _has_grown(trouble, last, now):
            changes.append(Change(trouble=trouble, at=now))
            last = Known(trouble=trouble, told_number=trouble.number, told_since=trouble.since, told_at=now)
        after.append(replace(last, trouble=trouble))
    over = (Change(trouble=each.trouble, at=now, over=True) for each in before.values())
    # Of a message that was given up there is nothing better to tell later.
    changes += [each for each in over if each.trouble.kind is not Kind.BURIED]
    return tuple(after), tuple(changes)


def _has_grown(trouble: Trouble, last: Known, now: datetime) -> bool:
    """Whether more messages were given up than was told, and it is time to tell."""
    if trouble.kind is not Kind.BURIED or timedelta() <= now - last.told_at < TELL_AGAIN:
        return False
    # There may be fewer than were told of, since those of yesterday do not count any more; after a clock was
    # set back there may be more, and none is later.
    return trouble.since > last.told_since or trouble.number > last.told_number


def untold(told: Sequence[Known], known: Iterable[Known]) -> tuple[Known, ...]:
    """What counts as told where the admin channel could not be: the same, and what begins without a word."""
    keys = {each.trouble.key for each in told}
    begun = (each for each in known if each.trouble.kind in UNTOLD and each.trouble.key not in keys)
    return (*told, *begun)


def working_time(start: datetime, end: datetime) -> timedelta:
    """How much of the time between lies on days on which arXiv announces, by New York's calendar."""
    start = max(start, end - _LONGEST_LOOK)
    total, day = timedelta(), announcement_day(start)
    while expected_at(day) < end:
        following = day + timedelta(days=1)
        if announces(day) and day not in HOLIDAYS:
            total += max(timedelta(), min(end, expected_at(following)) - max(start, expected_at(day)))
        day = following
    return total


def least_free(size: int) -> float:
    """Bytes that should be free on a disk of that size; a twentieth of a large one is room for years."""
    return max(LEAST_FREE, min(size * LEAST_SHARE, ENOUGH_FREE))


def last_completed(ledger: Iterable[CategoryDay]) -> CategoryDay | None:
    """The row of the newest announcement day that is complete in some category; days of rest do not count."""
    rest = (EmptyReason.WEEKEND, EmptyReason.HOLIDAY)
    complete = (row for row in ledger if row.state.is_final and row.reason not in rest)
    return max(complete, key=lambda row: (row.day, row.checked_at), default=None)


def _announcements(facts: Facts) -> Trouble | None:
    known = facts.known(Kind.ANNOUNCEMENTS)
    if facts.watched is None or (known is None and timedelta() <= facts.now - facts.started < SETTLING):
        return None
    last = last_completed(facts.ledger)
    never = facts.watched if known is None else known.since
    first_asked = min((row.checked_at for row in facts.ledger), default=never)
    since = expected_at(last.day) if last is not None else first_asked
    if working_time(since, facts.now) <= OVERDUE:
        return None
    newest = max(facts.ledger, key=lambda row: (row.day, row.checked_at), default=None)
    why = newest.note if newest is not None and not newest.state.is_final else ""
    return Trouble(kind=Kind.ANNOUNCEMENTS, since=last.checked_at if last is not None else since, why=why)


def _disconnected(facts: Facts) -> Iterator[Trouble]:
    for platform, since in facts.disconnected.items():
        why = facts.refused.get(platform, "")
        if facts.now - since > (REFUSING if why else CUT_OFF):
            yield Trouble(kind=Kind.DISCONNECTED, about=platform, since=since, why=why)


def _backup(facts: Facts) -> Trouble | None:
    last = facts.backup
    if last.error:
        return Trouble(kind=Kind.BACKUP, since=datetime.fromisoformat(last.tried), why=last.error)
    if last.made is not None and facts.now - last.made > BACKUP_LATE:
        return Trouble(kind=Kind.BACKUP, since=last.made)
    return None


def _disk(facts: Facts) -> Trouble | None:
    if facts.free is None or facts.size is None or facts.free >= least_free(facts.size):
        return None
    return Trouble(kind=Kind.DISK, since=facts.now, number=facts.free >> 20)


def _buried(facts: Facts) -> Trouble | None:
    if not facts.buried:
        return None
    latest = max(facts.buried, key=lambda each: each.buried_at or facts.now)
    return Trouble(
        kind=Kind.BURIED,
        since=latest.buried_at or facts.now,
        why=latest.error,
        number=len(facts.buried),
    )


def _refusing(refusal: tuple[datetime, str] | None, now: datetime, *, known: bool) -> Trouble | None:
    if refusal is None or (not known and now - refusal[0] < REFUSING):
        return None
    return Trouble(kind=Kind.STORE, since=refusal[0], why=refusal[1])


def _admin(facts: Facts) -> Trouble | None:
    if facts.admin is None:
        return facts.known(Kind.ADMIN)
    return Trouble(kind=Kind.ADMIN, since=facts.now, why=facts.admin) if facts.admin else None
