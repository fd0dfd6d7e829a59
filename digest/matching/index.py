"""One index over everyone's subscriptions: a paper is read once, however many phrases wait for it.

Phrases are shared between subscribers. A clause of several terms waits at one of them, its anchor, and is
tested when that is found. Adding and removing are insertions into dictionaries and deletions from them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Set
from typing import Generic, TypeVar

from digest.matching.names import is_named
from digest.matching.phrases import Phrase
from digest.matching.query import Clause, Query, Term, TermKind
from digest.matching.tables import Sought, Tables
from digest.matching.text import PaperText
from digest.model import ArxivId, Field, Hit, Paper

K = TypeVar("K", bound=Hashable)

Papers = Callable[[ArxivId], Paper | None]


class SubscriptionIndex(Generic[K]):
    """The queries of all subscribers, each under a key of the caller's choice.

    `papers` looks up the example of a `like:` term; one it does not know finds nothing until `learn`.
    A query's words are sought in titles and abstracts; comments are left out, since feeds have none and the
    answer must not depend on where a paper came from.
    """

    def __init__(self, papers: Papers | None = None) -> None:
        self._papers = papers
        self._tables: Tables[_Waiting[K]] = Tables()
        self._clauses: dict[K, tuple[_Waiting[K], ...]] = {}

    def __len__(self) -> int:
        return len(self._clauses)

    def __contains__(self, key: K) -> bool:
        return key in self._clauses

    def add(self, key: K, query: Query) -> None:
        """Add a query, or put it in place of the one under this key."""
        self.remove(key)
        self._clauses[key] = tuple(self._insert(key, clause) for clause in query.clauses)

    def remove(self, key: K) -> None:
        """Remove the query under this key, if there is one."""
        for waiting in self._clauses.pop(key, ()):
            waiting.anchor.waiting.remove(waiting)
            for sought in (*waiting.required, *waiting.excluded):
                self._tables.release(sought)

    def learn(self, paper: Paper) -> None:
        """Tell what an example of `like:` says."""
        self._tables.learn(paper)

    @property
    def unknown_examples(self) -> tuple[ArxivId, ...]:
        """Examples of `like:` whose papers are not known, so that they find nothing."""
        return self._tables.unknown_examples

    def scan(self, paper: Paper) -> Set[Phrase]:
        """The distinct plain phrases that occur in the paper, in its spelling, last words as plural keys.

        No more than the first step of `keys` and `match`, for measuring it.
        """
        return self._tables.phrases(PaperText(paper))

    def keys(self, paper: Paper) -> set[K]:
        """Whose queries the paper answers, without saying why: several times as fast as `match`."""
        return {waiting.key for waiting in _holding(self._tables.found(PaperText(paper)))}

    def match(self, paper: Paper) -> Mapping[K, tuple[Hit, ...]]:
        """Whose queries the paper answers and why: one hit per term, in the order of the query."""
        text = PaperText(paper)
        found = self._tables.found(text)
        reasons = _Reasons(text, found, self._tables)
        keys = {waiting.key for waiting in _holding(found)}
        return {key: self._hits(self._clauses[key], reasons) for key in keys}

    def _insert(self, key: K, clause: Clause) -> _Waiting[K]:
        waiting = _Waiting(
            key,
            required=tuple(map(self._sought, clause.required)),
            excluded=tuple(map(self._sought, clause.excluded)),
            written=tuple(term.written for term in clause.required),
        )
        waiting.anchor.waiting.append(waiting)
        return waiting

    def _sought(self, term: Term) -> Sought[_Waiting[K]]:
        sought = self._tables.seek(term)
        if term.kind is TermKind.LIKE and sought.uses == 1 and self._papers is not None:
            example = self._papers(ArxivId(term.words[0]))
            if example is not None:
                self._tables.learn(example)
        return sought

    def _hits(self, clauses: Iterable[_Waiting[K]], reasons: _Reasons[K]) -> tuple[Hit, ...]:
        """One hit for each term of the clauses that hold."""
        wanted = {
            written: sought
            for clause in clauses
            if clause.holds(reasons.found)
            for written, sought in zip(clause.written, clause.required, strict=True)
        }
        return tuple(reasons.hit(written, sought) for written, sought in wanted.items())


class _Waiting(Generic[K]):
    """A clause of somebody's query. It waits at its anchor, the required term that is likely the rarest."""

    __slots__ = ("excluded", "key", "required", "written")

    def __init__(
        self,
        key: K,
        *,
        required: tuple[Sought[_Waiting[K]], ...],
        excluded: tuple[Sought[_Waiting[K]], ...],
        written: tuple[str, ...],
    ) -> None:
        self.key = key
        self.required = required
        self.excluded = excluded
        self.written = written

    @property
    def anchor(self) -> Sought[_Waiting[K]]:
        return max(self.required, key=_rareness) if len(self.required) > 1 else self.required[0]

    def holds(self, found: Set[Sought[_Waiting[K]]]) -> bool:
        return all(sought in found for sought in self.required) and found.isdisjoint(self.excluded)


def _rareness(sought: Sought[_Waiting[K]]) -> tuple[bool, int, int]:
    term = sought.term
    return term.kind is not TermKind.CATEGORY, len(term.words), len("".join(term.words))


def _holding(found: set[Sought[_Waiting[K]]]) -> Iterator[_Waiting[K]]:
    """The clauses that hold, given the terms that do."""
    for sought in found:
        for waiting in sought.waiting:
            if (len(waiting.required) == 1 and not waiting.excluded) or waiting.holds(found):
                yield waiting


class _Reasons(Generic[K]):
    """Why terms hold for one paper, each looked up once."""

    def __init__(self, text: PaperText, found: set[Sought[_Waiting[K]]], tables: Tables[_Waiting[K]]) -> None:
        self.found = found
        self._text = text
        self._tables = tables
        self._places: dict[Sought[_Waiting[K]], tuple[Field, str]] = {}
        self._hits: dict[tuple[str, Sought[_Waiting[K]]], Hit] = {}

    def hit(self, written: str, sought: Sought[_Waiting[K]]) -> Hit:
        """The term as somebody wrote it, the field and the words around it."""
        if sought not in self._places:
            self._places[sought] = self._place(sought.term)
        if (written, sought) not in self._hits:
            field, snippet = self._places[sought]
            self._hits[written, sought] = Hit(phrase=written, field=field, snippet=snippet)
        return self._hits[written, sought]

    def _place(self, term: Term) -> tuple[Field, str]:
        match term.kind:
            case TermKind.AUTHOR:
                return Field.AUTHOR, next(
                    name for name, forms in self._text.authors if is_named(term.words, forms)
                )
            case TermKind.CATEGORY:
                return Field.CATEGORY, next(
                    each for each in self._text.paper.categories if _is_in(each, term.words[0])
                )
            case TermKind.LIKE:
                return Field.ABSTRACT, self._tables.likeness_shown(term, self._text)
        title = None if term.in_abstract else self._text.title_passage.around(term)
        if title is not None:
            return Field.TITLE, title
        return Field.ABSTRACT, self._text.abstract_passage.around(term) or ""


def _is_in(category: str, name: str) -> bool:
    return name in (category.lower(), category.lower().partition(".")[0])
