"""What interrupts the prose of a column: captions, footnotes, table cells and figure labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from digest.fulltext import Caption
from digest.reading.lines import Line
from digest.reading.measures import APART, Measures, gap

_CAPTION = re.compile(
    r"((?:(?:Supplementary|Supplemental|Extended Data|Online|Appendix)\s+)?"
    r"(?:Figure|Fig\.|FIGURE|FIG\.|Table|TABLE|Tab\.|Algorithm|ALGORITHM|Listing|Scheme|Chart|Plate|Box|Exhibit"
    r"|Abbildung|Abb\.|Tabelle|图|表))\s*"
    r"((?:[A-Z]{1,2}[.\-]?)?\d{1,3}(?:[.\-]\d{1,3})*[a-z]?|[IVX]{1,5}|[A-Z]\d?)"
    r"(\s*[:.|—–]|\s*$|\s+\(|\s+)"
)
_NAMES = {"fig.": "Figure", "figure": "Figure", "table": "Table", "tab.": "Table", "algorithm": "Algorithm"}
_TEXT_MARK = re.compile(r"(?:\d{1,3}(?=[A-Z“\"(]|https?:)|[∗*†‡§¶∥♠♡♢♣✉]\s?)")
_SENTENCE_END = re.compile(r"[.!?:;][)\]”\"’']*$")


def caption_label(line: Line, before: Line | None, measures: Measures) -> str:
    """The label ("Table 3") of the caption that begins at this line, or nothing.

    A sentence can begin a line with "Figure 3 shows" or end with "see Table 2.": a caption also has a colon
    or the like, or its own style, and does not go on from the line above.
    """
    match = _CAPTION.match(line.text)
    if match is None:
        return ""
    word = _NAMES.get(match[1].lower(), match[1].capitalize() if match[1].isupper() else match[1])
    label = f"{word} {match[2]}"
    distance = gap(before, line)
    apart = (
        distance > 1.2 * measures.pitch or before is None or abs(before.size - line.size) > 0.03 * line.size
    )
    styled = line.bold or bool(line.label) or line.caps
    if match[3].strip() in (":", "|", "—", "–"):
        return label if apart or styled or distance == APART or before_ended(before) else ""
    if match[3].strip() == ".":
        return label if (apart and not _runs_on(before, line)) or styled else ""
    own_line = match.end() == len(line.text)
    if own_line:
        return label if apart else ""
    different = styled or not measures.is_body(line)
    return label if apart and different and match[3] != " (" else ""


def before_ended(before: Line | None) -> bool:
    return before is None or bool(_SENTENCE_END.search(before.text))


def _runs_on(before: Line | None, line: Line) -> bool:
    """Whether the line goes on with a sentence that broke off at the foot of the column before."""
    if before is None or (before.page == line.page and before.column == line.column):
        return False
    return abs(before.size - line.size) < 0.03 * line.size and not before_ended(before)


def without_captions(lines: Sequence[Line], measures: Measures) -> tuple[list[Line], list[list[Line]]]:
    """The lines outside captions, and the lines of each caption."""
    rest: list[Line] = []
    captions: list[list[Line]] = []
    open_caption = False
    before: Line | None = None
    for line in lines:
        if caption_label(line, before, measures):
            captions.append([line])
            open_caption = True
        elif open_caption and _continues(captions[-1], line, measures):
            captions[-1].append(line)
        else:
            open_caption = False
            rest.append(line)
        before = line
    return rest, captions


def _continues(caption: Sequence[Line], line: Line, measures: Measures) -> bool:
    first, last = caption[0], caption[-1]
    if last.page != line.page or line.pieces > 2:
        return False
    if abs(line.size - first.size) > 0.05 * first.size and len(caption) > 1:
        return False
    if abs(line.size - first.size) > 0.25 * first.size or (line.bold and not first.bold):
        return False
    distance = gap(last, line)
    # The last, short line of a full-width caption lies in the left column.
    if last.column == -1 and line.column == 0 and abs(line.x0 - last.x0) < 2:
        distance = (line.baseline - last.baseline) / line.size
    return 0 < distance <= max(1.35, 1.12 * measures.pitch)


def caption(lines: Sequence[Line], text: str, measures: Measures) -> Caption:
    """The caption value of its lines, `text` being their joined text."""
    match = _CAPTION.match(text)
    assert match is not None
    word = _NAMES.get(match[1].lower(), match[1].capitalize() if match[1].isupper() else match[1])
    return Caption(label=f"{word} {match[2]}", page=lines[0].page, text=text)


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
    return len(column)


def _usual_size(lines: Iterable[Line]) -> float:
    counts: Counter[float] = Counter()
    for line in lines:
        counts[round(line.size, 1)] += len(line.text)
    return counts.most_common(1)[0][0]


_LIST_START = re.compile(r"(?:[•‣▪◦●○■□–—\-∗*✓✗➢▶►]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s")
_WORD = re.compile(r"[^\W\d_]{2,}")


def without_cells(lines: Sequence[Line], measures: Measures) -> list[Line]:
    """The lines that belong to paragraphs: no table rows, no figure labels, no lone formula signs."""
    kept: list[Line] = []
    for run in _runs(lines, measures):
        kept.extend(_prose_of(run, measures))
    return kept


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
    if len(run) == 1 and measures.is_body(run[0]) and _may_end(run[0]):
        return run
    return [line for line in run if _LIST_START.match(line.text) and len(_WORD.findall(line.text)) > 2]


def _is_row(line: Line) -> bool:
    return line.pieces > 2 and len(_WORD.findall(line.text)) < 2 * line.pieces


def _is_prose(line: Line) -> bool:
    """A line that looks like running text: it nearly fills its column, mostly with words."""
    words = _WORD.findall(line.text)
    letters = sum(map(len, words))
    return line.pieces == 1 and len(words) >= 4 and line.fills > 0.6 and letters > 0.55 * len(line.text)


def _may_end(line: Line) -> bool:
    """A short line that can be a paragraph, its last line or a displayed formula's lead."""
    return len(_WORD.findall(line.text)) >= 1 and (before_ended(line) or len(_WORD.findall(line.text)) >= 4)
