"""RSS and Atom bytes as feedparser's entries, and one entry as a `Paper`: shared by `feed` and `api`."""

from __future__ import annotations

import io
import re
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.arxiv.names import plain, split_authors
from digest.errors import InvalidFeed, InvalidIdentifier
from digest.model import ArxivId, Paper

WORKING_EXAMPLE = "A file that works is one saved from https://rss.arxiv.org/rss/cs.CV."
_MOST_BYTES = 128 * 2**20
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?")
_PREFIX = re.compile(
    r"^\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[a-z-]+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_LABEL = re.compile(r"^\s*(?:Title|Abstract):\s+")
_OLD_TITLE_END = re.compile(r"\s*\(arXiv:\S+(?: \[[^\]]+\])?(?: UPDATED)?\)\s*$")  # feeds before 2024
_END_TAG = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)
_HARMLESS = {"CharacterEncodingOverride", "NonXMLContentType", "NoneType"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """What feedparser read: the channel, its entries, and a sentence if the XML was broken but whole.

    Plain dicts: feedparser's own look up each key three times and make up missing dates, with a warning.
    """

    channel: dict[str, Any]
    entries: Sequence[dict[str, Any]]
    problem: str = ""


def read_entries(body: bytes) -> RawFeed:
    """Parse RSS 2.0, RSS 1.0 or Atom in any encoding, gzipped or not.

    Raises `InvalidFeed` naming what the bytes are instead, or that they are cut off.
    """
    body = _unpacked(body)
    parsed = _parsed(body)
    if not parsed.get("version") and not parsed.entries:
        raise InvalidFeed(f"{_kind(body)}, not an arXiv feed. {WORKING_EXAMPLE}")
    is_broken = parsed.bozo and type(parsed.get("bozo_exception")).__name__ not in _HARMLESS
    number = len(parsed.entries)
    if is_broken and not _END_TAG.search(body[-8192:].replace(b"\x00", b"").rstrip()):
        raise InvalidFeed(
            f"The feed is cut off: its XML stops in the middle, after {number} "
            f"{'entry' if number == 1 else 'entries'}. Fetch it again."
        )
    problem = "The feed's XML is broken; what could be read of it was used." if is_broken else ""
    entries = [_plain(each) for each in parsed.entries]
    return RawFeed(channel=_plain(parsed.feed), entries=entries, problem=problem)


def paper(entry: dict[str, Any]) -> Paper | None:
    """The paper in an entry; None when it names none. `submitted` is set for API answers only."""
    summary = entry.get("summary", "")
    prefix = _PREFIX.match(summary)
    identifier = _identifier(entry.get("id", ""), prefix["id"] if prefix else "", entry.get("link", ""))
    if identifier is None:
        return None
    return Paper(
        id=identifier,
        title=plain(_OLD_TITLE_END.sub("", _LABEL.sub("", entry.get("title", "")))) or str(identifier),
        abstract=plain(_LABEL.sub("", summary[prefix.end() :] if prefix else summary)),
        authors=_authors(entry),
        categories=_categories(entry),
        comment=plain(entry.get("arxiv_comment", "")) or None,
        journal_ref=plain(entry.get("arxiv_journal_reference") or entry.get("arxiv_journal_ref") or "")
        or None,
        doi=(entry.get("arxiv_doi") or "").strip() or None,
        licence=(entry.get("rights") or "").strip() or None,
    )


def announce_type(entry: dict[str, Any]) -> str:
    """The announce type as the entry words it, in its own field or in its description; else ""."""
    prefix = _PREFIX.match(entry.get("summary", ""))
    declared = entry.get("arxiv_announce_type") or (prefix["type"] if prefix else "")
    return str(declared).strip().lower()


def moment(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's UTC time tuple as an aware datetime; None for none and for impossible dates."""
    if not parsed or not 1900 < parsed.tm_year < 3000:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:  # a leap second
        return datetime(*parsed[:5], tzinfo=UTC)


def is_category(text: str) -> bool:
    """Whether the text has the form of an archive or category: hep-th, cs.CV, physics.bio-ph."""
    return _CATEGORY.fullmatch(text) is not None


def shown(text: str, limit: int = 80) -> str:
    """Text from outside on one printable line, cut to be quoted in a message."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def page_title(body: bytes) -> str:
    """(“What its title says”), with the leading blank, for an HTML page that stands where it should not."""
    for tag in (rb"title", rb"h1"):
        found = re.search(rb"<%b[^>]*>([^<]*\w[^<]*)</%b>" % (tag, tag), body[:65536], re.IGNORECASE)
        if found:
            return f" (“{shown(found[1].decode('utf-8', 'replace'))}”)"
    return ""


def _parsed(body: bytes) -> Any:
    """feedparser's result."""
    import feedparser

    try:
        # As HTML, abstracts would lose "<" and turn "AT&T" into "AT&amp;T".
        return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError) as error:
        # feedparser lets out whatever it stumbles over in broken bytes.
        raise InvalidFeed(f"{_kind(body)} that cannot be read as a feed. {WORKING_EXAMPLE}") from error


def _plain(part: Any) -> dict[str, Any]:
    """A plain dict of what is there: feedparser gives None for some empty elements."""
    return {key: value for key, value in dict(part).items() if value is not None}


def _identifier(*spellings: str) -> ArxivId | None:
    """The first spelling that is an identifier, with a version if a later one of the same paper has it."""
    found: ArxivId | None = None
    for text in spellings:
        try:
            identifier = ArxivId.parse(text, any_site=True)
        except InvalidIdentifier:
            continue
        if found is None or (found.version is None and identifier.id == found.id):
            found = identifier
    return found


def _authors(entry: dict[str, Any]) -> tuple[str, ...]:
    """Names from one comma-joined dc:creator, or from one element per author."""
    names = [author.get("name") or "" for author in entry.get("authors", ())]
    if len(names) > 1:
        return tuple(name for each in names for name in split_authors(each))
    # feedparser takes e-mail addresses out of `authors`, but not out of `author`.
    return split_authors(entry.get("author", ""))


def _categories(entry: dict[str, Any]) -> tuple[str, ...]:
    """Categories, the primary first; MSC and ACM classes are left out."""
    primary = entry.get("arxiv_primary_category")
    terms = (
        (primary.get("term") or "") if isinstance(primary, dict) else "",
        *(tag.get("term") or "" for tag in entry.get("tags", ())),
    )
    return tuple(dict.fromkeys(term for term in map(str.strip, terms) if is_category(term)))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, _MOST_BYTES)
    except zlib.error as error:
        raise InvalidFeed(f"The gzip file cannot be unpacked: {error}. {WORKING_EXAMPLE}") from error
    if not unpacker.eof:
        raise InvalidFeed(f"The gzip file is cut off or unpacks to over 128 MiB. {WORKING_EXAMPLE}")
    return unpacked


def _kind(body: bytes) -> str:
    start = body[:2048].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    lowered = start.lower()
    if not start:
        return "This is empty"
    if lowered.startswith(b"%pdf-"):
        return "This is a PDF"
    if any(tag in lowered for tag in (b"<!doctype html", b"<html", b"<body", b"<head>")):
        return f"This is a web page{page_title(body)}"
    if start.startswith((b"{", b"[")):
        return "This is JSON"
    if start.startswith(b"<"):
        return "This is XML without a feed in it"
    return f"This is text or binary data (“{shown(start[:40].decode('utf-8', 'replace'))}”)"
