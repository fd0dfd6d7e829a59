"""Text covered by something on which other text is printed: the ink on the page is not its own."""

from __future__ import annotations

from typing import Any

from digest.reading.hidden import Sheet, line_text

Place = tuple[int, int]  # block, line


def overlapping_lines(raw: dict[str, Any]) -> list[tuple[Place, Place]]:
    """Pairs of different lines printed at one place, the one drawn earlier first."""
    placed = sorted(
        (line["bbox"][3], b, n)
        for b, block in enumerate(raw["blocks"])
        for n, line in enumerate(block.get("lines", ()))
        if line["dir"][0] > 0.985
    )
    pairs: list[tuple[Place, Place]] = []
    for i, (bottom, b, n) in enumerate(placed):
        one = raw["blocks"][b]["lines"][n]
        for below, c, m in placed[i + 1 : i + 9]:
            other = raw["blocks"][c]["lines"][m]
            if below - bottom > 0.25 * one["spans"][0]["size"]:
                break
            if _overlap(one["bbox"], other["bbox"]) > 0.5 and line_text(one) != line_text(other):
                first, second = sorted(((b, n), (c, m)))
                pairs.append((first, second))
    return pairs


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The shared width, as a share of the narrower box."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared / max(min(one[2] - one[0], other[2] - other[0]), 1.0)


def overprinted(raw: dict[str, Any], pairs: list[tuple[Place, Place]], sheet: Sheet) -> set[Place]:
    """The earlier lines of such pairs between which and the later ones something opaque was painted."""
    hidden: set[Place] = set()
    for (b, n), _ in pairs:
        x0, y0, x1, y1 = raw["blocks"][b]["lines"][n]["bbox"]
        points = [(x0 + (x1 - x0) * share, (y0 + y1) / 2) for share in (0.25, 0.5, 0.75)]
        if sum(sheet.is_printed_over(x, y) for x, y in points) >= 2:
            hidden.add((b, n))
    return hidden
