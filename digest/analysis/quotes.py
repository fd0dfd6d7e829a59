"""Finding a quote where it really stands: exact in every word and number, lenient only about typesetting.

Text is compared as a stream of words and numbers without spaces and punctuation, so hyphens at line ends,
ligatures, quotation marks and accents set apart cannot matter, while every digit and every word does.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from digest.fulltext import FullText, Paragraph, SectionRole
from digest.model import Paper

_TOKEN = re.compile(
    r"(?P<number>(?<![\w)\]%])-?\d[\d.,]*\d%?|(?<![\w)\]%])-?\d%?|\d+(?:[.,]\d+)*%?)|[^\W\d_]+|[<>≤≥±=]"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# An accent on its letter goes alone; one set apart ("Universit ´ e") takes its spaces with it.
_COMBINING = re.compile(r"(?<=\w)[\u0300-\u036f]+|\s*[\u0300-\u036f\u00a8\u00b4]+\s*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_DASHES = str.maketrans(
    {"−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-", "×": "x", "∼": "~", "⩽": "≤", "⩾": "≥"}
)

_CITED = re.compile(r"\s?\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]")
_NAMED_YEARS = re.compile(r"\s?\([^()]{0,200}?\b(?:1[89]|20)\d\d[a-z]?\b[^()]{0,200}\)")
_FOOTNOTE = re.compile(r"(?<=[^\W\d_][.,;:)])\d{1,2}(?=\s|$)|(?<=[^\W\d_]{4})\d{1,2}(?=[.,;:)]?(?:\s|$))")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*")

# Differences between a quote and the page that change nothing.
_LIGHT = frozenset({"a", "an", "the", "that"})
_NEGATION = re.compile(
    r"\b(?:not?|never|nor|neither|without|cannot|hardly|fails?|un\w{4,})\b|n['’]t\b", re.IGNORECASE
)
_LIGATURE = re.compile(r"ffi|ffl|ff|fi|fl")

_LEAST_RATIO = 0.9
_LEAST_WORDS, _MOST_WORDS = 6, 300  # of a quote that may differ from the page at all
_GAP = "\x00"  # nothing is quoted across it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a text stands: in a paragraph, a caption ("Table 3"), or the abstract as announced (neither).

    `page` is where a quote that was found begins; `breaks` are the paragraph's.
    """

    paragraph: int | None = None
    page: int | None = None
    caption: str = ""
    text: str
    breaks: tuple[tuple[int, int], ...] = ()


def fold(text: str) -> str:
    """The text as it is compared: without accents and invisible characters, one kind of dash, casefolded."""
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text.casefold()
    text = unicodedata.normalize("NFKD", text.translate(_DASHES)).translate(_DASHES)
    return _COMBINING.sub("", text).casefold()


def tokens(text: str) -> list[str]:
    """Words, numbers and relations of a folded text, in order; "1,234" is the number 1234."""
    return [match[0] for match in _TOKEN.finditer(_THOUSANDS.sub("", text))]


def squeeze(stream: Sequence[str]) -> tuple[str, list[int]]:
    """Tokens written without spaces, and where each begins; fences keep two numbers from becoming one."""
    starts, offset, pieces = [], 0, []
    for token in stream:
        starts.append(offset)
        piece = f"|{token}|" if token[-1].isdigit() or token[-1] == "%" else token
        pieces.append(piece)
        offset += len(piece)
    starts.append(offset)
    return "".join(pieces), starts


@dataclass(frozen=True, slots=True)
class _Page:
    """The whole paper as a stream of tokens; those of `places[i]` begin at `bounds[i]`.

    A paragraph over several pages is as many places, alike but for the page.
    """

    stream: tuple[str, ...]
    squeezed: str
    starts: list[int]
    bounds: list[int]
    places: list[Place]


