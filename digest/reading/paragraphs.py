"""Lines of a section into paragraphs, across columns and pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from digest.reading.characters import ends_clause, ends_sentence
from digest.reading.lines import Line
from digest.reading.measures import APART, Measures, gap, indent

_ITEM = re.compile(r"(?:[•‣▪◦●○■□∗✓✗➢▶►]|[–—-]\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})\)\s|\d{1,2}\.\s)")
_ENTRY = re.compile(r"\[[\w+\-:. ]{1,24}\]\s|\[\d{1,4}\]|\(?\d{1,4}[.)]\s")


def paragraphs_of(lines: Sequence[Line], measures: Measures) -> list[list[Line]]:
    """The lines of each paragraph of a section, in reading order."""
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and not _begins(paragraphs[-1], line, measures):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _begins(paragraph: Sequence[Line], line: Line, measures: Measures) -> bool:
    """Whether the line begins a new paragraph after this one."""
    last = paragraph[-1]
    ended = ends_clause(last.text)
    if abs(last.size - line.size) > 0.1 * line.size:
        return ended or not line.text[:1].islower()
    if _ITEM.match(line.text) and (ended or _ITEM.match(paragraph[0].text)):
        return True
    distance = gap(last, line)
    if distance == APART:
        return _begins_after_break(last, line, ended, measures)
    if distance > 1.3 * measures.pitch:
        return ended or not line.text[:1].islower()
    if not ended:
        return False
    if distance > measures.pitch + 0.22 and not measures.indents:
        return True
    if line.label and last.fills < 0.97:
        return True
    step = indent(line) - indent(last)
    if _ITEM.match(paragraph[0].text) and len(paragraph) == 1:
        return step < -0.3
    return 0.7 < step < 4 or _steps_out(paragraph, line)


def _steps_out(paragraph: Sequence[Line], line: Line) -> bool:
    """Whether the text comes back to the column's edge after an indented list or quotation."""
    return len(paragraph) > 1 and indent(paragraph[-1]) > 0.9 and indent(line) < 0.3


def _begins_after_break(last: Line, line: Line, ended: bool, measures: Measures) -> bool:
    """At a new column or page, or past a figure: go on with an open sentence or a full last line."""
    if not ended:
        return False
    if line.text[:1].islower():
        return False
    if measures.indents:
        return indent(line) > 0.5 or last.fills < 0.9 or not ends_sentence(last.text)
    return True


def entries_of(lines: Sequence[Line], measures: Measures) -> list[list[Line]]:
    """The lines of each entry of a reference list.

    Entries begin with a number in brackets, or where the lines hang: at the left edge, the rest indented.
    """
    numbered = sum(bool(_ENTRY.match(line.text)) for line in lines) > 0.1 * len(lines)
    edges = _edges(lines)
    hanging = not numbered and _hangs(lines, edges)
    entries: list[list[Line]] = []
    for line in lines:
        if numbered:
            begins = bool(_ENTRY.match(line.text))
        elif hanging:
            begins = line.x0 - edges[line.page, line.column] < 0.4 * line.size
        else:
            begins = not entries or _entry_gap(entries[-1][-1], line, measures)
        if begins or not entries:
            entries.append([line])
        else:
            entries[-1].append(line)
    return entries


def _edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """The left edge of every column of a list; most of its lines may be indented."""
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        place = (line.page, line.column)
        edges[place] = min(edges.get(place, line.x0), line.x0)
    return edges


def _hangs(lines: Sequence[Line], edges: Mapping[tuple[int, int], float]) -> bool:
    indented = sum(0.5 < (line.x0 - edges[line.page, line.column]) / line.size < 5 for line in lines)
    return 0.25 * len(lines) < indented < 0.9 * len(lines)


def _entry_gap(last: Line, line: Line, measures: Measures) -> bool:
    distance = gap(last, line)
    ended = last.text.endswith((".", ")")) or last.text[-1:].isdigit()
    if distance == APART:
        return ended and line.text[:1].isupper() and last.fills < 0.95
    return ended and (distance > 1.15 * measures.pitch or last.fills < 0.7)
