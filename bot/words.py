"""English for counts."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 paper", "2 papers"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
