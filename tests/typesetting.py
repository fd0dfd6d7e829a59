"""Sets papers in the layouts of the field, so that tests know every word that should come back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import pymupdf

_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")
_SYLLABLES += ("mar", "len", "tor", "pas", "kin", "dol", "ver", "sti", "nal", "gra")


def words(count: int, *, seed: int) -> list[str]:
    """Made-up words, the same for the same seed."""
    chance = random.Random(seed)
    return ["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(count)]


def prose(sentences: int, *, seed: int) -> str:
    """A paragraph of made-up sentences, each beginning with a capital and ending with a full stop."""
    chance = random.Random(seed)
    made = [words(chance.randint(9, 22), seed=seed * 1000 + i) for i in range(sentences)]
    return " ".join(" ".join(sentence).capitalize() + "." for sentence in made)


@cache
def _width(word: str, font: str) -> float:
    """The width of a word at size 1."""
    return float(pymupdf.get_text_length(word, fontname=font, fontsize=1))


def length_of(text: str, font: str, size: float) -> float:
    """The width of text in points, word by word."""
    words = text.split(" ")
    return size * (sum(_width(word, font) for word in words) + (len(words) - 1) * _width(" ", font))


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A journal's or conference's layout, sizes in points."""

    columns: int = 2
    body: float = 10
    margin: float = 54
    gutter: float = 18
    indent: float = 12
    skip: float = 0  # between paragraphs
    leading: float = 1.2
    bottom: float = 90
    heading: tuple[str, float] = ("tibo", 12)
    subheading: tuple[str, float] = ("tibo", 10)
    centred: bool = False
    head: str = ""  # a running head on every page
    line_numbers: bool = False
    interleaved: bool = False  # rows drawn across the columns, as some programs do


