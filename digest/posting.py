"""From a digest to the rows of the outbox: which messages, in which order, in whose thread."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from digest.channel import Channel, Delivery, Mode
from digest.compose import compose, late_arrivals, more, revision_note
from digest.compose.parent import TITLES
from digest.document import Document
from digest.model import ArxivId, Digest, DigestItem, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A new version of a paper that the channel was told of; `thread` is the key of the message that told."""

    match: Match
    thread: str


def deliveries(
    channel: Channel, news: Digest, /, *, before: Digest | None, revisions: Sequence[Revision] = ()
) -> tuple[Delivery, ...]:
    """The messages that tell `news`; `before` is what the same digest has told already.

    A digest without papers is not told where the channel wants no word of empty days.
    Keys: "<channel>/<local date>/digest" for the parent, ".../paper/<identifier>" for each paper and for the
    notes on `revisions`, ".../more" for the titles beyond the cap, ".../late/<n>" for what introduces late
    papers.
    """
    root = f"{channel.key}/{news.local_date}"
    told = 0 if before is None else len(before.matches)
    start = 0 if before is None else told + 1
    messages = (
        *((name, f"{root}/digest", document) for name, document in _messages(channel, news, before, told)),
        *((f"paper/{_paper(each)}", each.thread, _note(each, news)) for each in revisions),
    )
    return tuple(
        Delivery(
            key=f"{root}/{name}",
            channel=channel.key,
            position=start + number,
            document=document,
            parent_key=None if name == "digest" else thread,
        )
        for number, (name, thread, document) in enumerate(messages)
    )


def day_of(key: str) -> date | None:
    """The local date in the key of a delivery that belongs to a digest; None for any other message's."""
    named = re.search(r"/(\d{4}-\d{2}-\d{2})/(?:digest|paper|renewed|more|late)\b", key)
    return date.fromisoformat(named[1]) if named else None


def _messages(
    channel: Channel, news: Digest, before: Digest | None, told: int
) -> Iterator[tuple[str, Document]]:
    if not news.matches and (before is not None or not channel.tells_empty_days):
        return
    first = told + 1
    threads = channel.mode is not Mode.COMPACT
    messages = compose(news, timezone=channel.timezone, threads=threads, start=first)
    if before is None:
        yield "digest", messages.parent
    else:
        yield f"late/{told}", late_arrivals(news, timezone=channel.timezone, start=first)
    for reply in messages.replies:
        yield f"paper/{reply.paper}", reply.document
    if len(news.more) > TITLES:
        yield f"more/{told}" if told else "more", more(news, start=first)


def _paper(revision: Revision) -> ArxivId:
    return revision.match.announcement.paper.id


def _note(revision: Revision, news: Digest) -> Document:
    return revision_note(DigestItem(match=revision.match), language=news.language)


def renewals(channel: Channel, digest: Digest, papers: Collection[ArxivId], /) -> tuple[Delivery, ...]:
    """The replies that bring the analyses of papers whose first ones were stand-ins."""
    root = f"{channel.key}/{digest.local_date}"
    messages = compose(digest, timezone=channel.timezone, threads=channel.mode is not Mode.COMPACT)
    return tuple(
        Delivery(
            key=f"{root}/renewed/{reply.paper}",
            channel=channel.key,
            position=len(digest.matches) + number,
            document=reply.document,
            parent_key=f"{root}/digest",
        )
        for number, reply in enumerate(messages.replies, 1)
        if reply.paper in papers
    )
