"""The terms that anybody asks for, each once, and which of them hold for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import is_
from sys import intern
from typing import Generic, Protocol, TypeVar

from digest.matching.likeness import LikeTable
from digest.matching.names import NameTable
from digest.matching.phrases import Phrase, PhraseTable, PrefixTable
from digest.matching.query import Term, TermKind, phrases_of
from digest.matching.text import PaperText, Stream
from digest.model import ArxivId, Paper

W = TypeVar("W")
P = TypeVar("P")


class Sought(Generic[W]):
    """A term somebody asks for, how many clauses use it, and what waits for it to be found."""

    __slots__ = ("term", "uses", "waiting")

    def __init__(self, term: Term) -> None:
        self.term = term
        self.uses = 0
        self.waiting: list[W] = []


class _Table(Protocol[P]):
    def get(self, phrase: Phrase, /) -> P | None: ...
    def put(self, phrase: Phrase, value: P, /) -> None: ...
    def drop(self, phrase: Phrase, /) -> None: ...


class Tables(Generic[W]):
    """All terms by their kind."""

    def __init__(self) -> None:
        self._anywhere: _PhraseTables[Sought[W]] = _PhraseTables()
        self._title: _PhraseTables[Sought[W]] = _PhraseTables()
        self._abstract: _PhraseTables[Sought[W]] = _PhraseTables()
        self._authors: NameTable[Sought[W]] = NameTable()
        self._categories: CategoryTable[Sought[W]] = CategoryTable()
        self._examples: LikeTable[Sought[W]] = LikeTable()

    def seek(self, term: Term) -> Sought[W]:
        """The one entry for terms that ask the same, made if need be; used once more than before."""
        table, phrases = self._place(term), phrases_of(term)
        sought = table.get(phrases[0])
        if sought is None:
            sought = Sought(term)
            for phrase in phrases:
                table.put(_interned(phrase), sought)
        sought.uses += 1
        return sought

    def release(self, sought: Sought[W]) -> None:
        """Use an entry once less; nobody's entry is forgotten."""
        sought.uses -= 1
        if not sought.uses:
            table = self._place(sought.term)
            for phrase in phrases_of(sought.term):
                table.drop(phrase)

    def found(self, text: PaperText) -> set[Sought[W]]:
        """The entries whose terms hold for the paper."""
        found = self._anywhere.found(text.stream, text.words)
        if self._title:
            found |= self._title.found(text.title_stream, text.title_words)
        if self._abstract:
            found |= self._abstract.found(text.abstract_stream, text.abstract_words)
        if self._authors:
            found.update(self._authors.found(forms for _, forms in text.authors))
        if self._categories:
            found.update(self._categories.found(text.paper.categories))
        if self._examples:
            found.update(self._examples.found(text.topic.keys))
        return found

    def phrases(self, text: PaperText) -> set[Phrase]:
        """The phrases that somebody asks for, as the paper writes them; without quotes, fields or stars."""
        return self._anywhere.words.occurring(text.stream.words, text.stream.keys)

    def learn(self, paper: Paper) -> None:
        """Tell what an example of `like:` says."""
        self._examples.show(paper.id.id, PaperText(paper).topic.keys)

    @property
    def unknown_examples(self) -> tuple[ArxivId, ...]:
        """Examples of `like:` whose papers are not known."""
        return tuple(map(ArxivId, self._examples.unknown))

    def likeness_shown(self, term: Term, text: PaperText) -> str:
        """The words that tell most of why the paper is like the example."""
        topic = text.topic
        shared = self._examples.shared(term.words[0], topic.keys)
        spoken = dict(zip(reversed(topic.keys), reversed(topic.words), strict=True))
        return ", ".join(spoken[key] for key in shared)

    def _place(self, term: Term) -> _Table[Sought[W]]:
        scope = self._title if term.in_title else self._abstract if term.in_abstract else self._anywhere
        match term.kind:
            case TermKind.WORDS:
                return scope.words
            case TermKind.EXACT:
                return scope.exact
            case TermKind.PREFIX:
                return scope.prefixes
            case TermKind.AUTHOR:
                return self._authors
            case TermKind.CATEGORY:
                return self._categories
            case TermKind.LIKE:
                return self._examples


class _PhraseTables(Generic[P]):
    """The phrases that are sought in one part of a paper, by their kind."""

    def __init__(self) -> None:
        self.words: PhraseTable[P] = PhraseTable()
        self.exact: PhraseTable[P] = PhraseTable()
        self.prefixes: PrefixTable[P] = PrefixTable()

    def __bool__(self) -> bool:
        return bool(self.words or self.exact or self.prefixes)

    def found(self, stream: Stream, words: Sequence[str]) -> set[P]:
        """What stands for the phrases that occur; `words` are the text's own, for exact phrases."""
        found = set(self.words.found(stream.words, stream.keys))
        if self.exact:
            found.update(self.exact.found(words, words))
        if self.prefixes:
            found.update(self.prefixes.found(stream.words))
        return found


class CategoryTable(Generic[P]):
    """Categories in small letters, and archives, which stand for all their categories."""

    def __init__(self) -> None:
        self._values: dict[str, P] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, phrase: Phrase) -> P | None:
        return self._values.get(phrase[0])

    def put(self, phrase: Phrase, value: P) -> None:
        self._values[phrase[0]] = value

    def drop(self, phrase: Phrase) -> None:
        del self._values[phrase[0]]

    def found(self, categories: tuple[str, ...]) -> Iterator[P]:
        """What stands for the categories and for their archives; some may come twice."""
        for category in map(str.lower, categories):
            for name in {category, category.partition(".")[0]}:
                if name in self._values:
                    yield self._values[name]


def _interned(words: Phrase) -> Phrase:
    """The words interned; the same tuple where they are."""
    interned = tuple(map(intern, words))
    return words if all(map(is_, interned, words)) else interned