@dataclass(slots=True)
class Press:
    """Fills columns from top to bottom with what it is given, breaking words at column edges."""

    style: Style
    document: pymupdf.Document = field(default_factory=pymupdf.open)
    y: float = 0
    column: int = 0
    top: float = 72
    outline: list[list[object]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # words that were hyphenated
    _strokes: list[tuple[float, float, str, str, float]] = field(default_factory=list)
    _numbered: int = 0

    def __post_init__(self) -> None:
        self._new_page()

    @property
    def width(self) -> float:
        style = self.style
        return (595 - 2 * style.margin - (style.columns - 1) * style.gutter) / style.columns

    @property
    def left(self) -> float:
        return self.style.margin + self.column * (self.width + self.style.gutter)

    def wide(self, text: str, font: str, size: float, *, centred: bool = True) -> None:
        """Lines over the full width, at the top of a page; columns begin below."""
        for line in self._wrapped(text, font, size, 595 - 2 * self.style.margin):
            x = (595 - length_of(line, font, size)) / 2 if centred else self.style.margin
            self._strokes.append((x, self.y, line, font, size))
            self.y += 1.25 * size
        self.y += size
        self.top = self.y

    def heading(self, text: str, *, level: int = 1) -> None:
        font, size = self.style.heading if level == 1 else self.style.subheading
        self._room(4 * size)
        self.y += 0.9 * size
        self.outline.append([level, text, len(self.document)])
        for line in self._wrapped(text, font, size, self.width):
            length = length_of(line, font, size)
            x = self.left + (self.width - length) / 2 if self.style.centred and level == 1 else self.left
            self._strokes.append((x, self.y, line, font, size))
            self.y += 1.2 * size
        self.y += 0.4 * size

    def paragraph(
        self, text: str, *, font: str = "tiro", size: float | None = None, indent: bool = True
    ) -> None:
        size = size or self.style.body
        first = self.style.indent if indent else 0
        for i, line in enumerate(self._wrapped(text, font, size, self.width, first=first)):
            self._room(size)
            self._line(self.left + (first if i == 0 else 0), line, font, size)
            self.y += self.style.leading * size
        self.y += self.style.skip

    def entry(self, text: str, *, size: float = 8, hang: float = 10) -> None:
        """An entry of a reference list, its later lines indented."""
        for i, line in enumerate(self._wrapped(text, "tiro", size, self.width - hang)):
            self._room(size)
            self._line(self.left + (hang if i else 0), line, "tiro", size)
            self.y += 1.2 * size
        self.y += 2

    def figure(
        self, caption: str, labels: Sequence[str] = (), *, size: float = 9, height: float = 80
    ) -> None:
        """A frame with labels inside, and its caption."""
        self._room(height + 40)
        self.y += 14
        page = self.document[-1]
        page.draw_rect((self.left + 10, self.y, self.left + self.width - 10, self.y + height))
        for i, label in enumerate(labels):
            self._strokes.append(
                (self.left + 30 + 40 * (i % 3), self.y + 20 + 14 * (i // 3), label, "helv", 7)
            )
        self.y += height + 16
        for line in self._wrapped(caption, "tiro", size, self.width):
            self._strokes.append((self.left, self.y, line, "tiro", size))
            self.y += 1.15 * size
        self.y += 16

    def table(self, rows: Sequence[Sequence[str]], caption: str, *, size: float = 9) -> None:
        self._room(13 * len(rows) + 50)
        self.y += 14
        for row in rows:
            for i, cell in enumerate(row):
                self._strokes.append((self.left + 10 + i * self.width / len(row), self.y, cell, "tiro", size))
            self.y += 1.2 * size
        self.y += 8
        for line in self._wrapped(caption, "tiro", size, self.width):
            self._strokes.append((self.left, self.y, line, "tiro", size))
            self.y += 1.15 * size
        self.y += 16

    def footnote(self, mark: str, text: str) -> None:
        """A note at the foot of the current column."""
        y = 842 - self.style.bottom + 14
        self._strokes.append((self.left + 8, y - 3, mark, "tiro", 5.5))
        for i, line in enumerate(self._wrapped(text, "tiro", 8, self.width - 12)):
            self._strokes.append((self.left + 12 * (i == 0), y + 9.5 * i, line, "tiro", 8))

    def pdf(self, *, bookmarks: bool = False) -> bytes:
        self._print()
        if bookmarks:
            self.document.set_toc(self.outline)
        data: bytes = self.document.tobytes()
        self.document.close()
        return data

    def _line(self, x: float, line: str, font: str, size: float) -> None:
        self._strokes.append((x, self.y, line, font, size))
        if self.style.line_numbers:
            self._numbered += 1
            x = 595 - self.style.margin + 14 if self.column else self.style.margin - 26
            self._strokes.append((x, self.y, f"{self._numbered:03d}", "helv", 6))

    def _wrapped(self, text: str, font: str, size: float, width: float, *, first: float = 0) -> list[str]:
        lines: list[str] = []
        line = ""
        room = width - first
        for word in text.split():
            trial = f"{line} {word}".strip()
            if length_of(trial, font, size) <= room:
                line = trial
                continue
            head = self._hyphenated(line, word, font, size, room)
            if head:
                lines.append(f"{line} {head}-".strip())
                line = word[len(head) :]
            else:
                lines.append(line)
                line = word
            room = width
        return [*lines, line] if line else lines

    def _hyphenated(self, line: str, word: str, font: str, size: float, room: float) -> str:
        if not word.isalpha() or len(word) < 7 or not word.islower():
            return ""
        # Three letters are never a word of their own, so that no break looks like a compound.
        if length_of(f"{line} {word[:3]}-".strip(), font, size) > room:
            return ""
        self.broken.append(word)
        return word[:3]

    def _room(self, needed: float) -> None:
        if self.y + needed <= 842 - self.style.bottom:
            return
        if self.column + 1 < self.style.columns:
            self.column += 1
            self.y = self.top
        else:
            self._print()
            self._new_page()

    def _new_page(self) -> None:
        page = self.document.new_page(width=595, height=842)
        self.column, self.top = 0, 72
        self.y = self.top
        if self.style.head:
            page.insert_text((54, 40), self.style.head, fontsize=8, fontname="tiit")
            page.insert_text((530, 40), str(len(self.document)), fontsize=8, fontname="tiro")
        else:
            page.insert_text((292, 815), str(len(self.document)), fontsize=9, fontname="tiro")

    def _print(self) -> None:
        strokes = (
            sorted(self._strokes, key=lambda s: (s[1], s[0])) if self.style.interleaved else self._strokes
        )
        for x, y, text, font, size in strokes:
            self.document[-1].insert_text((x, y), text, fontname=font, fontsize=size)
        self._strokes = []
