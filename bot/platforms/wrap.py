"""Breaking styled text into lines of terminal cells, Chinese as well as English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

# Lines may break between wide characters; the ranges are Unicode’s East Asian Width W and F.
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60"
    "\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd"
)
_NUMBERED = r"[(\[“]?(?:pp?\.|Table|Figure|Algorithm) \d"  # "p. 5" stays on one line
_ATOM = re.compile(rf"\n| +|[{_WIDE}]|{_NUMBERED}[^\n {_WIDE}]*|[^\n {_WIDE}]+")
_WIDE_ATOM = re.compile(rf"[{_WIDE}]")
_SEPARATOR = "·"
_NOT_FIRST = "，。、；：！？）》」』】〉”’…·,.;:!?)]}%"  # no line begins with these
_COUNTED = "年月日页节条篇"  # stay with their number
_NOT_LAST = "第（《「『【〈“‘([{$"  # no line ends with these


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style (SGR codes such as "1;36"), maybe linked."""

    text: str
    style: str = ""
    url: str = ""

    @property
    def width(self) -> int:
        return cell_len(self.text)


Line = tuple[Run, ...]


def wrapped(runs: Iterable[Run], width: int) -> list[Line]:
    """The runs in lines of at most `width` cells; "\\n" ends a line.

    Breaks at spaces and between wide characters, and inside a word only where it is longer than a line.
    """
    lines: list[list[Run]] = [[]]
    used = 0
    gap: Run | None = None
    for unit in _units(runs):
        text = unit[0].text
        if text == "\n":
            lines.append([])
            used, gap = 0, None
        elif text.isspace():
            gap = unit[0] if used else None
        else:
            size = sum(run.width for run in unit)
            spacing = gap.width if gap else 0
            if used and used + spacing + size > width:
                lines.append([])
                used, gap, spacing = 0, None, 0
            if text == _SEPARATOR and not used:
                continue  # the line break separates already
            if gap:
                lines[-1].append(gap)
            used += spacing
            for piece in _fitting(unit, width):
                if used and used + piece.width > width:
                    lines.append([])
                    used = 0
                lines[-1].append(piece)
                used += piece.width
            gap = None
    return [_merged(line) for line in lines]


def _units(runs: Iterable[Run]) -> list[list[Run]]:
    """Spaces, line breaks, and the stretches between them that must stay on one line."""
    units: list[list[Run]] = []
    glued = False  # to what stands before
    for run in runs:
        for text in _ATOM.findall(run.text):
            atom = Run(text, run.style, run.url)
            if text.isspace():
                units.append([atom])
                glued = False
                continue
            wide = bool(_WIDE_ATOM.match(text))
            before = units[-1][-1].text if units else " "
            joined = glued and not before.isspace() and _stay_together(before, text, wide)
            if joined:
                units[-1].append(atom)
            else:
                units.append([atom])
            glued = True
    return units


def _stay_together(before: str, text: str, wide: bool) -> bool:
    if text[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
        return True
    if (before[-1].isdigit() and text in _COUNTED) or (before[-1] in "年月" and text[0].isdigit()):
        return True
    return not wide and not _WIDE_ATOM.match(before[-1])


def _fitting(unit: Sequence[Run], width: int) -> list[Run]:
    """The unit's runs, cut by cells where it is longer than a line."""
    if sum(run.width for run in unit) <= width:
        return list(unit)
    pieces: list[Run] = []
    for run in unit:
        text, room = "", 0
        for character in run.text:
            size = cell_len(character)
            if text and room + size > width:
                pieces.append(Run(text, run.style, run.url))
                text, room = "", 0
            text += character
            room += size
        pieces.append(Run(text, run.style, run.url))
    return pieces


def _merged(line: Sequence[Run]) -> Line:
    """Neighbours of one style as one run; no spaces at the end."""
    merged: list[Run] = []
    for run in line:
        if merged and (merged[-1].style, merged[-1].url) == (run.style, run.url):
            merged[-1] = Run(merged[-1].text + run.text, run.style, run.url)
        else:
            merged.append(run)
    return tuple(merged)
