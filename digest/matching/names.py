"""Whether an author's name is the one that was asked for, whatever its order, accents and initials.

The rule: every word of the query stands for another word of the name. A word stands for itself, and an
initial and a word with that first letter stand for each other; at least one word must be there in full. So
`Li Fei-Fei` finds "Fei-Fei Li", "Feifei Li" and "F.-F. Li", and `Li` finds every Li but no "L. Zhang".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from digest.matching.folding import words_of

P = TypeVar("P")

_BETWEEN = re.compile(r"[\s,;]+")

Name = tuple[str, ...]


def name_words(name: str) -> Name:
    """The folded words of a name; hyphens and the like stay within a word: ("fei-fei", "li")."""
    return tuple(word for part in _BETWEEN.split(name) if (word := "-".join(words_of(part))))


def name_forms(words: Name) -> tuple[Name, ...]:
    """A name with its hyphens as spaces and, if it has any, as nothing."""
    if not any("-" in word for word in words):
        return (words,)
    return tuple("-".join(words).split("-")), tuple(word.replace("-", "") for word in words)


def is_named(asked: Name, forms: Iterable[Name]) -> bool:
    """Whether the name asked for stands for an author's, given in all its forms."""
    return any(_stands_for(one, other) for other in forms for one in name_forms(asked))


def _stands_for(asked: Name, name: Name) -> bool:
    left = list(name)
    rest = []
    for word in asked:
        if word in left:
            left.remove(word)
        else:
            rest.append(word)
    full = any(word in name and _is_full(word) for word in asked)
    return full and all(_takes_initial(word, left) for word in rest)


def _takes_initial(word: str, left: list[str]) -> bool:
    """Take the first word from `left` that this one is short for, or that is short for it."""
    for other in left:
        if (len(word) == 1 or len(other) == 1) and word[0] == other[0]:
            left.remove(other)
            return True
    return False


class NameTable(Generic[P]):
    """Names asked for and what each stands for, found by any of their full words."""

    def __init__(self) -> None:
        self._values: dict[Name, P] = {}
        self._by_word: dict[str, dict[Name, P]] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, name: Name) -> P | None:
        return self._values.get(name)

    def put(self, name: Name, value: P) -> None:
        """Add a name that is not there."""
        self._values[name] = value
        for word in _full_words(name):
            self._by_word.setdefault(word, {})[name] = value

    def drop(self, name: Name) -> None:
        """Remove a name that is there."""
        del self._values[name]
        for word in _full_words(name):
            del self._by_word[word][name]
            if not self._by_word[word]:
                del self._by_word[word]

    def found(self, authors: Iterable[tuple[Name, ...]]) -> Iterator[P]:
        """What stands for the names that are among the authors; some may come twice."""
        for forms in authors:
            for word in {word for form in forms for word in form}:
                for name, value in self._by_word.get(word, {}).items():
                    if is_named(name, forms):
                        yield value


def _full_words(name: Name) -> set[str]:
    return {word for form in name_forms(name) for word in form if _is_full(word)}


def _is_full(word: str) -> bool:
    return len(word) > 1 or not word.isascii()
