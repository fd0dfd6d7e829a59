"""What stands on every page and belongs to none: running heads and feet, page and line numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from digest.reading.lines import Line, PageLines

_EDGE = 0.1  # the share of the page's height, at the top and at the bottom, where furniture stands
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—|\s]*(?:\d{1,5}|[ivxlc]{1,6})(?:\s*(?:/|of)\s*\d{1,5})?[-–—|\s]*$", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)


def without_furniture(pages: Sequence[PageLines], body: float) -> tuple[PageLines, ...]:
    """The pages without running heads and feet, page numbers and the line numbers of review copies.

    `body` is the size of the body text in points.
    """
    margins = {place for page in pages for place in _numbered_margins(page)}
    pages = [_without_line_numbers(page, margins) for page in pages]
    furniture = _repeated(pages) | _isolated(pages, body) | _page_numbers(pages) | _first_foot(pages, body)
    return tuple(_stripped(page, furniture) for page in pages)


def _stripped(page: PageLines, furniture: set[int]) -> PageLines:
    """The page without its furniture, unless that is all it has: then it is the text."""
    kept = tuple(line for line in page.lines if id(line) not in furniture)
    return replace(page, lines=kept) if kept else page


def _edge_lines(page: PageLines) -> Iterable[tuple[str, Line]]:
    for line in page.lines:
        if line.y1 < _EDGE * page.height:
            yield "top", line
        elif line.y0 > (1 - _EDGE) * page.height:
            yield "bottom", line


def _repeated(pages: Sequence[PageLines]) -> set[int]:
    """Lines at a page's edge whose text, numbers aside, comes again on other pages."""
    seen: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for page in pages:
        for edge, line in _edge_lines(page):
            seen[edge, _DIGITS.sub("#", line.text)].append(line)
    needed = 3 if len(pages) > 5 else 2
    common = [
        line for lines in seen.values() if len({each.page for each in lines}) >= needed for line in lines
    ]
    repeated = {id(line) for line in common}
    # A word that happens to begin several pages ("Linguistics.") has the next line of text right below.
    text = {page.number: [line for line in page.lines if id(line) not in repeated] for page in pages}
    return {id(line) for line in common if _stands_apart(line, text[line.page])}


def _isolated(pages: Sequence[PageLines], body: float) -> set[int]:
    """Edge lines that stand apart from the text at one height on most pages: heads that name the section.

    They are smaller than the text, slanted, in capitals or numbered: else they may be its first line.
    """
    if len(pages) < 5:
        return set()
    found: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for page in pages:
        for edge, line in _edge_lines(page):
            if _looks_like_a_head(line, body) and _stands_apart(line, page.lines):
                found[edge, round(line.baseline / 4)].append(line)
    return {
        id(line)
        for lines in found.values()
        if len({each.page for each in lines}) > len(pages) / 2
        for line in lines
    }


def _looks_like_a_head(line: Line, body: float) -> bool:
    small = line.size < 0.97 * body
    styled = line.italic or line.caps or line.text.isupper()
    numbered = line.text[:1].isdigit() or line.text[-1:].isdigit()
    return line.size < 1.03 * body and (small or styled or numbered)


def _stands_apart(line: Line, lines: Sequence[Line]) -> bool:
    return not any(
        other is not line
        and abs(other.baseline - line.baseline) > 0.3 * line.size
        and other.x0 < line.x1
        and line.x0 < other.x1
        and max(other.y0 - line.y1, line.y0 - other.y1) < 0.7 * line.size
        for other in lines
    )


def _page_numbers(pages: Sequence[PageLines]) -> set[int]:
    return {
        id(line) for page in pages for _, line in _edge_lines(page) if _PAGE_NUMBER.match(line.text.strip())
    }


def _first_foot(pages: Sequence[PageLines], body: float) -> set[int]:
    """The publisher's lines under the first page: small and lower than the text of any page."""
    prose = [line.y1 for page in pages for line in page.lines if _is_prose(line, body)]
    if not pages or not prose:
        return set()
    first, lowest = pages[0], max(prose)
    return {id(line) for line in first.lines if line.y0 > lowest and line.size < 0.93 * body}


def _is_prose(line: Line, body: float) -> bool:
    return abs(line.size - body) < 0.05 * body and len(line.text) > 30


def _numbered_margins(page: PageLines) -> set[int]:
    """Where the running numbers stand that review copies print beside the text, in steps of 6 points."""
    columns: dict[int, list[Line]] = defaultdict(list)
    for line in page.lines:
        if line.text.isdigit() and len(line.text) <= 4:
            columns[round(line.x1 / 6)].append(line)
    return {place for place, lines in columns.items() if _counts_up(lines)}


def _without_line_numbers(page: PageLines, margins: set[int]) -> PageLines:
    if not margins:
        return page
    kept = tuple(
        line
        for line in page.lines
        if not (line.text.isdigit() and len(line.text) <= 4 and round(line.x1 / 6) in margins)
    )
    return replace(page, lines=kept)


def _counts_up(lines: Sequence[Line]) -> bool:
    values = [int(line.text) for line in sorted(lines, key=lambda each: each.baseline)]
    steps = Counter(after - before for before, after in pairwise(values))
    if len(values) < 8 or not steps:
        return False
    step, times = steps.most_common(1)[0]
    return step in (1, 2, 5, 10) and times >= 0.8 * (len(values) - 1)
