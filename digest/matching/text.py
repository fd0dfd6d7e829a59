"""A paper as the index reads it: folded words of title and abstract, computed when asked for, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from sys import intern

from digest.matching.folding import Folded, folded, tails_by_word
from digest.matching.names import Name, name_forms, name_words
from digest.matching.plurals import plural_key
from digest.matching.remembered import Remembered
from digest.matching.snippets import Passage
from digest.model import Paper

_KEYS = Remembered(plural_key)
_INTERNED = Remembered(intern)
_BREAK = "\n"  # no word; keeps phrases from running from one passage into the next
_AROUND = 6  # words kept on both sides of a tail, so that phrases of one word more are found with it


class Stream:
    """Words in order and the form in which each is compared as the last word of a phrase."""

    __slots__ = ("keys", "words")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.keys: Sequence[str] = list(map(_KEYS.__getitem__, words))


class PaperText:
    """The words of a paper, in the forms that the tables of the index look them up in."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    @cached_property
    def words(self) -> Sequence[str]:
        """Title and abstract as written, without tails: for exact phrases."""
        return _interned((*self._title.words, _BREAK, *self._abstract.words))

    @cached_property
    def stream(self) -> Stream:
        """Title and abstract, and once more each place with a tail, the tail in the place of its word."""
        tails = self._tails
        return Stream([*self.words, *_with_tails(self.words, tails)] if tails else self.words)

    @cached_property
    def topic(self) -> Stream:
        """Title, abstract and once more the title, each word with its tail: what the paper is about."""
        words = (*self.words, *self._title.words)
        tails = self._tails
        return Stream([*words, *(tail for word in words for tail in tails.get(word, ()))])

    @cached_property
    def title_words(self) -> Sequence[str]:
        return _interned(self._title.words)

    @cached_property
    def title_stream(self) -> Stream:
        return Stream([*self.title_words, *_with_tails(self.title_words, _tails(self._title))])

    @cached_property
    def abstract_words(self) -> Sequence[str]:
        return _interned(self._abstract.words)

    @cached_property
    def abstract_stream(self) -> Stream:
        return Stream([*self.abstract_words, *_with_tails(self.abstract_words, _tails(self._abstract))])

    @cached_property
    def authors(self) -> tuple[tuple[str, tuple[Name, ...]], ...]:
        """Every author as written, with the forms of the name."""
        return tuple((author, name_forms(name_words(author))) for author in self.paper.authors)

    @cached_property
    def title_passage(self) -> Passage:
        return Passage(self.paper.title)

    @cached_property
    def abstract_passage(self) -> Passage:
        return Passage(self.paper.abstract)

    @property
    def _tails(self) -> dict[str, tuple[str, ...]]:
        return _tails(self._title, self._abstract)

    @cached_property
    def _title(self) -> Folded:
        return folded(self.paper.title)

    @cached_property
    def _abstract(self) -> Folded:
        return folded(self.paper.abstract)


def _interned(words: Iterable[str]) -> Sequence[str]:
    return list(map(_INTERNED.__getitem__, words))


def _tails(*texts: Folded) -> dict[str, tuple[str, ...]]:
    return tails_by_word((word, intern(tail)) for text in texts for word, tail in text.tails)


def _with_tails(words: Sequence[str], tails: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """For each place of a word with tails, a break and the words around it with each tail instead."""
    seen = set()
    for number, word in enumerate(words):
        for tail in tails.get(word, ()):
            before = words[max(0, number - _AROUND) : number]
            around = (*before, tail, *words[number + 1 : number + 1 + _AROUND])
            if around not in seen:
                seen.add(around)
                yield _BREAK
                yield from around
