"""Queries as values, and what can be said about them without a paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from digest.matching.folding import fold, words_of
from digest.matching.plurals import plural_key
from digest.matching.spellings import joined, spellings


class TermKind(StrEnum):
    """What a term asks of a paper."""

    WORDS = "words"  # one phrase; plural and CamelCase folded
    EXACT = "exact"  # one phrase in just these words; case, accents and hyphens still folded
    PREFIX = "prefix"  # a phrase whose last word may go on
    AUTHOR = "author"
    CATEGORY = "category"  # one of arXiv's categories, or a whole archive
    LIKE = "like"  # another paper, as an example of a topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One condition. `written` is the subscriber's spelling, `inner` the same without field and quotes.

    `words` are the folded words of a phrase or name, or one word: a category in small letters ("cs.ro",
    "cs"), an identifier ("2503.09527").
    """

    kind: TermKind
    written: str
    inner: str
    words: tuple[str, ...]
    in_title: bool = False
    in_abstract: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Terms that must all hold, and terms of which none may."""

    required: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Clauses of which one must hold. `text` is what was typed."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, required and excluded, in order."""
        return tuple(term for clause in self.clauses for term in (*clause.required, *clause.excluded))


def phrases_of(term: Term) -> tuple[tuple[str, ...], ...]:
    """All spellings of a term's phrase, the joined one first; quoted phrases and other terms have just one.

    The last words of an unquoted phrase are plural keys.
    """
    words = term.words
    if term.kind is TermKind.PREFIX:
        return spellings(words)
    if term.kind is not TermKind.WORDS:
        return (words,)
    key = plural_key(words[-1])
    return spellings(words if key == words[-1] else (*words[:-1], key))


def is_phrase(term: Term) -> bool:
    """Whether a term is sought in the words of title and abstract."""
    return term.kind in (TermKind.WORDS, TermKind.EXACT, TermKind.PREFIX)


def rules_out(excluded: Term, required: Term) -> bool:
    """Whether no paper can have the one and lack the other, as phrase and part of it."""
    if _term_key(excluded) == _term_key(required):
        return True
    if (excluded.in_title and not required.in_title) or (excluded.in_abstract and not required.in_abstract):
        return False
    if excluded.kind is not TermKind.WORDS or required.kind is not TermKind.WORDS:
        return False
    inner, outer = phrases_of(excluded)[0], phrases_of(required)[0]
    keys = (*map(plural_key, outer[:-1]), outer[-1])
    ends = range(len(inner), len(outer) + 1)
    return any(outer[end - len(inner) : end - 1] == inner[:-1] and keys[end - 1] == inner[-1] for end in ends)


def in_words(query: Query) -> str:
    """The query as a sentence says it: “vision language action” or “vla” but not “survey”."""
    clauses = [_clause_in_words(clause) for clause in query.clauses]
    plain = all(len(clause.required) == 1 and not clause.excluded for clause in query.clauses)
    return (" or " if plain else ", or ").join(clauses)


def canonical(query: Query) -> str:
    """The same text for queries that ask for the same: whatever their order, case, hyphens and plurals.

    For comparing, not for people.
    """
    clauses = {
        " ".join(
            [*sorted({_term_key(term) for term in clause.required})]
            + [f"-{key}" for key in sorted({_term_key(term) for term in clause.excluded})]
        )
        for clause in query.clauses
    }
    return ", ".join(sorted(clauses))


def and_form(query: Query) -> str | None:
    """The query with each phrase of several words as those words anywhere: `vision AND action`.

    None where no phrase can be loosened so.
    """
    clauses = [
        " AND ".join(_loosened(term) for term in clause.required)
        + "".join(f" NOT {term.written}" for term in clause.excluded)
        for clause in query.clauses
    ]
    loose = any(_loosened(term) != term.written for clause in query.clauses for term in clause.required)
    return ", ".join(clauses) if loose else None


_FIELD = {(False, False): "", (True, False): "title:", (False, True): "abs:"}
_SAID = {(False, False): "", (True, False): " in the title", (False, True): " in the abstract"}


def _clause_in_words(clause: Clause) -> str:
    required = " and ".join(map(_term_in_words, clause.required))
    return required + "".join(f" but not {_term_in_words(term)}" for term in clause.excluded)


def _term_in_words(term: Term) -> str:
    match term.kind:
        case TermKind.WORDS:
            said = f"“{term.inner}”"
        case TermKind.EXACT:
            said = f"exactly “{term.inner}”"
        case TermKind.PREFIX:
            said = f"“{term.inner}…”"
        case TermKind.AUTHOR:
            return f"author {term.inner}"
        case TermKind.CATEGORY:
            return (
                f"category {term.inner}"
                if "." in term.inner or "-" in term.inner
                else f"any {term.inner} category"
            )
        case TermKind.LIKE:
            return f"papers like {term.inner}"
    return said + _SAID[term.in_title, term.in_abstract]


def _term_key(term: Term) -> str:
    words = tuple(sorted(term.words)) if term.kind is TermKind.AUTHOR else phrases_of(term)[0]
    return f"{_FIELD[term.in_title, term.in_abstract]}{term.kind} {'_'.join(words)}"


_LINKING = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with"}
)
_PART = re.compile(r"[^\s\-‐-―/_():]+")


def _loosened(term: Term) -> str:
    """The term's words joined by AND, as they are written, without linking words."""
    if term.kind is not TermKind.WORDS:
        return term.written
    parts = [part.strip(".:[]{}'!?") for part in _PART.findall(term.inner)]
    telling = _compounds(part for part in parts if words_of(part) and part.lower() not in _LINKING)
    if len(telling) < 2:
        return term.written
    field = _FIELD[term.in_title, term.in_abstract]
    return " AND ".join(f'{field}"{part}"' if "*" in part else f"{field}{part}" for part in telling)


def _compounds(parts: Iterable[str]) -> list[str]:
    """The parts, those of one compound together: `spatio` and `temporal` are `spatio-temporal`."""
    together: list[str] = []
    for part in parts:
        if together and len(joined((fold(together[-1]), fold(part)))) == 1:
            together[-1] += f"-{part}"
        else:
            together.append(part)
    return together
