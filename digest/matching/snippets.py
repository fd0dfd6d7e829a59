"""The words around a hit, as the paper has them: `… we train a vision-language-action model on …`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from digest.matching.folding import Spot, spots
from digest.matching.plurals import plural_key
from digest.matching.query import Term, TermKind, phrases_of

WIDTH = 110  # characters of a snippet, without ellipses


class Passage:
    """A text in which phrases are looked up and quoted; nothing is computed before it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def around(self, term: Term) -> str | None:
        """The words around the first place where the phrase occurs; None where it does not."""
        place = self.find(term)
        return None if place is None else snippet(self._text, *place)

    def find(self, term: Term) -> tuple[int, int] | None:
        """The first place of the phrase, in any of its spellings, in the original text, `[start:end]`."""
        places = (self._place(phrase, term.kind) for phrase in phrases_of(term))
        return min((place for place in places if place is not None), default=None)

    def _place(self, words: tuple[str, ...], kind: TermKind) -> tuple[int, int] | None:
        starts: Sequence[int]
        if len(words) > 1:
            starts = self._places.get(words[0], ())
        elif kind is TermKind.WORDS:
            starts = self._places_by_key.get(words[0], ())
        elif kind is TermKind.EXACT:
            starts = self._places.get(words[0], ())
        else:
            starts = range(len(self._spots))
        for start in starts:
            if self._is_at(words, kind, start):
                return self._spots[start].start, self._spots[start + len(words) - 1].end
        return None

    def _is_at(self, words: tuple[str, ...], kind: TermKind, start: int) -> bool:
        last = start + len(words) - 1
        if last >= len(self._spots):
            return False
        exact = kind is TermKind.EXACT
        for number, word in enumerate(words[:-1], start):
            spot = self._spots[number]
            if spot.word != word and (exact or word not in spot.tails):
                return False
        spot, word = self._spots[last], words[-1]
        said = (spot.word, *spot.tails)
        match kind:
            case TermKind.EXACT:
                return spot.word == word
            case TermKind.PREFIX:
                return any(each.startswith(word) for each in said)
            case _:
                return word in map(plural_key, said)

    @cached_property
    def _spots(self) -> tuple[Spot, ...]:
        return spots(self._text)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for number, spot in enumerate(self._spots):
            for word in (spot.word, *spot.tails):
                places.setdefault(word, []).append(number)
        return places

    @cached_property
    def _places_by_key(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for word, numbers in self._places.items():
            places.setdefault(plural_key(word), []).extend(numbers)
        return {key: sorted(numbers) for key, numbers in places.items()}


def snippet(text: str, start: int, end: int, *, width: int = WIDTH) -> str:
    """About `width` characters of the text around `[start:end]`, on one line, cut between words with "…"."""
    room = max(width - (end - start), 0)
    left, right = start - room // 2, end + room - room // 2
    if left < 0:
        left, right = 0, right - left
    if right > len(text):
        left, right = max(0, left - (right - len(text))), len(text)
    left = _word_start(text, left, start)
    right = _word_end(text, right, end)
    quoted = " ".join(text[left:right].split())
    before = "… " if text[:left].strip() else ""
    after = " …" if text[right:].strip() else ""
    return f"{before}{quoted}{after}"


def _word_start(text: str, left: int, start: int) -> int:
    """The first word that begins at or after `left`; `left` itself where no blank comes before the hit."""
    if left <= 0 or text[left - 1].isspace():
        return max(left, 0)
    for position in range(left, start):
        if text[position].isspace():
            return position + 1
    return start if start - left < 20 else left


def _word_end(text: str, right: int, end: int) -> int:
    """The end of the last word that ends at or before `right`."""
    if right >= len(text) or text[right].isspace():
        return right
    for position in range(right, end, -1):
        if text[position - 1].isspace():
            return position - 1
    return end if right - end < 20 else right
