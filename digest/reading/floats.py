"""What interrupts the prose of a column besides captions: footnotes, table cells and figure labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from digest.reading.characters import ends_clause
from digest.reading.lines import Line
from digest.reading.measures import APART, Measures, gap

_TEXT_MARK = re.compile(r"(?:\d{1,2}\s?(?=[A-Z“\"(]|https?:)|[∗*†‡§¶∥♠♡♢♣✉]\s?)")


def without_footnotes(lines: Sequence[Line], measures: Measures) -> tuple[list[Line], list[Line]]:
    """The lines outside footnotes, and the footnotes' lines.

    Footnotes are the small lines at the foot of a column, from the first one that begins with a mark.
    """
    rest: list[Line] = []
    notes: list[Line] = []
    for _, group in groupby(lines, key=lambda line: (line.page, line.column)):
        column = list(group)
        cut = _footnote_start(column, measures)
        rest.extend(column[:cut])
        notes.extend(column[cut:])
    return rest, notes


def _footnote_start(column: Sequence[Line], measures: Measures) -> int:
    usual = min(measures.body, _usual_size(column))
    start = len(column)
    while start > 0 and column[start - 1].size < 0.94 * usual:
        start -= 1
    small = column[start:]
    for index, line in enumerate(small):
        if line.mark or _TEXT_MARK.match(line.text):
            return start + index
    return _marked_start(column, measures)


def _marked_start(column: Sequence[Line], measures: Measures) -> int:
    """Where notes begin under text that is as small as they are: at a mark, set off, near the foot."""
    for index in range(max(1, len(column) - 8), len(column)):
        line, before = column[index], column[index - 1]
        if line.mark and measures.is_small(line) and gap(before, line) > 1.4 * measures.pitch:
            return index
    return len(column)


def _usual_size(lines: Iterable[Line]) -> float:
    counts: Counter[float] = Counter()
    for line in lines:
        counts[round(line.size, 1)] += len(line.text)
    return counts.most_common(1)[0][0]


_LIST_START = re.compile(r"(?:[•‣▪◦●○■□–—\-∗*✓✗➢▶►]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s")
_LEADERS = re.compile(r"(?:\. ?){5,}\s*\d*$")  # an entry of a table of contents
_STOP = re.compile(r"[.!?。！？][\"'”’)\]]*(?:\d{1,2})?(?:\s|$)")
_WORD = re.compile(r"[^\W\d_]{2,}")


def without_cells(lines: Sequence[Line], measures: Measures) -> list[Line]:
    """The lines that belong to paragraphs: no table rows, no figure labels, no lone formula signs."""
    kept: list[Line] = []
    for run in _runs(_without_word_lists(lines, measures), measures):
        kept.extend(_prose_of(run, measures))
    return kept


def _without_word_lists(lines: Iterable[Line], measures: Measures) -> list[Line]:
    """The lines without tables of words: small, without a stop, every second line begins an entry."""
    kept: list[Line] = []
    for group in _small_groups([line for line in lines if not _LEADERS.search(line.text)], measures):
        begins = sum(line.text[:1].isupper() or not line.text[:1].isalnum() for line in group)
        ended = any(_STOP.search(line.text) for line in group)
        if ended or len(group) == 1 or 2 * begins < len(group) or not measures.is_small(group[0]):
            kept.extend(group)
    return kept


def _small_groups(lines: Sequence[Line], measures: Measures) -> list[list[Line]]:
    """Small lines of like size that follow each other, also over columns; any other line by itself."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and measures.is_small(line)
            and _goes_on(gap(last, line), measures)
            and abs(last.size - line.size) <= 0.08 * line.size
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(distance: float, measures: Measures) -> bool:
    """Whether lines so far apart may be rows of one table, which are spaced more widely than text."""
    return distance == APART or distance <= 2.2 * measures.pitch


def _runs(lines: Sequence[Line], measures: Measures) -> list[list[Line]]:
    """Lines of like size that follow each other closely."""
    runs: list[list[Line]] = []
    for line in lines:
        last = runs[-1][-1] if runs else None
        close = last is not None and gap(last, line) <= 1.35 * measures.pitch
        if last is not None and close and abs(last.size - line.size) <= 0.08 * max(last.size, line.size):
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _prose_of(run: Sequence[Line], measures: Measures) -> Sequence[Line]:
    rows = sum(line.pieces > 1 for line in run)
    if rows > 0.4 * len(run) and rows > 1:
        return ()
    if any(_is_prose(line) for line in run):
        return [line for line in run if not _is_row(line)]
    if len(run) == 1 and measures.is_body(run[0]) and _may_stand_alone(run[0]):
        return run
    return [line for line in run if _LIST_START.match(line.text) and len(_WORD.findall(line.text)) > 2]


def _is_row(line: Line) -> bool:
    return line.pieces > 2 and len(_WORD.findall(line.text)) < 2 * line.pieces


def _is_prose(line: Line) -> bool:
    """A line that looks like running text: it nearly fills its column, mostly with words."""
    words = _WORD.findall(line.text)
    letters = sum(map(len, words))
    return line.pieces == 1 and len(words) >= 4 and line.fills > 0.6 and letters > 0.55 * len(line.text)


def _may_stand_alone(line: Line) -> bool:
    """A short line that can be a paragraph, its last line or the words between two formulas."""
    words = len(_WORD.findall(line.text))
    return (
        words >= 1 and line.pieces == 1 and (ends_clause(line.text) or (words > 3 and line.text[0].islower()))
    )
