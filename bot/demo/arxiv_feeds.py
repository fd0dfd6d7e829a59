"""Announcements in the XML forms of arXiv: RSS 2.0 and Atom feeds, feed errors and API answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from digest.arxiv.calendar import EASTERN
from digest.arxiv.feed import MOST_ENTRIES
from digest.model import Announcement, Paper

_ATOM = "http://www.w3.org/2005/Atom"
_ARXIV = "http://arxiv.org/schemas/atom"
_DC = "http://purl.org/dc/elements/1.1/"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
for _prefix, _space in (("arxiv", _ARXIV), ("dc", _DC), ("atom", _ATOM), ("opensearch", _OPENSEARCH)):
    ET.register_namespace(_prefix, _space)


def rss(category: str, announcements: Iterable[Announcement], *, day: date, built: datetime) -> bytes:
    """The RSS feed of a category, dated `day` whatever the announcements' own day."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    midnight = format_datetime(datetime.combine(day, time(), EASTERN))
    _add(channel, "title", f"{category} updates on arXiv.org")
    _add(channel, "link", f"http://rss.arxiv.org/rss/{category}")
    _add(channel, "description", f"{category} updates on the arXiv.org e-print archive.")
    _add(channel, "language", "en-us")
    _add(channel, "lastBuildDate", format_datetime(built.astimezone(UTC)))
    _add(channel, "pubDate", midnight)
    rest = ET.SubElement(channel, "skipDays")
    _add(rest, "day", "Saturday")
    _add(rest, "day", "Sunday")
    for announced in feed_order(announcements):
        paper = announced.paper
        item = ET.SubElement(channel, "item")
        _add(item, "title", paper.title)
        _add(item, "link", f"https://arxiv.org/abs/{paper.id.id}")
        _add(item, "description", _description(announced))
        _add(item, "guid", f"oai:arXiv.org:{_versioned(paper)}", isPermaLink="false")
        for term in paper.categories:
            _add(item, "category", term)
        _add(item, "pubDate", midnight)
        _add_extensions(item, announced)
    return _serialised(root)


def atom(category: str, announcements: Iterable[Announcement], *, day: date, built: datetime) -> bytes:
    """The Atom feed of a category, dated `day` whatever the announcements' own day."""
    root = ET.Element(f"{{{_ATOM}}}feed")
    rendered = built.astimezone(UTC).isoformat()
    _add(root, f"{{{_ATOM}}}id", f"http://rss.arxiv.org/atom/{category}")
    _add(root, f"{{{_ATOM}}}title", f"{category} updates on arXiv.org")
    _add(root, f"{{{_ATOM}}}updated", rendered)
    for announced in feed_order(announcements):
        paper = announced.paper
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _add(entry, f"{{{_ATOM}}}id", f"oai:arXiv.org:{_versioned(paper)}")
        _add(entry, f"{{{_ATOM}}}title", paper.title)
        _add(entry, f"{{{_ATOM}}}updated", rendered)
        _add(entry, f"{{{_ATOM}}}link", href=f"https://arxiv.org/abs/{paper.id.id}", rel="alternate")
        _add(entry, f"{{{_ATOM}}}summary", _description(announced))
        for term in paper.categories:
            _add(entry, f"{{{_ATOM}}}category", term=term)
        _add(entry, f"{{{_ATOM}}}published", datetime.combine(day, time(), EASTERN).isoformat())
        _add_extensions(entry, announced)
    return _serialised(root)


def feed_error(query: str, reason: str) -> bytes:
    """The feed that arXiv sends with HTTP 400."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", f"Feed error for query: {query}")
    _add(channel, "link", f"http://rss.arxiv.org/rss/{query}")
    _add(channel, "description", reason)
    return _serialised(root)


def api_answer(query: str, papers: Sequence[Paper]) -> bytes:
    """The export API's answer: an Atom feed with one entry per paper."""
    root = _api_root(f"arXiv Query: {query}", total=len(papers))
    for paper in papers:
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _add(entry, f"{{{_ATOM}}}id", f"http://arxiv.org/abs/{_versioned(paper)}")
        _add(entry, f"{{{_ATOM}}}title", paper.title)
        _add(entry, f"{{{_ATOM}}}summary", paper.abstract)
        for term in paper.categories:
            _add(entry, f"{{{_ATOM}}}category", term=term, scheme=_ARXIV)
        if paper.submitted:
            submitted = datetime.combine(paper.submitted, time(12), UTC).isoformat()
            _add(entry, f"{{{_ATOM}}}published", submitted)
        for tag, text in (("comment", paper.comment), ("journal_ref", paper.journal_ref), ("doi", paper.doi)):
            if text:
                _add(entry, f"{{{_ARXIV}}}{tag}", text)
        if paper.primary_category:
            _add(entry, f"{{{_ARXIV}}}primary_category", term=paper.primary_category)
        for name in paper.authors:
            _add(ET.SubElement(entry, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", name)
    return _serialised(root)


def api_error(reason: str) -> bytes:
    """The export API's answer to a query that it refuses, sent with HTTP 400."""
    root = _api_root("arXiv Search Results", total=1)
    entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
    _add(entry, f"{{{_ATOM}}}id", f"https://arxiv.org/api/errors#{'_'.join(reason.split())}")
    _add(entry, f"{{{_ATOM}}}title", "Error")
    _add(entry, f"{{{_ATOM}}}summary", reason)
    return _serialised(root)


def feed_order(announcements: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """As arXiv orders and cuts a feed: new papers first, ascending; beyond 2,000 the lowest new ids go."""
    weakest_first = sorted(
        announcements, key=lambda each: (each.type.strength, each.paper.id.id), reverse=True
    )
    return tuple(reversed(weakest_first[:MOST_ENTRIES]))


def _description(announced: Announcement) -> str:
    paper = announced.paper
    return f"arXiv:{_versioned(paper)} Announce Type: {announced.type} \nAbstract: {paper.abstract}"


def _add_extensions(parent: ET.Element, announced: Announcement) -> None:
    paper = announced.paper
    _add(parent, f"{{{_ARXIV}}}announce_type", announced.type)
    if paper.licence:
        _add(parent, f"{{{_DC}}}rights", paper.licence)
    _add(parent, f"{{{_DC}}}creator", ", ".join(paper.authors))
    if paper.doi:
        _add(parent, f"{{{_ARXIV}}}DOI", paper.doi)
    if paper.journal_ref:
        _add(parent, f"{{{_ARXIV}}}journal_reference", paper.journal_ref)


def _api_root(title: str, *, total: int) -> ET.Element:
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, f"{{{_ATOM}}}id", "https://arxiv.org/api/query")
    _add(root, f"{{{_ATOM}}}title", title)
    _add(root, f"{{{_OPENSEARCH}}}totalResults", str(total))
    _add(root, f"{{{_OPENSEARCH}}}startIndex", "0")
    return root


def _versioned(paper: Paper) -> str:
    return f"{paper.id.id}v{paper.id.version or 1}"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text or None


def _serialised(root: ET.Element) -> bytes:
    serialised: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return serialised
