"""Papers like another paper: the cosine of their words, weighted by how rare each word is.

Weights are (1 + ln occurrences) x ln(1 / document frequency). Frequencies come from `common_words.txt`; a
word that is not there is rare. On the labelled papers (tests/quality) the threshold finds 57 % of the other
papers on the topic and takes 0.2 % of unrelated ones; without the tails of CamelCase words it found 37 %. The
share of the example's most telling words, tried first, found 28 % where the cosine found 39 %.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Generic, TypeVar

P = TypeVar("P")

THRESHOLD = 0.15
_RARE = 0.005  # taken as the frequency of a word that is not among the common ones
_SHOWN = 5

Vector = Mapping[str, float]


class LikeTable(Generic[P]):
    """Examples and what each stands for. An example whose paper is not known finds nothing."""

    def __init__(self) -> None:
        self._values: dict[str, P] = {}
        self._vectors: dict[str, Vector] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, phrase: tuple[str, ...]) -> P | None:
        return self._values.get(phrase[0])

    def put(self, phrase: tuple[str, ...], value: P) -> None:
        self._values[phrase[0]] = value

    def drop(self, phrase: tuple[str, ...]) -> None:
        del self._values[phrase[0]]
        self._vectors.pop(phrase[0], None)

    def show(self, paper: str, keys: Sequence[str]) -> None:
        """Tell what an example says, by the plural keys of its words."""
        if paper in self._values:
            self._vectors[paper] = vector(keys)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Identifiers of the examples whose words are not known."""
        return tuple(paper for paper in self._values if paper not in self._vectors)

    def found(self, keys: Sequence[str]) -> Iterator[P]:
        """What stands for the examples that the paper with these words is like."""
        if not self._vectors:
            return
        words = vector(keys)
        for paper, example in self._vectors.items():
            if likeness(example, words) >= THRESHOLD:
                yield self._values[paper]

    def shared(self, paper: str, keys: Sequence[str]) -> tuple[str, ...]:
        """The keys that tell most of why a paper is like the example."""
        example, words = self._vectors[paper], vector(keys)
        common = sorted(example.keys() & words.keys(), key=lambda key: (-example[key] * words[key], key))
        return tuple(common[:_SHOWN])


def vector(keys: Sequence[str]) -> Vector:
    """The weights of a paper's words, of length 1."""
    counts = Counter(keys)
    frequencies = _frequencies()
    weights = {
        key: (1 + math.log(count)) * -math.log(frequencies.get(key, _RARE))
        for key, count in counts.items()
        if len(key) > 2 and key.isalpha()
    }
    length = math.hypot(*weights.values()) or 1.0
    return {key: weight / length for key, weight in weights.items()}


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1: 0 for nothing in common, 1 for the same words."""
    return sum(one[key] * other[key] for key in one.keys() & other.keys())


@cache
def _frequencies() -> Mapping[str, float]:
    text = files("digest.matching").joinpath("common_words.txt").read_text("utf-8")
    pairs = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {key: int(count) / 10_000 for key, count in pairs}
