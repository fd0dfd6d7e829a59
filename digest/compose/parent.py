"""The message a digest opens with, one line per paper, and the lists that follow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from digest.compose.analysis import claim_spans
from digest.compose.facts import dotted, identifier, is_late, phrases, title
from digest.compose.notices import notices
from digest.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Buttons,
    Context,
    Document,
    Heading,
    Link,
    Para,
    Span,
    Text,
    context,
    para,
)
from digest.model import AnnounceType, ClaimSection, Digest, DigestItem, Match
from digest.wording import Wording, wording

TITLES = 10  # further matches named in the parent; the rest on demand
_LINE = 240  # characters of a tl;dr in the parent


def parent(digest: Digest, *, timezone: str = "UTC") -> Document:
    """The opening message: date and numbers, what was scanned, one line per paper, further matches, notices.

    `timezone` is the channel's; all times are told in it.
    """
    words = wording(digest.language)
    zone = ZoneInfo(timezone)
    heading = _heading(digest, words)
    blocks: list[Block] = [Heading(heading, 1), Context(_coverage(digest, zone, words))]
    blocks += _papers(digest, words, start=1)
    blocks += [para(sentence) for sentence in notices(digest, zone=zone, words=words)]
    blocks.append(_controls(digest, words))
    return Document(tuple(blocks), summary=_summary(heading, digest))


def _heading(digest: Digest, words: Wording) -> str:
    """Date and numbers; the days where it gathers several."""
    papers = numbers(digest, words)
    if not _gathers(digest):
        return words.say.title.format(date=words.long(digest.local_date), papers=papers)
    first, last = words.short(min(digest.days)), words.short_year(max(digest.days))
    return words.say.title_of_days.format(first=first, last=last, papers=papers)


def _gathers(digest: Digest) -> bool:
    """Whether it comes once a week and tells several days."""
    return len(digest.weekdays) == 1 and len(digest.days) > 1


def _controls(digest: Digest, words: Wording) -> Buttons:
    """What one can do with the digests of a channel, and this one's report."""
    labels = words.labels
    return Buttons(
        (
            Button(labels.settings, command="settings"),
            Button(labels.pause, command="digest pause 7d"),
            Button(labels.report, command=f"report {digest.local_date}"),
        )
    )


def more(digest: Digest, *, start: int = 1) -> Document:
    """All further matches of a digest under their numbers; `start` is the first paper's."""
    words = wording(digest.language)
    heading = words.say.more_matched(len(digest.more)).rstrip(":：")
    blocks: list[Block] = [Heading(heading, 2)]
    for items, further in digest.parts:
        lines = tuple(_title_line(match, words) for match in further)
        if lines:
            blocks.append(Bullets(lines, ordered=True, start=start + len(items)))
        start += len(items) + len(further)
    return Document(tuple(blocks), summary=heading)


def late_arrivals(digest: Digest, *, timezone: str = "UTC", start: int = 1) -> Document:
    """A reply to a digest's parent on categories that came after it: `digest` holds what they brought.

    `start` is the number of its first paper in the whole digest.
    """
    words = wording(digest.language)
    sentence = _arrival(digest, words)
    blocks: list[Block] = [Para((Bold(sentence),))]
    blocks += _papers(digest, words, start)
    zone = ZoneInfo(timezone)
    if any(not row.state.is_final for row in digest.ledger):
        blocks += [para(line) for line in notices(digest, zone=zone, words=words)]
    return Document(tuple(blocks), summary=sentence)


def _arrival(digest: Digest, words: Wording) -> str:
    came = [row for row in digest.ledger if row.state.is_final]
    categories = words.join(list(dict.fromkeys(row.category for row in came)))
    days = words.join([words.weekday_date(day) for day in sorted({row.day for row in came})])
    if digest.items or digest.more:
        return words.say.arrived.format(categories=categories, day=days, papers=numbers(digest, words))
    return words.say.arrived_nothing(digest.scanned, categories=categories, day=days)


