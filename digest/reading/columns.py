"""Reading order: pieces of lines joined into rows, rows put in order of column and height."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from digest.reading.lines import Line, PageLines

SPANNING = -1  # the column of a line that lies over both columns


@dataclass(frozen=True, slots=True)
class Gutter:
    """The white strip between two columns, in points; `crossed` is the share of text that lies across it."""

    left: float
    right: float
    crossed: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def in_reading_order(pages: Sequence[PageLines]) -> tuple[Line, ...]:
    """All lines of all pages as they are read: bands between full-width lines, left column before right.

    A page is set in two columns when hardly anything crosses its gutter, or when its
    gutter is that of most pages and not everything crosses it.
    """
    joined = [_joined_words(page.lines) for page in pages]
    gutters = [_gutter(lines) for lines in joined]
    sure = sorted(
        (gutter for gutter in gutters if gutter and gutter.crossed <= 0.4), key=lambda each: each.middle
    )
    usual = sure[len(sure) // 2] if sure and len(sure) * 2 >= len(pages) else None
    ordered: list[Line] = []
    for lines, gutter in zip(joined, gutters, strict=True):
        ordered.extend(_page_in_order(lines, _trusted(lines, gutter, usual)))
    return tuple(ordered)


def _trusted(lines: Sequence[Line], gutter: Gutter | None, usual: Gutter | None) -> Gutter | None:
    if gutter is not None and usual is not None and abs(gutter.middle - usual.middle) < 15:
        return gutter if gutter.crossed <= 0.85 else None
    if usual is not None and _is_free(lines, usual):
        # A last page may have two lines in its second column: too few to show a gutter of its own.
        return usual
    return gutter if gutter is not None and gutter.crossed <= 0.4 else None


def _is_free(lines: Sequence[Line], gutter: Gutter) -> bool:
    """Whether the page has text on both sides of a gutter and hardly any across it."""
    crossing = sum(line.width for line in lines if line.x0 < gutter.left - 2 and line.x1 > gutter.right + 2)
    beside = any(line.x0 > gutter.left for line in lines) and any(line.x1 < gutter.right for line in lines)
    return beside and crossing <= 0.4 * sum(line.width for line in lines)


def _page_in_order(lines: Sequence[Line], gutter: Gutter | None) -> list[Line]:
    if gutter is None:
        return _rows(lines, column=0)
    ordered: list[Line] = []
    for band in _bands(lines, gutter):
        spanning = [line for column, line in band if column == SPANNING]
        if spanning:
            ordered.extend(_rows(spanning, column=SPANNING))
            continue
        for column in (0, 1):
            ordered.extend(_rows([line for side, line in band if side == column], column=column))
    return ordered


def _joined_words(lines: Sequence[Line]) -> list[Line]:
    """Join the pieces into which wide word spaces cut a justified line."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last and line.block == last.block and _side_by_side(last, line):
            joined[-1] = _merged((last, line))
        else:
            joined.append(line)
    return joined


def _side_by_side(one: Line, other: Line) -> bool:
    gap = other.x0 - one.x1
    return abs(one.baseline - other.baseline) < 0.25 * one.size and -0.3 * one.size < gap < 0.9 * min(
        one.size, other.size
    )


def _gutter(lines: Sequence[Line]) -> Gutter | None:
    """The best candidate for a strip between two columns, or None where one side has next to nothing."""
    wide = [line for line in lines if len(line.text) > 3]
    if len(wide) < 6:
        return None
    left, right = min(line.x0 for line in wide), max(line.x1 for line in wide)
    total = sum(line.width for line in wide)
    start, stop = int(left + 0.3 * (right - left)), int(left + 0.7 * (right - left))
    crossings = _crossings(wide, start, stop)
    if not crossings:
        return None
    least = min(crossings)
    # The middle of the best strip, not its first edge.
    best = [x for x, crossing in enumerate(crossings, start) if crossing <= least + 0.001 * total]
    return _measured(wide, _middle_of_longest_run(best), least / total)


def _crossings(lines: Sequence[Line], start: int, stop: int) -> list[float]:
    """For every point from `start` to `stop`, the width of the lines that lie across it."""
    steps = [0.0] * max(stop - start + 1, 0)
    for line in lines:
        first, last = max(int(line.x0) + 2, start), min(int(line.x1), stop)
        if first < last:
            steps[first - start] += line.width
            steps[last - start] -= line.width
    return list(accumulate(steps))[:-1]


def _middle_of_longest_run(points: Sequence[int]) -> float:
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][-1] + 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    longest = max(runs, key=len)
    return (longest[0] + longest[-1]) / 2


def _measured(lines: Sequence[Line], x: float, crossed: float) -> Gutter | None:
    before = [line for line in lines if line.x1 <= x + 1]
    after = [line for line in lines if line.x0 >= x - 1]
    if len(before) < 3 or len(after) < 3 or not _face_each_other(before, after):
        return None
    # Robust edges: one overlong line must not close the gutter.
    left = sorted(line.x1 for line in before)[int(0.95 * (len(before) - 1))]
    right = sorted(line.x0 for line in after)[int(0.05 * (len(after) - 1))]
    return Gutter(min(left, x), max(right, x), crossed) if right > left else Gutter(x - 1, x + 1, crossed)


def _face_each_other(before: Sequence[Line], after: Sequence[Line]) -> bool:
    top = max(min(line.y0 for line in before), min(line.y0 for line in after))
    bottom = min(max(line.y1 for line in before), max(line.y1 for line in after))
    return bottom - top > 3 * before[0].size


