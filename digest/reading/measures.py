"""Measures of a document's typesetting: the size of its body text, the pitch of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from digest.reading.lines import Line

APART = 99.0  # the gap between lines that do not follow each other in one column


_FIRST_PAGES = 10  # appendices may be longer than the paper, and set smaller


@dataclass(frozen=True, slots=True)
class Measures:
    """`body` is the body text's size in points, `pitch` the usual distance of baselines in sizes.

    `indents` says whether paragraphs begin with an indent.
    """

    body: float
    pitch: float
    indents: bool

    def is_body(self, line: Line) -> bool:
        return abs(line.size - self.body) <= 0.045 * self.body

    def is_small(self, line: Line) -> bool:
        return line.size < 0.94 * self.body


def body_size(lines: Iterable[Line]) -> float:
    """The size that most characters have, in points, neighbouring sizes taken together."""
    counts: Counter[float] = Counter()
    for line in lines:
        if line.size < 40:
            counts[round(line.size, 1)] += len(line.text)
    if not counts:
        return 10.0
    near = {size: sum(n for other, n in counts.items() if abs(other - size) < 0.35) for size in counts}
    return max(near, key=lambda size: (near[size], counts[size]))


def gap(before: Line | None, line: Line) -> float:
    """The distance of two baselines in sizes of the line; `APART` where it does not stand right below."""
    if before is None or before.page != line.page or before.column != line.column:
        return APART
    distance = (line.baseline - before.baseline) / max(line.size, 1.0)
    return distance if distance > 0 else APART


def measured(lines: Sequence[Line]) -> Measures:
    """Measure a document's lines, given in reading order."""
    body = body_size(line for line in lines if line.page <= _FIRST_PAGES)
    prose = [line for line in lines if abs(line.size - body) <= 0.045 * body and line.fills > 0.5]
    gaps = [gap(one, other) for one, other in pairwise(prose)]
    pitch = median([each for each in gaps if 0.8 < each < 2.5] or [1.2])
    return Measures(body=body, pitch=pitch, indents=_indents(prose, pitch))


def indent(line: Line) -> float:
    """How far the line begins from its column's left edge, in sizes."""
    return (line.x0 - line.left) / max(line.size, 1.0)


def _indents(prose: Sequence[Line], pitch: float) -> bool:
    """Whether indented lines right below a line at the edge are common."""
    followed = [
        other
        for one, other in pairwise(prose)
        if gap(one, other) < 1.25 * pitch and indent(one) < 0.3 and one.text.endswith((".", ":", "?", "!"))
    ]
    indented = [line for line in followed if 0.7 < indent(line) < 4]
    return len(indented) >= 2 and len(indented) > 0.15 * len(followed)
