"""arXiv's daily feeds, RSS 2.0 and Atom, as announcements.

The forms are those of https://info.arxiv.org/help/rss_specifications.html; a saved answer of the export API
is read too. feedparser takes 0.3 s for 1,000 entries: call `parse_feed` in a thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from digest.arxiv.calendar import announcement_day
from digest.arxiv.entries import (
    WORKING_EXAMPLE,
    RawFeed,
    announce_type,
    is_category,
    moment,
    paper,
    read_entries,
    shown,
)
from digest.errors import InvalidFeed
from digest.model import Announcement, AnnounceType, ArxivId, Paper

MOST_ENTRIES = 2000  # arXiv cuts a feed here, and loses new papers first
_TITLE_END = re.compile(r"\s+updates on arXiv\.org\s*$", re.IGNORECASE)
_FEED_ERROR = re.compile(r"^\s*Feed error for query:?\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"/(?:rss|atom)/([A-Za-z.+-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed as it was read.

    `categories` are those it was asked for, empty when it does not say. `day` is the date it bears, in New
    York: the day it was rendered on, which proves nothing about its entries. `problem` is a sentence
    when a part of it could not be read.
    """

    categories: tuple[str, ...]
    announcements: tuple[Announcement, ...]
    day: date | None = None
    problem: str = ""

    @property
    def category(self) -> str:
        """The categories as arXiv writes them: "cs.CV" or "cs.CV+cs.RO"."""
        return "+".join(self.categories)

    @property
    def ids(self) -> frozenset[str]:
        """The bare ids of its papers."""
        return frozenset(each.paper.id.id for each in self.announcements)


def parse_feed(body: bytes, *, category: str = "") -> Feed:
    """Read an RSS or Atom feed, or an API answer, in any encoding, gzipped or not.

    `category` tells new papers from cross-lists where neither the entries nor the feed's title do.
    Raises `InvalidFeed` with a sentence that names what the bytes are instead, or arXiv's own reason.
    """
    raw = read_entries(body)
    refuse_error(raw)
    categories = _asked(raw.channel)
    day = _day(raw.channel.get("published_parsed") or raw.channel.get("updated_parsed"))
    is_api_answer = "opensearch_totalresults" in raw.channel
    announcements = tuple(
        _announced(
            entry,
            found,
            categories or ((category,) if category else ()),
            None if is_api_answer else day,
            is_api_answer,
        )
        for entry in raw.entries
        if (found := paper(entry))
    )
    if raw.entries and not announcements:
        title = shown(raw.channel.get("title", ""))
        raise InvalidFeed(
            f"The feed “{title}” is not arXiv's: none of its {len(raw.entries)} entries names a paper. "
            f"{WORKING_EXAMPLE}"
        )
    skipped = len(raw.entries) - len(announcements)
    return Feed(
        categories=categories,
        announcements=announcements,
        day=day,
        problem=f"{skipped} of {len(raw.entries)} entries name no arXiv paper." if skipped else raw.problem,
    )


def refuse_error(raw: RawFeed) -> None:
    """Raise `InvalidFeed` with arXiv's reason if this is an error in the form of a feed."""
    title = raw.channel.get("title", "")
    if _FEED_ERROR.match(title):
        reason = shown(raw.channel.get("subtitle", ""), 160).rstrip(".") or "it gave no reason"
        raise InvalidFeed(f"arXiv has no feed for “{shown(_FEED_ERROR.sub('', title))}”: {reason}.")
    first = raw.entries[0] if raw.entries else {}
    if "/api/errors" in first.get("id", ""):
        raise InvalidFeed(f"arXiv refused the query: {shown(first.get('summary', ''), 160).rstrip('.')}.")


def belonging_to(announcements: Iterable[Announcement], category: str, day: date) -> tuple[Announcement, ...]:
    """The announcements as those of the category and day that they are known to belong to."""
    return tuple(replace(each, day=day, listed_in=(category,)) for each in announcements)


def _asked(channel: dict[str, Any]) -> tuple[str, ...]:
    """The categories in "cs.AI + cs.CV updates on arXiv.org", or in the feed's own address."""
    title = channel.get("title", "")
    asked = _TITLE_END.sub("", title)
    if asked == title:
        address = _ADDRESS.search(f"{channel.get('link', '')} {channel.get('id', '')}")
        asked = address[1] if address else ""
    names = (name.strip() for name in re.split(r"[+,]", asked))
    return tuple(dict.fromkeys(name for name in names if is_category(name)))


def _announced(
    entry: dict[str, Any], found: Paper, asked: Sequence[str], feed_day: date | None, is_api_answer: bool
) -> Announcement:
    published = moment(entry.get("published_parsed"))
    latest = moment(entry.get("updated_parsed")) or published
    if is_api_answer:
        found = replace(found, submitted=published.date() if published else None)
    return Announcement(
        paper=found,
        type=_type(announce_type(entry), found, asked),
        day=_in_new_york(latest if is_api_answer else published or latest) or feed_day or _month(found.id),
        listed_in=tuple(asked),
    )


def _type(declared: str, found: Paper, asked: Sequence[str]) -> AnnounceType:
    """The declared type; without one, judged by the version and by the primary category."""
    try:
        return AnnounceType(declared)
    except ValueError:
        pass
    is_listed_elsewhere = bool(asked and found.categories) and found.primary_category not in asked
    if found.id.version and found.id.version > 1:
        return AnnounceType.REPLACE_CROSS if is_listed_elsewhere else AnnounceType.REPLACE
    return AnnounceType.CROSS if is_listed_elsewhere else AnnounceType.NEW


def _day(parsed: Any) -> date | None:
    return _in_new_york(moment(parsed))


def _in_new_york(at: datetime | None) -> date | None:
    return announcement_day(at) if at else None


def _month(identifier: ArxivId) -> date:
    """The first day of the month in the identifier: the best guess for an entry without any date."""
    number = identifier.id.rpartition("/")[2]
    year = int(number[:2])
    return date(year + (1900 if year > 90 else 2000), int(number[2:4]), 1)