def _bands(lines: Sequence[Line], gutter: Gutter) -> list[list[tuple[int, Line]]]:
    """Runs of lines from top to bottom, either all spanning or all in columns."""
    sided = [(_side(line, gutter), line) for line in lines]
    in_columns = [line for column, line in sided if column != SPANNING]
    settled = [
        (0 if column == SPANNING and _has_neighbour(line, in_columns, gutter) else column, line)
        for column, line in sided
    ]
    settled.sort(key=lambda pair: pair[1].baseline)
    bands: list[list[tuple[int, Line]]] = []
    for pair in _with_last_lines(settled):
        if bands and (bands[-1][0][0] == SPANNING) == (pair[0] == SPANNING):
            bands[-1].append(pair)
        else:
            bands.append([pair])
    return bands


def _with_last_lines(sided: Sequence[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """Count the short last line of a full-width paragraph to its paragraph, not to the left column."""
    whole: list[tuple[int, Line]] = []
    for i, (column, line) in enumerate(sided):
        above, last = whole[-1] if whole else (0, line)
        follows = (
            above == SPANNING
            and column == 0
            and line.block == last.block
            and abs(line.x0 - last.x0) < 2
            and abs(line.size - last.size) < 0.05 * line.size
            and 0.5 < (line.baseline - last.baseline) / line.size < 1.6
        )
        alone = all(
            abs(other.baseline - line.baseline) > 0.5 * line.size for _, other in sided[i + 1 : i + 4]
        )
        whole.append((SPANNING if follows and alone else column, line))
    return whole


def _side(line: Line, gutter: Gutter) -> int:
    if line.x1 <= gutter.right + 2:
        return 0
    if line.x0 >= gutter.left - 2:
        return 1
    return SPANNING


def _has_neighbour(line: Line, others: Iterable[Line], gutter: Gutter) -> bool:
    """Whether a line that pokes into the gutter only sticks out of its column: text stands beside it."""
    return any(
        other.x0 >= gutter.left - 2
        and other.x0 >= line.x1 - 2
        and min(other.y1, line.y1) - max(other.y0, line.y0) > 0.5 * line.size
        for other in others
    )


def _rows(lines: Sequence[Line], *, column: int) -> list[Line]:
    """Join pieces at the same height and tell every row the edges of its column."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: (each.baseline, each.x0)):
        for row in reversed(rows[-3:]):
            if _same_row(row, line):
                row.append(line)
                break
        else:
            rows.append([line])
    merged = [_merged(sorted(row, key=lambda each: each.x0)) for row in rows]
    left, right = _edges(merged)
    return [
        line._replace(column=column, left=min(left, line.x0), right=max(right, line.x1)) for line in merged
    ]


def _same_row(row: Sequence[Line], line: Line) -> bool:
    for other in row:
        overlap = min(other.y1, line.y1) - max(other.y0, line.y0)
        if overlap < 0.6 * min(other.y1 - other.y0, line.y1 - line.y0):
            continue
        if line.x0 >= other.x1 - 0.2 * line.size or line.x1 <= other.x0 + 0.2 * line.size:
            return True
    return False


def _edges(lines: Sequence[Line]) -> tuple[float, float]:
    """Where the column's text begins and ends: the commonest edges among its longer lines."""
    if not lines:
        return 0.0, 0.0
    widest = max(line.width for line in lines)
    long = [line for line in lines if line.width > 0.6 * widest]
    left = Counter(round(line.x0) for line in long).most_common(1)[0][0]
    right = Counter(round(line.x1) for line in long).most_common(1)[0][0]
    return float(left), float(right)


def _merged(pieces: Sequence[Line]) -> Line:
    """One line from pieces in order from left to right."""
    if len(pieces) == 1:
        return pieces[0]
    main = max(pieces, key=lambda piece: len(piece.text))
    mark = pieces[0].mark
    if _is_mark(pieces[0], main):
        mark, pieces = pieces[0].text, pieces[1:]
    text = pieces[0].text
    for one, other in pairwise(pieces):
        text += ("" if _is_drop_capital(one, other) else " ") + other.text
    wide = sum(other.x0 - one.x1 > 1.2 * main.size for one, other in pairwise(pieces))
    all_bold = all(piece.bold for piece in pieces)
    return main._replace(
        text=text,
        bold=all_bold,
        label="" if all_bold else _leading_label(pieces),
        italic=all(piece.italic for piece in pieces),
        caps=any(piece.caps for piece in pieces),
        mark=mark,
        x0=min(piece.x0 for piece in pieces),
        y0=min(piece.y0 for piece in pieces),
        x1=max(piece.x1 for piece in pieces),
        y1=max(piece.y1 for piece in pieces),
        pieces=sum(piece.pieces for piece in pieces) - (len(pieces) - 1) + wide,
    )


def _is_mark(piece: Line, main: Line) -> bool:
    """A footnote's raised number that was drawn on its own."""
    return piece.size < 0.8 * main.size and len(piece.text) <= 3 and piece.baseline < main.baseline - 0.5


def _leading_label(pieces: Sequence[Line]) -> str:
    words: list[str] = []
    for piece in pieces:
        words.append(piece.text if piece.bold else piece.label)
        if not piece.bold:
            break
    return " ".join(filter(None, words))


def _is_drop_capital(one: Line, other: Line) -> bool:
    return len(one.text) == 1 and one.text.isupper() and one.size > 1.6 * other.size
