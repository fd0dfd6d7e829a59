"""arXiv's listing pages as announcements: /list/X/new, /list/X/recent and pastweek, and /catchup/X/DATE.

The forms are those of arXiv's own templates (github.com/arXiv/arxiv-browse, read in 2026). A page says how
many entries it should have; `Listing.declared` and `Listing.is_whole` let the caller hold it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.arxiv.entries import page_title, shown
from digest.arxiv.markup import field_of, printed_date, subjects_of, text_of
from digest.arxiv.names import plain, split_authors
from digest.errors import InvalidFeed, InvalidIdentifier
from digest.model import Announcement, AnnounceType, ArxivId, Paper

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

AUTHORS_SHOWN = 100  # a page cuts longer author lists here without a mark
_SECTION = re.compile(
    r"^(?P<name>New|Cross|Replacement) submissions? \((?P<continued>continued, )?"
    r"showing (?:first |last )?(?P<shown>\d+) of (?P<declared>\d+) entries\s*\)$"
)
_DAY_SECTION = re.compile(
    r"^(?P<day>\w{3}, \d{1,2} \w{3} \d{4})"
    r"(?: \((?P<continued>continued, )?showing (?:first |last )?(?P<shown>\d+) of (?P<declared>\d+) entries"
    r"\s*\))?$"
)
_NEW_HEADING = re.compile(r"Showing new listings for \w+, (\d{1,2} \w+ \d{4})")
_CATCHUP_HEADING = re.compile(r"Catchup results for (?P<subject>.+) on (?P<day>\w{3}, \d{1,2} \w{3} \d{4})")
_TOTAL = re.compile(r"Total of (\d+) entries")
_NEXT_DAY = re.compile(r"/catchup/[^/]+/(\d{4}-\d{2}-\d{2})")
_PAGES = re.compile(r"View page: ((?:\d+\s?)+)")
_HTML_VERSION = re.compile(r"/html/\S+?v(\d+)$")
_NO_AUTHORS = "(author list is unavailable)"
_TYPES = {"New": AnnounceType.NEW, "Cross": AnnounceType.CROSS, "Replacement": AnnounceType.REPLACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of a page: what it says it shows here (`shown`) and has in all (`declared`), and what came.

    `type` is None on pages that part by day instead (`day`).
    """

    type: AnnounceType | None = None
    day: date | None = None
    shown: int
    declared: int
    is_continued: bool = False
    announcements: tuple[Announcement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page. `day` is None on pages of several days.

    `total` is the number of entries of all pages together. `next_day` is the next mailing after a
    catch-up page's day: without it the day may not have been mailed yet. `pages` is the last page
    number a catch-up page links to.
    """

    day: date | None
    sections: tuple[Section, ...]
    total: int
    next_day: date | None = None
    pages: int = 1
    past_the_end: bool = False

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        return tuple(each for section in self.sections for each in section.announcements)

    @property
    def shown(self) -> int:
        """Entries that the page says it shows."""
        return sum(section.shown for section in self.sections)

    @property
    def declared(self) -> tuple[tuple[AnnounceType, int], ...]:
        """Entries per section in the whole day, as the page's headings say."""
        return tuple((section.type, section.declared) for section in self.sections if section.type)

    @property
    def is_whole(self) -> bool:
        """Whether every heading's promise for this page was kept."""
        return all(len(section.announcements) == section.shown for section in self.sections)


def parse_listing(body: bytes, category: str, *, day: date | None = None) -> Listing:
    """Read a listing page of a category or archive, as asked of arXiv; `day` is for a page without a date.

    Raises `InvalidFeed` with arXiv's own words for an error page, or naming what the bytes are instead.
    """
    from selectolax.lexbor import LexborHTMLParser  # 2 MB that a process waiting for the day does without

    tree = LexborHTMLParser(body)
    heading = text_of(tree.css_first("#dlpage h1"))
    printed, is_several_days = _dated(tree, heading)
    day = printed or day
    sections = tuple(_sections(tree, category, day))
    text = text_of(tree.css_first("#dlpage")) or text_of(tree.body)
    if printed is None and not is_several_days and not sections:
        raise InvalidFeed(_refusal(tree, body))
    total = _TOTAL.search(text)
    return Listing(
        day=day,
        sections=sections,
        total=int(total[1]) if total else sum(section.declared for section in sections),
        next_day=_next_day(tree),
        pages=_pages(text),
        past_the_end="No further updates for" in text or bool(total and int(total[1]) and not sections),
    )


def _dated(tree: LexborHTMLParser, heading: str) -> tuple[date | None, bool]:
    """The one day of the page, and whether it is a page of several days."""
    if catchup := _CATCHUP_HEADING.search(heading):
        return printed_date(catchup["day"]), False
    for node in tree.css("h3"):
        if found := _NEW_HEADING.search(text_of(node)):
            return printed_date(found[1]), False
    return None, any("recent submissions" in text_of(node) for node in tree.css("#dlpage h2"))


def _sections(tree: LexborHTMLParser, category: str, day: date | None) -> Iterator[Section]:
    """Sections in page order: headings, terms and definitions are siblings, read as one stream."""
    heading: Section | None = None
    entries: list[Announcement] = []
    nodes = [*tree.css("h3, dt, dd"), None]
    for node, following in pairwise(nodes):
        assert node is not None  # only the sentinel at the end is None
        if node.tag == "h3":
            if heading:
                yield _filled(heading, entries)
            heading, entries = _heading(text_of(node)), []
        elif node.tag == "dt" and heading:
            detail = following if following is not None and following.tag == "dd" else None
            entry_day = heading.day or day
            announced = entry_day and _announcement(node, detail, heading.type, category, entry_day)
            if announced:
                entries.append(announced)
    if heading:
        yield _filled(heading, entries)


def _filled(heading: Section, entries: Iterable[Announcement]) -> Section:
    return Section(
        type=heading.type,
        day=heading.day,
        shown=heading.shown,
        declared=heading.declared,
        is_continued=heading.is_continued,
        announcements=tuple(entries),
    )


def _heading(text: str) -> Section | None:
    if found := _SECTION.match(text):
        kind, day = _TYPES[found["name"]], None
    elif found := _DAY_SECTION.match(text):
        kind, day = None, printed_date(found["day"])
    else:
        return None
    return Section(
        type=kind,
        day=day,
        shown=int(found["shown"] or 0),
        declared=int(found["declared"] or 0),
        is_continued=bool(found["continued"]),
    )


def _announcement(
    term: LexborNode, detail: LexborNode | None, section: AnnounceType | None, category: str, day: date
) -> Announcement | None:
    identifier = _identifier(term, section)
    if identifier is None:
        return None
    categories = subjects_of(detail, ".list-subjects")
    return Announcement(
        paper=Paper(
            id=identifier,
            title=field_of(detail, ".list-title") or str(identifier),
            abstract=field_of(detail, "p.mathjax"),
            authors=_authors(detail),
            categories=categories,
            comment=field_of(detail, ".list-comments") or None,
            journal_ref=field_of(detail, ".list-journal-ref") or None,
        ),
        type=_type(section, categories, category),
        day=day,
        listed_in=(category,),
    )


def _identifier(term: LexborNode, section: AnnounceType | None) -> ArxivId | None:
    """The id of the entry. Its version stands only in the HTML link; a new paper has version 1."""
    link = term.css_first("a[title=Abstract]")
    if link is None:
        return None
    try:
        address = link.attributes.get("href") or link.attributes.get("id") or ""
        identifier = ArxivId.parse(address, any_site=True)
    except InvalidIdentifier:
        return None
    if section is AnnounceType.NEW:
        return ArxivId(identifier.id, 1)
    html = term.css_first('a[title="View HTML"]')
    version = _HTML_VERSION.search((html.attributes.get("href") or "") if html else "")
    return ArxivId(identifier.id, int(version[1])) if version else identifier


def _type(section: AnnounceType | None, categories: tuple[str, ...], category: str) -> AnnounceType:
    """The section's type; a replacement, and any entry of a page without types, is judged by its primary.

    In an archive's listing (cs) every primary of that archive (cs.CV) is at home.
    """
    primary = categories[0] if categories else category
    is_at_home = primary == category or primary.startswith(f"{category}.")
    if section is AnnounceType.REPLACE:
        return AnnounceType.REPLACE if is_at_home else AnnounceType.REPLACE_CROSS
    if section is None:
        return AnnounceType.NEW if is_at_home else AnnounceType.CROSS
    return section


def _authors(detail: LexborNode | None) -> tuple[str, ...]:
    """Names, at most 100 as the page shows them (`AUTHORS_SHOWN`)."""
    authors = detail.css_first(".list-authors") if detail else None
    if authors is None or _NO_AUTHORS in authors.text():
        return ()
    names = tuple(plain(link.text()) for link in authors.css("a"))
    return names or split_authors(text_of(authors).removeprefix("Authors:"))


def _next_day(tree: LexborHTMLParser) -> date | None:
    for link in tree.css("a"):
        if text_of(link) == "Continue to the next day":
            found = _NEXT_DAY.search(link.attributes.get("href") or "")
            return date.fromisoformat(found[1]) if found else None
    return None


def _pages(text: str) -> int:
    numbers = _PAGES.search(text)
    return max(map(int, numbers[1].split())) if numbers else 1


def _refusal(tree: LexborHTMLParser, body: bytes) -> str:
    text = text_of(tree.body)
    words = text_of(tree.css_first("h1")) or (text if len(text) < 300 else "")
    if words and tree.css_first("#abs, #dlpage") is None:
        return f"arXiv answered “{shown(words, 160).rstrip('.')}”."
    return f"This is no arXiv listing page{page_title(body)}."
