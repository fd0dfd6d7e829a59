"""Finding section headings: by the PDF's bookmarks, else by fonts and numbering."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.fulltext import SectionRole
from digest.reading.characters import squash
from digest.reading.lines import Bookmark, Line
from digest.reading.measures import APART, Measures, gap
from digest.reading.roles import Place, role_of

_ARABIC = re.compile(r"(?:(?:Section|Chapter|§)\s*)?(\d{1,2}(?:\.\d{1,2}){0,3})[.:]?\s+(?=\S)")
_ROMAN = re.compile(r"([IVX]{1,5})[.:]\s+(?=\S)")
_LETTER = re.compile(
    r"(?:(?:Appendix|APPENDIX|Supplement)\s+)?([A-Z](?:\.\d{1,2}){0,3})(?:[.:]\s*|\s+)(?=\S)"
)
_APPENDIX_ONLY = re.compile(r"(?:Appendix|APPENDIX)\s+([A-Z]|[IVX]+|\d)[.:]?$")
_KNOWN = re.compile(
    r"(?:abstract|summary|introduction|(?:general )?background(?: and related works?)?|related works?"
    r"|prior works?|preliminaries|motivation|methods?|methodology|materials and methods|approach"
    r"|experiments?|experimental (?:results|setup|evaluation)|results(?: and discussions?)?|evaluation"
    r"|discussions?|analysis|conclusions?(?: and (?:future works?|discussions?|outlook|limitations?))?"
    r"|future works?|limitations?(?: and .*)?|theory|appendix|appendices|摘\s*要|引言|结论)[.:]?$",
    re.IGNORECASE,
)
_RUN_IN_ABSTRACT = re.compile(
    r"(Abstract|ABSTRACT|Summary|SUMMARY|Zusammenfassung|摘\s*要)\s*(?:[—–:.\-]+)\s*(?=\S)"
)
_CONTENTS = re.compile(r"(.*?\w)[\s.…·]*\s\d{1,3}$")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found at `first` up to, not including, `stop` among the lines. `level` counts from 1.

    `rest` is what of its last line belongs to the text after it ("Abstract— We propose").
    """

    first: int
    stop: int
    number: str
    title: str
    level: int
    page: int
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    heading: Heading
    line: Line
    kind: str  # "arabic", "roman", "letter", "known", "styled"
    sure: bool = False


def find_headings(
    lines: Sequence[Line], measures: Measures, bookmarks: Sequence[Bookmark] = ()
) -> tuple[Heading, ...]:
    """The headings in reading order. `lines` are free of captions, footnotes and furniture."""
    marked = _bookmarked(lines, bookmarks)
    candidates = [
        candidate
        for index in range(len(lines))
        if (candidate := marked.get(index) or _candidate(lines, index, measures)) is not None
    ]
    accepted = _Sequence(measures).accept(_without_contents(candidates))
    numbered = sum(each.kind in ("arabic", "roman") for each in accepted)
    if numbered < 2:
        accepted = _with_same_style(lines, measures, accepted)
    return tuple(each.heading for each in _apart(accepted))