@dataclass(slots=True)
class Haystack:
    """Everything of a paper that may be quoted. References are left out."""

    places: tuple[Place, ...]
    gaps: frozenset[int]
    _readings: dict[bool, _Page] = field(default_factory=dict)

    @classmethod
    def of(cls, text: FullText | None, paper: Paper) -> Haystack:
        """The body, appendix and captions of the full text, then the abstract and title as announced."""
        places: list[Place] = []
        gaps: set[int] = set()
        for section in text.sections if text is not None else ():
            gaps.add(len(places))
            if section.role is not SectionRole.REFERENCES:
                places += map(_place, section.paragraphs)
        for caption in text.captions if text is not None else ():
            gaps.add(len(places))
            words = _even(f"{caption.label}: {caption.text}")
            places.append(Place(page=caption.page, caption=caption.label, text=words))
        for announced in (paper.abstract, paper.title):
            gaps.add(len(places))
            places.append(Place(text=_even(announced)))
        return cls(tuple(places), frozenset(gaps))

    def find(self, quote: str, *, near: int | None = None) -> Place | None:
        """The place where the quote stands, or begins; that of paragraph `near` if it stands there too."""
        quote = _even(quote)
        found = self._find_whole(quote, near)
        if found is not None:
            return found
        pieces = [piece for piece in _ELLIPSIS.split(quote.strip(" \"'“”‘’«»")) if piece.strip(" .,;:")]
        return self._find_elided(pieces, near) if len(pieces) > 1 else None

    def has(self, words: str) -> bool:
        """Whether whole words stand anywhere, wherever hyphens, spaces and capitals are."""
        return self._exactly(tokens(fold(words)), self._reading(bare=False), None) is not None

    def _find_whole(self, quote: str, near: int | None) -> Place | None:
        """Word for word as printed; then without the page's cites and footnote marks; then nearly."""
        needle = tokens(fold(quote))
        if not _is_substantial(needle):
            return None
        for bare in (False, True):
            found = self._exactly(needle, self._reading(bare=bare), near)
            if found is not None:
                return found
        return self._nearly(needle, near)

    def _find_elided(self, pieces: Sequence[str], near: int | None) -> Place | None:
        """Every piece of at least three words, in order, in one paragraph, and no negation left out."""
        first = self._find_whole(pieces[0], near)
        if first is None or any(len(piece.split()) < 3 for piece in pieces):
            return None
        squeezed, _ = squeeze(tokens(fold(_bare(first.text))))
        at = 0
        for piece in pieces:
            needle, _ = squeeze(tokens(fold(_bare(piece))))
            found = squeezed.find(needle, at)
            if found < 0:
                return None
            at = found + len(needle)
        return None if _leaves_out_negation(first.text, pieces) else first

    def _reading(self, *, bare: bool) -> _Page:
        if bare not in self._readings:
            self._readings[bare] = self._read(bare=bare)
        return self._readings[bare]

    def _read(self, *, bare: bool) -> _Page:
        stream: list[str] = []
        bounds: list[int] = []
        places: list[Place] = []
        read = _bare_tokens if bare else _tokens_of
        for index, place in enumerate(self.places):
            if index in self.gaps:
                stream.append(_GAP)
            own = read(place.text)
            for first, page in _page_starts(place, len(own), read):
                bounds.append(len(stream) + first)
                places.append(place if page == place.page else replace(place, page=page))
            stream += own
        squeezed, starts = squeeze(stream)
        return _Page(tuple(stream), squeezed, starts, bounds, places)

    def _exactly(self, needle: Sequence[str], reading: _Page, near: int | None) -> Place | None:
        wanted, _ = squeeze(needle)
        first: Place | None = None
        at = reading.squeezed.find(wanted)
        while at >= 0:
            if _is_token_edge(reading.starts, at) and _is_token_edge(reading.starts, at + len(wanted)):
                place = self._place_of(reading, bisect_left(reading.starts, at))
                if near is None or place.paragraph == near:
                    return place
                first = first or place
            at = reading.squeezed.find(wanted, at + 1)
        return first

    def _place_of(self, reading: _Page, token: int) -> Place:
        return reading.places[bisect_right(reading.bounds, token) - 1]

    def _nearly(self, needle: Sequence[str], near: int | None) -> Place | None:
        """A window anchored by three words in a row that differs only where nothing changes."""
        if not _LEAST_WORDS <= len(needle) <= _MOST_WORDS:
            return None
        best: Place | None = None
        for bare in (False, True):
            reading = self._reading(bare=bare)
            for start in self._windows(needle, reading):
                window = reading.stream[start : start + len(needle) + 6]
                if _says_the_same(needle, window):
                    place = self._place_of(reading, start)
                    if near is None or place.paragraph == near:
                        return place
                    best = best or place
        return best

    def _windows(self, needle: Sequence[str], reading: _Page) -> Iterator[int]:
        """Where the quote would begin, judged by each of its word triples that stands on the page; few."""
        seen: set[int] = set()
        for offset in range(0, len(needle) - 2, max(1, len(needle) // 12)):
            wanted, _ = squeeze(needle[offset : offset + 3])
            at = reading.squeezed.find(wanted)
            tries = 0
            while at >= 0 and tries < 8:
                tries += 1
                token = bisect_right(reading.starts, at) - 1
                for start in range(token - offset - 3, token - offset + 4):
                    if start in seen or not 0 <= start < len(reading.stream):
                        continue
                    if reading.stream[start] == needle[0] or offset == 0:
                        seen.add(start)
                        yield start
                at = reading.squeezed.find(wanted, at + 1)


def _place(paragraph: Paragraph) -> Place:
    text = paragraph.text
    breaks = tuple((len(_even(text[:offset])), page) for offset, page in paragraph.breaks)
    return Place(paragraph=paragraph.id, page=paragraph.page, text=_even(text), breaks=breaks)


def _page_starts(
    place: Place, count: int, read: Callable[[str], list[str]]
) -> Iterator[tuple[int, int | None]]:
    """Which of a place's `count` tokens is the first on each of its pages."""
    yield 0, place.page
    for offset, page in place.breaks:
        # A cite that `read` leaves out may lie across the break: the counts differ, and the lower is right.
        yield min(len(read(place.text[:offset])), count - len(read(place.text[offset:]))), page


def _tokens_of(text: str) -> list[str]:
    return tokens(fold(text))


def _bare_tokens(text: str) -> list[str]:
    return tokens(fold(_bare(text)))


def _even(text: str) -> str:
    """With single spaces: the patterns here must never meet a long run of white space."""
    return " ".join(text.split())


def _is_substantial(needle: Sequence[str]) -> bool:
    """Three words at least, or ten letters without spaces between, as in Chinese."""
    return len(needle) >= 3 or sum(map(len, needle)) >= 10


def _is_token_edge(starts: Sequence[int], offset: int) -> bool:
    at = bisect_left(starts, offset)
    return at < len(starts) and starts[at] == offset


def _bare(text: str) -> str:
    """Without [12], (Name et al., 2020) and the marks of footnotes."""
    return _FOOTNOTE.sub("", _NAMED_YEARS.sub("", _CITED.sub("", text)))


def _leaves_out_negation(text: str, pieces: Sequence[str]) -> bool:
    first, last = text.find(pieces[0].strip()[-20:]), text.find(pieces[-1].strip()[:20])
    return 0 <= first < last and _NEGATION.search(text[first + 20 : last]) is not None


def _says_the_same(needle: Sequence[str], window: Sequence[str]) -> bool:
    """Whether the window's beginning reads as the quote: difflib >= 0.9, and only light words differ."""
    matcher = SequenceMatcher(None, needle, window, autojunk=False)
    operations = matcher.get_opcodes()
    if operations and operations[-1][0] in ("insert", "replace"):
        tag, i1, i2, j1, j2 = operations.pop()
        if tag == "replace":
            j2 = min(j2, j1 + (i2 - i1) + 1)
            operations.append((tag, i1, i2, j1, j2))
    end = max((op[4] for op in operations), default=0)
    same = sum(op[2] - op[1] for op in operations if op[0] == "equal")
    if 2 * same < _LEAST_RATIO * (len(needle) + end):
        return False
    return all(
        op[0] == "equal" or _is_light(needle[op[1] : op[2]], window[op[3] : op[4]]) for op in operations
    )


def _is_light(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Articles, and words that lost a ligature ("speci c") or the space between them."""
    if all(token in _LIGHT for token in (*ours, *theirs)):
        return True
    one, other = "".join(ours), "".join(theirs)
    return one != other and one.isalpha() and other.isalpha() and _lost_ligature(one, other)


def _lost_ligature(one: str, other: str) -> bool:
    return _LIGATURE.search(one + other) is not None and _LIGATURE.sub("", one) == _LIGATURE.sub("", other)
