"""Announcements in the HTML forms of arXiv: the listing of new papers, catch-up, abstract and error pages.

Only what a reader of the page's text and classes can see is kept; arXiv's chrome is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from math import ceil

from digest.model import Announcement, AnnounceType, Paper

_SECTIONS = (
    ("New", (AnnounceType.NEW,)),
    ("Cross", (AnnounceType.CROSS,)),
    ("Replacement", (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)),
)
_NAMES: Mapping[str, str] = {
    "cs.AI": "Artificial Intelligence",
    "cs.CL": "Computation and Language",
    "cs.CV": "Computer Vision and Pattern Recognition",
    "cs.LG": "Machine Learning",
    "cs.RO": "Robotics",
}
_AUTHORS_SHOWN = 100


def new_page(
    category: str, announcements: Sequence[Announcement], *, day: date, skip: int = 0, show: int = 2000
) -> str:
    """/list/{category}/new of a mailing."""
    ordered = _page_order(announcements)
    heading = f"Showing new listings for {day:%A}, {day.day} {day:%B} {day.year}"
    paging = f"<div class='paging'>Total of {len(ordered)} entries </div>" if ordered else ""
    sections = _sections(ordered, skip, show, with_abstracts=True) or "<p>No updates today.</p>"
    return _page(f"<h1>{_name(category)}</h1><h3>{heading}</h3>{paging}{sections}{paging}")


def catchup_page(
    category: str,
    announcements: Sequence[Announcement],
    *,
    day: date,
    next_day: date | None,
    with_abstracts: bool = True,
    number: int = 1,
    size: int = 2000,
) -> str:
    """/catchup/{category}/{day}, page `number` from 1."""
    ordered = _page_order(announcements)
    printed = f"{day:%a}, {day:%d} {day:%b} {day.year}"
    forward = ""
    if next_day:
        address = f"/catchup/{category}/{next_day.isoformat()}?abs={with_abstracts}&amp;page=1"
        forward = f'<a href="{address}">Continue to the next day</a><br>'
    links = _page_links(category, day, len(ordered), number, size)
    total = f"Total of {len(ordered)} entries for {printed} {links}"
    sections = _sections(ordered, (number - 1) * size, size, with_abstracts)
    if not ordered:
        sections = (
            f"<p>No updates for {printed}. There was either no announcement for this day, "
            "or no updates within the requested subject.</p>"
        )
    elif not sections:
        sections = f"<div>No further updates for {printed}</div>"
    title = f"<h1>Catchup results for {_name(category)} on {printed}</h1>"
    return _page(f"{title}<div>{forward}{total}</div>{sections}<div>{total}{forward}</div>")


def abs_page(paper: Paper) -> str:
    """/abs/{id}, with the fields that carry metadata."""
    day = paper.submitted
    submitted = f"Submitted on {day.day} {day:%b} {day.year} (" if day else "("
    authors = ", ".join(f"<a>{escape(name)}</a>" for name in paper.authors)
    comments = f'<td class="tablecell comments mathjax">{escape(paper.comment)}</td>' if paper.comment else ""
    fields = (
        f'<div class="dateline">[{submitted}this version, v{paper.id.version or 1})]</div>',
        f'<h1 class="title mathjax"><span class="descriptor">Title:</span>{escape(paper.title)}</h1>',
        f'<div class="authors"><span class="descriptor">Authors:</span>{authors}</div>',
        '<blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>',
        f"{escape(paper.abstract)}</blockquote>",
        f'<table><tr>{comments}<td class="tablecell subjects">{_subjects(paper)}</td></tr></table>',
    )
    return _document(f'<div id="abs">{"".join(fields)}</div>', title=f"[{paper.id}] {paper.title}")


def error_page(message: str) -> str:
    """The page of a refused request: its heading is the reason."""
    return _document(f'<div id="content"><h1>{escape(message)}</h1></div>', title=message)


def _page_order(announcements: Sequence[Announcement]) -> list[Announcement]:
    kinds = [kind for _, kinds in _SECTIONS for kind in kinds]
    merged = {AnnounceType.REPLACE_CROSS: AnnounceType.REPLACE}
    return sorted(announcements, key=lambda a: (kinds.index(merged.get(a.type, a.type)), a.paper.id.id))


def _sections(ordered: Sequence[Announcement], skip: int, show: int, with_abstracts: bool) -> str:
    """The part of each section that falls into a page, under a heading that says so."""
    html = []
    start = 0
    for name, kinds in _SECTIONS:
        section = [each for each in ordered if each.type in kinds]
        first, last = max(skip - start, 0), min(skip + show - start, len(section))
        if first < last:
            heading = f"{name} submissions ({_showing(first, last, len(section))})"
            entries = "".join(
                _entry(each, start + number + 1, with_abstracts)
                for number, each in enumerate(section[first:last], first)
            )
            html.append(f"<dl id='articles'><h3>{heading}</h3>{entries}</dl>")
        start += len(section)
    return "".join(html)


def _showing(first: int, last: int, declared: int) -> str:
    number = last - first
    if first and last == declared:
        return f"continued, showing last {number} of {declared} entries"
    if first:
        return f"continued, showing {number} of {declared} entries"
    if last < declared:
        return f"showing first {number} of {declared} entries"
    return f"showing {number} of {declared} entries"


def _entry(announced: Announcement, number: int, with_abstracts: bool) -> str:
    paper = announced.paper
    bare = escape(paper.id.id)
    remark = {AnnounceType.NEW: "", AnnounceType.CROSS: f"(cross-list from {paper.primary_category})"}
    html_link = (
        f'[<a href="https://arxiv.org/html/{bare}v{paper.id.version}" title="View HTML">html</a>]'
        if paper.id.version
        else ""
    )
    authors = ", ".join(f'<a href="#">{escape(name)}</a>' for name in paper.authors[:_AUTHORS_SHOWN])
    fields = [
        f"<div class='list-title mathjax'><span class='descriptor'>Title:</span> {escape(paper.title)}</div>",
        f"<div class='list-authors'>{authors or '(author list is unavailable)'}</div>",
    ]
    for label, css, text in (
        ("Comments:", "list-comments mathjax", paper.comment),
        ("Journal-ref:", "list-journal-ref", paper.journal_ref),
    ):
        if text:
            fields.append(f"<div class='{css}'><span class='descriptor'>{label}</span> {escape(text)}</div>")
    fields.append(
        f"<div class='list-subjects'><span class='descriptor'>Subjects:</span> {_subjects(paper)}</div>"
    )
    if with_abstracts:
        fields.append(f"<p class='mathjax'>{escape(paper.abstract)}</p>")
    return (
        f'<dt><a name=\'item{number}\'>[{number}]</a> <a href ="/abs/{bare}" title="Abstract" id="{bare}">'
        f"arXiv:{bare}</a> {remark.get(announced.type, '(replaced)')} {html_link}</dt>"
        f"<dd><div class='meta'>{''.join(fields)}</div></dd>"
    )


def _subjects(paper: Paper) -> str:
    subjects = [f"{_name(code)} ({escape(code)})" for code in paper.categories]
    if subjects:
        subjects[0] = f'<span class="primary-subject">{subjects[0]}</span>'
    return "; ".join(subjects)


def _page_links(category: str, day: date, total: int, number: int, size: int) -> str:
    if total <= size:
        return ""
    pages = ceil(total / size)
    links = (
        f"<span>{n}</span>"
        if n == number
        else f"<a href=/catchup/{category}/{day.isoformat()}?abs=True&amp;page={n}>{n}</a>"
        for n in range(1, pages + 1)
    )
    return f"View page: {' '.join(links)}"


def _name(code: str) -> str:
    return escape(_NAMES.get(code, code))


def _page(content: str) -> str:
    return _document(f"<div id='content-inner'><div id='dlpage'>{content}</div></div>")


def _document(content: str, title: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{escape(title)}</title></head>'
        f"<body><main>{content}</main></body></html>"
    )