def _without_contents(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Drop the entries of a table of contents: a title with a page number that comes again without."""
    last = {squash(each.heading.title): index for index, each in enumerate(candidates)}
    kept: list[_Candidate] = []
    for index, each in enumerate(candidates):
        entry = _CONTENTS.match(each.heading.title)
        if entry is None or last.get(squash(entry[1]), -1) <= index:
            kept.append(each)
    return kept


def _apart(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Drop headings that begin inside the heading before them."""
    kept: list[_Candidate] = []
    for each in candidates:
        if not kept or each.heading.first >= kept[-1].heading.stop:
            kept.append(each)
    return kept


def _bookmarked(lines: Sequence[Line], bookmarks: Sequence[Bookmark]) -> dict[int, _Candidate]:
    """Headings that the outline names, by line index; none when the outline does not fit the pages."""
    wanted: dict[int, list[Bookmark]] = defaultdict(list)
    for bookmark in bookmarks:
        wanted[bookmark.page].append(bookmark)
    found: dict[int, _Candidate] = {}
    for index, line in enumerate(lines):
        for bookmark in wanted.get(line.page, ()):
            stop = _matches(lines, index, squash(_split(bookmark.title)[2]))
            if stop:
                found[index] = _from_bookmark(lines, index, stop, bookmark)
                wanted[line.page].remove(bookmark)
                break
    return found if len(found) >= 3 and len(found) >= 0.6 * len(bookmarks) else {}


def _matches(lines: Sequence[Line], index: int, title: str) -> int:
    """The index after the lines that together are the title; 0 if they are not."""
    if not title:
        return 0
    text = ""
    for stop in range(index, min(index + 4, len(lines))):
        text = f"{text} {lines[stop].text}".strip()
        bare = squash(_split(text)[2])
        if bare == title or squash(text) == title:
            return stop + 1
        if not title.startswith(bare[:200]):
            return 0
    return 0


def _from_bookmark(lines: Sequence[Line], index: int, stop: int, bookmark: Bookmark) -> _Candidate:
    text = " ".join(line.text for line in lines[index:stop])
    kind, number, title = _split(text)
    heading = Heading(index, stop, number, title, bookmark.level, lines[index].page)
    return _Candidate(heading, lines[index], kind or "known", sure=True)


def _split(text: str) -> tuple[str, str, str]:
    """A heading's kind of number, its number and its title."""
    alone = _APPENDIX_ONLY.match(text)
    if alone:
        return "letter", alone[1], text
    for kind, pattern in (("arabic", _ARABIC), ("roman", _ROMAN), ("letter", _LETTER)):
        match = pattern.match(text)
        if match:
            return kind, match[1], text[match.end() :].strip()
    return "", "", text


def _candidate(lines: Sequence[Line], index: int, measures: Measures) -> _Candidate | None:
    line = lines[index]
    before = lines[index - 1] if index else None
    run_in = _RUN_IN_ABSTRACT.match(line.text)
    if run_in and line.page <= 2:
        heading = Heading(index, index + 1, "", run_in[1], 1, line.page, line.text[run_in.end() :])
        return _Candidate(heading, line, "known", sure=True)
    if not _begins_block(before, line, measures) or line.pieces > 2:
        return None
    stop = _heading_stop(lines, index, measures)
    text = " ".join(each.text for each in lines[index:stop])
    kind, number, title = _split(text)
    if not _can_be_title(text, title):
        return None
    known = bool(_KNOWN.match(text)) or role_of(text, Place.FRONT) in (
        SectionRole.REFERENCES,
        SectionRole.BACK_MATTER,
        SectionRole.APPENDIX,
    )
    if known and _is_strong(line, measures, known=True):
        return _Candidate(Heading(index, stop, "", text.rstrip(".:"), 1, line.page), line, "known")
    if kind and _is_strong(line, measures, known=False):
        level = number.count(".") + 1
        return _Candidate(Heading(index, stop, number, title, level, line.page), line, kind)
    return None


def _begins_block(before: Line | None, line: Line, measures: Measures) -> bool:
    distance = gap(before, line)
    if distance == APART or before is None:
        return True
    different = abs(before.size - line.size) > 0.04 * line.size or before.bold != line.bold
    return distance > 1.12 * measures.pitch or different


def _heading_stop(lines: Sequence[Line], index: int, measures: Measures) -> int:
    """Headings run over at most three lines of one style."""
    first = lines[index]
    stop = index + 1
    while stop < min(index + 3, len(lines)):
        line = lines[stop]
        same = abs(line.size - first.size) < 0.03 * first.size and (line.bold, line.italic) == (
            first.bold,
            first.italic,
        )
        stronger = first.bold or first.size > 1.06 * measures.body or first.caps
        long_enough = lines[stop - 1].fills > 0.55
        if (
            not (same and stronger and long_enough)
            or gap(lines[stop - 1], line) > 1.5
            or _split(line.text)[0] == "arabic"
        ):
            break
        stop += 1
    return stop


def _can_be_title(text: str, title: str) -> bool:
    if len(text) > 160 or len(title) < 2 or not any(c.isalpha() for c in title):
        return False
    if title.endswith((",", ";", "-")) or len(title.split()) > 20:
        return False
    first = next(c for c in title if c.isalnum() or c in '“"$(')
    return not first.islower()


def _is_strong(line: Line, measures: Measures, *, known: bool) -> bool:
    larger = line.size > 1.06 * measures.body
    letters = [c for c in line.text if c.isalpha()]
    upper = len(letters) > 3 and all(c.isupper() for c in letters)
    if line.bold or larger or line.caps or upper:
        return line.size > 0.85 * measures.body
    return line.italic and (known or line.fills < 0.9)


class _Sequence:
    """Accepts candidates whose numbers go on from those before: "4.1" after "4", never "25" after "3"."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._last: dict[int, int] = {}
        self._path: list[str] = []
        self._kind = ""
        self._top: Line | None = None  # the first accepted top-level heading sets the style
        self._after_references = False
        self._accepted: list[_Candidate] = []

    def accept(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        for candidate in candidates:
            if candidate.kind in ("known", ""):
                self._take_known(candidate)
            elif candidate.kind == "letter":
                self._take_letter(candidate)
            else:
                self._take_numbered(candidate)
        return self._accepted

    def _take_known(self, candidate: _Candidate) -> None:
        role = role_of(candidate.heading.title)
        if not candidate.sure and not self._fits_style(candidate.line, slack=0.2):
            return
        if role in (SectionRole.REFERENCES, SectionRole.APPENDIX):
            self._after_references = True
            self._last, self._path = {}, []
        self._accepted.append(candidate)

    def _take_numbered(self, candidate: _Candidate) -> None:
        heading = candidate.heading
        parts = (
            [_roman(heading.number)]
            if candidate.kind == "roman"
            else [int(p) for p in heading.number.split(".")]
        )
        if candidate.kind == "roman" and self._kind == "arabic" and not candidate.sure:
            return
        if not candidate.sure and not self._goes_on(parts, candidate.line):
            return
        if len(parts) == 1:
            self._top = self._top or candidate.line
            self._kind = candidate.kind
        self._remember([str(p) for p in parts] if candidate.kind == "arabic" else [heading.number], parts)
        self._accepted.append(candidate)

    def _goes_on(self, parts: Sequence[int], line: Line) -> bool:
        depth = len(parts)
        if depth == 1:
            if not self._fits_style(line, slack=0.08):
                return False
            last = self._last.get(1)
            if last is None:
                return parts[0] in (0, 1) or line.size > 1.06 * self._measures.body
            return last < parts[0] <= last + 2
        if self._path and self._path[: depth - 1] != [str(p) for p in parts[:-1]]:
            return False
        last = self._last.get(depth, 0) if len(self._path) >= depth else 0
        return not self._path or last < parts[-1] <= last + 2

    def _remember(self, path: list[str], parts: Sequence[int]) -> None:
        self._path = path
        self._last = {depth: value for depth, value in self._last.items() if depth < len(parts)}
        self._last |= {len(parts): parts[-1]}
        for depth, value in enumerate(parts[:-1], start=1):
            self._last.setdefault(depth, value)

    def _take_letter(self, candidate: _Candidate) -> None:
        heading = candidate.heading
        letter, *rest = heading.number.split(".")
        value = ord(letter[0]) - ord("A") + 1
        if self._kind == "roman" and not self._after_references and not rest:
            self._take_ieee_subsection(candidate, value)
            return
        parts = [value, *map(int, rest)]
        if not candidate.sure:
            if not rest and not self._fits_style(candidate.line, slack=0.12):
                return
            if not self._letter_goes_on(parts):
                return
        self._remember([letter, *rest], parts)
        self._accepted.append(candidate)

    def _letter_goes_on(self, parts: Sequence[int]) -> bool:
        lettered = bool(self._path) and self._path[0].isalpha()
        if len(parts) == 1:
            last = self._last.get(1, 0) if lettered else 0
            return last < parts[0] <= last + 2 and (lettered or self._after_references or bool(self._path))
        same = lettered and [_value(p) for p in self._path[: len(parts) - 1]] == list(parts[:-1])
        last = self._last.get(len(parts), 0) if len(self._path) >= len(parts) else 0
        return same and last < parts[-1] <= last + 2

    def _take_ieee_subsection(self, candidate: _Candidate, value: int) -> None:
        """IEEE papers number subsections by letters under Roman sections: "IV-A"."""
        last = self._last.get(2, 0)
        if not self._path or not last < value <= last + 2:
            return
        heading = candidate.heading
        self._last[2] = value
        named = replace(heading, number=f"{self._path[0]}-{heading.number}", level=2)
        self._accepted.append(replace(candidate, heading=named))

    def _fits_style(self, line: Line, *, slack: float) -> bool:
        return self._top is None or line.size > (1 - slack) * self._top.size


def _value(part: str) -> int:
    return int(part) if part.isdigit() else ord(part[0]) - ord("A") + 1


def _roman(number: str) -> int:
    values = [_ROMAN_VALUES[c] for c in number]
    return sum(-v if i + 1 < len(values) and v < values[i + 1] else v for i, v in enumerate(values))


def _with_same_style(
    lines: Sequence[Line], measures: Measures, accepted: Sequence[_Candidate]
) -> list[_Candidate]:
    """In a paper without numbers, short lines in the style of a known heading are headings too."""
    styles: dict[tuple[float, bool, bool], int] = defaultdict(int)
    for each in accepted:
        styles[each.line.style] += 1
    taken = {each.heading.first: each for each in accepted}
    for index, line in enumerate(lines):
        if index in taken or not _is_styled(lines, index, styles, measures):
            continue
        stop = _heading_stop(lines, index, measures)
        text = " ".join(each.text for each in lines[index:stop])
        if _can_be_title(text, text):
            taken[index] = _Candidate(
                Heading(index, stop, "", text.rstrip(".:"), 1, line.page), line, "styled"
            )
    return [taken[index] for index in sorted(taken)]


def _is_styled(
    lines: Sequence[Line], index: int, styles: Mapping[tuple[float, bool, bool], int], measures: Measures
) -> bool:
    line = lines[index]
    known = styles.get(line.style, 0)
    larger = line.size > 1.08 * measures.body
    if line.pieces > 1 or len(line.text) > 100 or line.text.endswith("."):
        return False
    before = lines[index - 1] if index else None
    if known and (larger or (line.bold and known >= 2)):
        return _begins_block(before, line, measures)
    return bool(styles) and line.bold and _has_room(before, line, lines[index + 1 : index + 2], measures)


def _has_room(before: Line | None, line: Line, after: Sequence[Line], measures: Measures) -> bool:
    """Whether a short bold line in a style of its own stands over a paragraph, with space above it."""
    return (
        line.size > 0.97 * measures.body
        and line.fills < 0.9
        and gap(before, line) > 1.3 * measures.pitch
        and any(not each.bold and not each.text[0].islower() and gap(line, each) != APART for each in after)
    )
