"""Figures with the bar that each must reach, and the table of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADER = ("figure", "bar", "seen", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that was measured."""

    name: str
    bar: str
    seen: str
    ok: bool


def at_most(name: str, seen: float, bar: float, unit: str = "") -> Figure:
    """A figure that must not be larger than its bar."""
    return Figure(name=name, bar=f"<= {_number(bar)}{unit}", seen=f"{_number(seen)}{unit}", ok=not seen > bar)


def at_least(name: str, seen: float, bar: float, unit: str = "") -> Figure:
    """A figure that must not be smaller than its bar."""
    return Figure(name=name, bar=f">= {_number(bar)}{unit}", seen=f"{_number(seen)}{unit}", ok=not seen < bar)


def exactly(name: str, seen: object, bar: object = 0) -> Figure:
    """A figure that must be its bar."""
    return Figure(name=name, bar=str(bar), seen=str(seen), ok=seen == bar)


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table in Markdown, its columns in line."""
    rows = [HEADER, *((each.name, each.bar, each.seen, "yes" if each.ok else "NO") for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    told = [_line(row, widths) for row in rows]
    return "\n".join([told[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *told[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _number(value: float) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".")
