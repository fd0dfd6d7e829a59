"""From values to messages: what a digest, a paper and an explanation look like, on any platform.

All functions are pure and give a `Document`; platforms render it.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.compose.answer import answered
from digest.compose.notices import notices, state_sentence
from digest.compose.paper import (
    actions,
    explanation,
    explanation_in_thread,
    paper_reply,
    revision_note,
)
from digest.compose.parent import late_arrivals, more, parent
from digest.document import Document
from digest.model import ArxivId, Digest, DigestItem

__all__ = [
    "Messages",
    "Reply",
    "actions",
    "answered",
    "compose",
    "explanation",
    "explanation_in_thread",
    "late_arrivals",
    "more",
    "notices",
    "paper_reply",
    "parent",
    "revision_note",
    "state_sentence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One paper's message in a digest's thread."""

    paper: ArxivId
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """A digest as it is sent: the parent, then its replies in order."""

    parent: Document
    replies: tuple[Reply, ...] = ()


def compose(digest: Digest, *, timezone: str = "UTC", threads: bool = True, start: int = 1) -> Messages:
    """The messages of a digest, times in the channel's time zone; without `threads` the parent only.

    `start` is the first paper's number, larger than 1 where an earlier part of the digest was told already.
    """
    replies = tuple(
        Reply(
            paper=item.match.announcement.paper.id,
            document=paper_reply(item, number=number, language=digest.language),
        )
        for number, item in digest.numbered(start=start)
        if threads and isinstance(item, DigestItem)
    )
    return Messages(parent=parent(digest, timezone=timezone), replies=replies)