def numbers(digest: Digest, words: Wording) -> str:
    """ "14 papers: 10 new, 3 cross-listed, 1 revision"."""
    matches = digest.matches
    if not matches:
        nothing_came = digest.ledger and not any(row.state.is_final for row in digest.ledger)
        return words.say.nothing_yet if nothing_came else words.say.no_papers
    types = Counter(match.announcement.type for match in matches)
    say = words.say
    apart = (
        (types[AnnounceType.NEW], say.new),
        (types[AnnounceType.CROSS], say.cross),
        (types[AnnounceType.REPLACE] + types[AnnounceType.REPLACE_CROSS], say.revised),
    )
    parts = words.comma.join(name(number) for number, name in apart if number)
    return say.papers(len(matches)) + words.colon + parts


def _coverage(digest: Digest, zone: tzinfo, words: Wording) -> tuple[Span, ...]:
    days = [words.weekday_date(day) for day in sorted(digest.days)]
    told = tuple(digest.days) == (digest.local_date,) or _gathers(digest)
    return dotted(
        [
            words.say.scanned(digest.scanned) if digest.scanned else "",
            ", ".join(digest.categories),
            words.say.announced.format(date=words.join(days)) if days and not told else "",
            words.say.next_digest.format(when=words.moment_of(digest.next_at, zone))
            if digest.next_at
            else "",
        ]
    )


def _papers(digest: Digest, words: Wording, start: int) -> list[Block]:
    """The papers with a line each, then the titles of further matches; what was told later comes after."""
    blocks: list[Block] = []
    for items, further in digest.parts:
        lines = tuple(_line(item, digest, words) for item in items)
        blocks += [Bullets(lines, ordered=True, start=start)] if lines else []
        blocks += _more_titles(further, words, start + len(lines))
        start += len(items) + len(further)
    return blocks


def _line(item: DigestItem, digest: Digest, words: Wording) -> tuple[Span, ...]:
    """Title, facts and the tl;dr of one paper."""
    announcement = item.match.announcement
    facts = _facts(item.match, digest, words)
    line: list[Span] = [Link(title(announcement.paper), announcement.paper.id.abs_url), Text("\n"), *facts]
    analysis = item.analysis
    lead = (*analysis.of(ClaimSection.TLDR), *analysis.of(ClaimSection.OVERVIEW)) if analysis else ()
    told = [claim for claim in lead if claim.verified]  # a headline is no place for a claim in doubt
    if analysis and told:
        line += [Text("\n"), *claim_spans(told[0], analysis.paper, words, limit=_LINE)]
    return tuple(line)


def _facts(match: Match, digest: Digest, words: Wording) -> tuple[Span, ...]:
    announcement = match.announcement
    dated = _gathers(digest) or (len(digest.days) > 1 and is_late(announcement.day, digest))
    return dotted(
        [
            words.labels.types[announcement.type],
            words.short(announcement.day) if dated else "",
            phrases(match.hits),
            announcement.paper.primary_category or "",
            (identifier(announcement.paper.id),),
        ]
    )


def _more_titles(further: Sequence[Match], words: Wording, start: int) -> list[Block]:
    if not further:
        return []
    shown = further[:TITLES]
    lines = tuple(_title_line(match, words) for match in shown)
    blocks: list[Block] = [
        Para((Bold(words.say.more_matched(len(further))),)),
        Bullets(lines, ordered=True, start=start),
    ]
    rest = len(further) - len(shown)
    if rest:
        blocks.append(context(words.say.and_more(rest)))
        blocks.append(Buttons((Button(words.labels.show_all, command="more"),)))
    return blocks


def _title_line(match: Match, words: Wording) -> tuple[Span, ...]:
    announcement = match.announcement
    facts: Sequence[Span] = dotted(
        [
            words.labels.types[announcement.type],
            phrases(match.hits),
            (identifier(announcement.paper.id),),
        ]
    )
    return (Link(title(announcement.paper), announcement.paper.id.abs_url), Text(" · "), *facts)


def _summary(heading: str, digest: Digest) -> str:
    """One plain line for a notification: the heading and the first titles."""
    titles = "; ".join(title(item.match.announcement.paper) for item in digest.items[:3])
    return f"{heading} · {titles}"[:300] if titles else heading
