"""Captions of figures, tables and algorithms, and the small print of the floats around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from digest.fulltext import Caption
from digest.reading.characters import ends_clause
from digest.reading.lines import Line
from digest.reading.measures import APART, Measures, body_size, gap

_CAPTION = re.compile(
    r"((?:(?:Supplementary|Supplemental|Extended Data|Online|Appendix)\s+)?"
    r"(?:Figure|Fig\.|FIGURE|FIG\.|Fig|Table|TABLE|Tab\.|Algorithm|ALGORITHM|Listing|Scheme|Chart|Plate|Box"
    r"|Exhibit|Abbildung|Abb\.|Tabelle|图|表))\s*"
    r"((?:[A-Z]{1,2}[.\-]?)?\d{1,3}(?:[.\-]\d{1,3})*[a-z]?|[IVX]{1,5}|[A-Z]\d?)"
    r"(\s*[:.|—–：]|\s*$|\s+\(|\s+)"
)
_NAMES = {"fig.": "Figure", "fig": "Figure", "tab.": "Table", "abb.": "Abbildung"}


@dataclass(frozen=True, slots=True)
class _Start:
    index: int
    kind: str  # "f" for figures, "t" for tables
    separator: str  # ":", ".", "|", "—", "(" or nothing
    alone: bool  # the label has the line to itself, as in IEEE tables
    apart: bool  # set off from the line above
    styled: bool  # in bold, small capitals or not in the body's size
    open: bool  # the text above it breaks off in the midst of a sentence


def without_captions(lines: Sequence[Line], measures: Measures) -> tuple[list[Line], list[list[Line]]]:
    """The lines outside floats, and the lines of each caption.

    A line of prose can begin with "Figure 3 shows" or "Table 2. We": what counts as a caption
    is settled by its own style and by the sign that follows most labels of the paper.
    """
    starts = _starts(lines, measures)
    usual: dict[str, Counter[str]] = {}
    for start in starts:
        if start.apart:
            usual.setdefault(start.kind, Counter())[start.separator] += 1 if start.open else 2
    accepted = {
        start.index
        for start in starts
        if _is_caption(start, usual[start.kind].most_common(1)[0][0] if start.kind in usual else ":")
    }
    captions: list[list[int]] = []
    for index in sorted(accepted):
        if captions and index <= captions[-1][-1]:
            continue
        captions.append(_whole(lines, index, accepted, measures))
    taken = {index for caption in captions for index in caption}
    taken |= _small_print(lines, captions, taken, measures)
    rest = [line for index, line in enumerate(lines) if index not in taken]
    return rest, [[lines[index] for index in caption] for caption in captions]


def _starts(lines: Sequence[Line], measures: Measures) -> list[_Start]:
    starts: list[_Start] = []
    prose: Line | None = None  # the last line of body text: a sentence may go on past a float
    for index, line in enumerate(lines):
        match = _CAPTION.match(line.text)
        if match:
            before = lines[index - 1] if index else None
            starts.append(_start(index, line, before, prose, match, measures))
        if measures.is_body(line):
            prose = line
    return starts


def _start(
    index: int, line: Line, before: Line | None, prose: Line | None, match: re.Match[str], measures: Measures
) -> _Start:
    distance = gap(before, line)
    other_size = before is not None and abs(before.size - line.size) > 0.03 * line.size
    close = before is not None and distance <= 1.2 * measures.pitch and not other_size
    above = before if close else prose
    return _Start(
        index=index,
        kind=match[1][0].lower(),
        separator=match[3].strip(),
        alone=match.end() == len(line.text),
        apart=not close,
        styled=line.bold or bool(line.label) or line.caps or not measures.is_body(line),
        open=above is not None and not ends_clause(above.text) and measures.is_body(line),
    )


def _is_caption(start: _Start, usual: str) -> bool:
    if start.separator in (":", "|", "—", "–", "："):
        return start.apart or start.styled or not start.open
    if start.separator == ".":
        return (start.apart or start.styled) and (start.styled or usual == "." or not start.open)
    if start.alone:
        return start.apart
    return start.apart and start.styled and not start.separator


def _whole(lines: Sequence[Line], first: int, starts: set[int], measures: Measures) -> list[int]:
    """The indices of a caption's lines from its first."""
    whole = [first]
    for index in range(first + 1, len(lines)):
        if index in starts or not _continues(lines, whole, lines[index], measures):
            break
        whole.append(index)
    return whole


def _continues(lines: Sequence[Line], whole: Sequence[int], line: Line, measures: Measures) -> bool:
    first, last = lines[whole[0]], lines[whole[-1]]
    label = _CAPTION.match(first.text)
    title_follows = len(whole) == 1 and label is not None and label.end() == len(first.text)
    if last.page != line.page or line.pieces > 2 or (line.bold and not first.bold):
        return False
    if abs(line.size - first.size) > (0.25 if title_follows else 0.05) * first.size:
        return False
    distance = gap(last, line)
    # The last, short line of a full-width caption lies in the left column.
    if distance == APART and last.column == -1 and line.column == 0 and abs(line.x0 - last.left) < 2:
        distance = (line.baseline - last.baseline) / line.size
    return 0 < distance <= max(1.35, 1.12 * measures.pitch)


def _small_print(
    lines: Sequence[Line], captions: Sequence[Sequence[int]], taken: set[int], measures: Measures
) -> set[int]:
    """The small lines next to a caption, up to the next line of body size: cells, labels, notes.

    Where several pages are set small as a whole (references, appendices), that is their body size.
    """
    usual_sizes = _usual_sizes(lines, measures)
    small: set[int] = set()
    for caption in captions:
        page = lines[caption[0]].page
        usual = usual_sizes[page]
        for step, index in ((-1, caption[0] - 1), (1, caption[-1] + 1)):
            while 0 <= index < len(lines) and lines[index].page == page:
                if index not in taken and lines[index].size >= 0.94 * usual:
                    break
                small.add(index)
                index += step
    return small - taken


def _usual_sizes(lines: Sequence[Line], measures: Measures) -> dict[int, float]:
    """The body size of every page: the paper's, or a smaller one that at least two pages share."""
    main = {page: body_size(group) for page, group in groupby(lines, key=lambda line: line.page)}
    shared = Counter(round(size) for size in main.values())
    return {
        page: size if size < measures.body and shared[round(size)] > 1 else measures.body
        for page, size in main.items()
    }


def caption_of(lines: Sequence[Line], text: str) -> Caption:
    """The caption value of its lines, `text` being their joined text."""
    match = _CAPTION.match(text)
    assert match is not None
    word = match[1] if not match[1].isupper() else match[1].capitalize()
    return Caption(label=f"{_NAMES.get(word.lower(), word)} {match[2]}", page=lines[0].page, text=text)
