"""Lines of text with their place on the page: what the PDF library gives, before any reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from digest.fulltext import HiddenText


class Line(NamedTuple):
    """One line, or a piece of one, in points from the page's top left corner.

    `mark` is a leading superscript (a footnote's number); `label` the leading words set in bold, where the
    rest is not; `block` counts the PDF library's blocks. `pieces` is how many pieces stood apart by more
    than a word space: table rows have many. `left` and `right` are the edges of its column.
    """

    # A tuple, because papers have thousands and a frozen dataclass takes four times as long to make.
    page: int
    text: str
    size: float
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    bold: bool = False
    italic: bool = False
    caps: bool = False  # small capitals
    block: int = 0
    mark: str = ""
    label: str = ""
    pieces: int = 1
    column: int = 0
    left: float = 0.0
    right: float = 0.0

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def fills(self) -> float:
        """The share of its column that it covers, 0 to 1."""
        return self.width / max(self.right - self.left, 1.0)

    @property
    def style(self) -> tuple[float, bool, bool]:
        return (round(self.size, 0), self.bold, self.italic)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLines:
    """The visible lines of one page, in the order of the PDF."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """An entry of the PDF's outline; `level` counts from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All that the PDF library tells of a document: pages read, outline, metadata title, link targets."""

    pages: int
    read: tuple[PageLines, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    title: str = ""
    links: tuple[str, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    crowded: tuple[int, ...] = ()  # pages with more lines than any page can show; the rest was left out
    failed: tuple[int, ...] = ()  # pages that the PDF library could not read
    broken: tuple[int, ...] = ()  # pages that it read, but says may be incomplete
    repaired: bool = False  # the file's own index was unusable and had to be guessed
